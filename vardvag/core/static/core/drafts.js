// What is typed is saved on the server within two seconds: on a pause, on leaving a field, on hiding the page.
// Everything a page sends carries its own name (sheet) and a rising number (nth): one that was slow on its way is not
// taken for what was typed last.
import { reached } from "./net.js";
import { alive } from "./session.js";

const english = document.documentElement.lang === "en";
const words = english
  ? { saving: "Saving…", saved: "Saved", failed: "Not saved – we will try again", elsewhere: "Not saved – changed or sent in another tab or on another device", refused: "Not saved – too much text, or nothing" }
  : { saving: "Sparar…", saved: "Sparat", failed: "Inte sparat – vi försöker igen", elsewhere: "Inte sparat – ändrat eller skickat i en annan flik eller på en annan enhet", refused: "Inte sparat – för mycket text, eller ingen" };

const sheet = [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(36)).join("");
const ORDER = ["revision", "sheet", "nth"];
const KEPT = 60000; // bytes that a browser sends on after its page
let nth = 0;

class Draft {
  constructor(form) {
    this.form = form;
    form.addEventListener("formdata", (e) => { e.formData.set("sheet", sheet); e.formData.set("nth", String(nth += 1)); });
    this.indicator = form.querySelector("[data-saved]") || document.querySelector("[data-saved]");
    this.timer = null;
    this.last = this.text();
    form.addEventListener("input", () => this.later(1500));
    form.addEventListener("change", () => this.later(300));
    form.addEventListener("focusout", () => this.later(0));
    form.addEventListener("submit", () => { clearTimeout(this.timer); this.sent = true; });
    form.addEventListener("held", () => { this.sent = false; this.later(0); });
    addEventListener("pageshow", () => { this.sent = false; });
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.save(true); });
    addEventListener("pagehide", () => this.save(true));
    addEventListener("online", () => this.later(0));
  }
  data() {
    const data = new FormData(this.form);
    for (const [name, value] of [...data.entries()]) if (value instanceof File) data.delete(name);
    return data;
  }
  text() { return new URLSearchParams([...this.data()].filter(([n]) => !ORDER.includes(n))).toString(); }
  later(ms) { clearTimeout(this.timer); this.timer = setTimeout(() => this.save(false), ms); }
  async save(leaving) {
    clearTimeout(this.timer);
    const now = this.text();
    if (this.sent || now === this.last) return;
    if (this.busy && !leaving) { this.again = true; return; } // on leaving there is no later
    this.busy = true;
    this.say(words.saving);
    try {
      const body = new URLSearchParams([...this.data()]);
      const answer = await fetch(this.form.dataset.autosave, { method: "POST", body, keepalive: leaving && body.toString().length < KEPT, headers: { "X-Requested-With": "autosave" }, redirect: "error" });
      const no = { 409: words.elsewhere, 422: words.refused }[answer.status]; // the same would be answered again
      if (no) { this.last = now; this.say(no, "failed"); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      const revision = this.form.querySelector("[name=revision]");
      if (revision && told.revision !== undefined) revision.value = told.revision;
      this.last = now;
      reached();
      alive();
      this.say(`${words.saved} ${told.saved}`);
    } catch {
      this.say(words.failed, "failed");
      this.later(5000); // also after leaving: hidden is not gone
    } finally {
      this.busy = false;
      if (this.again) { this.again = false; this.later(0); }
    }
  }
  say(text, state = "") { if (this.indicator) { this.indicator.textContent = text; this.indicator.dataset.state = state; } }
}
export function watch(root = document) {
  for (const form of root.querySelectorAll("form[data-autosave]")) if (!form.draft) form.draft = new Draft(form);
}
watch();
