// A form goes when the server can be reached. Else it stays on the page with what was typed, and goes by itself when
// the net is back: a lost network never turns a page into the browser's own error page.
const LATELY = 10000; // ms after an answer in which the net is taken to be there
const PATIENCE = 8000; // ms for the server to answer
const AGAIN = 5000; // ms between tries
const SOON = 1500; // ms before the first, when the contact broke under way
const english = document.documentElement.lang === "en";
const words = english
  ? { held: "No contact with the network right now. What you have written is still here. We send it when contact is back.", unsure: "The contact broke while this was being sent. What you have written is still here. We send it again when contact is back. It arrives only once.", heldPress: "No contact with the network right now. We try again when contact is back.", unsurePress: "The contact broke before the answer came. We try again when contact is back.", now: "Try now", wait: "Do not send yet", waitPress: "Wait with it" }
  : { held: "Ingen kontakt med nätet just nu. Det du har skrivit finns kvar här. Vi skickar när kontakten är tillbaka.", unsure: "Kontakten bröts medan det skickades. Det du har skrivit finns kvar här. Vi skickar det igen när kontakten är tillbaka. Det kommer bara fram en gång.", heldPress: "Ingen kontakt med nätet just nu. Vi försöker igen när kontakten är tillbaka.", unsurePress: "Kontakten bröts innan svaret kom. Vi försöker igen när kontakten är tillbaka.", now: "Försök nu", wait: "Skicka inte än", waitPress: "Vänta med det" };
let answered = Date.now();
const held = new WeakMap(); // form -> Held

/** The server has answered something. */
export function reached() { answered = Date.now(); }
export function reachedLately() { return navigator.onLine && Date.now() - answered < LATELY; }
async function reach() {
  try {
    await fetch("/halsa/liv", { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    reached();
    return true; // whatever was answered: it came over the net
  } catch { return false; }
}

class Held {
  constructor(form) { this.form = form; this.note = null; this.timer = null; }
  /** The form went, and nobody knows whether it arrived: shown, and tried again after a moment. */
  unsure(button, rest) {
    this.button = button;
    this.round = (this.round || 0) + 1;
    this.show(rest, "unsure");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.try(button, rest), SOON);
  }
  async try(button, rest) {
    clearTimeout(this.timer);
    this.button = button;
    const round = (this.round = (this.round || 0) + 1);
    const there = await reach();
    if (round !== this.round) return; // pressed again meanwhile, or not wanted any more
    if (!there) { this.show(rest, "held"); this.timer = setTimeout(() => this.try(button, rest), AGAIN); return; }
    this.stop();
    rest();
    this.form.requestSubmit(button?.isConnected ? button : null);
  }
  stop() { clearTimeout(this.timer); this.round += 1; this.note?.remove(); this.note = null; }
  show(rest, why) {
    rest();
    this.form.dispatchEvent(new Event("held"));
    if (this.note) return;
    this.note = document.createElement("div");
    this.note.className = "ds-alert stack";
    this.note.dataset.color = "warning";
    this.note.dataset.held = "";
    const said = document.createElement("p");
    said.className = "ds-paragraph";
    said.setAttribute("role", "alert");
    const ways = document.createElement("div");
    ways.className = "actions";
    ways.append(this.way(words.now, "primary", () => this.try(this.button, rest)));
    const press = this.form.dataset.once === "press" ? "Press" : "";
    if (why === "held") ways.append(this.way(words[`wait${press}`], "secondary", () => this.stop()));
    this.note.append(said, ways);
    this.form.append(this.note);
    said.textContent = words[why + press];
    this.note.scrollIntoView({ block: "center" });
  }
  way(text, variant, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "ds-button";
    button.dataset.variant = variant;
    button.textContent = text;
    button.addEventListener("click", act);
    return button;
  }
}

/** Sends the form as if `button` were pressed once the server answers. `rest`: called when a try is over. `why`:
 *  "unsure" when it may have arrived already. */
export function hold(form, button, rest, why = "held") {
  if (!held.has(form)) held.set(form, new Held(form));
  if (why === "unsure") held.get(form).unsure(button, rest);
  else held.get(form).try(button, rest);
}
addEventListener("online", () => {
  for (const note of document.querySelectorAll("[data-held]")) note.querySelector("button").click();
});
