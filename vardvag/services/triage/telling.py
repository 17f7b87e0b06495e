"""A result in words, kept with the interview as it was: the resident's care card, the history for staff."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from vardvag.services.triage import content, queries, region
from vardvag.services.triage.engine import anamnesis
from vardvag.services.triage.engine.evaluate import Fired
from vardvag.services.triage.engine.interview import State, next_question
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.result import Result, result
from vardvag.services.triage.models import Interview

LANGUAGES = ("sv", "en")
CALLS = {"ambulance": "112", "emergency": "112"}
FROM_WORDS = "words_"


def kept(library: Library, state: State, reached: Result, interview: Interview) -> dict[str, Any]:
    """JSON. `card` and `history` in both languages: staff read theirs, the patient theirs."""
    told: dict[str, Any] = {
        "urgency": reached.urgency,
        "care": reached.care,
        "refer": reached.refer,
        "incomplete": reached.incomplete,
        "questions": reached.questions,
        "fired": [f"{one.protocol}.{one.rule.id}" for one in reached.fired],
        "by_words": bool(reached.fired) and reached.fired[0].rule.id.startswith(FROM_WORDS),
        "protocols": [
            {"id": one.id, "version": one.version, "sha256": one.sha256} for one in reached.protocols
        ],
        "card": {},
        "history": {},
    }
    for language in LANGUAGES:
        with override(language):
            told["card"][language] = _card(library, state, reached, interview, language)
            told["history"][language] = [
                {"id": one.id, "title": one.title, "lines": list(one.lines)}
                for one in anamnesis.sections(library, state, reached, lang=language, words=interview.words)
            ]
    return told


def over(interview: Interview) -> dict[str, Any] | None:
    """The same once nothing is left to ask; None before."""
    library, state = content.library(), queries.state_of(interview)
    if next_question(library, state) is not None:
        return None
    return kept(library, state, result(library, state), interview)


def title(interview: Interview, library: Library) -> str:
    """For staff's queue: the reasons, in Swedish."""
    names = [library.reasons[one].title.sv for one in interview.reasons if one in library.reasons]
    return ", ".join(names)[:120]


def _card(
    library: Library, state: State, reached: Result, interview: Interview, language: str
) -> dict[str, Any]:
    head, what = _care(reached, language)
    call = "1177" if reached.refer == "1177" or reached.care == "hours" else CALLS.get(reached.care, "")
    return {
        "care": reached.care,
        "title": head,
        "what": what,
        "call": call,
        "call_text": _("Ring 112 nu") if call == "112" else _("Ring 1177") if call else "",
        "meanwhile": _meanwhile(reached),
        "why": [_why(one, library, state, interview, language) for one in reached.fired if one.rule.because][
            :4
        ],
        "selfcare": list(reached.selfcare.said(language, state.about, queries.sex_of(interview))),
        "seek_again": list(reached.seek_again.said(language, state.about, queries.sex_of(interview))),
        "answered": _answered(reached),
    }


def _care(reached: Result, language: str) -> tuple[str, str]:
    said = {
        "ambulance": (_("Ring 112 nu"), _("Det du berättar kan vara livshotande. Vänta inte.")),
        "emergency": (
            _("Åk till en akutmottagning nu"),
            _("Du behöver undersökas så snart som möjligt. Ring 112 om du inte kan ta dig dit."),
        ),
        "hours": (
            _("Du behöver få hjälp i dag"),
            _("Du bör bedömas inom några timmar. Har vi stängt, ring 1177."),
        ),
        "day": (
            _("Du behöver få hjälp inom ett dygn"),
            _("Du bör få kontakt med vården i dag eller i morgon."),
        ),
        "book": (
            _("Boka tid hos vården"),
            _("Det är inte bråttom. Du bör få en tid inom några dagar eller veckor."),
        ),
        "admin": (_("Mottagningen kan hjälpa dig med det här"), _("Skicka så läser de och svarar.")),
        "selfcare": (_("Du kan ta hand om det här själv"), _("Det brukar gå över med egenvård.")),
    }
    head, what = said[reached.care]
    return head, f"{what} {_referred(reached.refer, language)}".strip()


def _referred(to: str | None, language: str) -> str:
    """Who helps with it, where that is not a clinic like this one; in the region's own words where it has some."""
    texts = region.own().refer
    if to is not None and to in texts:
        return texts[to].said(language)
    return {
        "tandvard": _("Det är tandvården som hjälper till med det här."),
        "forlossning": _("Ring förlossningen där du är inskriven."),
        "gynakut": _("Ring eller åk till en gynekologisk akutmottagning."),
        "psykakut": _("Ring eller åk till en psykiatrisk akutmottagning."),
        "giftinformation": _("Ring Giftinformationscentralen, 010-456 67 00."),
        "1177": _("Ring 1177, dygnet runt."),
        "apotek": _("Fråga gärna på ett apotek."),
        "ungdomsmottagning": _("Du kan också vända dig till en ungdomsmottagning."),
        "polis": _("Ring 112 om du är i fara nu."),
        "ogonakut": _("Ring eller åk till en ögonakut."),
        "bvc": _("Barnavårdscentralen kan också hjälpa till."),
    }.get(to or "", "")


def _meanwhile(reached: Result) -> list[str]:
    if reached.care == "ambulance":
        return [_("Var inte ensam. Lås upp dörren. Ät och drick inte."), _("Gör som larmoperatören säger.")]
    if reached.care == "emergency":
        return [_("Kör inte bil själv om du mår dåligt. Ta med en lista på dina läkemedel.")]
    return []


def _why(one: Fired, library: Library, state: State, interview: Interview, language: str) -> dict[str, str]:
    turned = queries.Turned(language, state.about, queries.sex_of(interview))
    concepts = [
        library.concepts[name] for name in one.concepts if name in library.concepts and name in state.answers
    ]
    answers = ", ".join(turned.said(concept.label or concept.text) for concept in concepts[:4])
    return {"because": turned.said(one.rule.because), "answers": answers}


def _answered(reached: Result) -> str:
    if reached.urgency <= 2:
        return _("Mottagningen ser att det är bråttom och läser det först.")
    return _("En sjuksköterska läser det du har berättat och svarar dig här.")
