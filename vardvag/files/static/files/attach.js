// Each chosen file is sent by itself at once: one can go on writing, and a failed one is tried again alone. A large
// one goes in pieces; after a lost connection it goes on where it stopped.
// Without this script the files travel with the form.
const english = document.documentElement.lang === "en";
const words = english
  ? { sending: "Uploading", cancel: "Cancel", cancelled: "Cancelled.", cancelling: "Cancelling…", unsent: "The form has not been sent.", pausing: "The connection was lost. The file goes on by itself when it is back.", again: "Try again", drop: "Do not attach", lost: "The file was not uploaded. Check your connection and try again.",
      out: "You have been logged out. Log in again and attach the file.", wait: "Waiting for your files. The form is sent when they are uploaded.",
      failed: "One file is not uploaded. Try again or leave it out, then send.", done: "Uploaded:", gone: "Removed." }
  : { sending: "Laddar upp", cancel: "Avbryt", cancelled: "Avbruten.", cancelling: "Avbryter…", unsent: "Formuläret är inte skickat.", pausing: "Anslutningen bröts. Filen fortsätter av sig själv när den är tillbaka.", again: "Försök igen", drop: "Bifoga inte", lost: "Filen är inte uppladdad. Kontrollera anslutningen och försök igen.",
      out: "Du har blivit utloggad. Logga in igen och bifoga filen.", wait: "Väntar på filerna. Det skickas när de är uppladdade.",
      failed: "En fil är inte uppladdad. Försök igen eller låt bli att bifoga den, och skicka sedan.", done: "Uppladdad:", gone: "Borttagen." };

const PIECE = 256 * 1024; // bytes; as files/rules.py
const PAUSES = [1, 2, 4, 8, 15, 30]; // seconds before a lost piece is sent again
const queues = new WeakMap(); // field -> files on their way, one at a time

function make(tag, text = "", attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
function button(text, variant, act) {
  const made = make("button", text, { type: "button", class: "ds-button", "data-size": "sm", "data-variant": variant });
  made.addEventListener("click", act);
  return made;
}
const say = (field, text) => { field.querySelector("[data-attach-status]").textContent = text; };
const pending = (form) => [...form.querySelectorAll("[data-attach-pending]")];

// Phones take pictures of ten megabytes; 2048 pixels show a rash as well and pass a slow network.
async function smaller(file, side) {
  if (!side || !/^image\/(jpeg|png|webp|heic|heif)$/.test(file.type)) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = side / Math.max(picture.width, picture.height);
    if (scale >= 1 && file.size < 2e6) return file;
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * Math.min(scale, 1));
    canvas.height = Math.round(picture.height * Math.min(scale, 1));
    const paper = canvas.getContext("2d");
    paper.fillStyle = "#fff";
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return made && made.size < file.size ? new File([made], file.name, { type: "image/jpeg" }) : file;
  } catch { return file; } // the server can open more than this browser
}

