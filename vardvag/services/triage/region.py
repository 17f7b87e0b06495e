"""A region's own words: advice, when to seek again, and whom to turn to. Nothing else of a protocol can be changed so.

`triage/texts.yaml` in the data folder:

    protocols:
      halsont:
        seek_again: {sv: ["…"], en: ["…"]}
    refer:
      tandvard: {sv: "Ring tandvårdens jour, …", en: "…"}
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import REFERS
from vardvag.services.triage.engine.place import BadContent, Problem
from vardvag.services.triage.engine.text import Lines, Text

_log = logging.getLogger(__name__)
NAME = "texts.yaml"
MAY_CHANGE = ("selfcare", "seek_again")


@dataclass(frozen=True, slots=True)
class Own:
    protocols: Mapping[str, Mapping[str, Lines]] = field(default_factory=dict)
    refer: Mapping[str, Text] = field(default_factory=dict)


_NONE = Own()


def own() -> Own:
    """Read anew when the file changes, and the same one until then. With a fault in it the shipped words stand: it is
    edited while people are being asked."""
    file = Path(settings.DATA) / "triage" / NAME
    try:
        changed = file.stat().st_mtime_ns
    except FileNotFoundError:
        return _NONE
    return _usable(file, changed)


@lru_cache(maxsize=4)
def _usable(file: Path, changed: int) -> Own:
    try:
        return _read(file, changed)
    except BadContent as fault:
        _log.error("The region's own words are not used: %s", fault)
        return _NONE


@lru_cache(maxsize=4)
def _read(file: Path, changed: int) -> Own:
    try:
        raw = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise BadContent([Problem(NAME, 1, f"This cannot be read: {error}.", "Mend the YAML.")]) from None
    faults: list[Problem] = []
    made = Own(
        {id: _protocol(id, one, faults) for id, one in _map(raw, "protocols", faults).items()},
        {to: _text(to, one, faults) for to, one in _map(raw, "refer", faults).items()},
    )
    for key in raw:
        if key not in ("protocols", "refer"):
            faults.append(Problem(NAME, 1, f"“{key}” is not known.", "Write protocols or refer."))
    if faults:
        raise BadContent(faults)
    return made


def _map(raw: Any, key: str, faults: list[Problem]) -> dict[str, Any]:
    found = raw.get(key) or {} if isinstance(raw, dict) else {}
    if not isinstance(found, dict):
        faults.append(Problem(NAME, 1, f"“{key}” is not a mapping.", "Write key: value under it."))
        return {}
    return found


def _protocol(id: str, raw: Any, faults: list[Problem]) -> dict[str, Lines]:
    made = {}
    for key, one in raw.items() if isinstance(raw, dict) else [("", raw)]:
        fits = key in MAY_CHANGE and isinstance(one, dict)
        if not fits or not all(isinstance(one.get(lang), list) and one[lang] for lang in ("sv", "en")):
            what = f"{id}.{key}: only {' and '.join(MAY_CHANGE)} can be changed, in both languages."
            faults.append(
                Problem(NAME, 1, what, "Write {sv: [...], en: [...]}; rules are changed by a proposal.")
            )
            continue
        made[key] = Lines(tuple(map(str, one["sv"])), tuple(map(str, one["en"])))
    return made


def _text(to: str, raw: Any, faults: list[Problem]) -> Text:
    if to not in REFERS or not isinstance(raw, dict) or not raw.get("sv") or not raw.get("en"):
        faults.append(
            Problem(NAME, 1, f"refer.{to} is not known or lacks a language.", f"Known: {', '.join(REFERS)}.")
        )
        return Text()
    return Text(str(raw["sv"]), str(raw["en"]))


def applied(found: Library, own: Own) -> Library:
    """The same library with these texts; a protocol that does not exist is told."""
    missing = sorted(set(own.protocols) - set(found.protocols))
    if missing:
        raise BadContent(
            [Problem(NAME, 1, f"There is no protocol “{one}”.", "Use its id.") for one in missing]
        )
    changed = {}
    for id, texts in own.protocols.items():
        one = found.protocols[id]
        selfcare, seek_again = texts.get("selfcare", one.selfcare), texts.get("seek_again", one.seek_again)
        changed[id] = replace(one, selfcare=selfcare, seek_again=seek_again)
    return replace(found, protocols={**found.protocols, **changed}) if changed else found
