"""From located YAML to rules and scores."""

from typing import Any

from vardvag.services.triage.engine.conditions import Condition, Score, Yes, walk, with_scores
from vardvag.services.triage.engine.fields import Fields
from vardvag.services.triage.engine.model import CARE_OF, REFERS, Rule
from vardvag.services.triage.engine.parsing import BadCondition, parse
from vardvag.services.triage.engine.place import Map, Problem
from vardvag.services.triage.engine.read_concepts import ID

Scores = dict[str, tuple[tuple[Condition, float], ...]]
MOST_ITEMS = 15  # of a score: all sums that they may come to are looked at, twice as many with each
_RULE = ("id", "when", "urgency", "care", "refer", "because", "source")


def scores_of(one: Fields, problems: list[Problem]) -> Scores:
    found: Scores = {}
    if "scores" not in one.map:
        return found
    for name, items in Fields(
        one.map["scores"], one.file, one.map.at("scores"), problems, "“scores”"
    ).map.items():
        score = Fields(items, one.file, one.map.at("scores"), problems, f"Score {name}")
        if len(score.map) > MOST_ITEMS:
            what = f"Score {name} has {len(score.map)} items."
            score.fault("", what, f"Write {MOST_ITEMS} at most; divide it.")
            found[name] = ()
            continue
        pairs: list[tuple[Condition, float]] = []
        for text, points in score.map.items():
            try:
                tree = parse(text)
            except BadCondition as error:
                score.fault(text, f"“{text}” in score {name} is no condition.", str(error))
                continue
            if isinstance(points, bool) or not isinstance(points, (int, float)):
                score.fault(
                    text, f"“{text}” in score {name} has no points.", "Write a number after the colon."
                )
                continue
            pairs.append((tree, float(points)))
        found[name] = tuple(pairs)
    return found


def rule_of(
    raw: Any, line: int, protocol: Fields, problems: list[Problem],
    scores: Scores, default: bool = False,
) -> Rule:  # fmt: skip
    id = "default" if default else str(raw.get("id", "")) if isinstance(raw, Map) else ""
    one = Fields(raw, protocol.file, line, problems, "“default”" if default else f"Rule {id}".strip())
    one.only(tuple(field for field in _RULE if field not in ("id", "when")) if default else _RULE)
    one.need("urgency", "care", *(() if default else ("id", "when")))
    if not default and not ID.fullmatch(id):
        one.fault("id", f"“{id}” cannot be the id of a rule.", "Use small letters a-z, digits and _.")
    urgency = one.whole_number("urgency", 4, 1, 5)
    care = one.string("care")
    if care not in CARE_OF[urgency]:
        one.fault(
            "care",
            f"Urgency {urgency} with care “{care}”.",
            f"Urgency {urgency} goes with {' or '.join(CARE_OF[urgency])}.",
        )
        care = CARE_OF[urgency][0]
    refer = one.string("refer") or None
    if refer and refer not in REFERS:
        one.fault("refer", f"“{refer}” is nowhere to refer to.", f"Known: {', '.join(REFERS)}.")
        refer = None
    when = one.condition("when")
    return Rule(
        id,
        urgency,
        care,
        one.text("because", needed=True),
        when and _bound(when, one, scores),
        refer,
        one.strings("source"),
    )


def _bound(when: Condition, one: Fields, scores: Scores) -> Condition:
    from_rule = {part.name for part in walk(when) if isinstance(part, Score)}
    unknown = sorted(from_rule - set(scores))
    if unknown:
        one.fault("when", f"There is no score {unknown[0]}.", "Define it under scores: in this file.")
        return Yes("age")
    return with_scores(when, scores) if from_rule else when
