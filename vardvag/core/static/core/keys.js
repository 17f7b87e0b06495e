// Keys of the staff's pages: whatever carries data-key is clicked or focused by it. Never inside a field, except
// keys with Control or Alt. A setting turns the single letters off.
const off = document.body.dataset.shortcuts === "off";
const inField = (el) => el.matches("input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable]");

function name(e) {
  const parts = [];
  if (e.ctrlKey || e.metaKey) parts.push("Control");
  if (e.altKey) parts.push("Alt");
  if (e.shiftKey && (e.key.length > 1 || /\p{L}/u.test(e.key))) parts.push("Shift");
  parts.push(e.key.length === 1 ? (parts.includes("Shift") ? e.key.toUpperCase() : e.key.toLowerCase()) : e.key);
  return parts.join("+");
}
function press(el) {
  if (el.matches("input, textarea, select")) { el.focus(); return; }
  if (el.matches("summary")) { el.parentElement.open = true; const field = el.parentElement.querySelector("input:not([type=hidden]), textarea, select, button"); requestAnimationFrame(() => requestAnimationFrame(() => field?.focus())); return; } // what is folded out takes focus when it is drawn
  el.click();
}
const visible = (el) => el.offsetParent !== null || el.getClientRects().length > 0;

document.addEventListener("keydown", (e) => {
  if (e.defaultPrevented || e.isComposing) return;
  const key = name(e);
  const modified = e.ctrlKey || e.metaKey || e.altKey;
  if (key === "F1" || (key === "?" && !inField(e.target))) { help(); e.preventDefault(); return; }
  if (key === "F6") { nextPane(e.shiftKey ? -1 : 1); e.preventDefault(); return; }
  if (key === "Control+k") { document.querySelector("#sok")?.focus(); e.preventDefault(); return; }
  if (inField(e.target) && key === "Escape") { e.target.blur(); e.preventDefault(); return; }
  if (inField(e.target) && !(modified && key !== "Control+z")) return;
  if (off && !modified && key.length === 1) return;
  if (document.querySelector("dialog[open]")) return;
  const found = [...document.querySelectorAll("[data-key]")].find((el) => el.dataset.key === key && visible(el));
  if (found) { e.preventDefault(); press(found); }
});
function nextPane(step) {
  const panes = [...document.querySelectorAll(".pane")];
  if (!panes.length) return;
  const at = panes.findIndex((p) => p.contains(document.activeElement));
  panes[(at + step + panes.length) % panes.length].focus();
}
const english = document.documentElement.lang === "en";
const NAMES = { Control: "Ctrl", Escape: "Esc", Enter: "Enter", Shift: english ? "Shift" : "Skift" };
const said = (key) => key.split("+").map((k) => NAMES[k] || (k.length === 1 ? k.toUpperCase() : k)).join("+");
// Keys that no single button owns, on the pages that have them.
const MORE = english
  ? [["F6", "Next pane", ".pane"], ["J / K", "Next / previous row", "[data-queue]"], ["X", "Mark the row", "[data-queue]"], ["W", "Why here?", "[data-queue]"], ["P, 1–5", "Urgency", "#urgency"], ["Alt+1–9", "Switch among my ongoing", ".ongoing"], ["Ctrl+K", "Search", "#sok"]]
  : [["F6", "Nästa ruta", ".pane"], ["J / K", "Nästa / föregående rad", "[data-queue]"], ["X", "Markera raden", "[data-queue]"], ["W", "Varför här?", "[data-queue]"], ["P, 1–5", "Brådskandegrad", "#urgency"], ["Alt+1–9", "Växla mellan mina pågående", ".ongoing"], ["Ctrl+K", "Sök", "#sok"]];

function label(el) {
  const words = el.getAttribute("aria-label") || el.dataset.words || el.labels?.[0]?.textContent || el.placeholder || (el.cloneNode(true).textContent);
  const text = (el.querySelector("kbd, .count") ? [...el.childNodes].filter((n) => !(n.matches?.("kbd, .count"))).map((n) => n.textContent).join(" ") : words);
  return text.replace(/[‹›]/g, "").replace(/\s+/g, " ").trim();
}
function row(list, key, words) {
  const dt = document.createElement("dt");
  const kbd = document.createElement("kbd");
  kbd.textContent = key;
  dt.append(kbd);
  const dd = document.createElement("dd");
  dd.textContent = words;
  list.append(dt, dd);
}
function help() {
  const dialog = document.querySelector("[data-keys-dialog]");
  if (!dialog || dialog.open) return;
  const list = dialog.querySelector("[data-keys-list]");
  list.replaceChildren();
  const seen = new Set(["?"]);
  for (const el of document.querySelectorAll("[data-key]")) {
    const key = el.dataset.key;
    if (seen.has(key) || key.startsWith("Alt+") || !visible(el)) continue;
    seen.add(key);
    row(list, said(key), label(el));
  }
  for (const [key, words, where] of MORE) if (document.querySelector(where)) row(list, key, words);
  row(list, "? / F1", english ? "This list" : "Den här listan");
  dialog.showModal();
}
// Each button tells its key when pointed at.
const tell = (el) => { if (el && !el.title) el.title = `${label(el)} (${said(el.dataset.key)})`; };
const OWNED = "button[data-key], a[data-key], summary[data-key]";
document.querySelectorAll(OWNED).forEach(tell);
for (const name of ["pointerover", "focusin"]) document.addEventListener(name, (e) => tell(e.target.closest?.(OWNED))); // parts fetched later
document.addEventListener("click", (e) => {
  if (e.target.closest("[data-keys-help]")) help();
  e.target.closest("[data-close-dialog]")?.closest("dialog").close();
});
