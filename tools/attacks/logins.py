"""The attacks on login (G25). Each is played by an attacker's and a victim's browser against the real stand-ins.

What an attack draws by chance (victim, e-ID, which lie) comes from the run's seed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from tools.attacks.stage import (
    LOGIN,
    SESSION,
    STAFF_LOGIN,
    Browser,
    Exposed,
    Failed,
    Stage,
    back,
    hashed,
    honest,
)
from vardvag.demo import cast
from vardvag.outside.bankid import qr
from vardvag.outside.bankid.orders import PhoneSays
from vardvag.outside.oidc.standin import Told

RESIDENTS = [cast.ANNA, cast.JOHAN, cast.PETRA, cast.SAMIRA, cast.GRETA, cast.PER, cast.SOFIA]
STAFF = [cast.SARA, cast.AMIR, cast.KARIN, cast.JONAS]


@dataclass
class Outcome:
    """`right`: the browsers that are to hold whatever sessions the attack left. `wrong`: those that must not be let in.
    `control`: what the right ones do afterwards, when it has been seen who got in; Failed when it is refused."""

    right: list[Browser] = field(default_factory=list)
    wrong: list[Browser] = field(default_factory=list)
    control: Callable[[], object] = field(default=lambda: None)


def two(s: Stage) -> tuple[str, str]:
    """Personal numbers of a victim and an attacker."""
    victim, attacker = s.rng.sample(RESIDENTS, 2)
    return victim.number, attacker.number


# -- BankID


def comes_back(s: Stage, browser: Browser, nonce: str = "") -> Callable[[], object]:
    """The control: with cookie and nonce the login was good all the time."""
    return lambda: s.must(browser, browser.post("/logga-in/klar/", {"nonce": nonce}))


def poll_from_another_browser(s: Stage) -> Outcome:
    """All that the pages show, asked for from elsewhere."""
    mine, theirs = s.began(s.rng.choice(("same", "qr"))), s.browser()
    nonce = s.proves(mine, two(s)[0])
    mine.post("/logga-in/lage/")
    for _ in range(2):
        theirs.post("/logga-in/lage/")
        theirs.get("/logga-in/vantar/")
        theirs.get(f"/logga-in/tillbaka/{nonce or 'x'}/")
        theirs.post("/logga-in/klar/", {"nonce": nonce})
    return Outcome([mine], [theirs], comes_back(s, mine, nonce))


def autostart_link_sent_to_a_victim(s: Stage) -> Outcome:
    """The attacker began, the victim's app followed the link; the attacker asks on, without the address it got."""
    attacker = s.began("same")
    shown = attacker.get("/logga-in/vantar/").text + attacker.post("/logga-in/lage/").text
    nonce = s.proves(attacker, two(s)[0])
    if nonce in shown:
        raise Exposed("the attacker's page shows the nonce")
    for given in ({}, {"nonce": ""}, {"nonce": "x" * 43}, {"nonce": nonce[:-1]}, {"nonce": nonce.swapcase()}):
        attacker.post("/logga-in/lage/")
        attacker.post("/logga-in/klar/", given)
    return Outcome([attacker], [attacker], comes_back(s, attacker, nonce))


def victim_comes_back_instead(s: Stage) -> Outcome:
    """The victim's browser opens the return address of a login it did not begin, once with one of its own begun."""
    attacker, victim = s.began("same"), s.browser()
    nonce = s.proves(attacker, two(s)[0])
    if s.rng.random() < 0.5:
        s.began("same", victim)
    victim.get(f"/logga-in/tillbaka/{nonce}/")
    victim.post("/logga-in/klar/", {"nonce": nonce})
    return Outcome([attacker], [attacker, victim], comes_back(s, attacker, nonce))


def nonce_of_another_login(s: Stage) -> Outcome:
    """Both are proven; the attacker hands in the nonce of a login of their own with the victim's cookie's login."""
    number, other = two(s)
    first, second = s.began("same"), s.began("same")
    own, nonce = s.proves(first, number), s.proves(second, other)
    first.post("/logga-in/lage/")
    first.post("/logga-in/klar/", {"nonce": nonce})
    return Outcome([first], [first], comes_back(s, first, own))


