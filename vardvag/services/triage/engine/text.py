"""Texts in two languages, turned to whom they are about: the patient, a child or a relative."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

LANGUAGES = ("sv", "en")


class About(StrEnum):
    """Whom the questions are about, from the side of the one who answers."""

    SELF = "self"
    CHILD = "guardian"
    RELATIVE = "relative"


# Pronouns, not "barnet": Swedish adjectives follow them unchanged ("Är hon blek?"). Last where the sex is not known.
_SWEDISH: Mapping[str, tuple[str, str, str, str]] = {
    "du": ("du", "hon", "han", "hen"),
    "dig": ("dig", "henne", "honom", "hen"),
    "din": ("din", "hennes", "hans", "hens"),
    "ditt": ("ditt", "hennes", "hans", "hens"),
    "dina": ("dina", "hennes", "hans", "hens"),
    "dig_själv": ("dig", "sig", "sig", "sig"),
    "sin": ("din", "sin", "sin", "sin"),
    "sitt": ("ditt", "sitt", "sitt", "sitt"),
    "sina": ("dina", "sina", "sina", "sina"),
}
_ENGLISH: Mapping[str, tuple[str, str, str]] = {  # the patient, a child, a relative
    "you": ("you", "your child", "the person"),
    "your": ("your", "your child's", "the person's"),
    "yourself": ("yourself", "themselves", "themselves"),
    "do": ("do", "does", "does"),
    "don't": ("don't", "doesn't", "doesn't"),
    "are": ("are", "is", "is"),
    "aren't": ("aren't", "isn't", "isn't"),
    "have": ("have", "has", "has"),
    "haven't": ("haven't", "hasn't", "hasn't"),
    "were": ("were", "was", "was"),
}
# "{are}" beside "{you}" only: "{Are} the lips blue?" would become "Is the lips blue?" about a child.
_ALONE = re.compile(r"\{(are|aren't|have|haven't|do|don't|were)\}(?! \{you\})", re.IGNORECASE)
_BEFORE = re.compile(r"\{you\}[^.?!{}]{0,20}$", re.IGNORECASE)
_REFLEXIVE = re.compile(
    r"(?:f(?:år|ått|ick) (?:\{du\} )?i|känner|känt|kände) (?:\{du\} )?\{dig\}|\bta \{ditt\} liv",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"\{([^{}]*)\}")
_VERB = re.compile(r"[A-Za-z]{2,20}")


@dataclass(frozen=True, slots=True)
class Text:
    sv: str = ""
    en: str = ""

    def said(self, lang: str, about: About = About.SELF, sex: str | None = None) -> str:
        text = (self.en or self.sv) if lang == "en" else self.sv
        return _TOKEN.sub(lambda found: _turned(found[1], lang, about, sex), text) if "{" in text else text

    def __bool__(self) -> bool:
        return bool(self.sv)


@dataclass(frozen=True, slots=True)
class Lines:
    """Several texts, each a paragraph or a line of a list."""

    sv: tuple[str, ...] = ()
    en: tuple[str, ...] = ()

    def said(self, lang: str, about: About = About.SELF, sex: str | None = None) -> tuple[str, ...]:
        lines = (self.en or self.sv) if lang == "en" else self.sv
        return tuple(Text(line, line).said(lang, about, sex) for line in lines)

    def __bool__(self) -> bool:
        return bool(self.sv)


def _turned(token: str, lang: str, about: About, sex: str | None) -> str:
    low = token.lower()
    if lang == "en":
        column = (About.SELF, About.CHILD, About.RELATIVE).index(about)
        found = (
            _ENGLISH[low][column] if low in _ENGLISH else low if about is About.SELF else _third_person(low)
        )
    else:
        column = 0 if about is About.SELF else {"F": 1, "M": 2}.get(sex or "", 3)
        found = _SWEDISH[low][column] if low in _SWEDISH else low
    return found[:1].upper() + found[1:] if token[:1].isupper() else found


def _third_person(verb: str) -> str:
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return verb + "es"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + "s"


def problem(text: str, lang: str) -> tuple[str, str] | None:
    """What is wrong with the tokens of a text and the cure."""
    for token in _TOKEN.findall(text):
        if lang == "sv" and token.lower() not in _SWEDISH:
            return f"{{{token}}} is no token.", "Swedish has " + " ".join(
                f"{{{one}}}" for one in _SWEDISH
            ) + "."
        if lang == "en" and token.lower() not in _ENGLISH and not _VERB.fullmatch(token):
            return (
                f"{{{token}}} is no token.",
                "Use {you} {your} {do} {are} {have} {were} or one verb in its base form.",
            )
    if lang == "en":
        for alone in _ALONE.finditer(text):
            if not _BEFORE.search(text[: alone.start()]):
                return (
                    f"{alone[0]} turns to he/she form without {{you}} beside it.",
                    "Write the word without braces.",
                )
    elif found := _REFLEXIVE.search(text):
        return (
            f"“{found[0]}” points back at the same person.",
            "Write {dig_själv} or {sitt}: they turn to sig and sitt.",
        )
    if text.count("{") != text.count("}") or "{" in _TOKEN.sub("", text):
        return "A brace is left over.", "Write tokens as {du}."
    return None
