"""The evaluation can tell good from bad: it fails where it should."""

from dataclasses import replace

import pytest

from vardvag.services.triage.engine import load
from vardvag.services.triage.evaluation import actor, measure, vignettes
from vardvag.services.triage.evaluation.measure import Share


@pytest.fixture(scope="module")
def library():
    found = load.load(load.CONTENT).library
    assert found is not None
    return found


@pytest.fixture(scope="module")
def emergencies(library):
    return [one for one in vignettes.read("dev", library) if one.three == "emergency"]


def test_intervals_are_wilsons():
    low, high = Share(41, 45).interval
    assert (round(low, 1), round(high, 1)) == (79.3, 96.5)


@pytest.mark.parametrize(("name", "many"), [("dev", 150), ("held", 50), ("held2", 60)])
def test_vignettes_can_be_read(library, name, many):
    assert len(vignettes.read(name, library)) >= many


def test_held_out_are_other_scenarios(library):
    dev = vignettes.read("dev", library)
    held = [*vignettes.read("held", library), *vignettes.read("held2", library)]
    assert not {one.id for one in dev} & {one.id for one in held}
    assert not {one.text["sv"] for one in dev} & {one.text["sv"] for one in held}


def test_a_patient_without_facts_is_missed(library, emergencies):
    """Or the figures would come from somewhere else than the answers."""
    blank = [
        play for one in emergencies for play in actor.plays(library, replace(one, facts={}), actor.GIVEN)
    ]
    assert measure.share(blank, measure.safe).percent < 20


def test_wrong_gold_is_seen(library, emergencies):
    mild = [replace(one, low=5, high=5, three="selfcare") for one in emergencies]
    plays = [play for one in mild for play in actor.plays(library, one, actor.GIVEN)]
    assert measure.share(plays, measure.in_range).hits == 0
    assert measure.share(plays, measure.over).percent == 100


def test_what_is_not_asked_does_not_count(library, emergencies):
    one = next(one for one in emergencies if one.id == "neutropenic_fever")
    play = actor.plays(library, replace(one, decisive=(("tooth_moved",),)), actor.GIVEN)[0]
    assert play.decisive == (False,)


def test_before_words_alone_decide_it_is_asked_whether_it_is_so(library):
    """As on the lines: facts by what is true of the patient, flags by what the vignette says of them."""
    one = next(one for one in vignettes.read("dev", library) if one.high == 5 and one.about == "self")
    told = replace(one, text=dict(one.text) | {"sv": "Jag har ont i bröstet och kallsvettas."}, words={})
    so = actor.plays(library, told, "sv")[0]
    assert (so.result.urgency, so.result.questions) == (1, 1)
    not_so = actor.plays(library, replace(told, words={"chest": False}), "sv")[0]
    assert not_so.result.urgency > 1
    assert not_so.result.questions > 1