def used_login_again(s: Stage) -> Outcome:
    """Cookie and nonce copied, and played again after the login."""
    mine = s.began(s.rng.choice(("same", "qr")))
    copy = mine.cookies[LOGIN]
    nonce = s.proves(mine, two(s)[0])
    s.must(mine, mine.post("/logga-in/klar/", {"nonce": nonce}))
    thief = s.browser()
    thief.cookies[LOGIN] = copy
    for _ in range(2):
        thief.post("/logga-in/klar/", {"nonce": nonce})
    return Outcome([mine], [thief])


def login_that_has_grown_old(s: Stage) -> Outcome:
    mine = s.began(s.rng.choice(("same", "qr")))
    nonce = s.proves(mine, two(s)[0])
    mine.post("/logga-in/lage/")
    s.db.execute("update identity_loginattempt set created_at = created_at - interval '6 minutes' where key_hash = %s",
                 [hashed(mine.cookies[LOGIN])])  # fmt: skip
    mine.post("/logga-in/klar/", {"nonce": nonce})
    return Outcome([], [mine])


def fixation_with_a_living_key(s: Stage) -> Outcome:
    """The victim logs in over the attacker's own session: the attacker's key is dead, and never the victim's."""
    number, other = two(s)
    attacker, victim = s.in_by_bankid(other), s.browser()
    victim.cookies[SESSION] = planted = attacker.key
    s.in_by_bankid(number, s.rng.choice(("same", "qr")), victim)
    if victim.key == planted:
        raise Exposed("the key was kept")
    return Outcome([victim], [attacker])


def fixation_with_an_invented_key(s: Stage) -> Outcome:
    victim, attacker = s.browser(), s.browser()
    planted = "".join(s.rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=43))
    victim.cookies[SESSION] = attacker.cookies[SESSION] = planted
    s.in_by_bankid(two(s)[0], s.rng.choice(("same", "qr")), victim)
    return Outcome([victim], [attacker])


def orders_side_by_side(s: Stage) -> Outcome:
    """Two browsers wait; the one whose order is proven is let in, the other waits on."""
    one, other = s.began("qr"), s.began(s.rng.choice(("same", "qr")))
    s.proves(one, two(s)[0])
    other.post("/logga-in/lage/")
    other.post("/logga-in/klar/")
    return Outcome([one], [other], comes_back(s, one))


def begun_anew(s: Stage) -> Outcome:
    """Who begins anew leaves nothing proven behind for whoever copied the first cookie."""
    mine = s.began("qr")
    copy = mine.cookies[LOGIN]
    s.proves(mine, two(s)[0])
    mine.post("/logga-in/lage/")
    s.began("qr", mine)
    thief = s.browser()
    thief.cookies[LOGIN] = copy
    thief.post("/logga-in/lage/")
    thief.post("/logga-in/klar/")
    return Outcome([], [thief])


def picture_of_an_old_qr_code(s: Stage) -> Outcome:
    """A screenshot sent on to the victim, or made up by somebody who knows all but the secret."""
    attacker = s.began("qr")
    order = s.order(attacker)
    pages = attacker.get("/logga-in/vantar/").text + attacker.post("/logga-in/lage/").text
    if order.qr_secret in pages or order.ref in pages:
        raise Exposed("the page shows the order's secret")
    old = qr.text(order.qr_start_token, order.qr_secret, 0)
    order.at -= timedelta(seconds=12)
    made_up = qr.text(order.qr_start_token, "0" * 36, 12)
    for code in (old, made_up):
        try:
            s.bankid.orders.scan(code)
        except PhoneSays:
            continue
        s.proves(attacker, two(s)[0])
    attacker.post("/logga-in/klar/")
    return Outcome([], [attacker])


# -- OpenID Connect, residents' e-ids and staff


@dataclass
class Begun:
    """A login under way at a provider; `come` goes to the address the provider sent the browser to."""

    s: Stage
    provider: Any
    key: str  # freja | koppling | "" for staff
    browser: Browser
    query: dict[str, str]
    who: str

    def answer(self, **changed: str) -> str:
        return back(self.provider, self.query | changed, self.who)

    def come(self, path: str, browser: Browser | None = None) -> Any:
        return (browser or self.browser).get(path)

    @property
    def cookie(self) -> str:
        return LOGIN if self.key else STAFF_LOGIN


