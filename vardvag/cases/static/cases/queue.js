// The queue: rows hold still. What is new is announced and shown on request (.), taken rows fade, the row under
// focus never moves.
import "../core/live.js";
import { showWhy } from "./panel.js";

const page = document.querySelector("[data-queue]");
const holder = page.querySelector("[data-rows]");
const english = document.documentElement.lang === "en";
let waiting = new Set();


const rows = () => [...holder.querySelectorAll("tr.row")];
const current = () => document.activeElement.closest?.("tr.row");

async function fetchRows() {
  const answer = await fetch(page.dataset.rowsUrl, { headers: { "X-Requested-With": "live" } }).catch(() => null);
  if (!answer || answer.status >= 500) setTimeout(later, 2000); // the network or the product is away for a moment
  return answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}
// Counters and the rows already on screen are freshened in place; nothing is added, removed or moved.
// One fetch at a time: an older answer never overwrites a newer one. And the next waits five times as long as the last
// took: of a product that is short of time the open queues ask less, and whoever has just pressed something is served.
let fetching = false, again = false, adding = false, took = 0;
async function freshen(insert) {
  adding ||= insert;
  if (fetching) { again = true; return; }
  fetching = true;
  const began = performance.now();
  try { await fetchAll(); } finally { fetching = false; took = performance.now() - began; }
  if (!again) return;
  again = false;
  if (adding) freshen(false); else later();
}
async function fetchAll() {
  const insert = adding;
  adding = false;
  const fresh = await fetchRows();
  if (!fresh) { adding = insert; return; }
  const view = document.activeElement.closest?.(".queue-views [data-view]")?.dataset.view;
  holder.querySelector(".queue-views").replaceWith(fresh.querySelector(".queue-views"));
  if (view) holder.querySelector(`[data-view="${view}"]`)?.focus();
  const there = new Map([...fresh.querySelectorAll("tr.row")].map((row) => [row.dataset.row, row]));
  const here = new Map(rows().map((row) => [row.dataset.row, row]));
  const added = [...there.keys()].filter((id) => !here.has(id));
  for (const [id, row] of here) {
    const now = there.get(id);
    if (!now) { row.classList.add("taken"); continue; }
    if (row.contains(document.activeElement) || row.querySelector("[data-mark]")?.checked) continue;
    row.replaceWith(now);
  }
  if (insert) {
    const id = current()?.dataset.row, inside = holder.contains(document.activeElement);
    const kept = new Set([...holder.querySelectorAll("[data-mark]:checked")].map((box) => box.value));
    holder.innerHTML = fresh.body.innerHTML;
    for (const box of holder.querySelectorAll("[data-mark]")) box.checked = kept.has(box.value);
    waiting = new Set();
    if (view) holder.querySelector(`[data-view="${view}"]`)?.focus();
    else if (inside) focusRow(id); // whoever writes in a field above goes on there
    marked();
    announce();
    return;
  }
  for (const id of added) waiting.add(id);
  announce();
}
let announcing = null;
function announce() {
  const bar = holder.querySelector("[data-news]");
  if (!bar) return;
  bar.hidden = waiting.size === 0;
  clearTimeout(announcing);
  const text = english ? `${waiting.size} new – show` : `${waiting.size} ${waiting.size === 1 ? "nytt ärende" : "nya ärenden"} – visa`;
  announcing = setTimeout(() => { const t = bar.querySelector("[data-news-text]"); if (t && waiting.size) t.textContent = text; }, 50);
  document.title = document.title.replace(/^\(\d+\) /, "");
  const fresh = holder.querySelector('[data-view="new"] .count')?.textContent;
  if (Number(fresh)) document.title = `(${fresh}) ${document.title}`;
}
let soon = null;
function later() {
  if (fetching) again = true; // the wait begins when the fetch has ended
  else soon ??= setTimeout(() => { soon = null; freshen(rows().length === 0); }, Math.min(5000, Math.max(120, 5 * took)));
}
document.addEventListener("live:case", later);
document.addEventListener("live:resync", later);

holder.addEventListener("click", (e) => {
  if (e.target.closest("[data-show-new]")) freshen(true);
  const row = e.target.closest("tr.row");
  if (row && !e.target.closest("a, input, button, select, summary")) row.querySelector("[data-open]").click();
});
function focusRow(id) { const row = rows().find((r) => r.dataset.row === id) || rows()[0]; row?.querySelector("[data-open]").focus(); }
document.addEventListener("keydown", (e) => {
  if (e.target.matches("input:not([type=checkbox]), select, textarea") || e.ctrlKey || e.altKey || e.metaKey) return;
  const list = rows(); if (!list.length) return;
  const at = list.indexOf(current());
  const step = { j: 1, J: 1, ArrowDown: 1, k: -1, K: -1, ArrowUp: -1 }[e.key];
  if (step && document.body.dataset.shortcuts !== "off" || e.key.startsWith?.("Arrow") && step) {
    list[Math.max(0, Math.min(list.length - 1, at < 0 ? (step > 0 ? 0 : list.length - 1) : at + step))].querySelector("[data-open]").focus();
    e.preventDefault();
  }
  if (e.key === "w" && at >= 0 && document.body.dataset.shortcuts !== "off" && !document.querySelector("dialog[open]")) { showWhy(list[at].dataset.why); e.preventDefault(); }
  if ((e.key === "x" || e.key === "X") && at >= 0) {
    const boxes = list.map((r) => r.querySelector("[data-mark]"));
    if (e.shiftKey) { const first = boxes.findIndex((b) => b.checked); for (let i = Math.min(first < 0 ? at : first, at); i <= Math.max(first, at); i++) boxes[i].checked = true; }
    else boxes[at].checked = !boxes[at].checked;
    marked(); e.preventDefault();
  }
});
function marked() {
  const ids = [...holder.querySelectorAll("[data-mark]:checked")].map((b) => b.value);
  const bar = holder.querySelector("[data-marked-bar]"); if (!bar) return;
  bar.hidden = ids.length === 0;
  bar.querySelector("[data-marked-ids]").value = ids.join(",");
  bar.querySelector("[data-marked-count]").textContent = english ? `${ids.length} marked` : `${ids.length} markerade`;
  name(bar);
}
// The same act sent again is not done again; what is marked or chosen otherwise, or come back to, is another act.
function name(bar) { bar.querySelector("[data-marked-batch]").value = crypto.randomUUID?.() ?? ""; }
addEventListener("pageshow", marked);
holder.addEventListener("change", (e) => {
  if (e.target.matches("[data-mark]")) marked();
  else { const bar = e.target.closest("[data-marked-bar]"); if (bar) name(bar); }
});

