// One WebSocket for the page. Events are hints: what they name is fetched again through the ordinary pages.
// Dispatches "live:<kind>" on document with the event as detail, and "live:resync" when something may have been missed:
// after a lost connection, and when something happened between the page's making and its first listening. Always after
// every topic is granted, so that nothing falls between the fetch and the listening.
const topics = [...document.querySelectorAll("[data-live-topics]")].flatMap((el) => el.dataset.liveTopics.split(" ")).filter(Boolean);
const dot = document.querySelector("[data-live-status]");
const english = document.documentElement.lang === "en";
let socket = null, tries = 0, was = false, poll = null, leaving = false, asked = new Set(), missed = false, heard = 0;
const held = new Set(); // topics granted since the page was made
const SILENT = 60000; // ms without a word: it pings every 15 s, so the line is dead though nobody has said so

function say(state, text) { if (dot) { dot.hidden = false; dot.dataset.state = state; dot.querySelector(".live-text").textContent = text; } }
function tell(kind, detail) { document.dispatchEvent(new CustomEvent(`live:${kind}`, { detail })); }
export function send(message) { if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message)); }

function connect() {
  const mine = socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live/`);
  heard = Date.now();
  socket.onopen = () => {
    asked = new Set(topics); missed = was;
    for (const topic of topics) send({ do: "subscribe", topic });
    if (asked.size === 0) granted();
  };
  socket.onmessage = (e) => {
    const event = JSON.parse(e.data);
    heard = Date.now();
    tries = 0; // not when it opens: one that is refused or broken is opened first, and closed at once
    tell(event.kind, event);
    if (event.kind !== "subscribed" && event.kind !== "refused") return;
    if (event.kind === "refused" && held.has(event.topic)) return gone(); // what the page shows is theirs no longer
    if (event.kind === "subscribed") held.add(event.topic);
    if (event.kind === "refused") missed = true; // shut while the page was opening: its own fetch tells what holds now
    // The page's own age is counted from the moment it was asked for, with a second to spare.
    if (event.kind === "subscribed" && event.quiet * 1000 < performance.now() + 1000) missed = true;
    if (asked.delete(event.topic) && asked.size === 0) granted();
  };
  socket.onclose = (e) => {
    if (socket !== mine) return; // given up before
    socket = null;
    say("lost", english ? "reconnecting" : "ansluter igen");
    if (e.code === 4401) return gone();
    if (!poll) poll = setInterval(() => tell("resync", {}), 30000);
    tries += 1;
    setTimeout(connect, Math.min(30000, 500 * 2 ** Math.min(tries, 6)) * (0.5 + Math.random()));
  };
}
// Closing a dead line takes its time: it is left, and another made at once.
function listen() {
  if (!socket || socket.readyState !== WebSocket.OPEN || Date.now() - heard < SILENT) return;
  const dead = socket;
  dead.onclose({ code: 0 });
  dead.close();
}
function gone() {
  document.documentElement.classList.add("blanked");
  setTimeout(() => location.reload(), leaving ? 3000 : 0);
}
function granted() {
  clearInterval(poll); poll = null;
  say("live", english ? "live" : "live");
  if (missed) tell("resync", {});
  was = true;
}
const stays = topics.length > 0 || document.body.dataset.session === "staff"; // a staff page always hears that its session ended
if (stays) { connect(); setInterval(listen, 10000); }
addEventListener("pagehide", () => socket?.close());
addEventListener("beforeunload", () => { leaving = true; }); // logging out ends the session before its page has come
addEventListener("pageshow", (e) => { if (e.persisted && stays && !socket) connect(); });
