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
  if (el.matches("summary")) { el.parentElement.open = true; el.parentElement.querySelector("input:not([type=hidden]), textarea, select, button")?.focus(); return; }
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
function help() {
  const dialog = document.querySelector("[data-keys-dialog]");
  if (!dialog) return;
  const list = dialog.querySelector("[data-keys-list]");
  list.replaceChildren();
  const seen = new Set();
  for (const el of document.querySelectorAll("[data-key]")) {
    const label = (el.getAttribute("aria-label") || el.labels?.[0]?.textContent || el.textContent).replace(/\s+/g, " ").trim();
    if (!label || seen.has(el.dataset.key)) continue;
    seen.add(el.dataset.key);
    const dt = document.createElement("dt"); const kbd = document.createElement("kbd"); kbd.textContent = el.dataset.key; dt.append(kbd);
    const dd = document.createElement("dd"); dd.textContent = label.replace(` ${el.dataset.key}`, "");
    list.append(dt, dd);
  }
  dialog.showModal();
}
document.addEventListener("click", (e) => {
  if (e.target.closest("[data-keys-help]")) help();
  e.target.closest("[data-close-dialog]")?.closest("dialog").close();
});
