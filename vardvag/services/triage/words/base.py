"""The lexicon and the small words, ready to read texts with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vardvag.services.triage.words import load
from vardvag.services.triage.words.lexicon import Lexicon, build
from vardvag.services.triage.words.normal import Plain
from vardvag.services.triage.words.reading import Reading, language, read
from vardvag.services.triage.words.scopes import Rules, rules

LANGUAGES = ("sv", "en")


@dataclass(frozen=True)
class Base:
    lexicons: Mapping[str, Lexicon]
    rules: Mapping[str, Rules]
    although: frozenset[str]  # concepts that a denial does not undo

    def understood(self, taken: Plain, lang: str | None, literals: frozenset[str] = frozenset()) -> Reading:
        return self.taken_as(taken, self.language(taken, lang)[0], literals)

    def language(self, taken: Plain, lang: str | None) -> tuple[str, bool]:
        """Which language it is, and whether that is sure."""
        return language(taken, self.lexicons, lang)

    def taken_as(self, taken: Plain, lang: str, literals: frozenset[str] = frozenset()) -> Reading:
        return read(taken, lang, self.lexicons[lang], self.rules[lang], literals, self.although)


def made(phrases: Iterable[tuple[str, str]] = (), without: frozenset[str] = frozenset()) -> Base:
    """With the words of further phrases (language, phrase) known, so that they are not taken for misspellings, and
    without some files of the lexicon."""
    files = load.lexicon_files()
    lists = {name: data for name, data in files.items() if name not in load.NOT_WORDS | without}
    lexicons = build(lists, files["common"])
    for lang, phrase in phrases:
        lexicons[lang].also(phrase.lower().replace(",", " ").split())
    for lexicon in lexicons.values():
        lexicon.finish()
    return Base(
        lexicons,
        {lang: rules(files["scopes"][lang]) for lang in LANGUAGES},
        frozenset(files["common"]["although_denied"]),
    )
