"""The result of an interview: urgency, care, why, what was not answered, advice, and what content said so."""

from dataclasses import dataclass

from vardvag.services.triage.engine.chosen import Chosen, chosen
from vardvag.services.triage.engine.evaluate import Fired, Outcome
from vardvag.services.triage.engine.interview import State, standing, upcoming
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import CARES, Protocol
from vardvag.services.triage.engine.relevance import relevant
from vardvag.services.triage.engine.text import Lines
from vardvag.services.triage.engine.view import Patient


@dataclass(frozen=True, slots=True)
class Used:
    """Content that took part in the decision."""

    id: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Result:
    urgency: int
    care: str
    refer: str | None
    fired: tuple[Fired, ...]  # what decides first; a default only where it decides
    unanswered: tuple[str, ...]  # danger concepts: answered "I don't know", or never reached
    incomplete: bool
    selfcare: Lines
    seek_again: Lines
    questions: int
    protocols: tuple[Used, ...]


def result(library: Library, state: State, outcome: Outcome | None = None) -> Result:
    """Of one who left before the end never less urgent than the floor. `outcome`: `standing` of this state, where it
    is known."""
    now = outcome or standing(library, state)
    incomplete = upcoming(library, state, kept=False, outcome=now) is not None
    outcome = standing(library, state, abandoned=True) if incomplete else now
    taking = chosen(library, state.protocols, state.answers, state.near)
    fired = tuple(
        one
        for one in outcome.fired
        if not one.is_default or one.rank == (outcome.urgency, CARES.index(outcome.care))
    )
    return Result(
        outcome.urgency, outcome.care, outcome.refer, tuple(sorted(fired, key=lambda one: one.rank)),
        _unanswered(library, state, taking, now if incomplete else None), incomplete,
        _selfcare(taking.own, outcome.urgency), _joined([one.seek_again for one in taking.own]), len(state.put),
        _used(library, state.protocols, taking),
    )  # fmt: skip


def _unanswered(library: Library, state: State, taking: Chosen, left: Outcome | None) -> tuple[str, ...]:
    """`left`: what stands of an interview that is not whole."""
    patient = Patient(library, taking.asking, state.answers)
    order = list(dict.fromkeys(name for one in taking.asking for entry in one.ask for name in entry.concepts))
    order += sorted(set(state.answers) & set(library.concepts) - set(order))
    unknown = patient.unknown_dangers(order)
    if left is None:
        return unknown
    missed = relevant(patient, taking, left)
    return unknown + tuple(name for name in order if name in missed and library.concepts[name].is_danger)


def _selfcare(own: tuple[Protocol, ...], urgency: int) -> Lines:
    return _joined([one.selfcare for one in own if urgency >= one.selfcare_at])


def _joined(several: list[Lines]) -> Lines:
    return Lines(
        tuple(dict.fromkeys(line for one in several for line in one.sv)),
        tuple(dict.fromkeys(line for one in several for line in one.en)),
    )


def _used(library: Library, ids: tuple[str, ...], taking: Chosen) -> tuple[Used, ...]:
    """What was chosen first, then what joined, last what stood beside."""
    own = sorted(taking.own, key=lambda one: one.id not in ids)
    used = dict.fromkeys(one.id for one in (*own, taking.screening, taking.general, *taking.near))
    return tuple(Used(id, library.protocol(id).version, library.sha256(id)) for id in used)
