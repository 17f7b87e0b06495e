// Everything here makes it nicer; nothing here is needed.
import "./once.js";
import "./drafts.js";
import "./live.js";
import "./session.js";
import "./toast.js";
import "./unread.js";

document.querySelector("[data-focus], .ds-error-summary")?.focus();

for (const menu of document.querySelectorAll("details.menu")) {
  document.addEventListener("click", (e) => { if (!menu.contains(e.target)) menu.open = false; });
  menu.addEventListener("keydown", (e) => { if (e.key === "Escape") { menu.open = false; menu.querySelector("summary").focus(); } });
  menu.addEventListener("focusout", (e) => { if (e.relatedTarget && !menu.contains(e.relatedTarget)) menu.open = false; });
}

const band = document.querySelector("[data-offline]");
const connection = () => { band.hidden = navigator.onLine; };
addEventListener("online", connection);
addEventListener("offline", connection);

for (const select of document.querySelectorAll("[data-filters] select")) select.addEventListener("change", () => select.form.requestSubmit());

// How many characters are left, said when few are.
for (const field of document.querySelectorAll("[data-count]")) {
  const words = field.parentElement.querySelector("[data-count-words]");
  if (!words) continue;
  const count = () => {
    const left = Number(field.dataset.count) - field.value.length;
    words.hidden = left > 200;
    words.textContent = `${left} ${words.dataset.countWords}`;
    words.setAttribute("aria-live", left < 20 ? "polite" : "off");
    words.toggleAttribute("data-over", left < 0);
  };
  field.addEventListener("input", count);
  count();
}
