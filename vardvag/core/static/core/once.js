// A form is sent once, by script where it can be: an answer that is lost on its way then leaves the page and what was
// typed where they are, and the form goes again by itself (its key makes that safe). An answer that is not a way
// onward (something is wrong, or a login is over) is fetched by the browser as a page of its own.
// data-once="press": a form that takes nothing written, such as a login; what is said of a lost network says so.
import { hold, reached, reachedLately } from "./net.js";

const PATIENCE = 30000; // ms for an answer, where no files are sent
const KEPT = 60000; // bytes that a browser sends on after its page
const ELSEWHERE = 10000; // ms given to a link pressed while the form was on its way: what was pressed last wins
const sending = document.documentElement.lang === "en" ? "Sending…" : "Skickar…";

const TYPED = "textarea:read-write, input:read-write"; // fields for text that take some

function rest(form, button) {
  form.dataset.sending = "yes";
  for (const one of form.querySelectorAll(TYPED)) { one.readOnly = true; one.dataset.rests = ""; } // it would not go along
  for (const one of form.querySelectorAll("button:not([data-held] button)")) one.setAttribute("aria-disabled", "true");
  if (button) { button.dataset.words = button.textContent; button.textContent = sending; }
}
function wake(form) {
  delete form.dataset.sending;
  delete form.dataset.plain;
  for (const one of form.querySelectorAll("[data-rests]")) { one.readOnly = false; delete one.dataset.rests; }
  for (const one of form.querySelectorAll("button")) {
    one.removeAttribute("aria-disabled");
    if (one.dataset.words) { one.textContent = one.dataset.words; delete one.dataset.words; }
  }
}
function onward(to) {
  const there = new URL(to, location.href);
  if (there.pathname + there.search !== location.pathname + location.search) { location.assign(there); return; }
  if (!there.hash) { location.replace(there); return; }
  history.scrollRestoration = "manual"; // the same page again, at the place the address names
  history.replaceState(null, "", there);
  location.reload();
}
async function send(form, button) {
  const data = new FormData(form);
  if (button?.name) data.append(button.name, button.value);
  const files = [...data.values()].some((one) => one instanceof File && one.size);
  const body = files ? data : new URLSearchParams([...data].filter(([, value]) => !(value instanceof File)));
  const answer = await fetch(button?.getAttribute("formaction") || form.getAttribute("action") || location.href, {
    method: "POST", body, redirect: "manual", headers: { "X-Requested-With": "form" },
    keepalive: !files && body.toString().length < KEPT, // arrives also when the page is left at once
    signal: files ? null : AbortSignal.timeout(PATIENCE),
  });
  reached();
  return answer.headers.get("X-Onward");
}
async function go(form, button) {
  let to, left = false;
  const leave = () => { left = true; };
  addEventListener("beforeunload", leave);
  try { to = await send(form, button); } catch {
    hold(form, button, () => wake(form), "unsure");
    return;
  } finally { removeEventListener("beforeunload", leave); }
  if (left) await new Promise((later) => { setTimeout(later, ELSEWHERE); }); // the page is mostly gone by then
  if (to) { onward(to); return; }
  wake(form);
  form.dataset.plain = "yes";
  form.requestSubmit(button?.isConnected ? button : null);
}
document.addEventListener("submit", (e) => {
  const form = e.target;
  if (!form.matches("[data-once]") || e.defaultPrevented) return;
  if (form.dataset.sending) { e.preventDefault(); return; }
  const button = e.submitter;
  if (form.dataset.plain) {
    form.dataset.sending = "yes";
    setTimeout(() => rest(form, button));
    return;
  }
  e.preventDefault();
  rest(form, button);
  if (reachedLately()) go(form, button);
  else hold(form, button, () => wake(form));
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sending], [data-plain]")) wake(form);
});