def begun(s: Stage, *, staff: bool | None = None, who: str = "") -> Begun:
    if s.rng.random() < 0.5 if staff is None else staff:
        browser, query = s.staff_began()
        return Begun(s, s.siths, "", browser, query, who or s.rng.choice(STAFF).hsa_id)
    key = s.rng.choice(("freja", "koppling"))
    browser, query = s.eid_began(key)
    return Begun(s, getattr(s, key), key, browser, query, who or two(s)[0])


def lied(s: Stage, *lies: Told, staff: bool | None = None) -> Outcome:
    """Each lie in a login of its own."""
    wrong = []
    for told in lies:
        one = begun(s, staff=staff)
        one.provider.told = told
        try:
            one.come(one.answer())
        finally:
            honest(one.provider)
        wrong.append(one.browser)
    return Outcome([], wrong)


def answer_in_another_browser(s: Stage) -> Outcome:
    """The state belongs to the browser that began: not to a bare one, nor to one with a login of its own."""
    one = begun(s)
    path, bare = one.answer(), s.browser()
    one.come(path, bare)  # while the login that it answers is the newest
    busy = begun(s, staff=not one.key).browser
    one.come(path, busy)
    return Outcome([one.browser], [bare, busy], lambda: s.must(one.browser, one.come(path)))


def wrong_state(s: Stage) -> Outcome:
    one = begun(s)
    wrong = s.rng.choice(("", "x" * 43, "%00", quote("å" * 20)))
    one.come(re.sub(r"\bstate=[^&]*", f"state={wrong}", one.answer()))
    return Outcome([], [one.browser])


def code_of_another_login(s: Stage) -> Outcome:
    """PKCE: a stolen code is worth nothing in another login, nor with another's challenge."""
    victim = begun(s, staff=False)
    _browser, query = s.eid_began(victim.key)
    attacker = Begun(s, victim.provider, victim.key, _browser, query, victim.who)
    code = dict(parse_qsl(urlsplit(victim.answer()).query))["code"]
    attacker.come(re.sub(r"\bcode=[^&]*", f"code={code}", attacker.answer()))
    other = begun(s)
    other.come(other.answer(code_challenge="x" * 43))
    return Outcome([], [attacker.browser, other.browser])


def nonce_swapped(s: Stage) -> Outcome:
    one, other = begun(s), begun(s)
    one.come(one.answer(nonce=other.query["nonce"]))
    return Outcome([], [one.browser])


def mix_up(s: Stage) -> Outcome:
    """An answer that is true, but of another provider, to another's address, or without saying whose it is."""
    one = begun(s, staff=False)
    other = s.koppling if one.key == "freja" else s.freja
    name = "koppling" if one.key == "freja" else "freja"
    address = one.query["redirect_uri"].replace(f"/{one.key}/", f"/{name}/")
    paths = [
        back(other, one.query, one.who),
        re.sub(r"&?\biss=[^&]*", "", back(other, one.query, one.who)),
        re.sub(r"&?\biss=[^&]*", "", one.answer()),
        back(other, one.query | {"redirect_uri": address}, one.who),
        one.answer().replace(f"/{one.key}/", f"/{name}/"),
        re.sub(r"\biss=[^&]*", "iss=https://x", one.answer()),
    ]
    one.come(s.rng.choice(paths))
    return Outcome([], [one.browser])


def unsigned_token(s: Stage) -> Outcome:
    """alg none, or the published key used as a shared secret."""
    return lied(s, Told(alg="none"), Told(alg="HS256"))


def token_for_or_of_somebody_else(s: Stage) -> Outcome:
    """Wrong aud, iss, kid or signing key, no nonce, run out."""
    return lied(
        s, Told(claims={"aud": "another"}), Told(claims={"aud": ["vardvag", "another"]}),
        Told(claims={"iss": "https://x"}), Told(kid="another"), Told(stranger=True), Told(claims={"nonce": None}),
        Told(claims={"exp": 1}),
    )  # fmt: skip


