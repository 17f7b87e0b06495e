"""The line protocol: shapes, dangers, and that no line ends the process."""

import io
import json
import random
from typing import Any

import pytest

from vardvag.services.triage import lines
from vardvag.services.triage.engine import load
from vardvag.services.triage.evaluation import fuzz
from vardvag.services.triage.lines import Conversation
from vardvag.services.triage.spoken import duration

START: dict[str, Any] = {
    "age": 34, "sex": "F", "pregnant": None, "reporter": "self", "lang": "sv", "text": "ont i halsen sen i fredags"
}  # fmt: skip


@pytest.fixture
def talk() -> Conversation:
    return Conversation(load.library())


def say(talk: Conversation, **line: Any) -> dict[str, Any]:
    return talk.line(json.dumps(line))


def quiet(question: dict[str, Any]) -> Any:
    """The answer of somebody who has nothing dangerous beyond what was written."""
    if question["id"] == "words":
        return None
    match question["kind"]:
        case "multi":
            return []
        case "choice":
            ids = [one["id"] for one in question["options"]]
            return "no" if "no" in ids else None
        case "temp":
            return "36,8"
        case "duration":
            return "2 dagar"
        case "number":
            return question["min"] or 0
        case _:
            return "inget särskilt"


def through(talk: Conversation, reply: dict[str, Any], **words: str) -> tuple[dict[str, Any], list[str]]:
    """Nothing dangerous to the end. `words`: what is written where it is asked for."""
    asked = []
    while "question" in reply:
        id = reply["question"]["id"]
        asked.append(id)
        reply = say(talk, answer={"id": id, "value": words.get(id, quiet(reply["question"]))})
    return reply, asked


def test_a_sore_throat_from_start_to_result(talk: Conversation) -> None:
    reply = say(talk, start=START)
    assert set(reply) == {"reasons", "understood"}
    assert reply["reasons"][0]["id"] == "halsont"
    assert set(reply["reasons"][0]) == {"id", "title", "score"}
    first = say(talk, choose="halsont")["question"]
    assert {"id", "concept", "text", "help", "kind", "options", "unit"} <= set(first)
    assert first["kind"] == "multi"
    assert len(first["options"]) == 9
    assert first["options"][-1]["id"] == "none"
    reply, asked = through(talk, {"question": first})
    result = reply["result"]
    assert result["urgency"] == 5
    assert result["care_level"] == "selfcare"
    assert result["questions_asked"] == len(asked) == len(set(asked))
    assert result["protocol"]["id"] == "halsont"
    assert len(result["protocol"]["sha256"]) == 64
    assert "ont i halsen sen i fredags" in result["anamnesis"]
    assert [one["id"] for one in result["reasons"]] == ["halsont"]
    assert result["fired"]
    assert set(result) >= {"scope_refer", "unanswered"}


def test_a_danger_answers_at_once(talk: Conversation) -> None:
    say(talk, start=START)
    first = say(talk, choose=["halsont", "feber_vuxen"])["question"]
    result = say(talk, answer={"id": first["id"], "value": ["s_cannot_breathe"]})["result"]
    assert (result["urgency"], result["care_level"], result["questions_asked"]) == (1, "ambulance", 1)


def test_null_is_i_do_not_know(talk: Conversation) -> None:
    say(talk, start=START)
    first = say(talk, choose="halsont")["question"]
    second = say(talk, answer={"id": first["id"], "value": None})["question"]
    assert second["kind"] == "choice"
    assert [one["id"] for one in second["options"]] == ["yes", "no"]


def test_leaving_gives_a_result_not_below_the_floor(talk: Conversation) -> None:
    say(talk, start=START)
    assert say(talk, stop=True)["result"]["urgency"] <= 3
    say(talk, choose="halsont")
    result = say(talk, stop=True)["result"]
    assert result["incomplete"]
    assert result["urgency"] <= load.library().protocols["halsont"].floor_incomplete
    assert result["unanswered"]


def test_many_interviews_in_one_process_do_not_touch_each_other(talk: Conversation) -> None:
    say(talk, start=START | {"text": "tryck över bröstet och kallsvettig"})
    say(talk, choose="brostsmarta")
    say(talk, start=START)
    reply, _ = through(talk, say(talk, choose="halsont"))
    assert reply["result"]["urgency"] == 5


def test_words_of_danger_raise(talk: Conversation) -> None:
    say(talk, start=START | {"text": "Jag tänker ta livet av mig i kväll, har sparat tabletter"})
    reply, _ = through(talk, say(talk, choose="somnbesvar"))
    assert reply["result"]["urgency"] <= 2


