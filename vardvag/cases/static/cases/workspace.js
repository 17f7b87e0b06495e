// The workspace: the thread and facts follow live hints, what is written stays; presence; read after two seconds;
// phrases by palette (F) and by .code + Tab.
import { send } from "../core/live.js";
import { toast } from "../core/toast.js";
import { panel, showWhy } from "./panel.js";

const space = document.querySelector("[data-workspace]");
const id = space.dataset.case;
const topic = `case:${id}`;
const english = document.documentElement.lang === "en";
const reply = document.querySelector("#reply");

async function part(url) {
  const answer = await fetch(url, { headers: { "X-Requested-With": "live" } }).catch(() => null);
  if (!answer) return null; // the network is away for a moment; the next hint or resync asks again
  if (answer.status === 404) { location.href = "/personal/"; return null; }
  if (answer.status === 403) { location.reload(); return null; } // protected by now: the page asks why
  return answer.ok ? answer.text() : null;
}
// New words in the thread are shown; the composer keeps the number it was read at, so that sending is stopped
// until the reader has seen them here.
// One fetch at a time: an older answer never overwrites a newer one. One that failed is tried again.
let fetching = false, again = false, retry = null;
async function freshen() {
  clearTimeout(retry);
  if (fetching) { again = true; return; }
  fetching = true;
  try { await fetchAll(); } finally { fetching = false; }
  if (again) { again = false; freshen(); }
}
async function fetchAll() {
  const facts = space.querySelector("[data-facts]");
  const busy = () => facts.contains(document.activeElement);
  const news = await part(space.dataset.threadUrl + (busy() ? "" : "?fakta"));
  if (news === null) { retry = setTimeout(freshen, 2000); return; }
  const fresh = document.createElement("template");
  fresh.innerHTML = news;
  const beside = fresh.content.querySelector("[data-fresh-facts]"); beside?.remove();
  const holder = space.querySelector("[data-thread]");
  holder.replaceChildren(fresh.content);
  if (beside && !busy()) facts.replaceChildren(beside.content);
  const last = Number(holder.querySelector("[data-last]")?.dataset.last || 0);
  const field = document.querySelector("[data-seen-seq]");
  const going = field && (field.form.dataset.sending || field.form.querySelector("[data-held]")); // pressed before this came
  if (field && !going && last > Number(field.value)) { field.value = String(last); notice(english ? "New messages have come. Read before you reply." : "Nya meddelanden har kommit. Läs innan du svarar."); holder.lastElementChild?.lastElementChild?.scrollIntoView({ block: "nearest" }); }
  seenSoon();
}
const notice = (text) => toast(text);
let soon = null;
const later = (e) => { if (e.detail.id && e.detail.id !== id) return; if (e.detail.verb === "seen") return; clearTimeout(soon); soon = setTimeout(freshen, 120); };
document.addEventListener("live:case", later);
document.addEventListener("live:resync", later);

// Read: on screen for two seconds with the page in front.
let seen = null;
function seenSoon() {
  clearTimeout(seen);
  if (document.hidden) return;
  const last = space.querySelector("[data-last]")?.dataset.last;
  seen = setTimeout(async () => {
    if (document.hidden) return;
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    await fetch(space.dataset.seenUrl, { method: "POST", body: new URLSearchParams({ seq: last, csrfmiddlewaretoken: token }) }).catch(() => {});
  }, 2000);
}
document.addEventListener("visibilitychange", seenSoon);
seenSoon();

// Presence: people, not tabs; amber only for writing.
let me = null, writing = 0;
document.addEventListener("live:ready", (e) => { me = e.detail.me; });
document.addEventListener("live:presence", (e) => {
  if (e.detail.topic !== topic) return;
  const others = e.detail.people.filter((p) => p.who !== me);
  const place = space.querySelector("[data-presence]");
  place.textContent = others.map((p) => `${p.name} ${p.doing === "writing" ? (english ? "is writing a reply" : "skriver ett svar") : (english ? "is reading" : "läser")}`).join(", ");
  place.toggleAttribute("data-writing", others.some((p) => p.doing === "writing"));
});
const present = () => { if (!document.hidden) send({ do: Date.now() - writing < 6000 ? "writing" : "reading", topic }); };
reply?.addEventListener("input", () => { const first = Date.now() - writing > 6000; writing = Date.now(); if (first) present(); });
document.addEventListener("live:subscribed", present);
setInterval(present, 5000);
addEventListener("pagehide", () => send({ do: "left", topic }));

