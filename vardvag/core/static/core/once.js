// A form is sent once: the buttons rest until the answer comes, and wake when the page is shown again.
import { hold, reachedLately } from "./net.js";

const sending = document.documentElement.lang === "en" ? "Sending…" : "Skickar…";

function rest(form, button) {
  form.dataset.sending = "yes";
  for (const one of form.querySelectorAll("button:not([data-held] button)")) one.setAttribute("aria-disabled", "true");
  if (button) { button.dataset.words = button.textContent; button.textContent = sending; }
}
function wake(form) {
  delete form.dataset.sending;
  for (const one of form.querySelectorAll("button")) {
    one.removeAttribute("aria-disabled");
    if (one.dataset.words) { one.textContent = one.dataset.words; delete one.dataset.words; }
  }
}
document.addEventListener("submit", (e) => {
  const form = e.target;
  if (!form.matches("[data-once]") || e.defaultPrevented) return;
  if (form.dataset.sending) { e.preventDefault(); return; }
  const button = e.submitter;
  form.dataset.sending = "yes";
  if (reachedLately()) { setTimeout(() => rest(form, button)); return; }
  e.preventDefault();
  rest(form, button);
  hold(form, button, () => wake(form));
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sending]")) wake(form);
});
