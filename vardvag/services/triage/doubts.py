"""On the lines nobody sees what was read in their words. Before it decides alone, it is asked about: "is it so?"

Pages do the same otherwise: the facts stand with a box each, and an emergency page has a way back.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from vardvag.services.triage.engine import wording
from vardvag.services.triage.engine.evaluate import Fired, Outcome
from vardvag.services.triage.engine.interview import NONE_TEXT, State
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.text import Text

QUESTION = "words"  # its id
_TEXT = Text(
    "Du skrev något som kan vara allvarligt. Stämmer det?",
    "You wrote something that can be serious. Is it so?",
)
_SAID = {
    "sv": re.compile(r"Texten nämner (?:att )?(.+?)(?:\. .*)?\.?$"),
    "en": re.compile(r"The text mentions (.+?)(?:\. .*)?\.?$"),
}


@dataclass
class Doubts:
    """What the words alone have said in one conversation, and what of it has been judged."""

    facts: set[str] = field(default_factory=set)  # concepts that only the words have answered with yes
    judged: set[str] = field(default_factory=set)  # ids of flags and facts
    asked: int = 0

    def open(self, state: State, outcome: Outcome) -> tuple[list[Fired], list[str]]:
        """Flags and facts that make it an emergency alone; nothing where answers do so too. `outcome`: `standing` of
        this state."""
        flags = [one for one in state.raised if one.rule.id not in self.judged]
        put = {name for one in state.put for name in one.concepts}
        facts: list[str] = []
        for one in outcome.fired:
            if one.rule.urgency > 1 or one in flags:
                continue
            told = [name for name in one.concepts if name in self.facts - self.judged - put]
            if not told:
                return [], []
            facts += told
        return flags, list(dict.fromkeys(facts))

    def question(
        self, flags: list[Fired], facts: list[str], library: Library, state: State, lang: str
    ) -> Any:
        lines = [(one.rule.id, _what(one, lang)) for one in flags]
        lines += [
            (name, wording.name(library.concepts[name], lang, state.about, state.sex)) for name in facts
        ]
        return {
            "id": QUESTION,
            "concept": QUESTION,
            "concepts": [id for id, _ in lines],
            "text": _TEXT.said(lang),
            "help": "",
            "kind": "multi",
            "options": [
                *({"id": id, "text": text} for id, text in lines),
                {"id": "none", "text": NONE_TEXT.said(lang)},
            ],
            "unit": "",
            "min": None,
            "max": None,
            "danger": True,
        }

    def answer(self, ids: Iterable[str], kept: Iterable[str] | None, state: State) -> State:
        """`kept`: what is so; None when nobody knows, and then all of it stands."""
        ids = set(ids)
        gone = set() if kept is None else ids - set(kept)
        self.judged |= ids
        self.asked += 1
        return replace(
            state,
            raised=tuple(one for one in state.raised if one.rule.id not in gone),
            answers={name: value for name, value in state.answers.items() if name not in gone},
        )


def _what(one: Fired, lang: str) -> str:
    because = one.rule.because.said(lang)
    found = _SAID["en" if lang == "en" else "sv"].match(because)
    what = found[1] if found else because
    return what[:1].upper() + what[1:]