// Phrases
const button = document.querySelector("[data-phrases]");
let texts = null;
async function phrases() {
  if (texts) return texts;
  const html = await part(button.dataset.phrases); if (html === null) return null;
  texts = new DOMParser().parseFromString(html, "text/html"); return texts;
}
button?.addEventListener("click", async () => {
  const open = document.querySelector("[data-palette]"); if (open) { open.remove(); reply.focus(); return; }
  const found = await phrases(); if (!found) return;
  const palette = document.importNode(found.querySelector("[data-palette]"), true);
  button.closest(".composer-row").after(palette);
  const search = palette.querySelector("[data-phrase-search]"); search.focus();
  search.addEventListener("input", () => { const q = search.value.toLowerCase(); for (const p of palette.querySelectorAll("[data-phrase]")) p.parentElement.hidden = !p.textContent.toLowerCase().includes(q); });
  palette.addEventListener("click", (e) => { const p = e.target.closest("[data-phrase]"); if (p) { insert(p.dataset.body); used(p); palette.remove(); } });
  palette.addEventListener("keydown", (e) => {
    const all = [...palette.querySelectorAll("[data-phrase]")].filter((p) => !p.parentElement.hidden); const at = all.indexOf(document.activeElement);
    if (e.key === "ArrowDown") { all[Math.min(all.length - 1, at + 1)]?.focus(); e.preventDefault(); }
    else if (e.key === "ArrowUp") { (at > 0 ? all[at - 1] : search).focus(); e.preventDefault(); }
    else if (e.key === "Enter" && document.activeElement === search) { all[0]?.click(); e.preventDefault(); }
    else if (e.key === "Escape") { palette.remove(); reply.focus(); e.stopPropagation(); e.preventDefault(); }
  });
});
// Those used most come first next time.
function used(phrase) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  fetch(phrase.dataset.used, { method: "POST", body: new URLSearchParams({ csrfmiddlewaretoken: token }) }).catch(() => {});
}
function insert(body, from = reply.selectionStart, to = reply.selectionEnd) {
  reply.focus(); reply.setRangeText(body, from, to, "end"); reply.dispatchEvent(new Event("input", { bubbles: true }));
  const gap = reply.value.indexOf("{"); if (gap >= 0) { const end = reply.value.indexOf("}", gap); if (end > gap) reply.setSelectionRange(gap, end + 1); }
}
reply?.addEventListener("keydown", async (e) => {
  if (e.key !== "Tab" || e.shiftKey) return;
  const match = /(^|\s)\.([\p{L}\d_-]{2,30})$/u.exec(reply.value.slice(0, reply.selectionStart)); if (!match) return;
  e.preventDefault();
  const found = await phrases(); const p = [...(found?.querySelectorAll("[data-phrase]") || [])].find((one) => one.dataset.code === match[2]);
  if (p) { insert(p.dataset.body, reply.selectionStart - match[2].length - 1, reply.selectionStart); used(p); }
});

// W: why here. P then 1-5: the urgency, then why.
document.addEventListener("click", (e) => { const link = e.target.closest("[data-why-link]"); if (link) { e.preventDefault(); showWhy(link.href); } });
document.addEventListener("keydown", (e) => {
  const level = document.querySelector("#urgency");
  if (!level?.closest("details").open || !/^[0-5]$/.test(e.key) || e.ctrlKey || e.altKey || e.metaKey) return;
  if (e.target !== level && e.target.matches("input, textarea, select")) return;
  level.value = e.key === "0" ? "" : e.key;
  document.querySelector("#urgency-reason").focus(); e.preventDefault();
});
// C: the case as text in the clipboard; where the browser will not, the text in a dialog.
document.addEventListener("submit", async (e) => {
  const form = e.target.closest("[data-copy]"); if (!form) return;
  e.preventDefault();
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "live" } }).catch(() => null);
  if (answer?.status === 403) { location.reload(); return; }
  if (!answer?.ok) { toast(english ? "It could not be copied. Try again." : "Det gick inte att kopiera. Försök igen."); return; }
  const text = await answer.text();
  try {
    await navigator.clipboard.writeText(text);
    toast(english ? "Copied, without internal notes. Empty the clipboard if you share the computer." : "Kopierat, utan interna anteckningar. Töm urklippet om du delar dator.");
  } catch {
    const field = document.createElement("textarea"); field.className = "ds-input"; field.rows = 16; field.readOnly = true; field.value = text;
    field.setAttribute("aria-label", english ? "The case as text" : "Ärendet som text");
    panel(english ? "Copy the text" : "Kopiera texten", field); field.select();
  }
});
// Contact details come into the facts, on request.
document.addEventListener("submit", async (e) => {
  const form = e.target.closest("[data-contact]"); if (!form) return;
  e.preventDefault();
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } });
  if (answer.ok) { form.querySelector("[data-contact-shown]").innerHTML = await answer.text(); form.querySelector("button").hidden = true; }
});
// A held reply: the bar goes when its ten seconds have.
const undo = document.querySelector("[data-undo][data-until]");
if (undo) setTimeout(() => { undo.remove(); freshen(); }, 10000);
