"""The vignettes: invented patients, what they write, what is true of them, and what a careful clinician would say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from vardvag.services.triage.engine.answers import BadAnswer, understood
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.text import About
from vardvag.services.triage.engine.values import Value

FOLDER = Path(__file__).resolve().parent
THREE = ("emergency", "nonemergency", "selfcare")
TEXTS: Mapping[str, str] = {"sv": "sv", "sv_noisy": "sv", "en": "en"}  # each text and its language


class BadVignettes(Exception):
    """What is wrong, one line each."""


@dataclass(frozen=True, slots=True)
class Vignette:
    id: str
    source: str
    age: float
    sex: str
    about: About
    text: Mapping[str, str]
    reasons: tuple[str, ...]  # those that are right; the first is the best
    facts: Mapping[str, Value]
    low: int  # the accepted urgencies
    high: int
    three: str
    decisive: tuple[tuple[str, ...], ...]  # of each, one must be known before the interview is over
    gone: tuple[str, ...]  # facts whose concept no longer exists
    words: Mapping[str, bool] = field(default_factory=dict)  # flags of the watch, and whether it is so

    def stands(self, flag: str) -> bool:
        """Without a word about it, or about what it is a variant of, a flag is so."""
        named = [one for one in self.words if flag == one or flag.startswith(f"{one}_")]
        return self.words[max(named, key=len)] if named else True


def read(name: str, library: Library) -> list[Vignette]:
    """`dev` or `held`."""
    raw = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    wrong: list[str] = []
    found = [_one(one, raw["sources"], library, wrong) for one in raw["vignettes"]]
    ids = [one.id for one in found]
    wrong += [f"{id} stands there twice." for id in sorted({id for id in ids if ids.count(id) > 1})]
    if wrong:
        raise BadVignettes("\n".join(wrong))
    return found


def _one(raw: Mapping[str, Any], sources: Mapping[str, str], library: Library, wrong: list[str]) -> Vignette:
    id = str(raw["id"])
    if raw["source"] not in sources:
        wrong.append(f"{id}: the source {raw['source']} is not among the sources.")
    wrong += [f"{id}: there is no reason {one}." for one in raw["reasons"] if one not in library.reasons]
    if set(raw["text"]) != set(TEXTS) or raw["gold"]["three"] not in THREE:
        wrong.append(f"{id}: needs the texts {', '.join(TEXTS)} and three: {' | '.join(THREE)}.")
    facts: dict[str, Value] = {}
    for name, value in raw["facts"].items():
        concept = library.concepts.get(name)
        if concept is None:
            continue
        try:
            facts[name] = understood(concept, value)
        except BadAnswer as error:
            wrong.append(f"{id}: {error}")
    low, high = raw["gold"]["urgency"]
    decisive = tuple(tuple(one) if isinstance(one, list) else (str(one),) for one in raw["decisive"])
    words = {str(flag).replace(".", "_"): so for flag, so in (raw.get("words") or {}).items()}
    wrong += [f"{id}: words: {flag} is yes or no." for flag, so in words.items() if not isinstance(so, bool)]
    gone = tuple(name for name in raw["facts"] if name not in library.concepts)
    return Vignette(
        id, raw["source"], float(raw["age"]), raw["sex"], About(raw["reporter"]), raw["text"],
        tuple(raw["reasons"]), facts, int(low), int(high), raw["gold"]["three"], decisive, gone, words,
    )  # fmt: skip
