"""What of a text is denied, long past, about someone else's history, or only supposed. Hedges ("tror", "kanske") are
none of these: they leave a word as said."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from vardvag.services.triage.words.normal import Word, fold
from vardvag.services.triage.words.turns import Turns


@dataclass(slots=True)
class Scope:
    """Of one word. `denied` holds the places of the words that deny it."""

    denied: tuple[int, ...] = ()
    past: tuple[int, ...] = ()
    over: tuple[int, ...] = ()  # said to have passed
    told: tuple[int, ...] = ()  # someone else's history, work, films, what-if
    asked: bool = False  # only asked about or wished for
    kin: bool = False  # of a near one, who may be the patient or not
    idiom: bool = False  # in a turn of phrase that says less than its words


@dataclass(frozen=True)
class Rules:
    """The small words of one language, from lexicon/scopes.yaml."""

    noun: frozenset[str]  # ingen, utan: deny the things named after them, through a list
    verb: frozenset[str]  # inte, ej: deny what is said to be had or felt
    surely: frozenset[str]  # before "inte" these are no verb: "definitivt inte"
    never: frozenset[str]
    before: frozenset[str]  # don't: deny the verb after them
    acts: frozenset[str]  # hjälper: denied they say nothing of what follows
    leads: frozenset[str]  # som, att: after them the denial stands before its verb
    too: frozenset[str]  # "för många": no "för" that ends a denial
    have: frozenset[str]  # har, fick, känner: beside them "inte" denies a thing
    stays: frozenset[str]  # after "inte" these make it no denial: "går inte över", "inte bara"
    ends: frozenset[str]  # men, för att: end of a denial
    turn: frozenset[str]  # men, fast: what is past or told ends here
    subjects: frozenset[str]
    present: frozenset[str]
    joins: frozenset[str]
    briefly: frozenset[str]  # "o": joins before a subject only
    alternates: frozenset[str]  # eller
    worse: frozenset[str]  # with "aldrig": never so bad
    past: Turns
    over: Turns
    now: Turns
    told: Turns
    aside: Turns  # "jobbar som": told too, but no further than its clause or "och"
    asks: Turns  # "kan det vara", "vill ha": what follows is asked or wished for, not so
    asks_first: Turns  # "är det": only where a clause begins
    limits: frozenset[str]  # i, med, när: beyond them it is told what is so
    kin: Turns  # "min man hade": says nothing of an illness of the writer's own
    idioms: Turns  # "när jag hostar"
    bare: Mapping[str, str]  # the small words with dots, by how they look without
    reach: int = 7

    @cached_property
    def denying(self) -> frozenset[str]:
        return self.noun | self.verb | self.never

    def dotted(self, forms: Sequence[str]) -> tuple[str, ...]:
        """The small words of a text that was written without dots: "ar inte andfadd"."""
        return tuple(
            (_YEAR if _of_years(forms, place) else _IS) if form in _IS_OR_YEAR else self.bare.get(form, form)
            for place, form in enumerate(forms)
        )


def rules(data: Mapping[str, object]) -> Rules:
    def words(name: str) -> frozenset[str]:
        return frozenset(str(data.get(name, "")).split())

    def turns(*names: str) -> Turns:
        listed = [one for name in names for one in _listed(data.get(name))]
        return Turns(listed)

    return Rules(
        words("noun"), words("verb"), words("surely"), words("never"), words("before"), words("acts"), words("leads"),
        words("too"),
        words("have"), words("stays"), words("ends"), words("turn"), words("subjects"), words("present"),
        words("joins"), words("briefly"), words("alternates"), words("worse"),
        turns("past", "ago"), turns("over"), turns("now"), turns("told", "suppose"),
        turns("aside"),
        turns("asks"), turns("asks_first"), words("limits"), turns("kin"), turns("idioms"), _bare(data),
    )  # fmt: skip


def _bare(data: Mapping[str, object]) -> dict[str, str]:
    small = {word for listed in data.values() if isinstance(listed, str) for word in listed.split()}
    return {fold(word): word for word in sorted(small) if fold(word) != word and fold(word) not in small}


def _of_years(forms: Sequence[str], place: int) -> bool:
    after = forms[place + 1] if place + 1 < len(forms) else ""
    before = forms[place - 1] if place else ""
    return after in ("sedan", "sen", "gammal") or before in _COUNTS or before.isdecimal()


def _listed(found: object) -> list[str]:
    return [str(one) for one in found] if isinstance(found, list) else []


_NAYS = ("nej", "no", "nope")  # "feber: nej"
_BUT = ("utan",)
_FOR = "för"
_COUNTS = frozenset(
    ("flera", "manga", "många", "par", "ett", "två", "tva", "tre", "fyra", "fem", "sex", "sju", "åtta", "atta", "nio",
     "tio", "några", "nagra", "alla")
)  # fmt: skip
_YEAR, _IS, _IS_OR_YEAR = "år", "är", ("ar", "är", "år")
_ASKED = 3  # words after a question or wish that it is about
_FAR = 15  # words within which a denial or a clause is looked at


def scopes(words: Sequence[Word], forms: Sequence[str], rule: Rules) -> list[Scope]:
    """`forms`: the words as they were understood (typing errors mended, dots put in)."""
    found = [Scope() for _ in words]
    denials = Denials(words, forms, rule)
    for place in range(len(words)):
        for one in denials.of(place):
            found[one].denied = (*found[one].denied, place)
    for first, last in _sentences(words):
        _times(found, _Sentence(words, forms, rule, first, last))
    return found


class Denials:
    """Which words each denying word denies."""

    def __init__(self, words: Sequence[Word], forms: Sequence[str], rule: Rules) -> None:
        self.words, self.forms, self.rule = words, forms, rule

    def of(self, place: int) -> Iterator[int]:
        form = self.forms[place]
        if form in self.rule.noun:
            if form in _BUT and any(self.forms[one] in self.rule.verb for one in self._before(place, _FAR)):
                return  # "inte halsbränna utan tryck i bröstet"
            yield from self._things(place)
            if form in _NAYS and (place + 1 == len(self.words) or not self._together(place, place + 1)):
                clause = self.words[place - 1].clause
                yield from (one for one in self._before(place, 3) if self.words[one].clause == clause)
        elif form in self.rule.verb:
            yield from self._felt(place)
        elif form in self.rule.never and not any(
            self.forms[one] in self.rule.worse for one in self._after(place, _FAR)
        ):
            yield from self._things(place)

    def _together(self, one: int, two: int) -> bool:
        return self.words[one].sentence == self.words[two].sentence

    def _after(self, place: int, far: int) -> Iterator[int]:
        for one in range(place + 1, min(place + 1 + far, len(self.words))):
            if not self._together(place, one):
                return
            yield one

    def _before(self, place: int, far: int) -> list[int]:
        return [one for one in range(max(0, place - far), place) if self._together(one, place)]

    def _begins(self, place: int) -> bool:
        """A joining word after which a new statement begins: "och har", "och jag"."""
        following = self.forms[place + 1] if place + 1 < len(self.forms) else ""
        return self.forms[place] in self.rule.joins and following in self.rule.subjects | self.rule.have

    def _ends(self, place: int) -> bool:
        """A word at which a denial ends; but not in "för många"."""
        following = self.forms[place + 1] if place + 1 < len(self.forms) else ""
        return self.forms[place] in self.rule.ends and not (
            self.forms[place] == _FOR and following in self.rule.too
        )

    def _things(self, place: int) -> Iterator[int]:
        """What is named after "ingen": to the end of the list, not into the next statement."""
        clause, last = self.words[place].clause, self._listed(place)
        for one in self._after(place, self.rule.reach + 3):
            if self._ends(one) or self._begins(one):
                return
            if self.words[one].clause != clause:
                if one > last or not self._goes_on(one):
                    return
                clause = self.words[one].clause
            if self.forms[one] in self.rule.subjects and one > place + 1:
                return
            yield one

    def _listed(self, place: int) -> int:
        """The last "eller" after a denial: up to there its commas are of a list ("ingen feber, hosta eller snuva").
        Without one a comma ends it ("ingen feber, hosta sedan i går")."""
        return max(
            (one for one in self._after(place, _FAR) if self.forms[one] in self.rule.alternates), default=-1
        )

    def _goes_on(self, place: int) -> bool:
        """After a comma: still the same list."""
        ahead = [place, *self._after(place, 5)]
        part = [self.forms[one] for one in ahead if self.words[one].clause == self.words[place].clause]
        part = part[: next((at for at, form in enumerate(part) if form in self.rule.ends), len(part))]
        rule = self.rule
        told = rule.subjects | rule.have | rule.noun | rule.verb
        return len(part) <= 4 and not set(part) & told and not any(form[:1].isdigit() for form in part)

    def _felt(self, place: int) -> Iterator[int]:
        """What "inte" denies: the thing that is not had or felt, or the verb before it."""
        forms, rule = self.forms, self.rule
        before, after = self._clause(place)
        while before and forms[before[-1]] in rule.surely:
            before = before[:-1]
        if after and forms[after[0]] in rule.stays:
            return
        has = bool(({forms[one] for one in before[-3:]} | {forms[one] for one in after[:2]}) & rule.have)
        if before and forms[before[-1]] in rule.acts:
            has = False  # "det är pollen hjälper inte med tabletter": it is the help that is denied
        if has:
            for one in after[: rule.reach]:
                if self._ends(one) or self._begins(one):
                    break
                yield one
            turned = len(before) > 2 and forms[before[-1]] in rule.subjects and forms[before[-2]] in rule.have
            if turned and len(after) <= 1:
                yield from before[:-2]  # "feber har jag inte"
        if forms[place] in rule.before:
            yield from after[: 1 + (forms[after[0]] in rule.surely) if after else 0]  # "don't hear voices"
        verb = next((one for one in reversed(before[-2:]) if forms[one] not in rule.subjects), None)
        if verb is not None and forms[verb] in rule.leads:
            yield from after[:1]  # "som inte försvinner"
        elif verb is not None and forms[verb] not in rule.have:
            yield verb  # "hostar inte"
        elif not before and not has:
            ends = (at for at, one in enumerate(after[:3]) if forms[one] in rule.ends)
            yield from after[: next(ends, 3)]  # "inte feber"

    def _clause(self, place: int) -> tuple[list[int], list[int]]:
        """The words of its clause before and after; "… men inte", "… och inte" begin anew."""
        clause = self.words[place].clause
        before = [one for one in self._before(place, _FAR) if self.words[one].clause == clause]
        for one in reversed(before):
            if self.forms[one] in self.rule.turn or (self.forms[one] in self.rule.joins and one == place - 1):
                before = before[before.index(one) + 1 :]
                break
        return before, [one for one in self._after(place, _FAR) if self.words[one].clause == clause]


def _sentences(words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    first = 0
    for place in range(1, len(words) + 1):
        if place == len(words) or words[place].sentence != words[first].sentence:
            yield first, place
            first = place


class _Sentence:
    """A sentence in parts: clauses, and what stands on each side of a "men"."""

    def __init__(
        self, words: Sequence[Word], forms: Sequence[str], rule: Rules, first: int, last: int
    ) -> None:
        self.words, self.forms, self.rule, self.first, self.last = words, forms, rule, first, last
        self.span = forms[first:last]
        self.now = [first + begin for begin, _ in rule.now.hits(self.span)]

    def around(self, begin: int) -> Iterator[int]:
        """The words that a turn of phrase sets the time or person of: all but what is beyond a "men", what speaks
        of now, and what begins a new statement."""
        parts = self._parts(begin)
        own = next((place for place, part in enumerate(parts) if begin in part), 0)
        for place, part in enumerate(parts):
            between = parts[min(place, own) + 1 : max(place, own) + 1]
            if not (
                any(one in self.now for one in part)
                or (place != own and self._states(part))
                or any(self.forms[other[0]] in self.rule.turn for other in between)
            ):
                yield from part

    def asked(self) -> Iterator[int]:
        """The few words after a turn that asks or wishes, and those within it."""
        words, rule = self.words, self.rule
        for turns, first in ((rule.asks, False), (rule.asks_first, True)):
            for begin, end in turns.hits(self.span):
                start, after = self.first + begin, self.first + end
                if first and start > self.first and words[start - 1].clause == words[start].clause:
                    continue
                yield from range(start, after)
                for one in range(after, min(after + _ASKED, self.last)):
                    if words[one].clause != words[start].clause or self.forms[one] in rule.limits:
                        break
                    yield one

    def onwards(self, begin: int) -> Iterator[int]:
        """The words from here to the end of the clause, an "och" or a "men"."""
        rule = self.rule
        for one in range(begin, self.last):
            if one > begin and (
                self.words[one].clause != self.words[begin].clause
                or self.forms[one] in rule.joins
                or self.forms[one] in rule.turn
            ):
                return
            yield one

    def _parts(self, begin: int) -> list[list[int]]:
        parts: list[list[int]] = [[]]
        for one in range(self.first, self.last):
            if parts[-1] and (
                self.words[one].clause != self.words[one - 1].clause
                or self.forms[one] in self.rule.turn
                or (self.forms[one] in self.rule.joins and self._parted(begin, one))
            ):
                parts.append([])
            parts[-1].append(one)
        return parts

    def _parted(self, begin: int, join: int) -> bool:
        """An "och" between the turn of phrase and a word that speaks of now."""
        return any(begin < join < now or now < join <= begin for now in self.now)

    def _states(self, part: Sequence[int]) -> bool:
        """ "Jag har …", "I am …": a new statement about now."""
        forms = self.forms
        return len(part) > 2 and forms[part[0]] in self.rule.subjects and forms[part[1]] in self.rule.present


def _times(found: list[Scope], sentence: _Sentence) -> None:
    rule = sentence.rule
    for turns, name in ((rule.past, "past"), (rule.over, "over"), (rule.told, "told")):
        for begin, _ in turns.hits(sentence.span):
            for one in sentence.around(sentence.first + begin):
                setattr(found[one], name, (*getattr(found[one], name), sentence.first + begin))
    for begin, _ in rule.aside.hits(sentence.span):
        for one in sentence.onwards(sentence.first + begin):
            found[one].told = (*found[one].told, sentence.first + begin)
    for one in sentence.asked():
        found[one].asked = True
    for begin, _ in rule.kin.hits(sentence.span):
        for one in sentence.around(sentence.first + begin):
            found[one].kin = True
    for begin, end in rule.idioms.hits(sentence.span):
        for one in range(sentence.first + begin, sentence.first + end):
            found[one].idiom = True
