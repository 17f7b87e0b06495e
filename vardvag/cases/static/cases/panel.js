// A small dialog over the page: why a case lies here (W), and a text to copy when the browser will not (C).
const english = document.documentElement.lang === "en";

export function panel(heading, content) {
  const back = document.activeElement;
  const dialog = document.createElement("dialog");
  dialog.className = "ds-dialog why-dialog";
  dialog.setAttribute("aria-labelledby", "panel-heading");
  const h2 = document.createElement("h2");
  h2.className = "ds-heading"; h2.dataset.size = "xs"; h2.id = "panel-heading"; h2.textContent = heading;
  const close = document.createElement("button");
  close.type = "button"; close.className = "ds-button"; close.dataset.size = "sm"; close.textContent = english ? "Close" : "Stäng";
  close.addEventListener("click", () => dialog.close());
  dialog.append(h2, content, close);
  dialog.addEventListener("close", () => { dialog.remove(); back?.focus?.(); });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
export async function showWhy(url) {
  const answer = await fetch(url, { headers: { "X-Requested-With": "live" } }).catch(() => null);
  if (!answer?.ok) { location.href = url; return; }
  const list = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("dl");
  panel(english ? "Why here?" : "Varför här?", document.importNode(list, true));
}
