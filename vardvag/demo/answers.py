"""What a resident answers in the form of each basic case type, with their own words in their place."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

Answers = dict[str, Any]
_CERTIFICATES = (
    ("sjuk", ("sjukintyg", "sjukskrivning", "vård av barn")),
    ("skola", ("skola", "specialkost", "studier")),
    ("korkort", ("körkort",)),
    ("resa", ("resa", "försäkringsbolag")),
    ("fardtjanst", ("färdtjänst",)),
)
_DAYS = ("man", "tis", "ons", "tor", "fre")


def filled(
    rng: Random, type_key: str, words: str, facts: Mapping[str, str], *, today: date, phone: str
) -> Answers:
    """Link id -> answer; `words` is what the resident writes with own words, `facts` the story's."""
    return _FORMS[type_key](rng, words, facts, today, phone)


def _prescription(rng: Random, words: str, facts: Mapping[str, str], today: date, phone: str) -> Answers:
    low = words.lower()
    left = "vecka" if "vecka" in low or "tablett" in low else rng.choice(("vecka", "mer", "mer", "vet-inte"))
    return {
        "vilka": facts.get("läkemedel", "")[:1].upper() + facts.get("läkemedel", "")[1:],
        "racker": left,
        "andrat": ["nej"],
        "far": "dos" if "dospås" in low else "apotek",
        "ovrigt": words,
    }


def _certificate(rng: Random, words: str, facts: Mapping[str, str], today: date, phone: str) -> Answers:
    what = facts.get("intyg", "")
    kind = next((code for code, signs in _CERTIFICATES if any(s in what.lower() for s in signs)), "annat")
    given: Answers = {"vad": words, "slag": kind}
    if rng.random() < 0.5:
        given["senast"] = (today + timedelta(days=rng.randint(5, 21))).isoformat()
    if kind == "sjuk":
        given |= {
            "forsta": "langre" if "Förlängning" in what else "ny",
            "fran": (today - timedelta(days=rng.randint(1, 7))).isoformat(),
            "hinder": rng.choice(
                ("Lyfta och stå länge.", "Orkar inte en hel dag.", "Sitta still längre än en halvtimme.")
            ),
        }
    return given


def _referral(rng: Random, words: str, facts: Mapping[str, str], today: date, phone: str) -> Answers:
    given: Answers = {"besvar": words, "sedan": rng.choice(("veckor", "lange", "lange", "aterkommer"))}
    if rng.random() < 0.5:
        return given | {
            "sokt": "ja",
            "sokt-var": rng.choice(
                (
                    "Hos min hälsocentral i våras. De sa att jag skulle avvakta.",
                    "På vårdcentralen förra året.",
                )
            ),
        }
    return given | {"sokt": "nej"}


def _about_referral(rng: Random, words: str, facts: Mapping[str, str], today: date, phone: str) -> Answers:
    worse = "sämre" in words.lower()
    given: Answers = {"vad": words, "nar": rng.choice(("nyss", "manad", "lange", "vet-inte"))}
    if worse:
        return given | {"utveckling": "samre", "samre-vad": "Mer ont, särskilt på nätterna."}
    return given | {"utveckling": rng.choice(("samma", "samma", "battre"))}


def _aid(rng: Random, words: str, facts: Mapping[str, str], today: date, phone: str) -> Answers:
    thing = facts.get("hjälpmedel", "")
    kinds = (
        ("Inkontinens", "inkontinens"),
        ("Stomi", "stomi"),
        ("Test", "diabetes"),
        ("Kompression", "kompression"),
    )
    kind = next((code for sign, code in kinds if thing.startswith(sign)), "annat")
    return {
        "vad": f"{thing}. {words}" if thing and thing.lower() not in words.lower() else words,
        "slag": kind,
        "racker": rng.choice(("vecka", "mer", "vet-inte")),
        "fungerar": "samma",
        "leverans": rng.choice(("hem", "hamta", "vet-inte")),
    }


