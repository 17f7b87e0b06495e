// Lighthouse's accessibility of many pages in one browser. Takes {modules, urls, flags, cookies} on stdin; prints a line
// [url, score, titles of what failed] for each.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const order = JSON.parse(readFileSync(0, "utf8"));
const load = (path) => import(pathToFileURL(`${order.modules}/${path}`));
const { default: lighthouse } = await load("lighthouse/core/index.js");
const { launch } = await load("chrome-launcher/dist/index.js");
const { connect } = await load("puppeteer-core/lib/esm/puppeteer/puppeteer-core.js");

const chrome = await launch({ chromeFlags: order.flags, logLevel: "error" });
try {
  const browser = await connect({ browserURL: `http://127.0.0.1:${chrome.port}`, defaultViewport: null });
  const page = await browser.newPage();
  await page.setCookie(...order.cookies);
  for (const url of order.urls) {
    const { lhr } = await lighthouse(url, {
      port: chrome.port, logLevel: "error", output: "json", onlyCategories: ["accessibility"],
      disableFullPageScreenshot: true, disableStorageReset: true,
      pauseAfterFcpMs: 0, pauseAfterLoadMs: 0, networkQuietThresholdMs: 100, cpuQuietThresholdMs: 0, // nothing is timed
    }, undefined, page);
    if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`);
    if (lhr.finalDisplayedUrl.split("#")[0] !== url) throw new Error(`${url} led to ${lhr.finalDisplayedUrl}`);
    const failed = Object.values(lhr.audits).filter((audit) => audit.score === 0).map((audit) => audit.title);
    console.log(JSON.stringify([url, Math.round(lhr.categories.accessibility.score * 100), failed]));
  }
  await browser.disconnect();
} finally {
  await chrome.kill();
}