@pytest.mark.parametrize("reason", ["feber_barn", "blojutslag", "annat"])
def test_an_infant_is_for_the_phone_after_the_danger_signs(talk: Conversation, reason: str) -> None:
    say(talk, start=START | {"age": 0.4, "reporter": "guardian", "text": "feber"})
    reply, _ = through(talk, say(talk, choose=reason))
    assert reply["result"]["scope_refer"] == "1177"
    assert reply["result"]["urgency"] == 2


def test_an_infant_in_danger_is_for_the_ambulance(talk: Conversation) -> None:
    say(talk, start=START | {"age": 0.4, "reporter": "guardian", "text": "feber"})
    reply = say(talk, choose="feber_barn")
    while "question" in reply:
        ticked = [one["id"] for one in reply["question"]["options"] if one["id"] == "child_limp_unresponsive"]
        reply = say(talk, answer={"id": reply["question"]["id"], "value": ticked})
    assert (reply["result"]["urgency"], reply["result"]["care_level"]) == (1, "ambulance")


def test_danger_that_hides_in_an_errand_is_asked_about(talk: Conversation) -> None:
    """Strangled by a partner, and wants a sore throat looked at."""
    say(talk, start=START | {"text": "min man tog stryptag på mig i förrgår, hes och ont i halsen"})
    reply, _ = through(talk, say(talk, choose="halsont"))
    assert reply["result"]["urgency"] == 1
    assert reply["result"]["protocol"]["id"] == "halsont"


def test_what_is_said_at_the_end_counts(talk: Conversation) -> None:
    say(talk, start=START | {"text": "Får jag ta alvedon, har 38,6"})
    said = "Jag får cellgift mot bröstcancer, senast i förra veckan."
    reply, asked = through(talk, say(talk, choose="hjalpmedel"), other_info=said)
    assert "other_info" in asked
    assert reply["result"]["urgency"] == 1


@pytest.mark.parametrize(
    "text", ["hosta som inte släpper", "förkylning som inte vill släppa", "I walk with a limp"]
)
def test_a_child_s_danger_is_none_of_an_adult(talk: Conversation, text: str) -> None:
    say(talk, start=START | {"text": text})
    assert "question" in say(talk, choose="hosta")


def test_something_else_is_asked_by_the_general_protocol(talk: Conversation) -> None:
    say(talk, start=START | {"text": "qwxz"})
    reply, _ = through(talk, say(talk, choose="annat"))
    assert reply["result"]["protocol"]["id"] == "allmant"


@pytest.mark.parametrize(
    "line",
    [
        "", "{", "[]", "1", "null", '"start"', "{}", '{"start": 1}', '{"start": {}, "stop": true}', '{"answer": {}}',
        '{"choose": "halsont"}', '{"answer": {"id": "x", "value": 1}}', '{"stop": true}', "[" * 100_000,
        '{"a": ' * 5_000, "\ud800", "x" * 1_000_001,
    ],
)  # fmt: skip
def test_a_bad_line_gets_an_error_and_changes_nothing(talk: Conversation, line: str) -> None:
    assert "error" in talk.line(line)
    say(talk, start=START)
    first = say(talk, choose="halsont")
    if line != '{"stop": true}' and "choose" not in line:
        assert "error" in talk.line(line)
        again = say(talk, answer={"id": first["question"]["id"], "value": []})
        assert "question" in again


@pytest.mark.parametrize("choice", ["no_such_reason", 3, [], [1], None, {"a": 1}])
def test_a_bad_choice_is_told(talk: Conversation, choice: Any) -> None:
    say(talk, start=START)
    assert "error" in say(talk, choose=choice)


def test_odd_starts_are_taken_as_they_can_be(talk: Conversation) -> None:
    for odd in (
        {},
        {"age": "34", "sex": 1, "reporter": "cat", "lang": "fi", "text": 7},
        {"age": -1},
        {"age": 1e9},
    ):
        assert "reasons" in say(talk, start=odd)


