"""The red-flag watch. Figures: python -m vardvag.services.triage.tests.words_table."""

from functools import reduce

import pytest

from vardvag.services.triage.tests.words_table import (
    DATA,
    alarming,
    blind,
    emergencies,
    false_alarms,
    harmless,
    missed,
)
from vardvag.services.triage.words import load, pattern
from vardvag.services.triage.words.base import LANGUAGES, made
from vardvag.services.triage.words.needed import Needed
from vardvag.services.triage.words.normal import WATCH_READS, plain
from vardvag.services.triage.words.watch import scan


def ids(text, lang=None):
    return {one.id for one in scan(text, lang=lang)}


def test_false_alarms_are_rare():
    for held in (False, True):
        lines = harmless(held)
        assert len(false_alarms(lines)) < 0.02 * len(lines)
    assert len(harmless(False)) + len(harmless(True)) >= 1000


def test_danger_is_seen():
    for held in (False, True):
        listed = alarming(held)
        assert len(missed(listed)) <= 0.03 * len(listed)
    assert len(alarming(False)) + len(alarming(True)) >= 300


def test_everyday_words_are_no_emergency_and_plain_words_of_one_are():
    calm, grave = blind("blind_harmless"), blind("blind_grave")
    assert len(calm) >= 700 and len(emergencies(calm)) < 0.01 * len(calm)
    assert len(grave) >= 200 and len(emergencies(grave)) > 0.8 * len(grave)


def merged(first, second):
    """Of files of one shape: a list goes on in the next file."""
    if isinstance(first, list):
        return [*first, *second]
    keys = dict.fromkeys([*first, *second])
    return {
        key: merged(first[key], second[key]) if key in first and key in second else (first | second)[key]
        for key in keys
    }


# denials, passing mention, mild degrees; and danger beside them
NEAR = reduce(merged, (load.read(file) for file in sorted(DATA.glob("near*.yaml"))))


@pytest.mark.parametrize("text", NEAR["harmless"])
def test_denied_or_mentioned_in_passing(text):
    assert ids(text) == set()


@pytest.mark.parametrize("text", NEAR["mild"])
def test_mild_degrees_are_no_emergency(text):
    assert all(one.urgency > 1 for one in scan(text))


@pytest.mark.parametrize("text", [text for texts in NEAR["danger"].values() for text in texts])
def test_danger_beside_a_denial(text):
    assert scan(text)


@pytest.mark.parametrize("text", [*NEAR["danger"]["suicide"], *NEAR["danger"]["sepsis"], *NEAR["grave"]])
def test_nothing_else_makes_it_milder(text):
    assert scan(text)[0].urgency == 1


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("Jag tror att jag har ont i bröstet", "chest.pain"),
        ("kanske lite tryck över bröstet", "chest.pain"),
        ("det verkar som att mungipan hänger", "stroke"),
        ("Min man har ont i bröstet nu", "chest.pain"),
        ("har ont i brostet", "chest.pain"),
        ("bröst smärtor", "chest.pain"),
        ("bröstsmertor", "chest.pain"),
        ("Min pappa dog av hjärtinfarkt, jag har ont i bröstet", "chest.pain"),
        ("Sluddrade i går men det gick över", "stroke"),
        ("Behöver intyg, har ont i bröstet", "chest.pain"),
        ("kan inte andas", "breathing"),
        ("vill inte leva", "suicide"),
        ("he is choking and turning blue", "breathing"),
        ("hon går inte att väcka efter fallet", "child"),
        ("jag blev huggen i ryggen", "trauma"),
        ("kan inte kissa alls men det gör inte ont", "urine"),
        ("Bebisen är täppt i näsan och har svårt att andas på natten", "breathing.baby"),
    ],
)
def test_fires(text, flag):
    assert flag in ids(text)


