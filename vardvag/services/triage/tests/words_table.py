"""How well free text is understood, as a table: `python -m vardvag.services.triage.tests.words_table`."""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vardvag.services.triage.engine.load import library
from vardvag.services.triage.words import load
from vardvag.services.triage.words.match import match
from vardvag.services.triage.words.watch import scan

DATA = Path(__file__).parent / "data"
TUNED = "# -- written later"
_LETTERS = "aeinrst"
_BARE = str.maketrans("åäöÅÄÖ", "aaoAAO")


@dataclass(frozen=True)
class Said:
    """A sentence and the reasons that are right for it."""

    reasons: frozenset[str]
    age: float | None
    sex: str | None
    text: str


def sentences(name: str, lang: str) -> list[Said]:
    listed = load.read(DATA / f"{name}.yaml")[lang]
    return [Said(frozenset(reasons.split("/")), age, sex, text) for reasons, age, sex, text in listed]


def half(said: Sequence[Said], held: bool) -> list[Said]:
    """Every second one, counting from nought those at odd places, is held: its misses are not read."""
    return [one for place, one in enumerate(said) if (place % 2 == 1) is held]


def harmless(held: bool) -> list[str]:
    """Every third of the first part is held; the rest was used for tuning."""
    lines = (DATA / "harmless.txt").read_text(encoding="utf-8").splitlines()[1:]
    cut = next(place for place, line in enumerate(lines) if line.startswith(TUNED))
    kept = [line for place, line in enumerate(lines[:cut]) if (place % 3 == 2) is held]
    return kept if held else kept + lines[cut + 1 :]


def alarming(held: bool) -> list[tuple[str, str]]:
    """Flag and sentence. Every third of the first file is held."""
    first = [(flag, text) for flag, texts in load.read(DATA / "alarming.yaml").items() for text in texts]
    kept = [one for place, one in enumerate(first) if (place % 3 == 2) is held]
    if not held:
        more = load.read(DATA / "alarming_more.yaml")
        kept += [(flag, text) for flag, texts in more.items() for text in texts]
    return kept


def blind(name: str) -> list[tuple[str, float, str]]:
    """Language, age and text of `blind_harmless` and `blind_grave`."""
    lines = (DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines()[1:]
    told = [line.split("|", 2) for line in lines]
    return [(lang, float(age), text) for lang, age, text in told]


def emergencies(said: Iterable[tuple[str, float, str]]) -> list[str]:
    """Those that the watch calls an emergency."""
    return [
        text for lang, age, text in said if any(one.urgency == 1 for one in scan(text, lang=lang, age=age))
    ]


def noisy(text: str, chance: random.Random, bare: bool = True) -> str:
    """As typed in haste: no dots or rings, and one slip in every fifth longer word."""
    words = []
    for word in (text.translate(_BARE) if bare else text).split(" "):
        if len(word) > 4 and chance.random() < 0.2:
            place, kind = chance.randrange(1, len(word) - 1), chance.randrange(4)
            middle = ("", word[place] * 2, word[place + 1] + word[place], chance.choice(_LETTERS))[kind]
            word = word[:place] + middle + word[place + (2 if kind == 2 else 1) :]
        words.append(word)
    return " ".join(words)


def hits(said: Sequence[Said], lang: str, noise: bool = False) -> tuple[float, float, float]:
    """Share with a right reason first, among the first three, and milliseconds of a match."""
    chance, whole = random.Random(7), library()
    first = three = 0
    begun = time.process_time()
    for one in said:
        text = noisy(one.text, chance, lang == "sv") if noise else one.text
        found = [each.id for each in match(text, lang=lang, library=whole, age=one.age, sex=one.sex)]
        first += bool(one.reasons.intersection(found[:1]))
        three += bool(one.reasons.intersection(found[:3]))
    taken = (time.process_time() - begun) / len(said) * 1000
    return first / len(said), three / len(said), taken


def false_alarms(lines: Iterable[str], change: Callable[[str], str] = str) -> list[str]:
    return [line for line in lines if scan(change(line))]


def missed(listed: Iterable[tuple[str, str]], change: Callable[[str], str] = str) -> list[tuple[str, str]]:
    """Those in which the flag itself, or a variant of it, was not found."""
    out = []
    for flag, text in listed:
        ids = {one.id.split(".")[0] for one in scan(change(text))}
        if not ids & set(flag.split("/")):
            out.append((flag, text))
    return out


def table() -> str:
    lines = [f"{'reasons':<28}{'n':>6}{'top-1':>9}{'top-3':>9}{'ms':>7}"]
    for name in ("reasons_dev", "reasons_dev2", "reasons_held", "reasons_fresh", "reasons_fresh4"):
        for lang in ("sv", "en"):
            said = sentences(name, lang)
            for noise in (False, True):
                first, three, taken = hits(said, lang, noise)
                title = f"{name[8:]} {lang}{' noisy' if noise else ''}"
                lines.append(f"{title:<28}{len(said):>6}{first:>9.1%}{three:>9.1%}{taken:>7.1f}")
    for name in ("fresh2", "fresh3"):
        for lang in ("sv", "en"):
            for held in (False, True):
                said = half(sentences(f"reasons_{name}", lang), held)
                for noise in (False, True):
                    first, three, taken = hits(said, lang, noise)
                    title = f"{name} {lang} {'held' if held else 'dev'}{' noisy' if noise else ''}"
                    lines.append(f"{title:<28}{len(said):>6}{first:>9.1%}{three:>9.1%}{taken:>7.1f}")
    lines.append(f"{'watch':<28}{'n':>6}{'false':>9}{'n':>9}{'found':>9}")
    for held in (False, True):
        for noise in (False, True):
            chance = random.Random(3)

            def change(text: str, noise: bool = noise, chance: random.Random = chance) -> str:
                return noisy(text, chance) if noise else text

            calm, alarm = harmless(held), alarming(held)
            wrong, lost = false_alarms(calm, change), missed(alarm, change)
            title = f"{'held' if held else 'dev'}{' noisy' if noise else ''}"
            lines.append(f"{title:<28}{len(calm):>6}{len(wrong) / len(calm):>9.2%}")
            lines[-1] += f"{len(alarm):>9}{1 - len(lost) / len(alarm):>9.1%}"
    lines.append(f"{'watch, written blind':<28}{'n':>6}{'at 1':>9}")
    for name in ("blind_harmless", "blind_grave"):
        said_blind = blind(name)
        share = len(emergencies(said_blind)) / len(said_blind)
        lines.append(f"{name:<28}{len(said_blind):>6}{share:>9.1%}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
