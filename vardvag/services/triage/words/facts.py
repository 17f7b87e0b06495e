"""What a text already says: concepts by the phrases they are `said` with, temperature, duration, pain, who it is about.
Not asked again, but shown to the resident for confirmation."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import Concept, Kind
from vardvag.services.triage.words import quantities
from vardvag.services.triage.words.base import LANGUAGES
from vardvag.services.triage.words.match import words_of
from vardvag.services.triage.words.normal import fold, squeeze
from vardvag.services.triage.words.quantities import Found, Speech, speech_of
from vardvag.services.triage.words.reading import PREGNANT, Mention, Reading
from vardvag.services.triage.words.spelling import Speller
from vardvag.services.triage.words.weeks import Week
from vardvag.services.triage.words.who import MONTHS, who

_RECENT = frozenset(  # say "lately": what is long past does not make them so, though they are background
    ("postpartum", "recent_surgery", "cancer_treatment", "immunosuppressed", "travel_tropics", "clot_risk")
)
_OLD = ("old", "gammal", "gamla", "gammalt")
_EVEN_ASKED = frozenset(  # a wish or a question is enough
    (
        "thoughts_of_death",
        "suicide_plan",
        "self_harm",
        "harm_others",
        "harm_baby",
        "took_overdose",
        "strangled",
        "threatened_home",
    )
)
_LATELY = 42 * 24.0  # hours
_FREE = ("fri", "fritt", "fria")  # "feberfri": says the thing only to deny it
_HAD, _HAD_NEAR = frozenset(("hade", "haft", "had")), 3
_THEN = frozenset(
    ("hade", "haft", "had", "var", "was", "igår", "går", "förrgår", "yesterday", "första", "first")
)
_THEN_NEAR = 4
_FEVERS = ("feber", "fever", "temp")
_COOL = frozenset(("feberfri", "fever-free"))
_TAKES = frozenset(
    ("tar", "äter", "använder", "tagit", "ätit", "använt", "take", "takes", "taking", "taken", "use", "on")
)
_IS = ("är", "e", "is")
_YOUNG = ("child", "son", "daughter")
_LAB_NEAR = 4
_BIRTH_NEAR = 4
_FILL = 1  # small words that may stand inside a phrase
_LONGEST = 5 * 8766.0
_FEVER_NEAR = 4
_SHORT = (
    5  # letters: of a word no longer than this all doubled letters must be there ("trött" is not in "trots")
)
_SAME = 12  # times that one word is looked at


@dataclass(frozen=True, slots=True)
class Fact:
    concept: str  # also: age, sex, about
    value: bool | float | str
    words: str


@dataclass(frozen=True, slots=True)
class _Phrase:
    concept: str
    words: tuple[str, ...]
    whole: tuple[bool, ...]  # a phrase that ends in a space names whole words


def facts(
    text: str | Reading, *, lang: str | None, library: Library, today: date | None = None
) -> list[Fact]:
    """In the order of the text, or of what was read of it. `today` tells how long ago "i fredags" was; without it
    three days are taken."""
    reading = words_of(library).read(text, lang) if isinstance(text, str) else text
    how = speech_of(reading.lang)
    times = _Times(
        tuple(quantities.durations(_spoken(reading, how), how, today)), tuple(_births(reading, how))
    )
    found: list[tuple[int, Fact]] = [*_said(reading, library)]
    found += _numbers(reading, how, library, times)
    found += _person(reading)
    found = _birth(found, reading, how, times)
    seen: dict[str, Fact] = {}
    for _, fact in sorted(found, key=lambda one: (one[0], one[1].concept)):
        old = seen.get(fact.concept)
        if old is None or (old.value is False and fact.value is True):
            seen[fact.concept] = fact
    return list(seen.values())


# -- concepts
@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """What the concepts of a library are said with, in one language."""

    phrases: Mapping[str, Sequence[_Phrase]]  # by the first three letters of the first word, folded
    speller: Speller  # their words: nobody else's list has every medicine and every land


_VOCABULARIES: dict[int, tuple[Library, dict[str, _Vocabulary]]] = {}


def _vocabulary(library: Library, lang: str) -> _Vocabulary:
    found = _VOCABULARIES.get(id(library))
    if found is None or found[0] is not library:
        _VOCABULARIES.clear()
        found = _VOCABULARIES[id(library)] = (library, {one: _built(library, one) for one in LANGUAGES})
    return found[1][lang]


def _built(library: Library, lang: str) -> _Vocabulary:
    phrases: dict[str, list[_Phrase]] = {}
    for concept in library.concepts.values():
        for phrase in getattr(concept.said, lang):
            words = phrase.lower().split()
            if concept.kind is Kind.YESNO and words:
                whole = tuple(
                    place < len(words) - 1 or phrase.endswith(" ") or len(word) < 3
                    for place, word in enumerate(words)
                )
                one = _Phrase(concept.id, tuple(words), whole)
                phrases.setdefault(fold(words[0])[:3], []).append(one)
    named = {word for listed in phrases.values() for one in listed for word in one.words}
    return _Vocabulary(phrases, Speller(sorted(word for word in named if len(word) > _SHORT)))


def _said(reading: Reading, library: Library) -> list[tuple[int, Fact]]:
    out: list[tuple[int, Fact]] = []
    told = _vocabulary(library, reading.lang)
    knows = words_of(library).base.lexicons[reading.lang].knows
    forms = [_forms(reading, place, told.speller, knows) for place in range(len(reading.words))]
    seen: Counter[str] = Counter()
    for place, word in enumerate(reading.words):
        seen[word.text] += 1
        if place in reading.masked or word.number or seen[word.text] > _SAME:
            continue
        starts = {fold(form)[:3] for form in forms[place]}
        for start in starts:
            for phrase in (*told.phrases.get(start, ()), *told.phrases.get(start[:2], ())):
                places = _stands(phrase, reading, forms, place)
                if places:
                    value = _value(places, reading, library.concepts[phrase.concept])
                    if value is not None:
                        words = reading.excerpt(places[0], places[-1])
                        out.append((place, Fact(phrase.concept, value, words)))
    return out


def _forms(reading: Reading, place: int, speller: Speller, knows: Callable[[str], bool]) -> tuple[str, ...]:
    """As written and as mended; what is spelt right means nothing else ("rapid" is not "raped")."""
    written, mended, known = reading.words[place].text, reading.forms[place], reading.known[place]
    meant = known.words
    if mended == written:  # "jättetrött" is "trött" all the same
        meant = tuple(one for one in meant if written.endswith(one))
    if not known.words and not known.parts and len(written) >= _SHORT and not knows(written):
        near = speller.nearest(written)
        return (written, near) if near else (written,)
    return (written, mended, *meant)


def _stands(
    phrase: _Phrase, reading: Reading, forms: Sequence[tuple[str, ...]], place: int
) -> tuple[int, ...] | None:
    places = []
    at = place
    for number, (word, whole) in enumerate(zip(phrase.words, phrase.whole, strict=True)):
        for step in range(1 if number == 0 else _FILL + 1):
            here = at + step
            if here >= len(reading.words) or reading.words[here].sentence != reading.words[place].sentence:
                return None
            if any(_meets(form, word, whole) for form in forms[here]):
                places.append(here)
                at = here + 1
                break
        else:
            return None
    return tuple(places)


def _meets(form: str, word: str, whole: bool) -> bool:
    if whole:
        bare = len(word) > 4 and form == fold(word)
        return form == word or bare or (len(word) > _SHORT and squeeze(form) == squeeze(word))
    if form.startswith(word) or (len(word) >= _SHORT and form.startswith(fold(word))):
        return True
    dots = form.isascii() or not word.isascii()  # dots are left out, never put in: "människa" is not "manisk"
    return dots and len(word) > _SHORT and squeeze(form).startswith(squeeze(word))


def _value(places: tuple[int, ...], reading: Reading, concept: Concept) -> bool | None:
    """Yes, no, or nothing said of now: someone else's history, or long past and no lasting trait."""
    scopes = [reading.scopes[place] for place in places]
    if all(scope.idiom for scope in scopes):
        return None
    asked = concept.id not in _EVEN_ASKED and any(scope.asked for scope in scopes)
    if asked or any(scope.told or (scope.kin and concept.background) for scope in scopes):
        return None
    denied = any(one not in places for scope in scopes for one in scope.denied)
    if not denied:
        forms = [reading.words[place].text for place in places]
        denied = any(form.endswith(_FREE) and len(form) > 6 for form in forms)
    lasts = concept.background and concept.id not in _RECENT
    if any(scope.past for scope in scopes) and not (lasts or _takes(reading, places[0])):
        return None
    if not concept.danger and not denied and (any(one.over for one in scopes) or _had(reading, places[0])):
        return None
    return not denied