@pytest.mark.parametrize(
    "text",
    [
        "ingen bröstsmärta",
        "Jag har inte ont i bröstet",
        "ont i bröstet har jag inte",
        "utan andnöd och utan bröstsmärta",
        "varken andnöd eller bröstsmärta",
        "Min pappa dog av hjärtinfarkt",
        "so I'm fit for the match on Sunday",
        "can you fit me in this week",
        "my ankle is swollen and turning blue on the outside",
        "the whole foot is puffed up and red",
        "Han har en bula i pannan. Måste vi väcka honom i natt?",
        "Do we have to wake her during the night?",
        "Högg till i ryggen när jag knöt skorna",
        "Det var rött i toaletten två gånger när jag kissat, men det gör inte ont.",
        "gick sönder i ryggen, vill ha magnetröntgen så att man ser disken",
        "Jag fick en stroke för tio år sedan",
        "När jag var barn hade jag krampanfall",
        "no chest pain",
        "I don't have chest pain or trouble breathing",
        "Om jag får ont i bröstet, vad gör jag då?",
        "Kan man få blodpropp av p-piller?",
        "Läste om en man som fick hjärtstopp",
        "",
    ],
)
def test_does_not_fire(text):
    assert ids(text) == set()


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        ("andfådd", 2),
        ("short of breath", 2),
        ("andfådd i trappor sedan flera år, som alltid", None),
        ("short of breath on the stairs for months", None),
        ("andfådd i vila", 1),
        ("short of breath and getting worse fast", 1),
        ("andfådd sedan operationen förra veckan", 1),
        ("födde barn för två veckor sen och är andfådd", 1),
        ("short of breath after a long flight", 1),
        ("vaden är svullen och öm", 2),
        ("vaden är svullen och jag är andfådd", 1),
        ("öm svullnad i pungen sedan tre dagar", 2),
        ("jätteont i pungen sedan två timmar", 1),
        ("bränner på bröstkorgen, prickar har kommit", None),
        ("bränner i bröstet, kallsvettig", 1),
        ("am i having a heart attack", None),
        ("i think i am having a heart attack", 1),
        ("stabbing pain in my foot", None),
        ("he was stabbed", 1),
        ("det blödde massor i början", None),
        ("det blödde massor och slutar inte", 1),
        ("min dotter slog i huvudet", None),
        ("min dotter slog i huvudet och minns inget", 1),
        ("min dotter har ätit blåbär", None),
        ("min dotter har ätit okända bär", 1),
        ("gjorde illa mig i foten", None),
        ("gör illa mig själv", 2),
        ("ont runt halsen", None),
        ("han tog mig runt halsen", 2),
        ("kan inte andas in djupt", 2),
        ("kan inte andas in djupt, läpparna är blå", 1),
        ("kan inte andas av oro", None),
        ("kan inte andas av smärta", 1),
        ("hugger till som en kniv i ljumsken", None),
        ("han högg mig med en kniv", 1),
        ("fingrarna blir vita när det är kallt", None),
        ("det är kallt ute och min fot är blå och känslolös", 1),
        ("lila fläckar efter minsta stöt, i flera år", None),
        ("lila fläckar på benen sedan i morse", 2),
        ("lila fläckar på benen, feber", 1),
        ("han var borta i fem minuter", 1),
        ("smärtan är borta inom en minut", None),
        ("blöder lite fortfarande efter förlossningen", None),
        ("skar mig, blöder fortfarande", 2),
        ("svimmade på fotbollen förra veckan, mår bra nu", 2),
        ("svimmade förra veckan när jag sprang, svimmade igen idag", 1),
        ("head is exploding with this cold", None),
        ("my head is exploding, it came on suddenly", 1),
        ("headache and stiff neck after a day at the computer", None),
        ("headache and stiff neck after a day at the computer, fever", 1),
        ("a headache and a stiff neck since yesterday", 1),
        ("ena ögonlocket hänger", 2),
        ("ena ögonlocket hänger och jag har ont i nacken", 1),
        ("kalium är 6,6", 1),
        ("kalium är 6,1", 2),
        ("i cant breathe", 1),
        ("the bleeding wont stop", 1),
        ("he isnt breathing", 1),
        ("i dont have chest pain and cant book online", None),
    ],
)
def test_how_urgent_the_words_alone_are(text, urgency):
    assert min((one.urgency for one in scan(text)), default=None) == urgency


