"""Taking fields out of located YAML, with every fault told instead of the first."""

import difflib
from collections.abc import Iterable
from typing import Any

from vardvag.services.triage.engine import text as texts
from vardvag.services.triage.engine.conditions import Condition
from vardvag.services.triage.engine.parsing import BadCondition, parse
from vardvag.services.triage.engine.place import Map, Problem, Seq
from vardvag.services.triage.engine.text import LANGUAGES, Lines, Text


def nearest(word: str, words: Iterable[str]) -> str:
    found = difflib.get_close_matches(word, list(words), 1, 0.6)
    return f"Do you mean {found[0]}?" if found else ""


class Fields:
    """One mapping of a file. Methods give a usable value always and note what was wrong."""

    def __init__(self, whole: Any, file: str, line: int, problems: list[Problem], what: str) -> None:
        self.file, self.problems, self.what = file, problems, what
        if not isinstance(whole, Map):
            problems.append(
                Problem(file, line, f"{what} is not a mapping.", "Write key: value lines, indented.")
            )
            whole = Map(line)
        self.map = whole

    def fault(self, key: str, what: str, cure: str) -> None:
        self.problems.append(Problem(self.file, self.map.at(key), what, cure))

    def only(self, known: Iterable[str]) -> None:
        known = tuple(known)
        for key in self.map:
            if key not in known:
                self.fault(
                    key,
                    f"{self.what} has no field “{key}”.",
                    nearest(key, known) or f"Known: {', '.join(known)}.",
                )

    def need(self, *keys: str) -> None:
        for key in keys:
            if self.map.get(key) in (None, ""):
                self.fault(key, f"{self.what} lacks “{key}”.", f"Add {key}: …")

    def string(self, key: str) -> str:
        value = self.map.get(key)
        if value is None or isinstance(value, (Map, Seq)):
            if value is not None:
                self.fault(key, f"“{key}” must be one text.", "Write it on one line, in quotes.")
            return ""
        if isinstance(value, bool):
            self.fault(key, f"“{key}” is read as yes or no.", "Put it in quotes.")
        return str(value)

    def one_of(self, key: str, known: tuple[str, ...], default: str) -> str:
        value = self.map.get(key, default)
        if value in known:
            return str(value)
        self.fault(key, f"“{key}” is “{value}”.", f"It must be one of {', '.join(known)}.")
        return default

    def whole_number(self, key: str, default: int, low: int, high: int) -> int:
        value: object = self.map.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.fault(key, f"“{key}” is “{value}”.", f"It must be a whole number from {low} to {high}.")
            return default
        return value

    def number(self, key: str, default: float | None = None) -> float | None:
        value = self.map.get(key, default)
        if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
            return None if value is None else float(value)
        self.fault(key, f"“{key}” is “{value}”.", "It must be a number, or null.")
        return default

    def yes(self, key: str) -> bool:
        value = self.map.get(key, False)
        if not isinstance(value, bool):
            self.fault(key, f"“{key}” is “{value}”.", "It must be true or false.")
        return value is True

    def condition(self, key: str) -> Condition | None:
        value = self.map.get(key)
        if value is None:
            return None
        if isinstance(value, (Map, Seq)):
            self.fault(key, f"“{key}” must be one condition.", 'Write it in quotes: "fever and age < 5".')
            return None
        try:
            return parse(str(value))
        except BadCondition as error:
            self.fault(key, f"“{key}” is no condition.", str(error))
            return None

    def text(self, key: str, needed: bool = False) -> Text:
        value = self.map.get(key)
        if value is None or (value == "" and not needed):
            if needed:
                self.need(key)
            return Text()
        if not isinstance(value, Map):
            self.fault(key, f"“{key}” has no languages.", 'Write {sv: "…", en: "…"}.')
            return Text()
        inner = Fields(value, self.file, self.map.at(key), self.problems, f"“{key}”")
        inner.only(LANGUAGES)
        said = {lang: inner.string(lang) for lang in LANGUAGES}
        for lang, one in said.items():
            if not one and (needed or any(said.values())):
                self.fault(key, f"“{key}” lacks {lang}.", f'Add {lang}: "…".')
            self._tokens(key, one, lang)
        return Text(**said)

    def lines(self, key: str, needed: bool = False) -> Lines:
        value = self.map.get(key)
        if value is None:
            if needed:
                self.need(key)
            return Lines()
        if not isinstance(value, Map):
            self.fault(key, f"“{key}” has no languages.", 'Write {sv: ["…"], en: ["…"]}.')
            return Lines()
        inner = Fields(value, self.file, self.map.at(key), self.problems, f"“{key}”")
        inner.only(LANGUAGES)
        said = {lang: inner.strings(lang) for lang in LANGUAGES}
        for lang in LANGUAGES:
            if not said[lang] and needed:
                self.fault(key, f"“{key}” lacks {lang}.", f'Add {lang}: ["…"].')
            for one in said[lang]:
                self._tokens(key, one, lang)
        return Lines(**said)

    def strings(self, key: str) -> tuple[str, ...]:
        """A list of texts, or one text."""
        value = self.map.get(key)
        if value is None:
            return ()
        if not isinstance(value, Seq):
            return (self.string(key),)
        for one, line in zip(value, value.lines, strict=True):
            if isinstance(one, (Map, Seq, bool)) or one is None:
                cure = (
                    "Put the text in quotes: a colon, a comma or the words yes and no mean something to YAML."
                )
                self.problems.append(Problem(self.file, line, f"An entry of “{key}” is no text.", cure))
        return tuple(str(one) for one in value if not isinstance(one, (Map, Seq, bool)) and one is not None)

    def entries(self, key: str) -> list[tuple[Any, int]]:
        value = self.map.get(key)
        if value is None:
            return []
        if not isinstance(value, Seq):
            self.fault(key, f"“{key}” is not a list.", "Begin each entry with a dash.")
            return []
        return list(zip(value, value.lines, strict=True))

    def _tokens(self, key: str, text: str, lang: str) -> None:
        found = texts.problem(text, lang) if "{" in text or "}" in text else None
        if found:
            self.fault(key, f"“{key}” ({lang}): {found[0]}", found[1])
