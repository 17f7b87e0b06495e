"""How easy a text is to read, and the words we do not use towards residents."""

import re
from collections.abc import Iterator
from typing import Any

WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
SENTENCE = re.compile(r"[^.!?:\n]*\w[^.!?:\n]*(?:[.!?:]+|\n|$)")

# One word per thing (design, wording): what residents never meet, and the abbreviations we spell out.
FORBIDDEN = {
    "sv": r"handläggare|handläggningstid|vårdenhet\w*|vårdgivarroll|resurs\w*|submit|slutför\w*|formulär\w*"
    r"|biljett\w*|inloggningsmetod|patienten|patienter|invånaren|invånare|ogiltig\w*|felaktig\w*|vederbörande"
    r"|erhåll\w*|avseende|beträffande|vidimering|arkiverat|erfordras|medelst|nyttja\w*|tyvärr|vänligen|SLA"
    r"|t\.ex\.|bl\.a\.|m\.m\.|osv\.?|ev\.|etc\.?|p\.g\.a\.",
    "en": r"submit\w*|invalid|questionnaire\w*|ticket\w*|resident|residents|the patient|utilise\w*|SLA"
    r"|in order to|please be advised|e\.g\.|i\.e\.|etc\.?",
}


def lix(text: str) -> float:
    """Words per sentence + per cent of words longer than six letters; a line ends a sentence."""
    words = WORD.findall(text)
    sentences = max(1, len(SENTENCE.findall(text)))
    return len(words) / sentences + 100 * sum(len(word) > 6 for word in words) / max(1, len(words))


def words(text: str) -> int:
    return len(WORD.findall(text))


def forbidden(text: str, language: str) -> list[str]:
    return re.findall(rf"(?<!\w)(?:{FORBIDDEN[language]})(?!\w)", text, re.IGNORECASE)


def pairs(value: Any) -> Iterator[dict[str, str]]:
    """Every {"sv", "en"} in a file."""
    if isinstance(value, dict):
        if set(value) == {"sv", "en"}:
            yield value
        else:
            for inner in value.values():
                yield from pairs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from pairs(inner)
