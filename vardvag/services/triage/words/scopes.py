"""What of a text is denied, long past, about someone else's history, or only supposed. Hedges ("tror", "kanske") are
none of these: they leave a word as said."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vardvag.services.triage.words.normal import Word


_MOST = 30  # turns of phrase of one kind in one sentence


@dataclass(slots=True)
class Scope:
    """Of one word. `denied` holds the places of the words that deny it."""

    denied: tuple[int, ...] = ()
    past: tuple[int, ...] = ()
    over: tuple[int, ...] = ()  # said to have passed
    told: tuple[int, ...] = ()  # someone else's history, work, films, what-if


@dataclass(frozen=True)
class Turn:
    """A turn of phrase: * is any one word, words ending in * match by their beginning, a|b is either."""

    words: tuple[str, ...]

    @property
    def anchor(self) -> tuple[int, tuple[str, ...]]:
        """The place of its rarest whole word, and what that can be; no words when all are beginnings."""
        choices = [
            (len(word.split("|")), -len(word), place, tuple(word.split("|")))
            for place, word in enumerate(self.words)
            if "*" not in word
        ]
        return (min(choices)[2], min(choices)[3]) if choices else (0, ())


class Turns:
    def __init__(self, turns: Sequence[Turn]) -> None:
        self._by: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
        self._begun: list[tuple[str, ...]] = []
        for turn in turns:
            place, words = turn.anchor
            for word in words:
                self._by.setdefault(word, []).append((place, turn.words))
            if not words:
                self._begun.append(turn.words)

    def hits(self, span: Sequence[str]) -> list[tuple[int, int]]:
        """Where one stands: first word and the word after its last."""
        found: set[tuple[int, int]] = set()
        for at, form in enumerate(span):
            for place, wanted in self._by.get(form, ()):
                if at >= place and _stands(span, at - place, wanted):
                    found.add((at - place, at - place + len(wanted)))
            for wanted in self._begun:
                if form.startswith(wanted[0].rstrip("*")) and _stands(span, at, wanted):
                    found.add((at, at + len(wanted)))
            if len(found) > _MOST:
                break
        return sorted(found)


def _stands(span: Sequence[str], place: int, wanted: Sequence[str]) -> bool:
    return place + len(wanted) <= len(span) and all(_fits(span[place + step], one) for step, one in enumerate(wanted))


def _states(part: Sequence[int], forms: Sequence[str], rule: "Rules") -> bool:
    """ "Jag har …", "I am …": a new statement about now."""
    return len(part) > 2 and forms[part[0]] in rule.subjects and forms[part[1]] in rule.present


@dataclass(frozen=True)
class Rules:
    """The small words of one language, from lexicon/scopes.yaml."""

    noun: frozenset[str]  # ingen, utan: deny the things named after them, through a list
    verb: frozenset[str]  # inte, ej: deny what is said to be had or felt
    never: frozenset[str]
    have: frozenset[str]  # har, fick, känner: beside them "inte" denies a thing
    stays: frozenset[str]  # after "inte" these make it no denial: "går inte över", "inte bara"
    ends: frozenset[str]  # men, för att: end of a denial
    turn: frozenset[str]  # men, fast: what is past or told ends here
    subjects: frozenset[str]
    present: frozenset[str]
    joins: frozenset[str]
    worse: frozenset[str]  # with "aldrig": never so bad
    past: Turns
    over: Turns
    now: Turns
    told: Turns
    reach: int = 7


def rules(data: Mapping[str, object]) -> Rules:
    def words(name: str) -> frozenset[str]:
        return frozenset(str(data.get(name, "")).split())

    def turns(*names: str) -> Turns:
        listed = [one for name in names for one in _listed(data.get(name))]
        return Turns(tuple(Turn(tuple(one.split())) for one in listed))

    return Rules(
        words("noun"), words("verb"), words("never"), words("have"), words("stays"), words("ends"), words("turn"),
        words("subjects"), words("present"), words("joins"), words("worse"),
        turns("past", "ago"), turns("over"), turns("now"), turns("told", "suppose"),
    )  # fmt: skip


def _listed(found: object) -> list[str]:
    return [str(one) for one in found] if isinstance(found, list) else []


_NAYS = ("nej", "no", "nope")  # "feber: nej"


def scopes(words: Sequence[Word], forms: Sequence[str], rule: Rules) -> list[Scope]:
    """`forms`: the words as they were understood (typing errors mended)."""
    found = [Scope() for _ in words]
    for place in range(len(words)):
        for one in _denied(words, forms, place, rule):
            found[one].denied = (*found[one].denied, place)
    for first, last in _sentences(words):
        _times(found, forms, first, last, words, rule)
    return found


def _denied(words: Sequence[Word], forms: Sequence[str], place: int, rule: Rules) -> Iterator[int]:
    form = forms[place]
    if form in rule.noun:
        yield from _things(words, forms, place, rule)
        if form in _NAYS and (place + 1 == len(words) or words[place + 1].sentence != words[place].sentence):
            yield from (
                one for one in range(max(0, place - 3), place)
                if words[one].sentence == words[place].sentence and words[one].clause == words[place - 1].clause
            )  # fmt: skip
    elif form in rule.verb:
        yield from _felt(words, forms, place, rule)
    elif form in rule.never:
        rest = [one for one in range(place + 1, min(place + 15, len(forms))) if words[one].sentence == words[place].sentence]
        if not any(forms[one] in rule.worse for one in rest):
            yield from _things(words, forms, place, rule)


def _things(words: Sequence[Word], forms: Sequence[str], place: int, rule: Rules) -> Iterator[int]:
    """What is named after "ingen": to the end of the list, not into the next statement."""
    clause, count = words[place].clause, 0
    for one in range(place + 1, min(place + 25, len(words))):
        if words[one].sentence != words[place].sentence or forms[one] in rule.ends:
            return
        if words[one].clause != clause:  # past a comma only while it goes on as a list
            ahead = [forms[two] for two in range(one, min(one + 6, len(words))) if words[two].clause == words[one].clause]
            if len(ahead) > 4 or set(ahead) & (rule.subjects | rule.have | rule.noun | rule.verb):
                return
            clause = words[one].clause
        if count and forms[one] in rule.subjects and one > place + 1:
            return
        if forms[one] in rule.joins and one + 1 < len(words) and forms[one + 1] in rule.subjects | rule.have:
            return
        count += 1
        if count > rule.reach + 3:
            return
        yield one


def _felt(words: Sequence[Word], forms: Sequence[str], place: int, rule: Rules) -> Iterator[int]:
    """What "inte" denies: the thing that is not had or felt, or the verb before it."""
    near_by = range(max(0, place - 12), min(place + 15, len(words)))
    same = [one for one in near_by if words[one].clause == words[place].clause]
    before = [one for one in same if one < place]
    for one in reversed(before):  # "… men inte", "… och inte" begin anew
        if forms[one] in rule.turn or (forms[one] in rule.joins and one == place - 1):
            before = before[before.index(one) + 1 :]
            break
    after = [one for one in same if one > place]
    if after and forms[after[0]] in rule.stays:
        return
    near = {forms[one] for one in before[-3:]} | {forms[one] for one in after[:2]}
    has = bool(near & rule.have)
    if has:
        count = 0
        for one in after:
            if forms[one] in rule.ends or (
                forms[one] in rule.joins and one + 1 < len(words) and forms[one + 1] in rule.subjects | rule.have
            ):
                break
            count += 1
            if count > rule.reach:
                break
            yield one
        if len(after) <= 1 and len(before) > 2 and forms[before[-1]] in rule.subjects and forms[before[-2]] in rule.have:
            yield from before[:-2]  # "feber har jag inte"
    for one in reversed(before[-2:]):
        if forms[one] in rule.subjects:
            continue
        if forms[one] not in rule.have:
            yield one  # "hostar inte"
        break
    else:
        if not before and after and not has:
            yield from after[:3]  # "inte feber"


def _sentences(words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    first = 0
    for place in range(1, len(words) + 1):
        if place == len(words) or words[place].sentence != words[first].sentence:
            yield first, place
            first = place


def _times(
    found: list[Scope], forms: Sequence[str], first: int, last: int, words: Sequence[Word], rule: Rules
) -> None:
    span = [forms[one] for one in range(first, last)]
    now = rule.now.hits(span)
    for turns, name in ((rule.past, "past"), (rule.over, "over"), (rule.told, "told")):
        for begin, end in turns.hits(span):
            for one in _around(words, forms, first, last, first + begin, first + end, [first + two for two, _ in now], rule):
                setattr(found[one], name, (*getattr(found[one], name), first + begin))


def _around(
    words: Sequence[Word], forms: Sequence[str], first: int, last: int, begin: int, end: int,
    now: Sequence[int], rule: Rules,
) -> Iterator[int]:  # fmt: skip
    """The sentence around a turn of phrase, up to a "men" or a clause that speaks of now."""
    parts: list[list[int]] = [[]]
    for one in range(first, last):
        new = parts[-1] and (
            words[one].clause != words[one - 1].clause
            or forms[one] in rule.turn
            or (forms[one] in rule.joins and any(begin < one < place or place < one <= begin for place in now))
        )
        if new:
            parts.append([])
        parts[-1].append(one)
    own = next((place for place, part in enumerate(parts) if begin in part), 0)
    for place, part in enumerate(parts):
        if any(one in now for one in part) or (place != own and _states(part, forms, rule)):
            continue
        between = parts[min(place, own) + 1 : max(place, own) + 1]
        if any(chunk and forms[chunk[0]] in rule.turn for chunk in between):
            continue
        yield from part


def _fits(form: str, wanted: str) -> bool:
    if wanted == "*":
        return True
    if wanted.endswith("*"):
        return form.startswith(wanted[:-1])
    if "|" in wanted:
        return form in wanted.split("|")
    return form == wanted
