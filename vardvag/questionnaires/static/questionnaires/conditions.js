// Shows what an answer on this page brings forth, at once. Without it the server shows it on the next look.
function answersTo(form, name) {
  return [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)]
    .filter((field) => !field.matches("input[type=hidden]") && !field.closest("fieldset[disabled]"))
    .filter((field) => !field.matches("[type=radio],[type=checkbox]") || field.checked)
    .map((field) => field.value.trim())
    .filter((value) => value !== "");
}
function compare(given, wanted) {
  const [a, b] = [Number(given.replace(/\s/g, "").replace(",", ".")), Number(wanted)];
  if (!Number.isNaN(a) && !Number.isNaN(b)) return Math.sign(a - b);
  return given < wanted ? -1 : given > wanted ? 1 : 0;
}
const holds = {
  exists: (given, wanted) => String(given.length > 0) === wanted,
  "=": (given, wanted) => given.some((one) => compare(one, wanted) === 0),
  "!=": (given, wanted) => given.length > 0 && given.every((one) => compare(one, wanted) !== 0),
  ">": (given, wanted) => given.some((one) => compare(one, wanted) > 0),
  ">=": (given, wanted) => given.some((one) => compare(one, wanted) >= 0),
  "<": (given, wanted) => given.some((one) => compare(one, wanted) < 0),
  "<=": (given, wanted) => given.some((one) => compare(one, wanted) <= 0),
};
function refresh(form) {
  for (const question of form.querySelectorAll("[data-when]")) {
    // Of the question itself and of each section it is in.
    const applies = JSON.parse(question.dataset.when).every((when) => {
      const found = when.of.map((one) => holds[one.op](answersTo(form, one.field), String(one.answer)));
      return when.any ? when.elsewhere || found.some(Boolean) : when.elsewhere && found.every(Boolean);
    });
    question.hidden = !applies;
    question.querySelector("fieldset").disabled = !applies;
  }
}
// "None of these" and the rest take each other's place.
function exclude(box) {
  const group = [...box.closest("fieldset").querySelectorAll(`input[type=checkbox][name="${CSS.escape(box.name)}"]`)];
  const alone = (one) => one.hasAttribute("data-alone");
  if (box.checked) for (const other of group) if (other !== box && (alone(box) || alone(other))) other.checked = false;
}
const otherBox = (words) => words.closest("fieldset").querySelector('input[value="_annat"]');
// "Other" unticked: its words are not sent, but there again if one changes one's mind.
function other(words, changed) {
  const box = otherBox(words);
  if (box && !box.checked && words.value) [words.dataset.unsent, words.value] = [words.value, ""];
  else if (box === changed && box.checked && !words.value) words.value = words.dataset.unsent ?? "";
}
for (const form of new Set([...document.querySelectorAll(".question")].map((one) => one.closest("form")))) {
  if (!form) continue;
  form.addEventListener("change", (event) => {
    if (event.target.matches("input[type=checkbox]")) {
      exclude(event.target);
      for (const words of form.querySelectorAll(".question-other input")) other(words, event.target);
    }
    refresh(form);
  });
  form.addEventListener("input", () => refresh(form));
  // Words beside "other" tick it.
  for (const words of form.querySelectorAll(".question-other input")) {
    words.addEventListener("input", () => {
      const box = otherBox(words);
      if (!box || !words.value.trim()) return;
      box.checked = true;
      exclude(box);
    });
  }
  refresh(form);
}
