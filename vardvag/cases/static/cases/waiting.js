// The waiting of an open page: fetched anew when something happens to the case, after a lost connection, and each minute
// that the page is looked at. Parts are put in place of each other only where they differ, and never under the focus.
const section = document.querySelector("[data-renew-from]");
let fetching = false, again = false, timer = null;

async function renew() {
  if (fetching) { again = true; return; }
  fetching = true;
  try { await fetchParts(); } finally { fetching = false; }
  if (again) { again = false; renew(); }
}
async function fetchParts() {
  const answer = await fetch(section.dataset.renewFrom, { headers: { "X-Requested-With": "background" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return; // tried again in a minute
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-renew]")) {
    const fresh = page.getElementById(part.id);
    if (!fresh || part.innerHTML === fresh.innerHTML || part.contains(document.activeElement)) continue;
    part.replaceChildren(...[...fresh.childNodes].map((node) => document.importNode(node, true)));
  }
  if (!page.querySelector(".waiting-links")) clearInterval(timer); // nobody waits any longer
}

if (section) {
  document.addEventListener("live:case", renew);
  document.addEventListener("live:resync", renew);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) renew(); });
  timer = setInterval(() => { if (!document.hidden) renew(); }, 60000);
}
