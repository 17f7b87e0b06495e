"""What of a text is denied, long past, about someone else's history, or only supposed. Hedges ("tror", "kanske") are
none of these: they leave a word as said."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vardvag.services.triage.words.normal import Word


@dataclass(slots=True)
class Scope:
    """Of one word. `denied` holds the places of the words that deny it."""

    denied: tuple[int, ...] = ()
    past: tuple[int, ...] = ()
    told: tuple[int, ...] = ()  # someone else's history, work, films, what-if


@dataclass(frozen=True)
class Turn:
    """A turn of phrase: * is any one word, words ending in * match by their beginning, a|b is either."""

    words: tuple[str, ...]

    @property
    def needs(self) -> frozenset[str]:
        """Words without which it cannot stand."""
        return frozenset(word for word in self.words if "*" not in word and "|" not in word)


class Turns:
    def __init__(self, turns: Sequence[Turn]) -> None:
        self._turns = [(turn.words, turn.needs) for turn in turns]

    def hits(self, span: Sequence[str]) -> list[tuple[int, int]]:
        """Where one stands: first word and the word after its last."""
        there, found = set(span), []
        for wanted, needs in self._turns:
            if not needs <= there:
                continue
            for place in range(len(span) - len(wanted) + 1):
                if all(_fits(span[place + step], one) for step, one in enumerate(wanted)):
                    found.append((place, place + len(wanted)))
        return found


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
    joins: frozenset[str]
    worse: frozenset[str]  # with "aldrig": never so bad
    past: Turns
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
        words("subjects"), words("joins"), words("worse"),
        turns("past", "ago"), turns("now"), turns("told", "suppose"),
    )  # fmt: skip


def _listed(found: object) -> list[str]:
    return [str(one) for one in found] if isinstance(found, list) else []


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
    for turns, name in ((rule.past, "past"), (rule.told, "told")):
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
        if any(one in now for one in part):
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