def _takes(reading: Reading, place: int) -> bool:
    """A medicine that is taken "sedan många år" is taken now."""
    return any(word.text in _TAKES for word in reading.words[max(0, place - _HAD_NEAR) : place])


def _had(reading: Reading, place: int) -> bool:
    """ "Hade feber men den är borta", "… men är feberfri nu"."""
    words = reading.words
    here = [one for one in range(len(words)) if words[one].sentence == words[place].sentence]
    before = {words[one].text for one in here if place - _HAD_NEAR <= one < place}
    after = [one for one in here if one > place]
    free = any(words[one].text.endswith(_FREE) and len(words[one].text) > 6 for one in after)
    return bool(before & _HAD) and (free or any(reading.scopes[one].over for one in after))


# -- quantities
@dataclass(frozen=True, slots=True)
class _Times:
    lengths: tuple[tuple[bool, Found], ...]  # whether it is a time ago, and how long
    births: tuple[Mention, ...]


def _numbers(reading: Reading, how: Speech, library: Library, times: _Times) -> list[tuple[int, Fact]]:
    out: list[tuple[int, Fact]] = []
    words, forms = reading.words, reading.forms
    warm = quantities.temperature(forms, how)
    if warm and "temp" in library.concepts and not _cooled(reading, warm):
        out.append((warm.first, Fact("temp", warm.value, reading.excerpt(warm.first, warm.last))))
    long = _duration(reading, how, times)
    if long:
        hours, told = round(long.value, 2), reading.excerpt(long.first, long.last)
        out.append((long.first, Fact("duration", hours, told)))
        if _of_fever(reading, long) and "fever_duration" in library.concepts:
            out.append((long.first, Fact("fever_duration", hours, told)))
    hurts = quantities.pain(reading.plain.text)
    if hurts and "pain" in library.concepts:
        out.append((len(words), Fact("pain", hurts[0], reading.plain.text[hurts[1] : hurts[2]])))
    out += _labs(reading, how, library)
    week = reading.week
    if week and (_expects(reading, week) or not _is_of_child(reading, week.first, week.last)):
        told = reading.excerpt(max(0, week.first - 1), week.last)
        out += [
            (week.first, Fact("pregnant_week", float(week.number), told)),
            (week.first, Fact("pregnant", True, told)),
        ]
    return out


