"""The texts: enough of them, whole, and answering the shipped forms."""

import json
import re
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pytest

import vardvag.catalogue
from vardvag.demo import answers, stories, units, wording
from vardvag.demo.people import Person
from vardvag.demo.stories import INTAKE, NOTE, PARTIAL, QUESTION, REPLY, RESIDENT, Teller
from vardvag.questionnaires import fhir_read, rules
from vardvag.questionnaires.definition import Kind

NOON = datetime(2026, 11, 20, 11, tzinfo=UTC)
FORMS = Path(vardvag.catalogue.__file__).parent / "data" / "questionnaires"
ALL = stories.all_stories()


def _teller(story, rng):
    born = 2026 - max(story.youngest, 1) - 1
    patient = Person(1, "", "Elsa", "Bergström", date(born, 5, 17), True, mobile="+46701740605")
    slots = wording.slots(
        rng, patient=patient, at=NOON, doctor="Rahimi", nurse="Sara", english=story.language == "en"
    )
    return Teller(rng, {**story.facts, **slots})


def test_each_basic_type_has_at_least_25_stories_and_english_ones():
    swedish = Counter(s.type_key for s in ALL if s.language == "sv")
    assert set(swedish) == set(answers.TYPES)
    assert min(swedish.values()) >= 25
    assert {s.type_key for s in ALL if s.language == "en"} == set(answers.TYPES)


@pytest.mark.parametrize("story", ALL, ids=lambda s: f"{s.type_key}: {s.name}")
def test_a_story_is_a_whole_conversation(story):
    kinds = [kind for kind, _ in story.turns]
    assert kinds[0] == INTAKE
    assert kinds[-1] == REPLY
    assert set(kinds) <= {INTAKE, RESIDENT, QUESTION, PARTIAL, REPLY, NOTE}
    for kind, after in zip(kinds, kinds[1:], strict=False):
        assert kind != QUESTION or after == RESIDENT  # a question is answered
    assert any(story.fits_unit(unit) for unit in units.UNITS)


@pytest.mark.parametrize("seed", range(5))
def test_every_choice_and_slot_is_settled(seed):
    rng = Random(seed)
    for story in ALL:
        teller = _teller(story, rng)
        for _, text in story.turns:
            told = teller.tell(text)
            assert not re.search(r"[\[\]{}|]", told), (story.name, told)


def test_answers_satisfy_the_shipped_forms():
    rng = Random(3)
    for story in ALL:
        form = fhir_read.read(json.loads((FORMS / f"{story.type_key}.json").read_text(encoding="utf-8")))
        assert not story.picture or any(q.kind is Kind.FILE for q in form.questions()), story.name
        for _ in range(4):
            teller = _teller(story, rng)
            facts = {key: teller.tell(value) for key, value in story.facts.items()}
            given = answers.filled(
                rng,
                story.type_key,
                teller.tell(story.turns[0][1]),
                facts,
                today=NOON.date(),
                phone="070-174 06 05",
            )
            assert not rules.problems(form, given, NOON.date()), (story.type_key, story.name)
            assert set(rules.applying(form, given)) == set(given), (story.type_key, story.name)


def test_no_forbidden_words():
    """Brands, and words that the product's own wording avoids."""
    text = " ".join(text.lower() for story in ALL for _, text in story.turns)
    for word in ("alvedon", "ipren", "voltaren", "levaxin", "handläggare", "formulär via", "todo", "lorem"):
        assert not re.search(rf"\b{word}\b", text), word
