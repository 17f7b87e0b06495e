"""What a text already says."""

from datetime import date

import pytest

from vardvag.services.triage.engine.load import library
from vardvag.services.triage.words.facts import facts

FRIDAY = date(2025, 11, 21)


def said(text, lang="sv"):
    return {one.concept: one.value for one in facts(text, lang=lang, library=library(), today=FRIDAY)}


@pytest.mark.parametrize(
    ("text", "temperature"),
    [
        ("39,6 i morse", 39.6),
        ("nästan 40 graders feber", 39.8),
        ("tempen är 38", 38.0),
        ("feber 38.5 igår, nu 37.9", 38.5),
        ("fyrtio graders feber", 40.0),
        ("fever of 102", 38.9),
    ],
)
def test_temperatures(text, temperature):
    assert said(text, "en" if "fever" in text else "sv")["temp"] == temperature


@pytest.mark.parametrize("text", ["jag är 39 år", "vecka 38", "väger 40 kg", "39 veckor", "tog 40 mg"])
def test_not_temperatures(text):
    assert "temp" not in said(text)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("ont i halsen i tre dar", 72),
        ("hostat sen en vecka", 168),
        ("ont i magen sedan igår", 24),
        ("ont sedan i natt", 10),
        ("yr sedan i tisdags", 72),
        ("ont i ryggen i en och en halv vecka", 252),
        ("feber ett par dagar", 48),
        ("ont i knät i 3-4 dagar", 96),
        ("sore throat for 3 days", 72),
        ("coughing since Wednesday", 48),
        ("headache since yesterday", 24),
    ],
)
def test_durations(text, hours):
    assert said(text, "en" if any(one in text for one in ("for ", "since")) else "sv")["duration"] == hours


def test_hydrocortisone_is_tablets_where_it_is_renewed_or_one_s_own():
    assert said("Behöver förnya receptet på Hydrokortison")["takes_cortisone"] is True
    assert said("my hydrocortisone keeps coming up again", "en")["takes_cortisone"] is True


def test_what_lies_ahead_is_no_duration_and_no_week_of_pregnancy():
    assert "duration" not in said("Beräknad i juli, tio veckor kvar. Blöder lite.")
    assert said("två veckor kvar av semestern, ont i halsen i tre dagar")["duration"] == 72
    found = said("I'm due in July so 10 weeks to go, bleeding", "en")
    assert found.keys().isdisjoint(("duration", "pregnant_week"))
    assert said("I'm 10 weeks pregnant and bleeding", "en")["pregnant_week"] == 10


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("Vi ska till Kenya, vilka sprutor krävs?", "travel_tropics"),
        ("Vi ska till Kenya, vilka sprutor krävs?", "vomiting"),
        ("Våran kille bajsar på sig", "pus"),
        ("pratade nästan som om hon var full", "drunk_now"),
        ("Hydrokortison hjälper inte på utslaget", "takes_cortisone"),
        ("Kan ni skriva ut antibiotikadroppar?", "antibiotics_recent"),
        ("there was yellow gunk on the pillow", "clot_risk"),
        ("spots and blisters on her tummy", "belly_pain"),
        ("he is dribbling loads and won't eat", "weak_stream"),
        ("it stings when I eat", "pain_peeing"),
        ("can you prescribe antibiotics?", "antibiotics_recent"),
        ("he sounded odd, almost drunk", "drunk_now"),
        ("she drinks and pees as usual", "thirst_pees_much"),
        ("I've got glandular fever", "feels_feverish"),
        ("my hay fever is bad", "feels_feverish"),
        ("we're off to Kenya in six weeks", "duration"),
        ("I've got 3 weeks of tablets left", "duration"),
    ],
)
def test_what_only_looks_like_a_fact(text, concept):
    swedish = any(word in text for word in ("Vi ", "bajsar", "pratade", "Kan ", "hjälper"))
    assert said(text, "sv" if swedish else "en").get(concept) is None


def test_a_weekday_without_a_date_is_taken_as_three_days():
    found = facts("yr sedan i tisdags", lang="sv", library=library())
    assert next(one.value for one in found if one.concept == "duration") == 72


