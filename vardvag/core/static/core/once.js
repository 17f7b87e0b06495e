// A form is sent once: the buttons rest until the answer comes, and wake when the page is shown again.
const sending = document.documentElement.lang === "en" ? "Sending…" : "Skickar…";

document.addEventListener("submit", (e) => {
  const form = e.target;
  if (!form.matches("[data-once]") || e.defaultPrevented) return;
  if (form.dataset.sending) { e.preventDefault(); return; }
  form.dataset.sending = "yes";
  const button = e.submitter;
  setTimeout(() => {
    for (const one of form.querySelectorAll("button")) one.setAttribute("aria-disabled", "true");
    if (button) { button.dataset.words = button.textContent; button.textContent = sending; }
  });
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sending]")) {
    delete form.dataset.sending;
    for (const one of form.querySelectorAll("button")) {
      one.removeAttribute("aria-disabled");
      if (one.dataset.words) { one.textContent = one.dataset.words; delete one.dataset.words; }
    }
  }
});
