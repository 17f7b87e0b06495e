"""A pure QR relay: the victim consents to a login somebody else began. Nothing technical stops it (trust.md G25), so
what is measured is the warnings the victim is shown, and how soon a notice is sent."""

from typing import Any

from tools.attacks.logins import RESIDENTS
from tools.attacks.stage import Stage, page, wait_until

LATEST = 60.0  # seconds
IN_THE_APP = ("Du loggar in på", "Fortsätt bara om du själv har startat inloggningen", "Vi ringer aldrig")
ON_THE_PAGE = (
    "Legitimera dig bara om du själv startade inloggningen",
    "Läs aldrig upp koder för någon som ringer",
)
IN_THE_NOTICE = ("loggade in som dig", "Logga ut överallt")


def measured(s: Stage, *, times: int, found: list[str]) -> dict[str, Any]:
    """Adds to `found` each warning not shown and each notice that did not come in a minute; returns the figures."""
    took: list[float] = []
    for n, who in enumerate(RESIDENTS):
        s.db.execute(
            "insert into inbox_contactsettings (person_id, email, email_verified_at, mobile, sms_for, mail_for,"
            " quiet_from, quiet_until, language, name_unit, when_protected, version) select id, %s, now(), '',"
            " '{}', '{}', '00:00', '23:00', 'sv', false, false, 1 from identity_person where personal_number = %s"
            " on conflict (person_id) do update set email = excluded.email, email_verified_at = now(),"
            " email_bad_at = null, told_of_logins = true",
            [f"r{n}@brevlada.example", who.number],
        )
    warned = 0
    for turn in range(times):
        n = turn % len(RESIDENTS)
        attacker = s.began("qr")
        order = s.order(attacker)
        seen = page(attacker.get("/logga-in/vantar/")).text_content()
        text = order.text.replace("**", "")
        missing = [one for one in IN_THE_APP if one not in text] + [
            one for one in ON_THE_PAGE if one not in seen
        ]
        found += [f"relay: no warning “{one}”" for one in missing]
        warned += not missing
        before = len(s.outside.journal.entries("mail"))
        s.proves(attacker, RESIDENTS[n].number)
        s.must(attacker, attacker.post("/logga-in/klar/"))
        seconds = wait_until(lambda before=before, n=n: _sent(s, before, n), LATEST)  # type: ignore[misc]
        if seconds is None:
            found.append("relay: no notice in a minute")
        else:
            took.append(seconds)
    took.sort()
    return {
        "relays": times, "warned": warned, "notices": len(took),
        "notice_median_s": round(took[len(took) // 2], 2) if took else None,
        "notice_slowest_s": round(took[-1], 2) if took else None,
    }  # fmt: skip


def _sent(s: Stage, before: int, n: int) -> bool:
    for entry in s.outside.journal.entries("mail")[before:]:
        text = str(entry.data.get("text", ""))
        if entry.data.get("to") == f"r{n}@brevlada.example" and all(one in text for one in IN_THE_NOTICE):
            return True
    return False
