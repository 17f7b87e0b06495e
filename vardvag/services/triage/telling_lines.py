"""Questions and results as the JSON of the line protocol. Pure."""

from typing import Any

from vardvag.services.triage.engine import anamnesis, wording
from vardvag.services.triage.engine.evaluate import Fired
from vardvag.services.triage.engine.interview import NONE_TEXT, Question, State
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import Kind
from vardvag.services.triage.engine.result import Result
from vardvag.services.triage.engine.values import UNKNOWN, Value

_UNITS = {
    Kind.TEMP: {"sv": "°C", "en": "°C"},
    Kind.DURATION: {"sv": "dygn (eller 6h, 3d, 2w, 3m)", "en": "days (or 6h, 3d, 2w, 3m)"},
}


def value(given: Value | None) -> Any:
    """Null for what is not known; a duration in hours."""
    return None if given is UNKNOWN else list(given) if isinstance(given, tuple) else given


def question(one: Question, state: State, lang: str) -> dict[str, Any]:
    about, sex = state.about, state.sex
    options = [{"id": line.id, "text": line.text.said(lang, about, sex)} for line in one.options]
    if one.kind == "multi":
        options.append({"id": "none", "text": NONE_TEXT.said(lang)})
    unit = _UNITS.get(Kind(one.kind), {}).get(lang) or one.unit.said(lang)
    return {
        "id": one.id,
        "concept": one.id,
        "concepts": list(one.concepts),
        "text": one.text.said(lang, about, sex),
        "help": one.help.said(lang, about, sex),
        "kind": one.kind,
        "options": options,
        "unit": unit,
        "min": one.min,
        "max": one.max,
        "danger": one.danger,
    }


def result(library: Library, state: State, reached: Result, lang: str, words: str) -> dict[str, Any]:
    about, sex = state.about, state.sex
    protocols = [{"id": one.id, "version": one.version, "sha256": one.sha256} for one in reached.protocols]
    return {
        "urgency": reached.urgency,
        "care_level": reached.care,
        "scope_refer": reached.refer,
        "reasons": [{"id": id, "title": _title(library, id, lang)} for id in state.protocols],
        "fired": [_fired(library, state, one, lang) for one in reached.fired],
        "unanswered": [
            {"concept": name, "text": wording.name(library.concepts[name], lang, about, sex)}
            for name in reached.unanswered
        ],
        "incomplete": reached.incomplete,
        "anamnesis": anamnesis.plain(library, state, reached, lang=lang, words=words),
        "selfcare": list(reached.selfcare.said(lang, about, sex)),
        "seek_again": list(reached.seek_again.said(lang, about, sex)),
        "questions_asked": reached.questions,
        "protocol": protocols[0],
        "protocols": protocols,
    }


def _title(library: Library, id: str, lang: str) -> str:
    reason = library.reasons.get(id)
    return (reason.title if reason else library.protocol(id).title).said(lang)


def _fired(library: Library, state: State, one: Fired, lang: str) -> dict[str, Any]:
    sources = [library.sources[id] for id in one.rule.sources if id in library.sources]
    return {
        "id": one.rule.id,
        "protocol": one.protocol,
        "urgency": one.rule.urgency,
        "care": one.rule.care,
        "because": one.rule.because.said(lang, state.about, state.sex),
        "answers": [
            {"concept": name, "value": value(state.answers.get(name))}
            for name in one.concepts
            if name in library.concepts and name in state.answers
        ],
        "sources": [{"id": source.id, "title": source.title, "url": source.url} for source in sources],
        "unanswered": one.unanswered,
    }
