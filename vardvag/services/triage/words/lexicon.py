"""The words that people use, by language: word to concept. Built once from content/lexicon/*.yaml."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from vardvag.services.triage.words import stems
from vardvag.services.triage.words.normal import fold, squeeze
from vardvag.services.triage.words.spelling import Speller

Concepts = tuple[str, ...]
_LINKS = ("", "s", "o", "u", "e", "a", "n", "-")
_VERY = ("jätte", "skit", "super", "mega", "jatte")  # "jättesvårt" is "svårt"
_SHORTEST_PART = 3
_LONGEST = 28  # letters of a word that is taken apart


@dataclass(frozen=True, slots=True)
class Known:
    """What a word was taken to be. `parts`: concepts per part of a compound; `sure` is lower for guesses."""

    stem: str
    parts: tuple[Concepts, ...] = ()
    sure: float = 1.0
    words: tuple[str, ...] = ()  # what may have been meant, when it was not written so


@dataclass(frozen=True, slots=True)
class Phrase:
    stems: tuple[str, ...]
    concept: str


@dataclass
class Lexicon:
    lang: str
    little: frozenset[str]
    known: frozenset[str]
    tiny: frozenset[str] = frozenset()
    exact: dict[str, Concepts] = field(default_factory=dict)
    stem: dict[str, Concepts] = field(default_factory=dict)
    begin: dict[str, Concepts] = field(default_factory=dict)
    folded: dict[str, str] = field(default_factory=dict)
    folds: dict[str, list[str]] = field(default_factory=dict)
    phrases: dict[str, list[Phrase]] = field(default_factory=dict)
    ignore: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    owning: set[tuple[str, str, str]] = field(default_factory=set)  # concept, first and last stem of a phrase
    certain: set[str] = field(
        default_factory=set
    )  # concepts that are never guessed from one letter more or less
    other: "Lexicon | None" = None
    speller: Speller | None = None
    _seen: dict[str, Known] = field(default_factory=dict)
    _literal: set[str] = field(default_factory=set)

    # -- building
    def add(self, concept: str, words: Iterable[str]) -> None:
        """A phrase that ends with ! owns its words: there they mean nothing else."""
        listed = {word.strip().lower() for word in words}
        for word in sorted(listed):
            if not word:
                continue
            if " " in word:
                owns = word.endswith("!")
                word = word.removesuffix("!")
                found = tuple(self.stemmed(one) for one in word.split())
                self.phrases.setdefault(found[0], []).append(Phrase(found, concept))
                self.also(word.split())
                if owns:
                    self.owning.add((concept, found[0], found[-1]))
            elif word.endswith("*"):
                _put(self.begin, word[:-1], concept)
            elif word.startswith("="):
                _put(self.exact, word[1:], concept)
            else:
                _put(self.exact, word, concept)
                stemmed = self.stemmed(word)
                if len(word) > 3 and word not in self.little and (len(stemmed) > 3 or stemmed in listed):
                    _put(self.stem, stemmed, concept)

    def also(self, words: Iterable[str]) -> None:
        """Words of phrases: known, so that they are neither corrected nor taken apart."""
        self._literal.update(words)

    def finish(self) -> None:
        words = [*self.exact, *self._literal, *self.known, *self.little]
        for word in sorted(set(words), key=lambda one: (len(one), one)):
            self.folded.setdefault(fold(word), word)
            if fold(word) != word:
                self.folds.setdefault(fold(word), []).append(word)
        self.speller = Speller(sorted(set(words)))
        for listed in self.phrases.values():
            listed.sort(key=lambda one: -len(one.stems))

    def named(self, phrase: str) -> frozenset[str]:
        """The concepts that a whole phrase of the lexicon stands for."""
        wanted = tuple(self.stemmed(one) for one in phrase.lower().split())
        return frozenset(one.concept for one in self.phrases.get(wanted[0], ()) if one.stems == wanted)

    def stemmed(self, word: str) -> str:
        return word if word in self.little else stems.stem(word, self.lang)

    # -- reading
    def knows(self, word: str) -> bool:
        """As a word that is spelt right."""
        return word in self.little or word in self.known or word in self.exact or word in self._literal

    def look(self, word: str, bare: bool = False) -> Known:
        """`bare`: in a text without å, ä and ö, where "lagt" may be "lågt"."""
        key = "!" + word if bare else word
        found = self._seen.get(key)
        if found is None:
            if len(self._seen) > 20_000:
                self._seen.clear()
            meant = self._dotted(word) if bare else word
            found = self._look(meant)
            if meant != word:
                found = replace(found, sure=min(found.sure, 0.95), words=(meant, *found.words))
            self._seen[key] = found
        return found

    def _dotted(self, word: str) -> str:
        """The word with its dots, when without them it says nothing."""
        if word in self.little or word in self.exact or word in self.known:
            return word
        alike = self._alike(word)
        for kind in (self.little, self.exact):
            for one in alike:
                if one in kind:
                    return one
        return word

    def direct(self, word: str) -> Concepts:
        """As listed, or with another ending."""
        if word in self.exact:
            return self.exact[word]
        if word in self.little or word in self.known:
            return ()
        stemmed = stems.stem(word, self.lang)
        if stemmed in self.stem:
            return self.stem[stemmed]
        for length in range(len(word), 2, -1):
            if word[:length] in self.begin:
                return self.begin[word[:length]]
        return ()

    def _alike(self, word: str) -> tuple[str, ...]:
        """Other words that lose their dots and rings to this one."""
        return tuple(one for one in self.folds.get(fold(word), ()) if one != word)

    def _look(self, word: str) -> Known:
        stemmed = self.stemmed(word)
        found = self.direct(word)
        if found:
            return Known(stemmed, (found,), words=self._alike(word))
        for prefix in _VERY:
            rest = word[len(prefix) :]
            if word.startswith(prefix) and len(rest) > 2 and (self.knows(rest) or self.direct(rest)):
                found = self.direct(rest)
                return Known(self.stemmed(rest), (found,) if found else (), 1.0, (rest, *self._alike(rest)))
        if word in self.little or word in self.known or word in self._literal or len(word) < 3:
            return Known(stemmed, words=self._alike(word))
        meant = self.folded.get(fold(word), "")
        if meant and meant != word:
            found = self.direct(meant)
            return Known(self.stemmed(meant), (found,) if found else (), 0.95, self._alike(word))
        parts = self._parts(word)
        if parts:
            return Known(stemmed, parts, 0.95)
        if self.other:
            found = self.other.exact.get(word, ())
            if found and len(word) > 3:
                return Known(stemmed, (found,), 0.9)
        near = self.speller.nearest(word) if self.speller else None
        found = self.direct(near) if near else ()
        if near and not (self.certain.intersection(found) and squeeze(near) != squeeze(word)):
            return Known(self.stemmed(near), (found,) if found else (), 0.85, (near, *self._alike(near)))
        parts = self._parts(word, guess=True)
        if parts:
            return Known(stemmed, parts, 0.8)
        half = self._half(word)
        return Known(stemmed, (half,), 0.6) if half else Known(stemmed)

    def _parts(self, word: str, guess: bool = False) -> tuple[Concepts, ...]:
        """A compound's concepts: the split with the longest last part of which every part is known."""
        if self.lang == "en" or not 6 <= len(word) <= _LONGEST:
            return ()
        for cut in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
            if guess and not self._heads(word[:cut]):
                continue
            last = self._part(word[cut:], guess)
            if not last:
                continue
            for link in _LINKS:
                head = word[:cut]
                if link and not head.endswith(link):
                    continue
                head = head[: len(head) - len(link)] if link else head
                if len(head) < _SHORTEST_PART:
                    continue
                first = self._part(head, False)
                if first:
                    return (first, last)
                if len(head) >= 6:
                    more = self._parts(head)
                    if more:
                        return (*more, last)
        return ()

    def _heads(self, head: str) -> bool:
        """A part of its own, with or without a linking letter: only then is the rest guessed at."""
        return head in self.exact or head[:-1] in self.exact

    def _half(self, word: str) -> Concepts:
        """Of a compound of which only one part is known: the last part, which says what it is, else the first."""
        if self.lang == "en" or not 8 <= len(word) <= _LONGEST:
            return ()
        for cut in range(3, len(word) - 3):
            found = self._part(word[cut:], False)
            if found:
                return found
        for cut in range(len(word) - 3, 3, -1):
            found = self.exact.get(word[:cut], ())
            if found:
                return found
        return ()

    def _part(self, part: str, guess: bool) -> Concepts:
        found = self.exact.get(part, ())
        if not found and part not in self.little and part not in self.known and len(part) > 3:
            found = self.stem.get(stems.stem(part, self.lang), ())
            if not found:
                meant = self.folded.get(part, "")
                found = self.exact.get(meant, ()) if meant else ()
        if not found and guess and self.speller and len(part) > 4 and part not in self.known:
            near = self.speller.nearest(part)
            found = self.exact.get(near, ()) if near else ()
        return found


def _put(where: dict[str, Concepts], word: str, concept: str) -> None:
    where[word] = (*where.get(word, ()), concept) if concept not in where.get(word, ()) else where[word]


def build(
    files: Mapping[str, Mapping[str, Mapping[str, str]]], common: Mapping[str, Mapping[str, object]]
) -> dict[str, Lexicon]:
    """`files`: name of file: concept: language: words divided by commas."""
    built: dict[str, Lexicon] = {}
    for lang in ("sv", "en"):
        words = common[lang]
        little, known, tiny = (frozenset(str(words[name]).split()) for name in ("little", "known", "tiny"))
        lexicon = Lexicon(lang, little | tiny, known, tiny)
        for name, concepts in files.items():
            for concept, spoken in concepts.items():
                lexicon.add(concept, (spoken.get(lang) or "").split(","))
                if name == "people":
                    lexicon.certain.add(concept)
        ignore = words.get("ignore")
        for turn in ignore if isinstance(ignore, list) else ():
            found = tuple(lexicon.stemmed(one) for one in str(turn).split())
            lexicon.ignore.setdefault(found[0], []).append(found)
        built[lang] = lexicon
    built["sv"].other, built["en"].other = built["en"], built["sv"]
    return built
