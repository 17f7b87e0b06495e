"""Canary: nothing about health, a patient or a matter leaves the house."""

import re

from vardvag.inbox import notices
from vardvag.inbox.models import ItemKind, StaffKind
from vardvag.outside.sms.parts import parts

SITE = "vardvag.solberga.example"
HEALTH = re.compile(
    r"recept|medicin|läkemed|provsvar|\bprov\b|diagnos|sjuk|remiss|intyg|besvär|symtom|behandl|vård(?!väg)|psyk"
    r"|graviditet|läkare|prescri|medic|test result|diagnos|\bill\b|sick|referral|certificate|symptom|treat"
    r"|pregnan|doctor|patient|personnummer|\b\d{6}[-+]?\d{4}\b",
    re.IGNORECASE,
)


def every_text() -> list[tuple[str, str]]:
    texts = []
    for language in ("sv", "en"):
        for kind in ItemKind:
            for unit in ("", "Solberga"):
                n = notices.resident(kind=kind, language=language, site=SITE, unit=unit)
                texts += [(f"{kind} {language}", t) for t in (n.subject, n.sms, n.mail)]
        for about in StaffKind:
            n = notices.digest(
                counts={about: 3}, units=["Solberga"], urgent=True, language=language, site=SITE
            )
            texts += [(f"{kind} {language}", t) for t in (n.subject, n.sms, n.mail)]
        n = notices.code(digits="123456", minutes=10, language=language, service=SITE)
        texts += [(f"code {language}", t) for t in (n.subject, n.sms, n.mail)]
    return texts


def test_no_health_word_in_any_notice():
    texts = every_text()
    assert len(texts) > 100
    for which, text in texts:
        assert not HEALTH.search(text.replace(SITE, "")), (which, text)


def test_the_canary_sings():
    assert HEALTH.search("Ditt provsvar har kommit") and HEALTH.search("Your prescription")


def test_an_sms_is_one_part_and_says_where_and_not_to_answer():
    for language in ("sv", "en"):
        for kind in ItemKind:
            text = notices.resident(kind=kind, language=language, site=SITE).sms
            assert parts(text) == 1, text
            assert SITE in text and "http" not in text
    text = notices.resident(kind=ItemKind.REPLY, language="sv", site=SITE).sms
    assert text == (
        "Du har ett nytt meddelande. Logga in på vardvag.solberga.example för att läsa. Svara inte på sms:et."
    )


def test_all_kinds_but_two_say_the_same():
    """A text that differed for a reply and a closed case would tell more than "something to read"."""
    said = {k: notices.resident(kind=k, language="sv", site=SITE).sms for k in ItemKind}
    assert len(set(said.values())) == 3


def test_both_languages_are_there():
    for kind in ItemKind:
        swedish, english = (notices.resident(kind=kind, language=x, site=SITE) for x in ("sv", "en"))
        assert swedish.sms != english.sms and swedish.mail != english.mail
    one = notices.digest(counts={"new": 1}, units=["A"], urgent=False, language="en", site=SITE)
    assert "1 new case" in one.sms and "cases" not in one.sms


def test_a_digest_counts_and_names_one_unit():
    text = notices.digest(
        counts={"new": 3, "overdue": 1},
        units=["Solberga", "Solberga"],
        urgent=False,
        language="sv",
        site=SITE,
    )
    assert text.sms.startswith("Solberga: 3 nya ärenden, 1 försenat ärende. Logga in på")
    many = notices.digest(counts={"new": 2}, units=["A", "B"], urgent=True, language="sv", site=SITE)
    assert many.sms.startswith("Brådskande. 2 nya ärenden (2 mottagningar).")
