"""Texts turned to whom they are about."""

import pytest

from vardvag.services.triage.engine.text import About, Lines, Text, problem
from vardvag.services.triage.tests.made import library

SWEDISH = "Är {du} blek, och gör {ditt} knä så ont att {du} måste hålla i {dig_själv}? Ser någon på {dig}?"
ENGLISH = "{Are} {you} pale, and {do} {you} hear a sound when {you} {breathe} or {try}? Is it {your} knee?"


def test_swedish() -> None:
    text = Text(SWEDISH, "")
    assert text.said("sv").startswith("Är du blek, och gör ditt knä så ont att du måste hålla i dig?")
    assert text.said("sv", About.CHILD, "F") == (
        "Är hon blek, och gör hennes knä så ont att hon måste hålla i sig? Ser någon på henne?"
    )
    assert "Är han blek" in text.said("sv", About.RELATIVE, "M")
    assert "Är hen blek" in text.said("sv", About.RELATIVE)


def test_english() -> None:
    text = Text("x", ENGLISH)
    assert text.said("en").startswith(
        "Are you pale, and do you hear a sound when you breathe or try? Is it your knee?"
    )
    assert text.said("en", About.CHILD) == (
        "Is your child pale, and does your child hear a sound when your child breathes or tries? "
        "Is it your child's knee?"
    )


def test_lines_and_capitals() -> None:
    assert Lines(("{Du} kan vila.",), ("{You} can rest.",)).said("sv", About.CHILD, "M") == ("Han kan vila.",)
    assert Text("bara svenska").said("en") == "bara svenska"


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Har {ni} ont?", "sv"),
        ("Har {du ont?", "sv"),
        ("Känner {du} {dig} yr?", "sv"),
        ("Vill {du} ta {ditt} liv?", "sv"),
        ("{Are} the lips blue?", "en"),
        ("Is {you're} arm sore?", "en"),
    ],
)
def test_what_would_read_wrong_is_told(text: str, lang: str) -> None:
    assert problem(text, lang)


def test_no_token_is_left_in_any_question() -> None:
    for concept in library().concepts.values():
        for text in (concept.text, concept.label, concept.help):
            for about in About:
                for lang in ("sv", "en"):
                    said = text.said(lang, about, "F")
                    assert "{" not in said
                    assert "}" not in said