def test_an_age_and_an_old_illness_are_no_duration():
    assert "duration" not in said("jag är 45 år och har ont i halsen")
    assert said("haft diabetes i 20 år, hostar sedan två veckor")["duration"] == 336


def test_fever_and_how_long():
    found = said("Har haft feber i tre dagar, 39,2")
    assert found["fever_duration"] == 72
    assert found["feels_feverish"] is True
    assert "fever_duration" not in said("Ingen feber. Hosta i tre veckor.")


@pytest.mark.parametrize(
    ("text", "concept", "value"),
    [
        ("ingen feber", "feels_feverish", False),
        ("har varken feber eller hosta", "cough", False),
        ("feber har jag inte", "feels_feverish", False),
        ("hostar inte", "cough", False),
        ("feber: nej", "feels_feverish", False),
        ("jag är feberfri", "feels_feverish", False),
        ("utan hosta och utslag", "rash", False),
        ("jag tror att jag har feber", "feels_feverish", True),
        ("kanske lite feber", "feels_feverish", True),
        ("febern går inte ner", "feels_feverish", True),
        ("kan inte sova för att jag hostar", "cough", True),
        ("ont i huvudet men inte nackstel", "neck_stiff", False),
        ("tar Eliquis", "anticoagulants", True),
        ("har diabetes", "diabetes", True),
        ("huvud värk", "headache", None),
        ("not pregnant", "pregnant", False),
        ("I don't have a cough", "cough", False),
        ("no fever or cough", "cough", False),
    ],
)
def test_denied_hedged_and_said(text, concept, value):
    assert said(text, "en" if text.startswith(("not", "I ", "no ")) else "sv").get(concept) is value


def test_someone_elses_history_and_what_is_long_past_are_not_facts_of_now():
    assert "chest_pain" not in said("När jag var barn hade jag ont i bröstet")
    assert said("Min pappa dog av hjärtinfarkt, jag har ont i bröstet") == {"chest_pain": True}
    assert said("För tio år sedan hade jag epilepsi")["epilepsy"] is True  # lasts


def test_denied_once_and_said_later_is_a_yes():
    assert said("Ingen feber i går. I dag har jag feber.")["feels_feverish"] is True


def test_who_it_is_about():
    child = said("Min dotter på 4 år hostar")
    assert (child["about"], child["age"], child["sex"]) == ("guardian", 4.0, "F")
    father = said("Pappa 81 år är förvirrad")
    assert (father["about"], father["age"], father["sex"]) == ("relative", 81.0, "M")
    assert said("Jag är 32 år")["age"] == 32.0
    assert "about" not in said("Jag födde barn i mars och har ont i ryggen")
    assert said("my 3 year old son has a cough", "en")["age"] == 3.0


def test_pain_and_week_of_pregnancy():
    assert said("smärta 8 av 10")["pain"] == 8.0
    assert said("ont, 7/10")["pain"] == 7.0
    found = said("gravid v 34, huvudvärk")
    assert (found["pregnant"], found["pregnant_week"]) == (True, 34.0)


def test_a_fact_tells_the_words_it_stands_on():
    found = facts("Jag har Ont i  Halsen", lang="sv", library=library())
    assert [one.words for one in found if one.concept.startswith("sore")] == ["Ont i Halsen"]


