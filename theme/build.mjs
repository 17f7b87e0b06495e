// Builds the committed style sheets anew: the theme from designsystemet.config.json, and Designsystemet's components,
// minified. Run it as theme/README.md says; it writes to static/core/vendor.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const work = process.argv[2];
if (!work) throw new Error("Say the folder where npm has installed the packages: node theme/build.mjs FOLDER");
const here = dirname(fileURLToPath(import.meta.url));
const vendor = join(here, "..", "vardvag", "core", "static", "core", "vendor");
const { transform } = await import(pathToFileURL(join(work, "node_modules", "lightningcss", "node", "index.mjs")));

const CLI = "1.15.0", CSS = "1.22.0";

const small = (name, text) => transform({ filename: name, code: Buffer.from(text), minify: true }).code.toString();

const packages = join(work, "node_modules", "@digdir");
const cli = join(packages, "designsystemet", "dist", "bin", "designsystemet.js");
copyFileSync(join(here, "designsystemet.config.json"), join(work, "designsystemet.config.json"));
execFileSync(process.execPath, [cli, "tokens", "create", "--clean"], { cwd: work, stdio: "inherit" });
execFileSync(process.execPath, [cli, "tokens", "build", "-t", "design-tokens", "-o", "theme"], { cwd: work, stdio: "inherit" });


mkdirSync(vendor, { recursive: true });
writeFileSync(
  join(vendor, "designsystemet.css"),
  `/*! @digdir/designsystemet-css ${CSS}, MIT, see designsystemet.LICENSE; minified by theme/build.mjs */\n` +
    small("designsystemet.css", readFileSync(join(packages, "designsystemet-css", "dist", "src", "index.css"), "utf8")),
);
writeFileSync(
  join(vendor, "theme.css"),
  `/*! Theme "solberga", made with @digdir/designsystemet ${CLI}, MIT, by theme/build.mjs */\n` +
    small("theme.css", readFileSync(join(work, "theme", "solberga.css"), "utf8")),
);
copyFileSync(join(packages, "designsystemet-css", "LICENSE"), join(vendor, "designsystemet.LICENSE"));
