// Asks each second how the login goes, shows the fresh code, and goes on when the e-ID is proven.
const page = document.querySelector("[data-login]");
const form = page.querySelector("[data-done]");
const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
const app = page.querySelector("[data-open-app]");
if (app && sessionStorage.getItem("opened") !== app.href) { sessionStorage.setItem("opened", app.href); location.href = app.href; }
page.querySelector("[data-done-button]")?.setAttribute("hidden", "");

async function ask() {
  try {
    const answer = await fetch(page.dataset.stateUrl, { method: "POST", body: new URLSearchParams({ csrfmiddlewaretoken: token }) });
    const told = await answer.json();
    if (told.words) page.querySelector("[data-words]").textContent = told.words;
    const box = page.querySelector("[data-qr]");
    if (box) box.innerHTML = told.qr || "";
    if (told.state === "proven" && !told.same) { form.requestSubmit(); return; }
    if (told.state === "proven" && told.same) { page.querySelector("[data-done-button]")?.setAttribute("hidden", ""); }
    if (told.state === "failed" || told.state === "cancelled") { location.reload(); return; }
    if (told.state === "used") { location.href = "/"; return; }
  } catch { /* the network is away for a moment; ask again */ }
  setTimeout(ask, 1000);
}
if (form) setTimeout(ask, 700);