@pytest.mark.parametrize(
    ("text", "concept", "value"),
    [
        ("inga utslag, feber 39, stel i nacken", "feels_feverish", True),
        ("inga utslag, feber 39, stel i nacken", "neck_stiff", True),
        ("ingen diarré, kräks", "vomiting", True),
        ("ingen feber, ont i bröstet", "chest_pain", True),
        ("no rash, fever 39, stiff neck", "neck_stiff", True),
        ("ingen feber, hosta eller utslag", "cough", False),
        ("jag har ingen hosta, snuva eller feber men ont i magen", "feels_feverish", False),
        ("jag har ingen hosta, snuva eller feber men ont i magen", "belly_pain", True),
        ("inte feber men hosta", "cough", True),
    ],
)
def test_a_denial_ends_at_a_comma_unless_it_is_a_list(text, concept, value):
    assert said(text, "en" if text.startswith("no ") else "sv")[concept] is value


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("hosta som inte släpper", "child_limp_unresponsive"),
        ("förkylningen vill inte släppa", "child_limp_unresponsive"),
        ("Trots alvedon har jag feber", "unusually_tired"),
        ("han låg på skötbordet", "loud_noise_recent"),
        ("vi sköt upp vaccinationen", "loud_noise_recent"),
        ("jag jobbar med människor", "no_sleep_racing"),
        ("det small till i huvudet", "hit_head"),
        ("magsjuk, kräks", "diarrhoea"),
        ("tandvärk i en visdomstand", "tooth_pulled_recent"),
        ("novalucol hjälper inte", "creams_not_helped"),
        ("tar litium", "tremor_medicine"),
    ],
)
def test_words_that_are_only_alike_or_near_mean_nothing_more(text, concept):
    assert concept not in said(text)


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("vill ha antibiotika", "antibiotics_recent"),
        ("behöver jag antibiotika?", "antibiotics_recent"),
        ("kan det va mässling?", "measles_contact"),
        ("kan det vara scharlakansfeber", "sandpaper_rash"),
        ("är det hjärtinfarkt?", "heart_disease"),
        ("am i having a heart attack", "heart_disease"),
        ("my husband had a heart attack", "heart_disease"),
        ("min man hade en hjärtinfarkt", "heart_disease"),
        ("vill bli gravid", "pregnant"),
        ("kan jag vara gravid?", "pregnant"),
        ("skulle vilja ha p-piller", "clot_risk"),
        ("hade feber men den är borta", "feels_feverish"),
        ("opererades för tio år sedan", "recent_surgery"),
        ("fick barn för tre år sedan", "postpartum"),
    ],
)
def test_what_is_asked_wished_over_or_anothers_is_no_fact(text, concept):
    assert concept not in said(text, "en" if text.startswith(("am ", "my ")) else "sv")


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("varför har jag ont i bröstet?", "chest_pain"),
        ("ont i bröstet, är det farligt?", "chest_pain"),
        ("behöver jag åka in när jag har svårt att andas?", "short_of_breath"),
        ("jag funderar på att ta livet av mig", "thoughts_of_death"),
        ("jag planerar att ta självmord", "thoughts_of_death"),
        ("jag gör illa mig själv ibland", "self_harm"),
        ("blev strypt av min sambo i går", "strangled"),
        ("gubben tog mej om halsen", "strangled"),
        ("kejsarsnitt för 16 dagar sedan", "postpartum"),
        ("fick barn för tre veckor sen", "postpartum"),
        ("bebisen är fyra dagar", "postpartum"),
        ("vaden är svullen", "one_calf_swollen"),
        ("andfådd i vila", "breathless_at_rest"),
        ("äter p-piller", "clot_risk"),
        ("tar litium sen många år", "lithium_digoxin"),
        ("gått ner 9 kilo på fyra månader", "weight_loss"),
        ("magen e lös", "diarrhoea"),
        ("jag är jättetrött", "unusually_tired"),
        ("massa energi och klarar mig på 3 h sömn", "no_sleep_racing"),
        ("min dotter är inte sig själv", "child_not_self"),
    ],
)
def test_what_is_said_is_a_fact(text, concept):
    assert said(text)[concept] is True


def test_a_limp_is_no_limpness():
    limping = said("my son walks with a limp", "en")
    assert limping["child_limps"] is True and "child_limp_unresponsive" not in limping
    assert said("my baby is limp and pale", "en")["child_limp_unresponsive"] is True


@pytest.mark.parametrize(
    "text",
    [
        "min son 2 mån har feber",
        "5 mån, vaccinerad i går",
        "klarar mig på 3 h sömn",
        "sover 4 timmar per natt",
        "kejsarsnitt, 16 dagar efter, öm",
        "kunde inte använda armen, gick över på en kvart",
        "bebis 8 veckor gammal",
        "var fjärde timme",
    ],
)
def test_an_age_sleep_or_a_rate_is_no_duration(text):
    assert "duration" not in said(text)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("fjärde dagen med feber", 96),
        ("feber sen igårkväll", 12),
        ("ont i halsen sedan i förrgår", 48),
        ("hostar sen 2 mån", 1460),
        ("diarré i en vecka efter en resa", 168),
        ("sover nästan hela tiden sen igår", 24),
    ],
)
def test_more_durations(text, hours):
    assert said(text)["duration"] == hours


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("my baby is 5 weeks and I have a sore breast", "en"),
        ("the baby is 10 weeks and I am exhausted", "en"),
        ("I'm 5 weeks postpartum with a headache", "en"),
        ("har myastenia gravis", "sv"),
    ],
)
def test_a_babys_age_or_a_disease_is_no_pregnancy(text, lang):
    found = said(text, lang)
    assert "pregnant" not in found and "pregnant_week" not in found
    assert said("baby is 34 weeks and not moving", "en")["pregnant_week"] == 34.0