def _nurse(rng: Random, words: str, facts: Mapping[str, str], today: date, phone: str) -> Answers:
    return {
        "berattelse": words,
        "akut": ["nej"],
        "sedan": rng.choice(("dagar", "dagar", "veckor")),
        "utveckling": rng.choice(("samma", "samma", "samre")),
        "paverkan": rng.choice(("lite", "lite", "mycket")),
    }


def _book(rng: Random, words: str, facts: Mapping[str, str], today: date, phone: str) -> Answers:
    return {"vad": words, "forr": rng.choice(("ja", "nej", "vet-inte")), **_contact(rng, phone)}


def _rebook(rng: Random, words: str, facts: Mapping[str, str], today: date, phone: str) -> Answers:
    return {"vad": words, **_contact(rng, phone)}


def _contact_me(rng: Random, words: str, facts: Mapping[str, str], today: date, phone: str) -> Answers:
    return {"vad": words, "hur": "telefon", "telefon": phone, "nar": [rng.choice(("fm", "em", "nar-som"))]}


def _contact(rng: Random, phone: str) -> Answers:
    if rng.random() < 0.35:
        return {"hur": "telefon", "telefon": phone, "nar": [rng.choice(("fm", "em", "nar-som"))]}
    return {"hur": "skriv"}


def _cancel(rng: Random, words: str, facts: Mapping[str, str], today: date, phone: str) -> Answers:
    low = words.lower()
    given: Answers = {
        "datum": (today + timedelta(days=rng.randint(1, 18))).isoformat(),
        "klockan": f"{rng.randint(8, 15)}.{rng.choice(('00', '20', '40'))}",
        "orsak": words,
    }
    if "avboka" in low or "cancel" in low:
        return given | {"vad": "avboka", "kvar": rng.choice(("nej", "hor-av"))}
    days = ["alla"] if rng.random() < 0.4 else sorted(rng.sample(_DAYS, rng.randint(1, 3)), key=_DAYS.index)
    return given | {"vad": "omboka", "dagar": days, "tider": [rng.choice(("fm", "em", "nar-som"))]}


def _order(rng: Random, words: str, facts: Mapping[str, str], today: date, phone: str) -> Answers:
    low = words.lower()
    signs = (
        ("vaccin", "vaccin"),
        ("kontroll", "halsa"),
        ("återbesök", "aterbesok"),
        ("uppföljning", "aterbesok"),
    )
    kind = next((code for sign, code in signs if sign in low), "nytt")
    return {"vad": words, "slag": kind, "dagar": ["alla"], "tider": [rng.choice(("fm", "em", "nar-som"))]}


def _message(rng: Random, words: str, facts: Mapping[str, str], today: date, phone: str) -> Answers:
    return {
        "text": words,
        "galler": "prov" if "prov" in words.lower() else rng.choice(("behandling", "annat")),
    }


def _feedback(rng: Random, words: str, facts: Mapping[str, str], today: date, phone: str) -> Answers:
    low = words.lower()
    kind = "berom" if "berömma" in low else "forslag" if low.startswith("förslag") else "klagomal"
    return {"vad": words, "slag": kind, "svar": "skriv"}


_FORMS: dict[str, Callable[[Random, str, Mapping[str, str], date, str], Answers]] = {
    "fornya-recept": _prescription,
    "begar-intyg": _certificate,
    "egen-remiss": _referral,
    "fraga-remiss": _about_referral,
    "fornya-hjalpmedel": _aid,
    "fraga-sjukskoterskan": _nurse,
    "kontakta-mig-boka": _book,
    "kontakta-mig-omboka": _rebook,
    "kontakta-mig": _contact_me,
    "avboka-omboka": _cancel,
    "bestall-tid": _order,
    "skicka-meddelande": _message,
    "synpunkter": _feedback,
}
TYPES = tuple(_FORMS)
