// Everything here makes it nicer; nothing here is needed.
import "./once.js";
import "./drafts.js";
import "./keys.js";
import "./live.js";
import "./session.js";

document.querySelector("[data-focus], .ds-error-summary")?.focus();
for (const menu of document.querySelectorAll("details.menu")) {
  document.addEventListener("click", (e) => { if (!menu.contains(e.target)) menu.open = false; });
  menu.addEventListener("keydown", (e) => { if (e.key === "Escape") { menu.open = false; menu.querySelector("summary").focus(); } });
}
const band = document.querySelector("[data-offline]");
const connection = () => { band.hidden = navigator.onLine; };
addEventListener("online", connection);
addEventListener("offline", connection);
for (const select of document.querySelectorAll("[data-filters] select")) select.addEventListener("change", () => select.form.requestSubmit());