def stale_sign_in(s: Stage) -> Outcome:
    """Somebody's sign-in of long ago at the provider, on a shared computer; or a level that is too low."""
    return lied(
        s, Told(claims={"auth_time": 1}), Told(claims={"auth_time": None}),
        Told(claims={"acr": "http://id.elegnamnden.se/loa/1.0/loa2"}), Told(claims={"acr": None}), staff=False,
    )  # fmt: skip


def answer_played_again(s: Stage) -> Outcome:
    """Cookie and answer copied and used once more; and a subject that was somebody else's before."""
    one = begun(s)
    copy, path = one.browser.cookies[one.cookie], one.answer()
    s.must(one.browser, one.come(path))
    thief = s.browser()
    thief.cookies[one.cookie] = copy
    one.come(path, thief)
    first, second = s.rng.sample(RESIDENTS, 2)
    right, wrong = begun(s, staff=False, who=first.number), None
    subject = f"one-{s.rng.getrandbits(60)}"
    right.provider.told = Told(claims={"sub": subject})
    s.must(right.browser, right.come(right.answer()))
    wrong, query = s.eid_began(right.key)
    wrong.get(back(right.provider, query, second.number))
    honest(right.provider)
    return Outcome([one.browser, right.browser], [thief, wrong])


def cookies_change_places(s: Stage) -> Outcome:
    """A login's cookie in the place of another kind's."""
    staff, eid, bank = begun(s, staff=True), begun(s, staff=False), s.began("qr")
    s.proves(bank, two(s)[0])
    wrong = []
    for name, value, path in (
        (LOGIN, staff.browser.cookies[STAFF_LOGIN], eid.answer()),
        (STAFF_LOGIN, eid.browser.cookies[LOGIN], staff.answer()),
        (LOGIN, bank.cookies[LOGIN], eid.answer()),
        (STAFF_LOGIN, bank.cookies[LOGIN], staff.answer()),
    ):
        browser = s.browser()
        browser.cookies[name] = value
        browser.get(path)
        if name == LOGIN and value != bank.cookies[LOGIN]:
            browser.post("/logga-in/klar/", {"nonce": ""})
        wrong.append(browser)
    return Outcome([bank], wrong, comes_back(s, bank))


ATTACKS: list[Callable[[Stage], Outcome]] = [
    poll_from_another_browser, autostart_link_sent_to_a_victim, victim_comes_back_instead, nonce_of_another_login,
    used_login_again, login_that_has_grown_old, fixation_with_a_living_key, fixation_with_an_invented_key,
    orders_side_by_side, begun_anew, picture_of_an_old_qr_code, answer_in_another_browser, wrong_state,
    code_of_another_login, nonce_swapped, mix_up, unsigned_token, token_for_or_of_somebody_else, stale_sign_in,
    answer_played_again, cookies_change_places,
]  # fmt: skip


def judge(s: Stage, attack: Callable[[Stage], Outcome]) -> list[str]:
    """What was wrong with one attack; empty when nobody got in who should not, and those who should did."""
    mark, name = s.last_session(), attack.__name__
    try:
        outcome = attack(s)
    except Exposed as shown:
        return [f"{name}: {shown}"]
    found = [f"{name}: a wrong browser is in" for one in outcome.wrong if one.key and s.is_in(one)]
    try:
        outcome.control()
    except Failed as refused:
        found.append(f"control of {name}: {refused}")
    mine = {hashed(one.key) for one in outcome.right if one.key}
    strangers = [key for key in s.keys_since(mark) if key not in mine]
    found += [f"{name}: a session that no right browser holds"] * len(strangers)
    for one in outcome.right:
        if one.key:
            one.post("/logga-ut/")
    return found


def right_ways(s: Stage) -> None:
    """The control: every way in works, else nothing is proven by those that are refused."""
    number = two(s)[0]
    for mode in ("same", "qr"):
        if not s.is_in(s.in_by_bankid(number, mode)):
            raise Failed(f"BankID ({mode}) lets nobody in")
    for key in ("freja", "koppling"):
        browser, query = s.eid_began(key)
        if not s.is_in(s.must(browser, browser.get(back(getattr(s, key), query, number)))):
            raise Failed(f"{key} lets nobody in")
    if not s.is_in(s.in_as_staff(s.rng.choice(STAFF).hsa_id)):
        raise Failed("SITHS lets nobody in")
