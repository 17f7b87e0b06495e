// Warns two minutes before the idle time is over; after it the page is blanked and asks for a new login.
// A page taken from the browser's cache after logout is fetched anew.
const kind = document.body.dataset.session;
const idle = Number(document.body.dataset.idle) * 60000;
const dialog = document.querySelector("[data-session-dialog]");
let since = Date.now();

async function stay() {
  since = Date.now();
  dialog.close();
  await fetch(location.href, { method: "HEAD", headers: { "X-Requested-With": "stay" } }).catch(() => {});
}
if (kind) {
  document.addEventListener("submit", () => { since = Date.now(); });
  document.body.addEventListener("htmx:afterRequest", () => { since = Date.now(); });
  dialog?.querySelector("[data-stay]").addEventListener("click", stay);
  setInterval(() => {
    const left = since + idle - Date.now();
    if (left < 0) { document.documentElement.classList.add("blanked"); location.reload(); }
    else if (left < 120000 && dialog && !dialog.open) dialog.showModal();
  }, 5000);
  addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });
}
