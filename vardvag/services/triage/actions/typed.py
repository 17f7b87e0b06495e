"""What is typed as the answer to a question in words, kept before it is sent."""

from datetime import datetime

from django.db import transaction

from vardvag.core.actor import ResidentActor
from vardvag.core.saving import NO_PAGE, Saving
from vardvag.services.triage import queries
from vardvag.services.triage.content import library
from vardvag.services.triage.engine.interview import next_question
from vardvag.services.triage.engine.model import Kind
from vardvag.services.triage.models import Interview
from vardvag.services.triage.rules import WORDS_AT_MOST, AnsweredElsewhere, ChangedElsewhere


@transaction.atomic
def keep_typed(
    *,
    actor: ResidentActor,
    interview: Interview,
    question: str,
    text: str,
    now: datetime,
    saving: Saving = NO_PAGE,
) -> int:
    """The revision of the text. What comes late from the same page changes nothing. Raises AnsweredElsewhere where
    no such question stands or has been put, ChangedElsewhere where the page has not seen what was typed last."""
    found, state = library(), queries.state_of(interview)
    if question not in {one.id for one in state.put}:
        standing = next_question(found, state)
        if standing is None or standing.id != question:
            raise AnsweredElsewhere()
    if question not in found.concepts or found.concepts[question].kind is not Kind.TEXT:
        raise AnsweredElsewhere()
    before = queries.typed_in(interview, question)
    if saving.overtaken(before.sheet, before.nth):
        return before.revision
    if text != before.text and not saving.same_page(before.sheet) and saving.revision != before.revision:
        raise ChangedElsewhere()
    set_typed(interview, question, text, saving)
    interview.changed_at = now
    interview.save(update_fields=["typed", "changed_at"])
    return before.revision + 1


def set_typed(interview: Interview, question: str, text: str, saving: Saving) -> None:
    """Not stored: its caller does that."""
    one = {
        "text": text.replace("\x00", "")[:WORDS_AT_MOST],
        "sheet": saving.sheet,
        "nth": saving.nth,
        "revision": queries.typed_in(interview, question).revision + 1,
    }
    interview.typed = {**(interview.typed or {}), question: one}
