// The number of unread in a resident's menu follows what comes; the inbox tells it.
import { toast } from "./toast.js";

const inbox = document.querySelector("[data-inbox]");
const shown = () => document.querySelectorAll("[data-inbox-unread]");
const number = (place) => Number(place?.querySelector("[data-count]")?.dataset.count || 0);
const english = document.documentElement.lang === "en";

// One fetch at a time: an older answer never overwrites a newer one. One that failed is tried again.
let fetching = false, again = false, retry = null;
async function count() {
  clearTimeout(retry);
  if (fetching) { again = true; return; }
  fetching = true;
  try { await fetchCount(); } finally { fetching = false; }
  if (again) { again = false; count(); }
}
async function fetchCount() {
  const answer = await fetch(inbox.href, { headers: { "X-Requested-With": "background" } }).catch(() => null);
  if (!answer || answer.status >= 500) { retry = setTimeout(count, 2000); return; }
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.querySelector("[data-inbox-unread]");
  if (!now) return;
  const before = number(shown()[0]);
  for (const place of shown()) place.replaceChildren(...[...now.childNodes].map((node) => node.cloneNode(true)));
  if (number(now) <= before) return;
  const newest = page.querySelector("a")?.getAttribute("href") || inbox.href;
  toast(english ? "Something new has come from care." : "Det har kommit något nytt från vården.", {
    seconds: 20, label: english ? "Read" : "Läs", press: () => location.assign(newest),
  });
}

if (inbox) {
  document.addEventListener("live:inbox", count);
  document.addEventListener("live:resync", count);
}
