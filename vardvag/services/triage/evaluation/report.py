"""The figures as lines of text, beside what has been published (design: triage evidence, 1.5)."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.values import UNKNOWN
from vardvag.services.triage.evaluation import measure
from vardvag.services.triage.evaluation.actor import FORGETS, GIVEN, OTHERS, Played, told
from vardvag.services.triage.evaluation.vignettes import TEXTS

_ROWS: tuple[tuple[str, Callable[[Played], bool], str], ...] = (
    (
        "urgency in the accepted range",
        measure.in_range,
        "goal 90; 91 Swedish rule-based, physicians; 69 nurses",
    ),
    ("safe: not less urgent", measure.safe, "goal 97; 94 Swedish rule-based; 95.6 Ada; 97.0 GPs (lenient)"),
    ("emergency told to book or self-care", measure.dangerous, "goal 0; 19 nurses under-triage, simulated"),
    ("over-triage", measure.over, "12.5 ODISSEE"),
    ("three levels right", measure.right_third, "88.9 CareRoute, 87.6 MedAsk, 78 best of 2015"),
)
_LINE = "{:<38}{}"
_GROUPS = (
    "emergency", "nonemergency", "selfcare", "child 1-12", "teen", "18-64", "65 and over", "pregnant", "mind", "skin",
    "eye", "ear", "injury", "admin",
)  # fmt: skip


def figures(plays: Mapping[str, Sequence[Played]], library: Library) -> Iterator[str]:
    yield from headline(plays)
    yield ""
    yield from by_group(plays, library)


def whole(plays: Mapping[str, Sequence[Played]], library: Library) -> Iterator[str]:
    yield from figures(plays, library)
    yield ""
    yield from misses(plays, library)


def headline(plays: Mapping[str, Sequence[Played]]) -> Iterator[str]:
    yield _row("per cent (95 % interval) hits/of", [_title(way) for way in plays], "beside")
    for name, hit, beside in _ROWS:
        yield _row(name, [measure.share(of, hit) for of in plays.values()], beside)
    critical = [[one for one in of if one.vignette.high == 1] for of in plays.values()]
    yield _row("critical misses", [measure.share(of, measure.critical) for of in critical], "goal 0")
    words = [of if way in TEXTS else () for way, of in plays.items()]
    yield _row(
        "reason first",
        [measure.share(of, measure.first) for of in words],
        "goal 80, noisy 75; 48.5 names only",
    )
    yield _row(
        "reason among three",
        [measure.share(of, measure.shown) for of in words],
        "goal 95, noisy 92; 67.7 names only",
    )
    asked = [measure.flags_asked(of) for of in plays.values()]
    yield _row("red flags asked of needed", [one[0] for one in asked], "67 of features, CareRoute")
    yield _row("  or already at the most urgent", [one[1] for one in asked], "")
    yield _row("questions, median / 90th", [_questions(of) for of in plays.values()], "goal 12; 19 CareRoute")
    urgent = [[one for one in of if one.vignette.three == "emergency"] for of in plays.values()]
    yield _row("  in emergencies", [_questions(of) for of in urgent], "goal 4; 10 CareRoute")
    yield _row("facts from words that are wrong", [measure.misunderstood(of) for of in words], "")


def by_group(plays: Mapping[str, Sequence[Played]], library: Library) -> Iterator[str]:
    for way, of in plays.items():
        yield f"{_title(way)}: by group"
        yield _row("", ["in range", "safe", "over-triage"], "questions")
        for name in _GROUPS:
            some = [one for one in of if name in measure.groups(one, library)]
            hits = (measure.in_range, measure.safe, measure.over)
            yield _row("  " + name, [measure.share(some, hit) for hit in hits], _questions(some))


def misses(plays: Mapping[str, Sequence[Played]], library: Library) -> Iterator[str]:
    """Every vignette that was missed in some way, what fired, and what was never asked."""
    yield "misses"
    missed = list(
        dict.fromkeys(one.vignette.id for of in plays.values() for one in of if not measure.in_range(one))
    )
    for id in missed:
        several = [
            one for way, of in plays.items() for one in of
            if one.vignette.id == id and (way in (GIVEN, *TEXTS) or not measure.in_range(one))
        ]  # fmt: skip
        vignette = several[0].vignette
        yield f"{id} ({vignette.age:g} {vignette.sex}, gold {vignette.low}-{vignette.high} {vignette.three})"
        for one in several:
            yield "  " + _one(one)
            if not measure.in_range(one) and (unheard := _unheard(one, library)):
                yield f"      true and never asked: {', '.join(unheard)}"


def mapping(plays: Mapping[str, Sequence[Played]]) -> Iterator[str]:
    """What the vignettes themselves should be completed with."""
    for one in plays.get(GIVEN, ()):
        if one.empty:
            yield f"{one.vignette.id}: nothing of {', '.join(one.empty)} fitted"
        if one.vignette.gone:
            yield f"{one.vignette.id}: no longer concepts: {', '.join(one.vignette.gone)}"


def _one(one: Played) -> str:
    fired = [
        f"{fired.protocol}.{fired.rule.id}{'?' if fired.unanswered else ''} {fired.rule.urgency}"
        for fired in one.result.fired[:5]
    ]
    word = "ok" if measure.in_range(one) else "OVER" if measure.over(one) else "UNDER"
    unsure = f", reason {one.found}" if one.way in TEXTS else ""
    wrong = f"; wrongly understood: {', '.join(one.wrong)}" if one.wrong else ""
    return (
        f"{_title(one.way):<9}{word:<6}{one.result.urgency} {one.result.care}, {one.chosen}{unsure}, "
        f"{one.result.questions} questions; {'; '.join(fired)}{wrong}"
    )


def _unheard(one: Played, library: Library) -> list[str]:
    known = {name for name in one.vignette.facts if name not in one.state.answers}
    return [
        name for name in one.vignette.facts
        if name in known and told(library, one.vignette, name) not in (False, "", (), UNKNOWN)
    ]  # fmt: skip


def _questions(plays: Sequence[Played]) -> str:
    median, most = measure.questions(plays)
    return f"{median:g} / {most:g}"


def _title(way: str) -> str:
    return {
        GIVEN: "by reason",
        OTHERS: "others",
        FORGETS: "forgets",
        "sv": "Swedish",
        "sv_noisy": "noisy",
        "en": "English",
    }.get(way, way)


def _row(name: str, cells: Sequence[object], beside: str) -> str:
    return _LINE.format(name, "".join(f"{cell!s:<24}" for cell in cells) + beside)
