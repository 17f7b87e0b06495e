"""Lighthouse: full marks for accessibility on every page a resident meets, by the list of addresses."""

from django.urls import get_resolver, reverse

from tests.journeys.people import SLUG, log_in, open_service, renewal, settled
from tests.journeys.test_triage import begin, go_on
from tools.map import patterns
from vardvag.demo.cast import GRETA
from vardvag.demo.main_cases import case

# Behind the resident's door, but no pages: what is posted to, files, what only leads on.
NO_PAGES = {
    "cases/resident/withdraw", "cases/resident/file", "cases/resident/pdf", "cases/resident/write",
    "cases/resident/rate", "cases/resident/draft", "cases/resident/begin", "cases/resident/resume",
    "cases/resident/send", "cases/resident/save", "cases/resident/discard", "files/resident/upload",
    "files/resident/show", "files/resident/remove", "inbox/resident/item", "inbox/resident/unread",
    "inbox/resident/forget", "files/resident/piece", "triage/resident/save", "triage/resident/save_typed",
    "triage/resident/calm", "triage/resident/send", "triage/resident/end", "triage/resident/consent",
    "cases/resident/renewed",
}  # fmt: skip
# Behind the public door, but the staff's, or no pages.
NOT_THEIRS = {
    "core/public/gallery", "core/public/preferences", "identity/public/staff_login", "identity/public/siths",
    "identity/public/siths_back", "identity/public/bankid", "identity/public/cancel", "identity/public/done",
    "identity/public/state", "identity/public/eid", "identity/public/eid_back", "identity/public/back",
    "identity/public/logout", "inbox/public/receipt", "organisation/staff/choose",
}  # fmt: skip
LOGGED_OUT = {"identity/public/login", "identity/public/logged_out", "identity/public/waiting"}


def residents_pages() -> set[str]:
    """Names of all addresses of the public and the resident's door that show a page."""
    doors = {
        str(entry.name): getattr(entry.callback, "door", "") for _path, entry in patterns(get_resolver())
    }
    return {n for n, door in doors.items() if door in ("public", "resident")} - NO_PAGES - NOT_THEIRS


def test_every_page_a_resident_meets_has_full_marks(product, new_page, lighthouse):
    # Given Greta, who has a draft to send and an interview.
    page = new_page()
    log_in(page, product, GRETA)
    open_service(page, SLUG, "fornya-recept")
    draft = page.url
    renewal(page, "Alvedon 665 mg")
    check, sent = page.url, case("försenat").public_id
    begin(page, "Ont i halsen")
    go_on(page)
    screening = page.locator("input[name=question]").input_value()
    page.locator("input[value=s_chest]").check()
    page.locator("form.interview .one-tap button").first.click()
    page.wait_for_url("**/resultat/")
    interview = page.url.removeprefix(product.url).removesuffix("resultat/")
    page.goto("/installningar/adress/sms/")
    page.locator("#address").fill("070-174 06 43")
    page.locator("form.wishes button").click()
    page.wait_for_url("**/kod/sms/")

    # When every address of the list is opened.
    some = {
        "cases/resident/case": [f"/arenden/{sent}/"],
        "cases/resident/receipt": [f"/arenden/{sent}/skickat/"],
        "cases/resident/services": [f"/kontakta/{SLUG}/"],
        "cases/resident/about": [f"/kontakta/{SLUG}/begar-intyg/"],
        "cases/resident/choose": ["/kontakta/", "/kontakta/?sok=hamn"],
        "cases/resident/question": [draft.removeprefix(product.url)],
        "cases/resident/check": [check.removeprefix(product.url)],
        "cases/resident/leave": [f"/kontakta/{SLUG}/avgifter/lank/0/"],
        "inbox/resident/address": ["/installningar/adress/sms/"],
        "inbox/resident/code": ["/installningar/kod/sms/"],
        "inbox/resident/inbox": ["/inkorg/", "/inkorg/?visa=alla"],
        "organisation/public/unit": [f"/mottagningar/{SLUG}/"],
        "triage/resident/begin": [f"/rad/hos/{SLUG}/"],
        "triage/resident/words": [f"{interview}beratta/"],
        "triage/resident/reasons": [f"{interview}stammer-det/"],
        "triage/resident/question": [f"{interview}fraga/?igen={screening}"],
        "triage/resident/answers": [f"{interview}svar/"],
        "triage/resident/result": [f"{interview}resultat/"],
    }
    pages = [
        product.url + path
        for name in sorted(residents_pages() - LOGGED_OUT)
        for path in (some[name] if name in some else [reverse(name)])
    ]
    found = lighthouse(pages, cookies=page.context.cookies())
    stranger = new_page()
    stranger.goto("/logga-in/")
    stranger.locator("button[name=mode][value=qr]").click()
    stranger.wait_for_url("**/logga-in/vantar/")
    outside = [product.url + path for path in ("/logga-in/", "/logga-in/vantar/", "/utloggad/")]
    found |= lighthouse(outside, cookies=stranger.context.cookies())

    # Then each has 100. The draft goes again: the next who logs in as Greta begins anew.
    page.goto(check)
    page.locator("details:has(form[action$='/ta-bort/']) summary").click()
    page.locator("form[action$='/ta-bort/'] button").click()
    settled(page)
    assert len(found) == len(pages) + len(outside)
    assert not {url: told for url, told in found.items() if told[0] < 100}