def _expects(reading: Reading, week: Week) -> bool:
    """Something else than the week says it too; a baby's age is none ("my baby is 5 weeks")."""
    named = reading.mentions.get(PREGNANT, ())
    return bool(reading.mentions.get("fetal")) or any(one.first != week.first for one in named)


def _is_of_child(reading: Reading, first: int, last: int) -> bool:
    """ "Bebisen är 5 …", "5 weeks old", "5 weeks postpartum"."""
    words = reading.words
    if {"old", "postpartum", "after"} & {word.text for word in words[last + 1 : last + 3]}:
        return True
    if first < 2 or words[first - 1].text not in _IS:
        return False
    return any(one.last == first - 2 for key in _YOUNG for one in reading.mentions.get(key, ()))


def _cooled(reading: Reading, warm: Found) -> bool:
    """ "Hade 38,3 i förrgår … ingen feber i dag": what is measured now is asked."""
    words = reading.words
    before = [
        words[one].text
        for one in range(max(0, warm.first - _THEN_NEAR), min(len(words), warm.last + _THEN_NEAR))
        if words[one].sentence == words[warm.first].sentence
    ]
    if _THEN.isdisjoint(before):
        return False
    return any(
        reading.scopes[one].over or reading.scopes[one].denied or word.text in _COOL
        for one, word in enumerate(words)
        if one > warm.last and word.text.startswith(_FEVERS)
    )


