"""A page of a form, out to the browser and back, without JavaScript."""

import json
from datetime import date

from django.http import QueryDict

from vardvag.questionnaires.drafts import digest
from vardvag.questionnaires.shown import build, posted, seen_in
from vardvag.questionnaires.tests.forms import choice, form, information, is_code, question, section, when

TODAY = date(2026, 11, 20)
FORM = form(
    section(
        "s",
        question("a", "text", required=True),
        choice("b", "x", "y"),
        question("c", required=True, enableWhen=[is_code("b", "x")]),
        information("i", "warning", enableWhen=[is_code("b", "x")]),
    ),
    choice("d", "p", "q", kind="open-choice", repeats=True),
    question("e", "attachment", repeats=True),
)


def shown(answers=None, page="s", **more):
    return build(
        FORM, answers or {}, page_id=page, revision=3, kept=more.pop("kept", {}), language="sv", **more
    )


def data(text):
    return QueryDict(text)


def test_the_page_says_where_one_is():
    assert (shown().number, shown().total, shown().back, shown().next) == (1, 3, None, "d")
    assert shown(page="e").next is None and shown(page="e").has_files
    assert shown().heading == "Del s" and shown(page="d").heading == "Fråga d?"


def test_what_waits_is_hidden_with_its_conditions():
    lines = {line.item.link_id: line for line in shown().lines}
    assert lines["c"].hidden and lines["i"].hidden and not lines["a"].hidden
    assert json.loads(lines["c"].conditions) == [
        {"any": False, "elsewhere": True, "of": [{"field": "q-b", "op": "=", "answer": "x"}]}
    ]
    assert lines["a"].conditions == ""


def test_what_was_typed_is_in_the_fields_even_when_it_will_not_do():
    page = build(
        form(question("n", "integer")),
        {"n": "tre"},
        page_id="n",
        revision=1,
        kept={},
        language="sv",
        today=TODAY,
    )
    (line,) = page.lines
    assert line.field
    assert line.field.value() == "tre" and "helt tal" in line.problem
    assert list(page.problems) == [line.field.id_for_label]
    assert line.field.errors


def test_a_number_that_will_not_do_is_in_its_field_as_it_was_typed():
    page = build(
        form(question("n", "decimal")), {"n": "ca. 36.5"}, page_id="n", revision=1, kept={}, language="sv"
    )
    assert page.lines[0].field and page.lines[0].field.value() == "ca. 36.5"


def test_only_what_was_on_the_sent_page_comes_back():
    sent = posted(shown().page, data("q-a=Hej&visat=a:1&visat=b:2&q-c=smugglad&q-d=p&revision=3"))
    assert sent["given"] == {"a": "Hej", "b": ""}
    assert sent["seen"] == {"a": "1", "b": "2"} and sent["saving"].revision == 3
    assert posted(shown().page, data("revision=-1"))["saving"].revision == 0
    assert posted(shown().page, data("revision=" + "9" * 50))["saving"].revision == 0


def test_open_choices_come_back_with_their_words():
    page = shown(page="d")
    assert posted(page.page, data("visat=d:1&q-d=p&q-d=_annat&q-d~annat=gul"))["given"] == {
        "d": ["p", {"other": "gul"}]
    }
    assert posted(page.page, data("visat=d:1&q-d=_annat&q-d~annat="))["given"] == {"d": [{"other": ""}]}
    again = shown({"d": ["p", {"other": "gul"}]}, page="d").lines[0]
    assert again.field and again.other
    assert again.field.value() == ["p", "_annat"] and again.other.value() == "gul"


def test_the_words_beside_other_are_not_taken_for_another_question():
    definition = form(
        choice("skal", "p", kind="open-choice", repeats=True), question("skal-annat"), question("c")
    )
    page = build(definition, {}, page_id="skal", revision=1, kept={}, language="sv")
    names = [field.name for line in page.lines for field in (line.field, line.other) if field]
    assert len(set(names)) == len(names) == 4


def test_a_question_that_an_answer_brought_forth_is_shown_before_one_goes_on():
    answers = {"a": "Hej", "b": "x"}
    after = shown(answers, today=TODAY, seen={"a": "1", "b": "2"})
    assert after.new == ("c", "i") and after.problems == {} and not after.done
    again = shown(answers, today=TODAY, seen={"a": "1", "b": "2", "c": "3", "i": "4"})
    assert again.new == () and not again.done
    assert list(again.problems.values()) == ["Fråga c? Skriv ett svar."]
    assert shown({**answers, "c": "svar"}, today=TODAY, seen={"a": "", "b": "", "c": "", "i": ""}).done


