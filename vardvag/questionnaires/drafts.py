"""How two devices' answers meet in one draft: last saved wins per question, the other is kept. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from vardvag.core.saving import Saving
from vardvag.questionnaires.answers import tidy
from vardvag.questionnaires.definition import Definition, Kind
from vardvag.questionnaires.fhir_write import canonical


@dataclass(slots=True)
class Content:
    """What a draft holds; changed in place by `save`."""

    answers: dict[str, Any]
    marks: dict[str, Any]
    kept: dict[str, Any]
    revision: int
    replaced: list[str] = field(default_factory=list)  # link ids where another device's answer was put aside


def digest(answer: Any) -> str:
    """Short and stable: tells whether a field still says what the page showed."""
    return hashlib.sha256(canonical(answer).encode()).hexdigest()[:12]


def save(
    content: Content,
    definition: Definition,
    given: Mapping[str, Any],
    *,
    seen: Mapping[str, str],
    saving: Saving,
    device: str,
    now: datetime,
) -> bool:
    """Whether anything changed. `seen`: digests of what the page showed, at the revision that `saving` names."""
    typed = {"sheet": saving.sheet, "nth": saving.nth}
    mark = {"revision": content.revision + 1, "at": now.isoformat(), "device": device, **typed}
    changed = False
    for item in definition.questions():
        if item.link_id not in given or item.kind is Kind.FILE:
            continue
        before = content.marks.get(item.link_id)
        own = before is not None and saving.same_page(before.get("sheet", ""))
        if before and saving.overtaken(before.get("sheet", ""), before.get("nth", 0)):
            continue
        answer, stored = tidy(item, given[item.link_id]), content.answers.get(item.link_id)
        if answer == stored:
            if before and own:
                before.update(typed)
            continue
        if before and before["revision"] > saving.revision and not own:
            if seen.get(item.link_id, "").partition(":")[0] == digest(answer):
                continue  # an older page carried its old answer along untouched
            if stored is not None:
                content.kept[item.link_id] = {
                    "value": stored,
                    "at": before["at"],
                    "device": before["device"],
                }
                content.replaced.append(item.link_id)
        _put(content.answers, item.link_id, answer)
        content.marks[item.link_id] = mark
        changed = True
    if changed:
        content.revision += 1
    return changed


def use_kept(content: Content, link_id: str, *, now: datetime) -> None:
    """The kept answer takes the place of the present one, which is kept in its stead."""
    offered = content.kept.pop(link_id, None)
    if offered is None:
        return
    present = content.answers.get(link_id)
    before = content.marks.get(link_id, {})
    if present is not None:
        content.kept[link_id] = {
            "value": present,
            "at": before.get("at", now.isoformat()),
            "device": before.get("device", ""),
        }
    content.revision += 1
    content.answers[link_id] = offered["value"]
    content.marks[link_id] = {
        "revision": content.revision,
        "at": now.isoformat(),
        "device": offered["device"],
    }


def _put(answers: dict[str, Any], link_id: str, answer: Any) -> None:
    if answer is None:
        answers.pop(link_id, None)
    else:
        answers[link_id] = answer
