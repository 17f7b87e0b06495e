// Warns two minutes before the idle time is over; after it the page is blanked and asks for a new login.
// Anything that reaches the server by the person's own doing counts, in every tab: pages tell each other.
// A page taken from the browser's cache after logout is fetched anew.
const kind = document.body.dataset.session;
const idle = Number(document.body.dataset.idle) * 60000;
const dialog = document.querySelector("[data-session-dialog]");
const others = kind && "BroadcastChannel" in window ? new BroadcastChannel(`session-${kind}`) : null;
let since = Date.now();

function heard(said) {
  if (said?.data?.over) { document.documentElement.classList.add("blanked"); location.replace(said.data.over); return; } // not by login: it would remember this page for the next person
  since = Date.now();
  if (dialog?.open) dialog.close();
}
/** The server has just seen this person: after a save, a sent form, a page. */
export function alive() {
  heard();
  others?.postMessage("alive");
}
async function stay() {
  // Not the page's own address: that may be one that only takes forms.
  const answer = await fetch(document.querySelector("a.brand").href, { method: "HEAD", headers: { "X-Requested-With": "stay" }, redirect: "manual" }).catch(() => null);
  if (answer?.ok || answer?.status === 404) alive(); // staff without a queue: known, and led elsewhere
  else if (answer && answer.status < 500) location.reload();
  else dialog.querySelector("[data-stay]").focus(); // no contact just now: what is typed stays, and it can be pressed again
}
function look() {
  const left = since + idle - Date.now();
  if (left < 0) { document.documentElement.classList.add("blanked"); location.reload(); }
  else if (left < 120000 && dialog && !dialog.open) dialog.showModal();
}
// Logged out: no tab goes on showing what it did.
if ("over" in document.body.dataset && "BroadcastChannel" in window) for (const one of ["resident", "staff"]) new BroadcastChannel(`session-${one}`).postMessage({ over: location.href });
if (kind) {
  alive();
  others?.addEventListener("message", heard);
  dialog?.querySelector("[data-stay]").addEventListener("click", stay);
  dialog?.addEventListener("cancel", (e) => { e.preventDefault(); stay(); });
  setInterval(look, 5000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });
}
