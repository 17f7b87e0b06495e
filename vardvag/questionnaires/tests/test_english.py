"""What is told in Swedish is told in English too."""

from datetime import date

from django.utils.translation import override

from vardvag.questionnaires import rules
from vardvag.questionnaires.tests.forms import form, question


def test_the_cure_is_named_in_the_readers_language():
    definition = form(question("n", "integer", required=True))
    with override("en"):
        told = rules.problems(definition, {"n": "three"}, date(2026, 11, 20))
        assert told == {"n": "Write a whole number in digits, for example 3."}
    with override("sv"):
        assert "helt tal" in rules.problems(definition, {"n": "tre"}, date(2026, 11, 20))["n"]
