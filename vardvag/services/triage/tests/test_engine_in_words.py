"""Conditions as clinicians read them."""

import pytest

from vardvag.services.triage.engine.in_words import in_words
from vardvag.services.triage.engine.parsing import parse
from vardvag.services.triage.tests.made import library


@pytest.mark.parametrize(
    ("line", "sv"),
    [
        ("vomiting", "”Kräks”"),
        ("not vomiting", "inte ”Kräks”"),
        ("age >= 65 and female", "ålder minst 65 år och kvinna"),
        ("temp >= 38.5", "”Vilken temperatur har du” minst 38,5 °C"),
        ("duration >= 3d", "”Hur länge har du haft besvären” minst 3 dygn"),
        ("vomiting and (diarrhoea or diabetes)", "”Kräks” och (”Diarré” eller ”Diabetes”)"),
        (
            "fever and vomiting",
            "(”Vilken temperatur har du” minst 38 °C eller ”Feber, eller känns febrig”) och ”Kräks”",
        ),
        ("count(vomiting, diarrhoea) >= 2", "minst 2 av: ”Kräks”, ”Diarré”"),
    ],
)
def test_a_condition_in_words(line: str, sv: str) -> None:
    assert in_words(parse(line), library().concepts, "sv") == sv


def test_every_condition_can_be_said_in_both_languages() -> None:
    found = library()
    for protocol in found.every:
        for rule in (*protocol.rules, *protocol.everywhere, *protocol.reassure):
            for lang in ("sv", "en"):
                assert rule.when is None or in_words(rule.when, found.concepts, lang)