@pytest.mark.parametrize(
    "text",
    [
        "Fick barn i torsdags",
        "fick tvillingar för fem veckor sen",
        "sover inte sen vi fick barn förra veckan",
        "Tredje barnet föddes i söndags",
        "my baby is 5 weeks and I have a sore red breast",
    ],
)
def test_a_birth_lately(text):
    assert said(text, "en" if text.startswith("my") else "sv")["postpartum"] is True
    assert "postpartum" not in said("min syster fick barn i torsdags")


def test_a_birth_is_no_length_of_the_trouble_and_a_baby_of_weeks_has_an_age():
    assert said("Fick tvillingar för fem veckor sen. Hostat tio dagar")["duration"] == 240
    assert "duration" not in said("sover inte sen vi fick barn förra veckan")
    baby = said("my daughter is 12 weeks and wont feed", "en")
    assert (baby["about"], baby["age"]) == ("guardian", 0.23) and "duration" not in baby
    assert "age" not in said("boob is red. baby is 5 weeks. still feeding", "en")


@pytest.mark.parametrize(
    ("text", "lang", "concept"),
    [
        ("ont i magen, det kommer typ varje månad", "sv", "pus"),
        ("red and swollen toe", "en", "bite_red_swollen"),
        ("it hurts when she turns over or coughs", "en", "cough"),
        ("ont i ljumsken när jag hostar", "sv", "cough"),
        ("kan inte andas av oro", "sv", "short_of_breath"),
        ("kan inte andas in djupt", "sv", "short_of_breath"),
        ("såret vätskar", "sv", "wound_pus_red"),
        ("små elstötar i huvudet", "sv", "burn_electric"),
        ("hugger till när jag vänder mig i sängen", "sv", "positional_dizzy"),
        ("springer på toa, bara vatten", "sv", "urine_often_urgent"),
        ("kalium 3,9", "sv", "result_potassium"),
        ("kalium var 6,6 för två år sedan", "sv", "result_potassium"),
    ],
)
def test_what_is_not_said(text, lang, concept):
    assert concept not in said(text, lang)


@pytest.mark.parametrize(
    ("text", "lang", "concept"),
    [
        ("blod när jag hostar", "sv", "coughs_blood"),
        ("kan inte andas", "sv", "short_of_breath"),
        ("kalium är 6,6", "sv", "result_potassium_high"),
        ("my potassium is 6.1", "en", "result_potassium"),
        ("kalium 2,5", "sv", "result_potassium"),
        ("rädd att bli bortgift", "sv", "threatened_home"),
        ("en blåsa på nästippen", "sv", "zoster_near_eye"),
        ("pupillen är vit på foto", "sv", "new_squint"),
        ("skinnet gick inte fram igen", "sv", "foreskin_stuck"),
        ("får inte upp tårna", "sv", "limb_weak_new"),
        ("jag hänger med ena ögonlocket", "sv", "lid_or_pupil"),
        ("he has thrown up twice", "en", "vomiting"),
    ],
)
def test_more_that_is_said(text, lang, concept):
    assert said(text, lang)[concept] is True


