// Short words at the bottom of the page, said politely by screen readers; with something to press, they stay longer.
const place = document.querySelector("[data-toasts]");

export function toast(text, { seconds = 8, label = "", press = null } = {}) {
  const box = document.createElement("div");
  box.className = "toast";
  const words = document.createElement("span");
  words.textContent = text;
  box.append(words);
  let timer = null;
  const gone = () => { clearTimeout(timer); box.remove(); };
  const start = () => { clearTimeout(timer); timer = setTimeout(gone, seconds * 1000); };
  if (label && press) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", () => { gone(); press(); });
    box.append(button);
  }
  // It does not go away under the pointer or the keyboard's focus.
  for (const name of ["pointerenter", "focusin"]) box.addEventListener(name, () => clearTimeout(timer));
  for (const name of ["pointerleave", "focusout"]) box.addEventListener(name, start);
  place.append(box);
  start();
  return gone;
}

// A bar with data-until="10" counts down beside its button: how long one may still undo.
for (const bar of document.querySelectorAll("[data-undo][data-until]")) {
  const button = bar.querySelector("button");
  if (!button) continue;
  const left = document.createElement("span");
  left.setAttribute("aria-hidden", "true");
  button.append(" ", left);
  const until = Date.now() + Number(bar.dataset.until) * 1000;
  const tick = () => { left.textContent = `(${Math.max(0, Math.ceil((until - Date.now()) / 1000))})`; };
  tick();
  const timer = setInterval(() => { tick(); if (Date.now() > until || !bar.isConnected) clearInterval(timer); }, 250);
}