// The same bytes have the same name, so a file chosen again goes on where it stopped.
async function digest(file) {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return [...sum].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
// Over when the time is, or at once when the browser says that it is online again.
const pause = (seconds) => new Promise((done) => {
  const over = () => { clearTimeout(timer); removeEventListener("online", over); done(); };
  const timer = setTimeout(over, seconds * 1000);
  addEventListener("online", over);
});

class Sending {
  constructor(field, file) {
    this.field = field;
    this.file = file;
    this.offset = 0; // bytes that have arrived
    this.left = false; // its last bytes are on their way: it may become a file, whatever is heard of it
    this.intimate = Boolean(field.querySelector("[data-attach-intimate]")?.checked);
    this.row = make("li", "", { class: "attached-file", "data-attach-pending": "" });
    field.querySelector("[data-attach-list]").append(this.row);
    this.waiting();
  }
  waiting() {
    this.bar = make("progress", "", { max: "100", "aria-label": `${words.sending} ${this.file.name}` });
    this.bar.value = this.made ? 100 * this.offset / this.made.size : 0;
    this.note = make("span", "", { class: "attached-why" });
    const cancel = button(words.cancel, "tertiary", () => this.cancel());
    cancel.setAttribute("aria-label", `${words.cancel} ${this.file.name}`);
    this.row.replaceChildren(make("span", this.file.name, { class: "attached-name" }), this.bar, cancel, this.note);
  }
  form(fields) {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", this.field.closest("form").querySelector("[name=csrfmiddlewaretoken]").value);
    body.append("ticket", this.field.dataset.attachTicket);
    if (this.intimate) body.append("intimate", "1");
    for (const [name, ...value] of fields) body.append(name, ...value);
    return body;
  }
  post(address, body, last) {
    return new Promise((done) => {
      const request = this.request = new XMLHttpRequest();
      this.asking = true;
      this.left ||= last;
      const from = this.offset;
      request.open("POST", address);
      request.setRequestHeader("X-Requested-With", "attach");
      request.timeout = 120000;
      request.upload.addEventListener("progress", (e) => { this.bar.value = 100 * Math.min(1, (from + e.loaded) / this.made.size); });
      request.addEventListener("loadend", () => { this.asking = false; done({ status: request.responseURL.endsWith(address) || !request.status ? request.status : 401, text: request.responseText }); });
      request.send(body);
    });
  }
  next() {
    const { attachUpload, attachPiece } = this.field.dataset;
    if (!this.digest) return this.post(attachUpload, this.form([["files", this.made, this.file.name]]), Boolean(crypto.subtle)); // by its digest it is called off
    const piece = this.made.slice(this.offset, this.offset + PIECE);
    return this.post(attachPiece, this.form([["digest", this.digest], ["size", this.made.size], ["offset", this.offset], ["name", this.file.name], ["piece", piece, "piece"]]), this.offset + PIECE >= this.made.size);
  }
  async send() {
    this.made ||= await smaller(this.file, Number(this.field.dataset.attachSide));
    if (this.made.size > PIECE && crypto.subtle) this.digest ||= await digest(this.made);
    for (let lost = 0, astray = 0, turns = 0; !this.cancelled;) {
      const { status, text } = await this.next();
      if (this.cancelled) return this.ending ? this.callOff() : undefined;
      if (status && status < 500) this.left = false;
      if (status === 202 || (status === 409 && astray++ < 5)) {
        this.offset = JSON.parse(text).offset;
        this.bar.value = 100 * this.offset / this.made.size;
        this.note.textContent = "";
        if (status === 202) lost = turns = 0;
      } else if (status === 200) return this.done(text);
      else if (status === 503 && turns < 6) await pause(1.5 * ++turns); // many send files just now: wait for a turn
      else if ((status === 0 || status === 502 || status === 504) && this.digest && lost < PAUSES.length) {
        if (!lost) say(this.field, `${this.file.name}: ${words.pausing}`);
        this.note.textContent = words.pausing;
        await pause(PAUSES[lost++]);
      } else if (status === 422) return this.failed(parse(text)?.textContent.trim() || words.lost, false);
      else if (status === 503) return this.failed(parse(text)?.textContent.trim() || words.lost, true);
      else return this.failed(status === 401 || status === 403 ? words.out : words.lost, true);
    }
  }
  // The last bytes' answer is waited for: nothing is called off that is still becoming a file.
  cancel() {
    this.cancelled = true;
    this.ending = this.left && this.asking;
    if (this.ending) { this.note.textContent = words.cancelling; return; }
    this.request?.abort();
    this.callOff();
  }
  async callOff() {
    const sum = this.digest || (this.left && crypto.subtle && await digest(this.made));
    const asked = sum && fetch(this.field.dataset.attachPiece, { method: "POST", body: this.form([["digest", sum], ["cancel", "1"]]), headers: { "X-Requested-With": "attach" }, redirect: "error" }).catch(() => null);
    if (sum && this.left) { // else what has come is forgotten after a day
      const answer = await asked;
      if (!answer?.ok) { this.cancelled = false; return this.failed(words.lost, true); }
      if (answer.status === 200) this.field.querySelector(`[data-attach-file="${(await answer.json()).removed}"]`)?.remove();
    }
    this.row.remove();
    say(this.field, `${this.file.name}: ${words.cancelled}`);
    this.field.querySelector("input[type=file]").focus();
    released(this.field.closest("form"));
  }
  done(text) {
    const made = parse(text);
    const before = made && this.field.querySelector(`[data-attach-file="${made.dataset.attachFile}"]`);
    if (before || !made) this.row.remove(); // the same file once more
    else this.row.replaceWith(made);
    say(this.field, `${words.done} ${this.file.name}`);
  }
  failed(why, again) {
    const drop = button(words.drop, "tertiary", () => { this.cancel(); say(this.field, ""); this.field.querySelector("input[type=file]").focus(); });
    const name = make("span", this.file.name, { class: "attached-name" });
    this.row.replaceChildren(name, ...(again ? [button(words.again, "secondary", () => { this.waiting(); add(this.field, this); })] : []), drop, make("span", why, { class: "attached-why" }));
    this.row.dataset.attachPending = again ? "failed" : "refused";
    if (!again) delete this.row.dataset.attachPending; // nothing to wait for: the words stay until it is dropped
    say(this.field, `${this.file.name}: ${why}`);
    const form = this.field.closest("form");
    if (again || !form.attachWaiting) return;
    form.attachWaiting = null; // it would be sent without the file, and the words never seen
    say(this.field, `${this.file.name}: ${why} ${words.unsent}`);
    drop.focus();
  }
}
function parse(text) {
  const holder = document.createElement("template");
  holder.innerHTML = text;
  return holder.content.querySelector("li");
}
function add(field, sending) {
  sending.row.dataset.attachPending = "";
  const before = queues.get(field) || Promise.resolve();
  const after = before.then(() => sending.send()).catch(() => sending.failed(words.lost, true)).then(() => released(field.closest("form")));
  queues.set(field, after);
}
function released(form) {
  if (!form.attachWaiting || pending(form).length) return;
  const by = form.attachWaiting.by;
  form.attachWaiting = null;
  form.requestSubmit(by?.isConnected ? by : undefined);
}

document.addEventListener("change", (e) => {
  const field = e.target.closest?.("[data-attach]");
  if (!field || e.target.type !== "file" || !field.dataset.attachTicket) return;
  for (const file of e.target.files) add(field, new Sending(field, file));
  e.target.value = "";
  const intimate = field.querySelector("[data-attach-intimate]");
  if (intimate) intimate.checked = false; // said of these files, not of the next
});
document.addEventListener("click", async (e) => {
  const asked = e.target.closest?.("[data-attach-remove]");
  if (!asked) return;
  e.preventDefault();
  const field = asked.closest("[data-attach]");
  const body = new URLSearchParams({ csrfmiddlewaretoken: asked.form.querySelector("[name=csrfmiddlewaretoken]").value });
  try {
    const answer = await fetch(asked.dataset.attachRemove, { method: "POST", body, headers: { "X-Requested-With": "attach" }, redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    asked.closest("li").remove();
    say(field, words.gone);
    field.querySelector("input[type=file]").focus();
  } catch { say(field, words.lost); }
});
document.addEventListener("submit", (e) => {
  const waiting = pending(e.target);
  if (!waiting.length) return;
  e.preventDefault();
  e.stopImmediatePropagation();
  const field = waiting[0].closest("[data-attach]");
  const failed = waiting.find((row) => row.dataset.attachPending === "failed");
  if (failed) { say(field, words.failed); failed.querySelector("button").focus(); return; }
  e.target.attachWaiting = { by: e.submitter };
  say(field, words.wait);
}, true);