@pytest.mark.parametrize(("age", "text"), [tuple(one) for one in NEAR["aged"]["harmless"]])
def test_of_an_age_that_makes_it_harmless(age, text):
    assert not any(one.urgency == 1 for one in scan(text, age=age))


@pytest.mark.parametrize(("age", "text"), [tuple(one) for one in NEAR["aged"]["danger"]])
def test_danger_at_that_age(age, text):
    assert scan(text, age=age)[0].urgency == 1


@pytest.mark.parametrize("apostrophe", "'’‘‛´`′ʼ＇")
def test_an_apostrophe_is_one_however_it_is_written(apostrophe):
    assert ids(f"I can{apostrophe}t breathe") == ids("I can't breathe") != set()


@pytest.mark.parametrize("unseen", "\u00ad\u034f\u061c\u180e\u200b\u2060\u2068\u2069\ufe0f\ufeff")
def test_what_cannot_be_seen_in_a_word_does_not_hide_it(unseen):
    text = "ont i bröstet och kan inte andas"
    assert ids(text.replace("n", f"n{unseen}")) == ids(text) != set()


def test_not_oneself_is_alarming_in_an_adult_only():
    text = "Feber 39 i två dagar. Hon är inte sig själv."
    assert "confusion.self" in ids(text)
    assert not scan(text, age=4)
    assert scan(text, age=82)[0].urgency == 1
    assert not scan("Min dotter har feber 39 och är inte sig själv")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_whatever_stands_in_a_text_is_looked_for(lang):
    """What is passed over before it is looked for could not have been found."""
    base = made()
    listed = [
        pattern.parse(line, lang)
        for file in load.watch_files().values()
        for one in file.values()
        for line in one.get(lang, ())
    ]
    listed += [
        pattern.parse(line, lang) for line in ("#>38", "#<36|frossa", "*skräck .. #>2", "dör_inte|*bränna")
    ]
    needed = Needed(listed)
    texts = [*NEAR["danger"]["sepsis"], *NEAR["grave"]][::12]
    texts += [
        "Frossa! 39,5",
        "dödsskräck i 3 dagar",
        "halsbränna",
        "jag dör nog inte",
        "KRÄKKS O KAN INTE ANDASS",
        "",
    ]
    for text in texts:
        seen = pattern.Seen(base.taken_as(plain(text, WATCH_READS), lang))
        stands = {one for one in listed if any(pattern.found(one, seen))}
        assert stands <= needed.possible(seen)


def test_a_flag_explains_itself():
    flag = scan("Hej, jag behöver intyg men har haft tryck över bröstet och är kallsvettig.")[0]
    assert (flag.id, flag.urgency) == ("chest", 1)
    assert flag.because["sv"] and flag.because["en"]
    assert "tryck över bröstet" in flag.words


def test_the_most_urgent_comes_first():
    urgencies = [
        one.urgency for one in scan("Min man slår mig och jag har svårt att andas. Jag kan inte andas.")
    ]
    assert urgencies == sorted(urgencies)


def test_adding_words_of_danger_never_takes_a_flag_away_in_another_sentence():
    assert ids("Jag kan inte andas.") <= ids(
        "Jag kan inte andas. Jag har ingen feber. Nackspärr sedan i går."
    )


def test_of_a_long_text_the_beginning_and_the_end_are_read():
    filler = "Jag vill boka tid. " * 2000
    assert len(filler) > WATCH_READS
    assert "chest.pain" in ids("Jag har ont i bröstet. " + filler)
    assert "chest.pain" in ids(filler + " Jag har ont i bröstet.")