def _labs(reading: Reading, how: Speech, library: Library) -> list[tuple[int, Fact]]:
    """ "Kalium är 6,6"."""
    out: list[tuple[int, Fact]] = []
    words = reading.words
    for place, word in enumerate(words):
        number = quantities.value(word.text, how) if word.number else None
        if number is None or reading.scopes[place].past:
            continue
        for back in range(max(0, place - _LAB_NEAR), place):
            listed = how.labs.get(words[back].text, ())
            if not listed or words[back].sentence != word.sentence:
                continue
            told = reading.excerpt(back, place)
            for concept, least, most in listed:
                if least <= number <= most and concept in library.concepts:
                    out.append((back, Fact(concept, True, told)))
    return out


def _birth(
    found: list[tuple[int, Fact]], reading: Reading, how: Speech, times: _Times
) -> list[tuple[int, Fact]]:
    """A birth with a time: lately ("kejsarsnitt för 16 dagar sedan") or not ("fick barn för tre år sedan")."""
    for _, long in times.lengths:
        if _newborn(reading, long) and long.value <= _LATELY:
            told = reading.excerpt(long.first - 2, long.last)
            found = [*found, (long.first - 2, Fact("postpartum", True, told))]
    for one in (*reading.said("after_birth"), *times.births):
        for _, long in times.lengths:
            near = reading.words[long.last].sentence == reading.words[one.first].sentence
            known = _since_event(reading, long, how)
            if not near or not known or reading.told(one):
                continue
            rest = [each for each in found if each[1].concept != "postpartum"]
            if long.value > _LATELY:
                return rest
            told = reading.excerpt(min(long.first, one.first), max(long.last, one.last))
            return [*rest, (one.first, Fact("postpartum", True, told))]
    for one in times.births:
        end = _lately(reading, one, how)
        scope = reading.scopes[one.first]
        if end is not None and not (scope.told or scope.kin or scope.past):
            told = reading.excerpt(one.first, max(end, one.last))
            return [*found, (one.first, Fact("postpartum", True, told))]
    return found


def _lately(reading: Reading, birth: Mention, how: Speech) -> int | None:
    """The last word of "i torsdags", "förra veckan" or the like beside a birth."""
    words = reading.words
    for place in range(max(0, birth.first - _BIRTH_NEAR), min(birth.last + _BIRTH_NEAR + 1, len(words))):
        if words[place].clause != words[birth.first].clause:
            continue
        told = [words[place].text, words[place + 1].text if place + 1 < len(words) else ""]
        if told[0] in how.since or told[0] in how.days or told in how.lately:
            return place + (told in how.lately)
    return None


def _births(reading: Reading, how: Speech) -> Iterator[Mention]:
    words = [word.text for word in reading.words]
    for place in range(len(words)):
        for told in how.birth:
            if words[place] == told[0] and words[place : place + len(told)] == [*told]:
                yield Mention("after_birth", place, place + len(told) - 1)


def _since_event(reading: Reading, found: Found, how: Speech) -> bool:
    after = reading.forms[found.last + 1] if found.last + 1 < len(reading.forms) else ""
    return after in how.ago or after in how.event


def _spoken(reading: Reading, how: Speech) -> tuple[str, ...]:
    """The words as they were mended, but words of time as they were written."""
    return tuple(
        word.text if how.knows(word.text) else form
        for word, form in zip(reading.words, reading.forms, strict=True)
    )


def _duration(reading: Reading, how: Speech, times: _Times) -> Found | None:
    """The first that goes on; a time ago only when nothing else is said. Years give way to shorter ones."""
    going: list[Found] = []
    ago: list[Found] = []
    for is_ago, found in times.lengths:
        scope = reading.scopes[found.last]
        aged = (found.value >= 8766 and not _goes_on(reading, found)) or _is_age(reading, found)
        if scope.told or found.value > _LONGEST or aged or (is_ago and found.value > 3 * 730):
            continue
        if not _of_trouble(reading, found, how) or _of_birth(reading, found, times):
            continue
        (ago if is_ago else going).append(found)
    for listed in (going, ago):
        if listed:
            short = [one for one in listed if one.value < 2000]
            return (short or listed)[0]
    return None


