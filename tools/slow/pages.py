"""Every page somebody can come to first, by side: the addresses of the route list, with the demo's objects put in."""

import re
from typing import Any

from playwright.sync_api import Browser

from tools.attacks.endings import case_of, pictures
from tools.attacks.stage import SESSION, Failed, Stage
from tools.attacks.stage import Browser as Somebody
from tools.chaos.product import ROOT
from tools.slow.weights import Scale, Weight
from vardvag.demo import cast

SLUG, KEY = "bjorkbackens-halsocentral", "fornya-recept"
DOORS = re.compile(r"^\| `(/[^`]*)` \| (public|resident|staff) \|", re.M)
NOT_PAGES = (  # files, fragments, answers of forms and probes; /galleri/ shows all components at once, to developers
    "/bilagor", "/personal/bilagor", "/filer/", "/skriv-ut/", "/galleri/", "/sms/kvitto/", "/logga-in/lage/",
    "/logga-in/klar/", "/e-legitimation/", "/siths/", "/tillbaka/", "/personal/ko/rader/", "/trad/", "/fakta/",
    "/historik/", "/fraser/<", "/personal/arenden/<uuid:public_id>/fraser/", "/kontakt/", "/lank/", "/inkorg/<",
)  # fmt: skip


def interview(anna: Somebody) -> str:
    """One that Anna has begun, as far as its first question."""
    anna.post(f"/kontakta/{SLUG}/sok-vard/borja/", {"accept": "on"})
    begun = anna.post(f"/rad/hos/{SLUG}/", {"medication": "yes", "record": "yes"})
    if begun.status_code != 303:
        raise Failed(f"an interview was answered {begun.status_code}")
    place = begun.headers["location"].removesuffix("beratta/")
    anna.post(f"{place}beratta/", {"words": "Ont i halsen sedan i går, och feber."})
    anna.post(f"{place}stammer-det/", {"reason": "halsont"})
    return place.split("/")[2]


def addresses(s: Stage, known: str, begun: str) -> list[tuple[str, str]]:
    """(path, side) of the addresses of docs/map.md that take no object, or one of the demo's."""
    put = {
        "<slug:slug>": SLUG, "<slug:key>": KEY, "<uuid:public_id>": case_of(s, cast.ANNA.number), "<str:way>": "sms",
        "<slug:kind>": "visit", "<uuid:interview_id>": begun,
    }  # fmt: skip
    found = []
    for path, side in DOORS.findall(known):
        if any(part in path for part in NOT_PAGES):
            continue
        for name, value in put.items():
            path = path.replace(name, value)
        if "<" not in path:
            found.append((path, side))
    return found


def weights(s: Stage, browser: Browser) -> list[Weight]:
    """Of each address that answers with a page to Anna, or to a nurse, an administrator, the region, a manager."""
    known = (ROOT / "docs" / "map.md").read_text(encoding="utf-8")
    anna, nobody = s.in_by_bankid(cast.ANNA.number), s.browser()
    staff = [s.in_as_staff(one.hsa_id) for one in (cast.SARA, cast.LENA, cast.INGRID, cast.MARIA)]
    pictures(s)
    scales: dict[str, Scale] = {}
    found = []
    try:
        for path, side in addresses(s, known, interview(anna)):
            for who in {"resident": [anna], "staff": staff}.get(side, [nobody]):
                answer = who.get(path)
                if answer.status_code != 200 or not answer.headers.get("content-type", "").startswith(
                    "text/html"
                ):
                    continue
                if who.key not in scales:
                    cookies: list[Any] = (
                        [{"name": SESSION, "value": who.key, "url": s.url}] if who.key else []
                    )
                    scales[who.key] = Scale(browser, s.url, cookies)
                found.append(scales[who.key].weigh(path, side=side))
                break
    finally:
        for scale in scales.values():
            scale.close()
    return found