@pytest.mark.parametrize(
    ("text", "lang", "week"),
    [
        ("gravid i vecka nio och blöder lite", "sv", 9),
        ("väntar barn, v trettiofyra, huvudvärk", "sv", 34),
        ("e i vecka tretisju o undrar", "sv", 37),
        ("är gravid i nionde veckan och har feber", "sv", 9),
        ("gravid v 32, svullen", "sv", 32),
        ("I'm nine weeks pregnant and bleeding", "en", 9),
        ("thirty-four weeks along, bit of a headache", "en", 34),
        ("thirty four weeks gone and my hands are puffy", "en", 34),
        ("week twenty, some cramps", "en", 20),
        ("pregnant, in my ninth week, feeling sick", "en", 9),
    ],
)
def test_weeks_of_pregnancy_in_words(text, lang, week):
    found = said(text, lang)
    assert (found.get("pregnant"), found.get("pregnant_week")) == (True, week)


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("hostat en vecka, tio gånger per natt", "sv"),
        ("förra veckan fem gånger och i veckan nio", "sv"),
        ("ont i ryggen sedan nionde veckan i träningsprogrammet", "sv"),
        ("coughing for nine weeks, I'm worn out", "en"),
        ("sore knee for several weeks and I'm limping", "en"),
        ("my baby is five weeks old", "en"),
    ],
)
def test_weeks_that_are_not_of_pregnancy(text, lang):
    assert said(text, lang).keys().isdisjoint(("pregnant", "pregnant_week"))


@pytest.mark.parametrize(
    ("text", "lang", "concept"),
    [
        ("tar takapzol, ont i halsen", "sv", "white_cell_drug"),
        ("behöver nytt recept på elikvis", "sv", "anticoagulants"),
        ("kom hem från tansania för tre veckor sedan", "sv", "travel_tropics"),
        ("har tagit litium i många år och är magsjuk", "sv", "lithium_digoxin"),
        ("har binjurebarksvikt och influensa", "sv", "takes_cortisone"),
        ("Får behandling mot bröstcancer och är förkyld", "sv", "cancer_treatment"),
        ("Having treatment for breast cancer, bit of a cold", "en", "cancer_treatment"),
        ("I take metformine and have a tummy bug", "en", "sickday_medicine"),
    ],
)
def test_what_makes_an_ordinary_illness_dangerous_is_read_also_as_it_sounds(text, lang, concept):
    assert said(text, lang)[concept] is True


@pytest.mark.parametrize(
    ("lang", "not_so", "so", "concept"),
    [
        ("en", "The snot has turned yellow", "His skin has turned yellow", "yellow_skin"),
        (
            "en",
            "Now and then food gets stuck on its way down",
            "A piece of meat stuck since lunch",
            "food_stuck_now",
        ),
        ("en", "I fell asleep with my lenses in", "I fell down the stairs", "injury"),
        ("en", "I accidentally took it twice", "I was in an accident on my bike", "injury"),
        ("sv", "Sover dåligt, vi är helt slut", "Jag är helt slut och sover hela tiden", "unusually_tired"),
        ("sv", "Mina tabletter är slut", "Känner mig slut i kroppen", "unusually_tired"),
        (
            "sv",
            "hostan sitter kvar, behöver ja pencilin",
            "jag äter penicillin sedan i går",
            "antibiotics_recent",
        ),
        ("sv", "Han är full av prickar", "Han är full och har ramlat", "drunk_now"),
        ("sv", "Hade 38,3 i förrgår. Ingen feber i dag.", "Hade 38,3 i förrgår och 39,1 i dag.", "temp"),
    ],
)
def test_of_something_else_over_or_only_asked_for(lang, not_so, so, concept):
    assert said(not_so, lang).get(concept) in (None, False)
    assert said(so, lang).get(concept) not in (None, False)


@pytest.mark.parametrize(
    "text",
    [
        "Svårt att andas genom näsan",
        "Helt täppt i näsan, jobbigt att andas på natten",
        "It's hard to breathe through my nose",
    ],
)
def test_a_blocked_nose_is_no_breathlessness(text):
    assert "short_of_breath" not in said(text, "en" if "nose" in text else "sv")
    also = " and I'm short of breath walking" if "nose" in text else " och jag är andfådd när jag går"
    assert said(text + also, "en" if "nose" in text else "sv")["short_of_breath"] is True


def test_asked_whether_she_wants_to_die_and_said_no():
    asked = "Har frågat henne rakt ut om hon vill dö eller skadar sig och hon säger"
    assert "thoughts_of_death" not in said(f"{asked} nej")
    assert said(f"{asked} ja")["thoughts_of_death"] is True
    assert said(f"{asked} nej. I går sa hon att hon vill dö.")["thoughts_of_death"] is True