def test_an_item_that_also_depends_on_another_page_tells_what_that_comes_to():
    both = [is_code("x", "p"), is_code("a", "q")]
    definition = form(
        choice("x", "p"),
        section("s", choice("a", "q"), question("b", enableWhen=both, enableBehavior="all")),
        *(question(f"f{n}") for n in range(3)),
    )

    def told(answers):
        page = build(definition, answers, page_id="s", revision=1, kept={}, language="sv")
        return json.loads(page.lines[1].conditions)[0]["elsewhere"]

    assert told({"x": "p"}) is True and told({}) is False


def test_what_a_section_inside_waits_for_counts_for_the_questions_in_it():
    inner = section(
        "in",
        question("b"),
        question("c", enableWhen=[when("a", "exists", answerBoolean=True)]),
        enableWhen=[is_code("a", "q")],
    )
    definition = form(section("s", choice("a", "p", "q"), inner), *(question(f"f{n}") for n in range(3)))
    page = build(definition, {}, page_id="s", revision=1, kept={}, language="sv")
    lines = {line.item.link_id: line for line in page.lines}
    of_section = {"any": False, "elsewhere": True, "of": [{"field": "q-a", "op": "=", "answer": "q"}]}
    assert lines["b"].hidden and json.loads(lines["b"].conditions) == [of_section]
    assert json.loads(lines["c"].conditions)[0] == of_section


def test_a_section_that_does_not_apply_by_another_page_keeps_its_questions_hidden():
    inner = section(
        "in", question("b", enableWhen=[is_code("a", "q")]), enableWhen=[when("x", "=", answerBoolean=True)]
    )
    definition = form(
        question("x", "boolean"),
        section("s", choice("a", "q"), inner),
        *(question(f"f{n}") for n in range(3)),
    )
    page = build(definition, {"x": False}, page_id="s", revision=1, kept={}, language="sv")
    told = {line.item.link_id: line.conditions for line in page.lines}["b"]
    assert {"any": False, "elsewhere": False, "of": []} in json.loads(told)


def test_a_question_about_a_file_is_for_the_server_to_show():
    """The browser's form has no field that holds the files of a draft."""
    about = question("b", required=True, enableWhen=[when("e", "exists", answerBoolean=True)])
    definition = form(question("e", "attachment", repeats=True), about)
    page = build(definition, {"e": ["1"]}, page_id="e", revision=1, kept={}, language="sv")
    assert not page.lines[1].hidden and page.lines[1].conditions == ""


def test_another_devices_answer_stops_one_until_it_has_been_seen():
    kept = {"b": {"value": "y", "at": "2026-11-20T10:40:00+00:00", "device": "telefon"}}
    page = shown({"a": "Hej", "b": "y"}, kept=kept)
    first = shown({"a": "Hej", "b": "y"}, kept=kept, today=TODAY, seen={"a": "1", "b": "2"})
    assert first.offered == ("b",) and not first.done
    line = next(line for line in page.lines if line.item.link_id == "b")
    sent = data(f"visat=a:1&visat={line.seen}&q-a=Hej&q-b=y")
    assert shown({"a": "Hej", "b": "y"}, kept=kept, today=TODAY, seen=seen_in(page.page, sent)).done
    using = data(f"visat=a:1&visat={line.seen}&q-a=Hej&q-b=y&anvand=b")
    assert posted(page.page, using)["use"] == "b"
    assert not shown({"a": "Hej", "b": "y"}, kept=kept, today=TODAY, seen=seen_in(page.page, using)).done


def test_another_devices_answer_is_offered():
    kept = {"b": {"value": "y", "at": "2026-11-20T10:40:00+00:00", "device": "telefon"}}
    line = next(line for line in shown({"b": "x"}, kept=kept).lines if line.item.link_id == "b")
    assert line.kept.answer == "Y" and line.kept.device == "telefon" and line.kept.at.hour == 10


def test_the_page_tells_what_it_showed():
    line = shown({"a": "Hej"}).lines[0]
    assert line.seen == f"a:{digest('Hej')}"