def test_random_lines(talk: Conversation) -> None:
    """The short version; the campaign runs a hundred thousand."""
    rng = random.Random(11)
    junk: list[Any] = [
        None, True, 0, -1, 1e308, "", "none", "yes", "å" * 5_000, [], ["none"], {}, [1], "3d", "39,5", "💥" * 500,
        "\x00",
    ]  # fmt: skip
    reasons = [*load.library().reasons, "annat"]
    for _ in range(60):
        say(
            talk,
            start=START
            | {"age": rng.randint(1, 99), "text": "".join(chr(rng.randint(1, 2_000)) for _ in range(200))},
        )
        reply = say(talk, choose=rng.sample(reasons, rng.choice([1, 2])))
        question: dict[str, Any] = {}
        for _ in range(40):
            assert set(reply) <= {"question", "result", "error"}
            if "result" in reply:
                break
            question = reply.get("question", question)
            known = [one["id"] for one in question["options"]]
            value = rng.choice(junk) if rng.random() < 0.4 else rng.choice([None, [], *known])
            reply = say(talk, answer={"id": question["id"], "value": value})


def test_the_process_reads_bytes_and_lives_on(monkeypatch: pytest.MonkeyPatch) -> None:
    class Channel:
        def __init__(self, buffer: io.BytesIO) -> None:
            self.buffer = buffer

    said = b'\xff\xfe\n\n{"start": {"text": "hosta"}}\n' + b"x" * 5_000_000 + b'\n{"stop": true}'
    out = io.BytesIO()
    monkeypatch.setattr(lines.sys, "stdin", Channel(io.BytesIO(said)))
    monkeypatch.setattr(lines.sys, "stdout", Channel(out))
    assert lines.main() == 0
    replies = [json.loads(line) for line in out.getvalue().decode().splitlines()]
    assert [next(iter(reply)) for reply in replies] == ["error", "reasons", "error", "result"]


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        ("3d", 72.0), ("3 dagar", 72.0), ("tre dagar", 72.0), ("sedan i går", 24.0), ("2-3 veckor", 504.0),
        ("half an hour", 1.0), ("a couple of weeks", 336.0), (5, 120.0), ("1,5 dygn", 36.0), ("10 minuter", 1 / 6),
        ("vet ej", None), ("", None), ("9" * 190 + "d", None), (10**400, None), ("9" * 180 + " dagar", None),
    ],
)  # fmt: skip
def test_lengths_of_time_in_words(said: str | float, hours: float | None) -> None:
    assert duration(said) == pytest.approx(hours)


def test_random_texts_and_answers_never_break_it() -> None:
    """In short; `make triage-fuzz` plays a hundred thousand."""
    broken, seconds, _slow = fuzz.run(150, seed=7)
    assert len(seconds) > 500 and broken == 0


def test_what_the_words_alone_say_is_asked_about_before_it_decides(talk: Conversation) -> None:
    text = "Jag tänker ta livet av mig i kväll, har sparat tabletter"
    for value, urgency in ((None, 1), (["words_suicide"], 1)):
        say(talk, start=START | {"text": text})
        asked = say(talk, choose="somnbesvar")["question"]
        assert (asked["id"], asked["kind"], asked["danger"]) == ("words", "multi", True)
        assert "words_suicide" in [one["id"] for one in asked["options"]]
        answered = say(talk, answer={"id": "words", "value": value})["result"]
        assert (answered["urgency"], answered["questions_asked"]) == (urgency, 1)


def test_what_is_denied_is_asked_by_its_own_questions(talk: Conversation) -> None:
    say(talk, start=START | {"age": 3, "text": "hon är slö och har feber"})
    asked = say(talk, choose="feber_barn")["question"]
    assert asked["id"] == "words" and "child_limp_unresponsive" in asked["concepts"]
    onward = say(talk, answer={"id": "words", "value": []})["question"]
    assert onward["id"] == "screening.1"
    assert "error" in say(talk, answer={"id": "words", "value": []})


@pytest.mark.parametrize("value", [["nonsense"], 7, {"a": 1}, ["words_suicide", 3]])
def test_a_bad_answer_about_the_words_changes_nothing(talk: Conversation, value: object) -> None:
    say(talk, start=START | {"text": "Jag tänker ta livet av mig i kväll"})
    say(talk, choose="somnbesvar")
    assert "error" in say(talk, answer={"id": "words", "value": value})
    assert say(talk, stop=True)["result"]["urgency"] == 1


def test_an_interview_left_at_that_question_is_an_emergency(talk: Conversation) -> None:
    say(talk, start=START | {"text": "Jag tänker ta livet av mig i kväll"})
    say(talk, choose="somnbesvar")
    assert say(talk, stop=True)["result"]["urgency"] == 1


def test_an_answer_that_says_so_too_needs_no_asking(talk: Conversation) -> None:
    say(talk, start=START | {"text": "ont i halsen", "age": 60})
    first = say(talk, choose="halsont")["question"]
    assert first["id"] == "screening.1"
    assert "result" in say(talk, answer={"id": "screening.1", "value": ["s_chest"]})
