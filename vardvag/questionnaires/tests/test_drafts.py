"""Two devices fill in one draft: nothing either wrote is lost."""

from datetime import UTC, datetime, timedelta

from vardvag.core.saving import Saving
from vardvag.questionnaires import drafts
from vardvag.questionnaires.drafts import Content, digest
from vardvag.questionnaires.tests.forms import form, question

NOW = datetime(2026, 11, 20, 10, 40, tzinfo=UTC)
FORM = form(question("a"), question("b"), question("n", "integer"))


def save(content, given, *, based_on, seen=None, device="telefon", minutes=0, page=("", 0)):
    return drafts.save(
        content,
        FORM,
        given,
        seen=seen or {},
        saving=Saving(*page, revision=based_on),
        device=device,
        now=NOW + timedelta(minutes=minutes),
    )


def test_saving_counts_and_saving_the_same_does_not():
    content = Content({}, {}, {}, 0)
    assert save(content, {"a": "ett"}, based_on=0) and content.revision == 1
    assert not save(content, {"a": " ett "}, based_on=1) and content.revision == 1
    assert save(content, {"a": ""}, based_on=1) and content.answers == {}


def test_what_makes_no_sense_is_kept_as_it_was_typed():
    content = Content({}, {}, {}, 0)
    save(content, {"n": "ungefär tre", "finns-inte": "x"}, based_on=0)
    assert content.answers == {"n": "ungefär tre"}


def test_the_last_saved_wins_and_the_other_answer_is_offered():
    content = Content({}, {}, {}, 0)
    save(content, {"a": "från telefonen"}, based_on=0)
    save(content, {"a": "från datorn"}, based_on=0, device="dator", minutes=5)
    assert content.answers["a"] == "från datorn" and content.replaced == ["a"]
    assert content.kept["a"]["value"] == "från telefonen" and content.kept["a"]["device"] == "telefon"
    drafts.use_kept(content, "a", now=NOW)
    assert content.answers["a"] == "från telefonen" and content.kept["a"]["value"] == "från datorn"


def test_fields_of_different_questions_do_not_meet():
    content = Content({}, {}, {}, 0)
    save(content, {"a": "ett"}, based_on=0)
    save(content, {"b": "två"}, based_on=0, device="dator")
    assert content.answers == {"a": "ett", "b": "två"} and content.kept == {}


def test_an_untouched_field_of_an_old_tab_overwrites_nothing():
    content = Content({"a": "gammalt"}, {}, {}, 0)
    save(content, {"a": "nytt"}, based_on=0)
    seen = {"a": digest("gammalt"), "b": digest(None)}
    save(content, {"a": "gammalt", "b": "två"}, based_on=0, seen=seen, device="dator")
    assert content.answers == {"a": "nytt", "b": "två"} and content.kept == {}


def test_an_answer_that_was_taken_away_is_not_offered():
    content = Content({"a": "ett"}, {}, {}, 0)
    save(content, {"a": ""}, based_on=0)
    save(content, {"a": "två"}, based_on=0, device="dator")
    assert content.kept == {} and content.answers == {"a": "två"}


def test_what_the_same_page_saved_earlier_and_comes_late_changes_nothing():
    content = Content({}, {}, {}, 0)
    save(content, {"a": "Jag tål inte penicillin"}, based_on=0, page=("p", 2))
    assert not save(content, {"a": "Jag tål"}, based_on=0, page=("p", 1))
    assert content.answers == {"a": "Jag tål inte penicillin"} and not content.kept


def test_a_later_word_of_the_same_page_is_no_other_devices():
    content = Content({}, {}, {}, 0)
    save(content, {"a": "ett"}, based_on=0, page=("p", 1))
    assert save(
        content, {"a": "ett och två"}, based_on=0, page=("p", 2)
    )  # it has not heard how the first went
    assert content.answers == {"a": "ett och två"} and not content.kept


def test_an_answer_taken_back_to_what_it_was_is_the_latest_word_all_the_same():
    content = Content({}, {}, {}, 0)
    save(content, {"a": "ett"}, based_on=0, page=("p", 1))
    save(content, {"a": "ett"}, based_on=0, page=("p", 3))
    assert not save(content, {"a": "ett och två"}, based_on=0, page=("p", 2))
    assert content.answers == {"a": "ett"}


def test_the_order_of_one_page_says_nothing_of_another():
    content = Content({}, {}, {}, 0)
    save(content, {"a": "från telefonen"}, based_on=0, page=("p", 9))
    assert save(content, {"a": "från datorn"}, based_on=0, page=("q", 1), device="dator")
    assert content.answers == {"a": "från datorn"} and content.kept["a"]["value"] == "från telefonen"


def test_a_page_without_script_has_no_order():
    content = Content({}, {}, {}, 0)
    save(content, {"a": "ett"}, based_on=0)
    assert save(content, {"a": "två"}, based_on=1) and content.answers == {"a": "två"}