def _of_birth(reading: Reading, found: Found, times: _Times) -> bool:
    """How long ago a child came ("fick tvillingar för fem veckor sen") is no length of the trouble."""
    words = reading.words
    return any(
        one.last < found.last <= one.last + _BIRTH_NEAR + 1
        and words[one.last].clause == words[found.first].clause
        for one in times.births
    )


def _is_age(reading: Reading, found: Found) -> bool:
    """ "Min son 2 mån", "8 weeks old", or months that are all of a clause ("5 mån, vaccinerad i går")."""
    words = reading.words
    if _old(reading, found):
        return True
    if words[found.last].text not in MONTHS or _goes_on(reading, found):
        return False
    if who(reading).age_place == found.first:
        return True
    clause = words[found.first].clause
    beside = [words[one].clause for one in (found.first - 1, found.last + 1) if 0 <= one < len(words)]
    return words[found.last].clause == clause and clause not in beside


def _old(reading: Reading, found: Found) -> bool:
    """ "8 veckor gammal", "bebisen är fyra dagar", "barn 3 veckor"."""
    words = reading.words
    after = words[found.last + 1].text if found.last + 1 < len(words) else ""
    if after in _OLD:
        return True
    if found.value >= 8766:
        return False
    children = [one for key in _YOUNG for one in reading.mentions.get(key, ())]
    return _is_of_child(reading, found.first, found.first) or any(
        one.last == found.first - 1 for one in children
    )


def _newborn(reading: Reading, found: Found) -> bool:
    """ "Bebisen är fyra dagar"."""
    first = found.first
    if first < 2 or reading.words[first - 1].text not in _IS:
        return False
    return any(one.last == first - 2 for one in reading.mentions.get("child", ()))


def _of_trouble(reading: Reading, found: Found, how: Speech) -> bool:
    """Not of sleep ("3 h sömn"), of a rate ("4 timmar per natt"), since an event ("16 dagar efter snittet"), or how
    long it took to pass ("gick över på en kvart")."""
    words = reading.forms
    before = words[found.first - 1] if found.first else ""
    near = words[found.last + 1 : found.last + 3]
    going = _goes_on(reading, found)
    if before in how.no_start or (near and (near[0] in how.rate or (near[0] in how.event and not going))):
        return False
    if words[found.first] in ("a", "an") and _counted(words[max(0, found.first - 3) : found.first], how):
        return False
    if len(near) == 2 and near[0] in ("om", "i", "a", "of") and near[1] in how.per:
        return False
    slept = (*words[max(0, found.first - 3) : found.first], *near[:1])
    if found.value < 24 and not going and before not in how.ago and any(one in how.sleep for one in slept):
        return False
    return not (before in ("på", "after", "within") and reading.scopes[found.last].over)


def _counted(before: Sequence[str], how: Speech) -> bool:
    """ "Six bibs a day", "twice a day"."""
    return (
        bool(before)
        and before[-1] not in how.about
        and (
            before[-1] in ("once", "twice", "times")
            or any(one.isdecimal() or (one in how.numbers and one not in ("a", "an")) for one in before)
        )
    )


def _goes_on(reading: Reading, found: Found) -> bool:
    """ "i tre år", "for three years": not an age."""
    return found.first > 0 and reading.forms[found.first - 1] in (
        "i",
        "sedan",
        "sen",
        "för",
        "for",
        "past",
        "senaste",
    )


def _of_fever(reading: Reading, found: Found) -> bool:
    near = range(max(0, found.first - _FEVER_NEAR), min(found.last + 3, len(reading.words)))
    return any(
        reading.words[one].text.startswith(("feber", "fever", "febr"))
        and reading.words[one].sentence == reading.words[found.first].sentence
        and not reading.scopes[one].denied
        for one in near
    )


# -- the person
def _person(reading: Reading) -> list[tuple[int, Fact]]:
    one = who(reading)
    out: list[tuple[int, Fact]] = []
    if one.sure and one.reporter != "self":
        out.append((0, Fact("about", one.reporter, one.words)))
    if one.age is not None:
        out.append((0, Fact("age", one.age, one.age_words)))
    if one.sex and one.reporter != "self":
        out.append((0, Fact("sex", one.sex, one.words)))
    return out
