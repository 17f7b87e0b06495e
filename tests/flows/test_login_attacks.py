"""A login gives its session to the browser that began it and to no other (G25, G26). Against the real stand-ins."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.conf import settings
from django.test import Client

from tests import acting
from tests.cluster import as_system
from vardvag.core import clock
from vardvag.demo import cast
from vardvag.identity import cookies, eid, login, register
from vardvag.identity.models import Guardianship, LoginAttempt, Person, Session
from vardvag.organisation.models import Assignment
from vardvag.outside.bankid import qr
from vardvag.outside.bankid.orders import Refusal, Timing
from vardvag.outside.bankid.standin import StandIn as BankId
from vardvag.outside.eid.standin import StandIn as Eid
from vardvag.outside.journal import Journal
from vardvag.outside.oidc.standin import Told
from vardvag.outside.population.standin import StandIn as Register
from vardvag.outside.siths.standin import StandIn as Siths

NEW = cast.Resident("Ny", "Inflyttad", date(1991, 2, 3), True)


@dataclass
class Outside:
    bankid: BankId
    register: Register
    siths: Siths
    freja: Eid
    koppling: Eid

    def all(self) -> tuple[BankId | Register | Siths | Eid, ...]:
        return self.bankid, self.register, self.siths, self.freja, self.koppling


def _row(who: cast.Resident) -> dict[str, Any]:
    return {
        "given_name": who.given_name,
        "surname": who.surname,
        "guardians": [{"personal_number": g.number, "since": None, "until": None} for g in who.guardians],
    }


@pytest.fixture(scope="module")
def _standins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    folder: Path = tmp_path_factory.mktemp("bankid")
    journal = Journal()
    there = Outside(
        BankId(journal, folder, timing=Timing(between_collects=0)), Register(journal), Siths(journal),
        Eid(journal, name="Freja+"), Eid(journal, name="Kopplingen"),
    )  # fmt: skip
    for one in there.all():
        one.start()
    yield there
    for one in there.all():
        one.stop()


@pytest.fixture
def outside(world: object, _standins: Outside, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    names = ("bankid", "population", "siths", "eid_freja", "eid_koppling")
    for name, standin in zip(names, _standins.all(), strict=True):
        monkeypatch.setitem(settings.OUTSIDE, name, standin.place())
    monkeypatch.setitem(settings.OUTSIDE, "eid", {"providers": "freja koppling"})
    monkeypatch.setattr(login, "COLLECT_EVERY", timedelta(0))
    for made in (login.bankid, login.siths, eid.provider, register.service):
        made.cache_clear()
    for one in (_standins.freja, _standins.koppling):
        one.told = Told()
        one.faults.stay()
    _standins.register._changes.clear()
    for who in (cast.ANNA, cast.ELSA, cast.NILS, cast.PER, NEW):
        _standins.register.change(who.number, **_row(who))
    yield _standins
    _standins.register.fault = ""
    _standins.bankid.faults.stay()
    _standins.register.faults.stay()
    for made in (login.bankid, login.siths, eid.provider, register.service):
        made.cache_clear()


def began(mode: str, client: Client | None = None) -> Client:
    client = client or acting.nobody()
    assert client.post("/logga-in/bankid/", {"mode": mode}).status_code == 303
    return client


def legitimate(outside: Outside, who: cast.Resident) -> str:
    """The person uses the order begun last; returns the nonce of the address the app goes back to."""
    order = outside.bankid.orders.waiting()[0]
    outside.bankid.orders.take(order.ref, who.number)
    outside.bankid.orders.approve(order.ref)
    return str(order.body.get("returnUrl") or "").rstrip("/").rsplit("/", 1)[-1]


def key_of(client: Client) -> str:
    found = client.cookies.get(settings.SESSION_KEY_COOKIE)
    return found.value if found else ""


def is_in(client: Client) -> bool:
    return client.get("/installningar/").status_code == 200


def words(answer: Any) -> str:
    return str(html.unescape(answer.content.decode()))


def test_the_right_browser_gets_in_by_both_ways(outside: Outside) -> None:
    same = began("same")
    nonce = legitimate(outside, cast.ANNA)
    assert same.post("/logga-in/lage/").json()["state"] == "proven" and not is_in(same)
    assert same.get(f"/logga-in/tillbaka/{nonce}/").status_code == 200 and not is_in(same)
    assert same.post("/logga-in/klar/", {"nonce": nonce})["Location"] == "/"
    assert is_in(same)
    other = began("qr")
    legitimate(outside, cast.PER)
    assert other.post("/logga-in/klar/").status_code == 303 and is_in(other)


@pytest.mark.parametrize("mode", ["same", "qr"])
def test_asking_never_gives_a_session_to_another_browser(outside: Outside, mode: str) -> None:
    mine, theirs = began(mode), acting.nobody()
    nonce = legitimate(outside, cast.ANNA)
    assert mine.post("/logga-in/lage/").json()["state"] == "proven"
    assert key_of(mine) == ""  # asking alone gives nobody anything
    assert theirs.post("/logga-in/lage/").status_code == 409
    assert theirs.get("/logga-in/vantar/").status_code == 409
    assert theirs.post("/logga-in/klar/", {"nonce": nonce}).status_code == 409
    assert theirs.get(f"/logga-in/tillbaka/{nonce or 'x'}/").status_code == 200
    assert not key_of(theirs) and not is_in(theirs)


def test_link_sent_to_a_victim_gives_the_attacker_nothing(outside: Outside) -> None:
    """The attacker begins, the victim's app follows the link and comes back in the victim's browser."""
    attacker, victim = began("same"), acting.nobody()
    shown = words(attacker.get("/logga-in/vantar/")) + attacker.post("/logga-in/lage/").content.decode()
    nonce = legitimate(outside, cast.ANNA)
    assert nonce not in shown
    for given in ({}, {"nonce": ""}, {"nonce": "x" * 43}, {"nonce": nonce[:-1]}, {"nonce": nonce.swapcase()}):
        assert attacker.post("/logga-in/klar/", given).status_code == 409
    assert attacker.get(f"/logga-in/tillbaka/{'x' * 43}/").status_code == 200
    assert victim.post("/logga-in/klar/", {"nonce": nonce}).status_code == 409
    assert not is_in(attacker) and not is_in(victim)
    with as_system():
        assert not Session.objects.filter(person__personal_number=cast.ANNA.number, ended_at=None).exists()


def test_the_first_tab_says_where_to_go_on(outside: Outside) -> None:
    """Without JavaScript one presses the button in the tab where the login began."""
    client = began("same")
    assert "öppnar appen en flik" in words(client.get("/logga-in/vantar/"))
    nonce = legitimate(outside, cast.ANNA)
    answer = client.post("/logga-in/klar/")
    assert answer.status_code == 409 and not key_of(client)
    assert "Fortsätt i fliken som appen öppnade" in words(answer) and "Börja om" in words(answer)
    assert client.post("/logga-in/klar/", {"nonce": nonce}).status_code == 303 and is_in(client)


def test_the_victims_own_login_under_way_takes_no_nonce_of_another(outside: Outside) -> None:
    began("same")
    nonce = legitimate(outside, cast.PER)
    victim = began("same")
    assert victim.post("/logga-in/klar/", {"nonce": nonce})["Location"] == "/logga-in/vantar/"
    legitimate(outside, cast.ANNA)
    assert victim.post("/logga-in/klar/", {"nonce": nonce}).status_code == 409
    assert not is_in(victim)


@pytest.mark.parametrize("mode", ["same", "qr"])
def test_a_used_login_is_used(outside: Outside, mode: str) -> None:
    client = began(mode)
    copy = client.cookies["login"].value
    nonce = legitimate(outside, cast.ANNA)
    assert client.post("/logga-in/klar/", {"nonce": nonce}).status_code == 303 and is_in(client)
    again = acting.nobody()
    again.cookies["login"] = copy
    assert again.post("/logga-in/klar/", {"nonce": nonce}).status_code != 200
    assert not key_of(again)
    with as_system():
        used = LoginAttempt.objects.latest("pk")
    assert (used.state, used.proven_number, used.auto_start_token, used.qr_start_secret) == (
        "used",
        "",
        "",
        "",
    )


def test_a_login_grows_old(outside: Outside, shift: Any) -> None:
    client = began("qr")
    legitimate(outside, cast.ANNA)
    assert client.post("/logga-in/lage/").json()["state"] == "proven"
    shift(timedelta(minutes=6))
    assert client.post("/logga-in/klar/").status_code == 409 and not key_of(client)


def test_a_key_planted_before_login_opens_nothing(outside: Outside) -> None:
    """Fixation: the victim logs in over the attacker's session and over an invented key."""
    attacker = acting.resident(cast.PER.number)
    planted = key_of(attacker)
    victim = acting.nobody()
    victim.cookies[settings.SESSION_KEY_COOKIE] = planted
    began("qr", victim)
    legitimate(outside, cast.ANNA)
    victim.post("/logga-in/klar/")
    assert key_of(victim) != planted and is_in(victim)
    assert not is_in(attacker)
    invented = acting.nobody()
    invented.cookies[settings.SESSION_KEY_COOKIE] = "a" * 43
    began("qr", invented)
    legitimate(outside, cast.ANNA)
    invented.post("/logga-in/klar/")
    assert key_of(invented) not in ("", "a" * 43)


def test_orders_side_by_side_stay_apart(outside: Outside) -> None:
    one, two = began("qr"), began("qr")
    legitimate(outside, cast.ANNA)  # the newest: `two`
    assert one.post("/logga-in/klar/")["Location"] == "/logga-in/vantar/" and not key_of(one)
    assert two.post("/logga-in/klar/")["Location"] == "/" and is_in(two)


def test_beginning_again_voids_what_was_begun(outside: Outside) -> None:
    client = began("qr")
    old = client.cookies["login"].value
    legitimate(outside, cast.ANNA)
    assert client.post("/logga-in/lage/").json()["state"] == "proven"
    began("qr", client)
    thief = acting.nobody()
    thief.cookies["login"] = old
    assert thief.post("/logga-in/klar/").status_code == 303
    assert not key_of(thief)
    with as_system():
        assert not LoginAttempt.objects.exclude(proven_number="").exists()


def test_the_qr_code_is_only_shown_where_it_began_and_moves(outside: Outside, shift: Any) -> None:
    mine, theirs = began("qr"), acting.nobody()
    first = mine.post("/logga-in/lage/").json()["qr"]
    assert "<svg" in first and theirs.post("/logga-in/lage/").json().get("qr") is None
    order = outside.bankid.orders.waiting()[0]
    told = words(mine.get("/logga-in/vantar/"))
    assert order.qr_secret not in told and order.ref not in told and order.auto_start_token not in told
    at = clock.now()
    old = qr.text_at(order.qr_start_token, order.qr_secret, order.at, at)
    shift(timedelta(seconds=2))
    assert mine.post("/logga-in/lage/").json()["qr"] != first
    shift(timedelta(seconds=12))
    with pytest.raises(Exception, match="för gammal"):
        outside.bankid.orders.scan(old)


def test_a_code_that_cannot_be_renewed_at_once_is_renewed_later(outside: Outside, shift: Any) -> None:
    """Nobody scanned in 30 seconds, and BankID had a moment of trouble just then."""
    mine = began("qr")
    first = mine.post("/logga-in/lage/").json()["qr"]
    for seconds, trouble in ((31, (500, "internalError", "")), (33, (429, "tooManyRequests", ""))):
        shift(timedelta(seconds=seconds))
        with mock.patch.object(outside.bankid.orders, "start", side_effect=Refusal(*trouble)):
            told = mine.post("/logga-in/lage/").json()
        assert told["state"] == "pending" and told["words"] and not told["qr"]
        assert mine.get("/logga-in/vantar/").status_code == 200
    shift(timedelta(seconds=35))
    renewed = mine.post("/logga-in/lage/").json()
    assert renewed["state"] == "pending" and "<svg" in renewed["qr"] and renewed["qr"] != first
    legitimate(outside, cast.PER)
    assert mine.post("/logga-in/klar/").status_code == 303 and is_in(mine)


# --- who may log in ---------------------------------------------------------------------------------------------


def tries(outside: Outside, who: cast.Resident) -> tuple[Client, Any]:
    client = began("qr")
    legitimate(outside, who)
    return client, client.post("/logga-in/klar/")


def test_a_child_is_told_from_when(outside: Outside) -> None:
    client, answer = tries(outside, cast.ELSA)
    assert answer.status_code == 409 and "från den dag du fyller 13 år" in words(answer)
    assert not key_of(client)
    with as_system():
        assert not LoginAttempt.objects.exclude(proven_number="").exists()


def test_the_dead_do_not_log_in(outside: Outside) -> None:
    outside.register.change(cast.PER.number, deceased="2026-01-01")
    client, answer = tries(outside, cast.PER)
    assert answer.status_code == 409 and "Ring supporten" in words(answer) and not key_of(client)


def test_somebody_the_register_does_not_know(outside: Outside) -> None:
    client, answer = tries(outside, cast.Resident("Okänd", "Person", date(1970, 1, 2), True))
    assert (
        answer.status_code == 409 and "finns inte i folkbokföringen" in words(answer) and not key_of(client)
    )


def test_the_register_down_stops_only_those_we_never_saw(outside: Outside) -> None:
    outside.register.faults.stay("down")
    client, answer = tries(outside, cast.ANNA)
    assert answer.status_code == 303 and is_in(client)
    client, answer = tries(outside, NEW)
    assert answer.status_code == 409 and "svarar inte just nu" in words(answer) and not key_of(client)
    outside.register.faults.stay()
    assert client.post("/logga-in/klar/").status_code == 303 and is_in(client)  # the same e-ID, tried again


def test_a_child_is_a_child_when_the_register_is_down_too(outside: Outside) -> None:
    outside.register.faults.stay("down")
    client, answer = tries(outside, cast.ELSA)
    assert answer.status_code == 409 and not key_of(client)


def test_custody_that_was_to_last_ends_when_the_register_says_so(outside: Outside) -> None:
    with as_system():
        links = Guardianship.objects.filter(guardian__personal_number=cast.ANNA.number)
        links.update(until=clock.now().date() + timedelta(days=400))
    outside.register.change(cast.ELSA.number, guardians=[])
    client, _answer = tries(outside, cast.ANNA)
    said = words(client.get("/byt-person/"))
    assert cast.NILS.given_name in said and cast.ELSA.given_name not in said


# --- where one lands --------------------------------------------------------------------------------------------

EVIL = ["https://angripare.example/", "//angripare.example/", "/\\angripare.example/", "javascript:alert(1)",
        "///angripare.example", "/%0d%0aLocation:%20https://angripare.example"]  # fmt: skip


@pytest.mark.parametrize("evil", EVIL)
def test_nobody_is_led_away(outside: Outside, evil: str) -> None:
    client = acting.nobody()
    client.get("/arenden/", headers={"Referer": evil, "HX-Current-URL": evil, "HX-Request": "true"})
    client.post("/inkorg/", headers={"Referer": evil})
    began("qr", client)
    client.post("/logga-in/bankid/", {"mode": "qr", "target": evil, "next": evil})
    legitimate(outside, cast.ANNA)
    where = client.post("/logga-in/klar/", {"target": evil, "next": evil})["Location"]
    assert (
        where.startswith("/")
        and not where.startswith(("//", "/\\"))
        and "angripare" not in urlsplit(where).netloc
    )
    assert cookies.local_path(evil).startswith("/") and not cookies.local_path(evil).startswith(("//", "/\\"))


def test_a_forged_target_is_no_target(outside: Outside) -> None:
    client = acting.nobody()
    client.cookies["target"] = "eyJwYXRoIjoiLy9hbmdyaXBhcmUuZXhhbXBsZSJ9:1abc:forged"
    began("qr", client)
    legitimate(outside, cast.ANNA)
    assert client.post("/logga-in/klar/")["Location"] == "/"


# --- other e-ids ------------------------------------------------------------------------------------------------


def eid_began(key: str = "freja", client: Client | None = None) -> tuple[Client, dict[str, str]]:
    client = client or acting.nobody()
    answer = client.post("/logga-in/e-legitimation/", {"eid": key})
    assert answer.status_code == 303
    return client, dict(parse_qsl(urlsplit(answer["Location"]).query))


def eid_back(provider: Eid, query: dict[str, str], who: cast.Resident = cast.ANNA) -> str:
    return urlsplit(provider.sign_in(who.number, query))._replace(scheme="", netloc="").geturl()


def test_an_eid_gets_its_holder_in_once(outside: Outside) -> None:
    client = acting.nobody()
    client.get("/arenden/")
    _client, query = eid_began(client=client)
    copy, back = client.cookies["login"].value, eid_back(outside.freja, query)
    assert client.get(back)["Location"] == "/arenden/" and is_in(client)
    again = acting.nobody()
    again.cookies["login"] = copy
    assert again.get(back).status_code == 409 and not key_of(again)
    with as_system():
        session, used = Session.objects.latest("pk"), LoginAttempt.objects.latest("pk")
    assert (session.method, session.issuer, session.id_token) == ("freja", outside.freja.issuer, "")
    assert session.subject and session.level.endswith("loa3")
    assert (used.state, used.proven_number, used.oidc_verifier) == ("used", "", "")
    assert "med Freja+" in words(client.get("/inloggningar/"))


def test_an_eids_answer_in_another_browser(outside: Outside) -> None:
    client, query = eid_began()
    back = eid_back(outside.freja, query)
    bare, busy, bank = acting.nobody(), eid_began()[0], began("qr")
    for other in (bare, busy, bank):
        assert other.get(back).status_code == 409 and not key_of(other)
    assert client.get(back).status_code == 303 and is_in(client)


@pytest.mark.parametrize(
    ("part", "value"),
    [("state", "x" * 43), ("state", ""), ("code", "wrong"), ("code", ""), ("iss", "https://x"), ("iss", "")],
)
def test_an_eids_answer_with_a_wrong_part(outside: Outside, part: str, value: str) -> None:
    client, query = eid_began()
    back = re.sub(rf"\b{part}=[^&]*", f"{part}={value}", eid_back(outside.freja, query))
    assert client.get(back).status_code == 409 and not key_of(client)


def test_a_forged_answer_does_not_end_the_login_under_way(outside: Outside) -> None:
    client, query = eid_began()
    assert (
        client.get("/logga-in/e-legitimation/freja/tillbaka/?state=x&error=access_denied").status_code == 409
    )
    assert client.get(eid_back(outside.freja, query)).status_code == 303 and is_in(client)


def test_the_code_nonce_and_proof_of_another_eid_login(outside: Outside) -> None:
    _thief, stolen = eid_began()
    client, query = eid_began()
    code = dict(parse_qsl(urlsplit(eid_back(outside.freja, stolen)).query))["code"]
    back = eid_back(outside.freja, query)
    assert client.get(re.sub(r"\bcode=[^&]*", f"code={code}", back)).status_code == 409  # PKCE
    client, query = eid_began()
    assert client.get(eid_back(outside.freja, query | {"nonce": "x" * 43})).status_code == 409
    client, query = eid_began()
    assert client.get(eid_back(outside.freja, query | {"code_challenge": "x" * 43})).status_code == 409
    assert not key_of(client)


def test_one_eids_answer_is_never_anothers(outside: Outside) -> None:
    """Mix-up: the answer is right, but not from whom it is said to be, or not to the address that was asked from."""
    client, query = eid_began("freja")
    assert client.get(eid_back(outside.koppling, query)).status_code == 409  # their iss
    client, query = eid_began("freja")
    without = re.sub(r"&?\biss=[^&]*", "", eid_back(outside.koppling, query))
    assert client.get(without).status_code == 409
    client, query = eid_began("freja")
    assert client.get(re.sub(r"&?\biss=[^&]*", "", eid_back(outside.freja, query))).status_code == 409
    client, query = eid_began("freja")  # a whole and true answer of theirs to what was asked of freja
    theirs = query | {"redirect_uri": query["redirect_uri"].replace("/freja/", "/koppling/")}
    assert client.get(eid_back(outside.koppling, theirs)).status_code == 409
    client, query = eid_began("freja")
    elsewhere = eid_back(outside.freja, query).replace("/freja/", "/koppling/")
    assert client.get(elsewhere).status_code == 409
    client, query = eid_began("freja")
    outside.freja.told = Told(claims={"iss": outside.koppling.issuer})
    assert client.get(eid_back(outside.freja, query)).status_code == 409
    assert not key_of(client)
    assert client.get("/logga-in/e-legitimation/okand/tillbaka/?state=x").status_code == 404
    assert client.post("/logga-in/e-legitimation/", {"eid": "okand"}).status_code == 404


LIES = {
    "alg none": Told(alg="none"),
    "the public key as a secret": Told(alg="HS256"),
    "a stranger's key": Told(stranger=True),
    "an unknown key": Told(kid="another"),
    "for somebody else": Told(claims={"aud": "another"}),
    "for several": Told(claims={"aud": ["vardvag", "another"]}),
    "another issuer": Told(claims={"iss": "https://x"}),
    "no nonce": Told(claims={"nonce": None}),
    "another nonce": Told(claims={"nonce": "x"}),
    "no longer good": Told(claims={"exp": 1}),
    "not yet good": Told(claims={"iat": 9_999_999_999}),
    "signed in long ago": Told(claims={"auth_time": 1}),
    "not told when": Told(claims={"auth_time": None}),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_token_that_lies(outside: Outside, lie: Told) -> None:
    outside.freja.told = lie
    client, query = eid_began()
    assert client.get(eid_back(outside.freja, query)).status_code == 409 and not key_of(client)


def test_an_eid_that_is_too_weak_tells_no_number_or_is_refused(outside: Outside) -> None:
    for how, says in (("low", "inte säker nog"), ("nameless", "inget personnummer")):
        client, query = eid_began()
        answer = client.get(eid_back(outside.freja, query | {"how": how}))
        assert answer.status_code == 409 and says in words(answer) and "BankID" in words(answer)
        assert not key_of(client)
        copy = eid_back(outside.freja, query)  # the same login, tried again better
        assert client.get(copy).status_code == 409 and not key_of(client)
    client, query = eid_began()
    refused = f"/logga-in/e-legitimation/freja/tillbaka/?error=access_denied&state={query['state']}"
    answer = client.get(f"{refused}&iss={outside.freja.issuer}")
    assert answer.status_code == 409 and "Du avbröt" in words(answer)


def test_an_eid_that_is_down(outside: Outside) -> None:
    outside.freja.faults.stay("down")
    eid.provider.cache_clear()
    answer = acting.nobody().post("/logga-in/e-legitimation/", {"eid": "freja"})
    assert answer.status_code == 503 and "Freja+ svarar inte" in words(answer)


def test_a_subject_that_was_somebody_elses(outside: Outside) -> None:
    client, query = eid_began()
    outside.freja.told = Told(claims={"sub": "one"})
    assert client.get(eid_back(outside.freja, query)).status_code == 303
    client, query = eid_began()
    answer = client.get(eid_back(outside.freja, query, cast.PER))
    assert answer.status_code == 409 and "någon annan" in words(answer) and not key_of(client)
    client, query = eid_began("koppling")  # the same word of another provider says nothing
    outside.koppling.told = Told(claims={"sub": "one"})
    assert client.get(eid_back(outside.koppling, query, cast.PER)).status_code == 303 and is_in(client)


def test_who_may_log_in_is_the_same_with_an_eid(outside: Outside) -> None:
    client, query = eid_began()
    answer = client.get(eid_back(outside.freja, query, cast.ELSA))
    assert (
        answer.status_code == 409 and "från den dag du fyller 13 år" in words(answer) and not key_of(client)
    )
    staff, query = staff_began()
    staff.get(callback(outside, query))
    assert works(staff)
    _client, query = eid_began(client=staff)
    staff.get(eid_back(outside.freja, query))
    assert is_in(staff) and not works(staff)


def test_an_eid_login_grows_old_and_gives_way(outside: Outside, shift: Any) -> None:
    client, query = eid_began()
    shift(timedelta(minutes=16))
    assert client.get(eid_back(outside.freja, query)).status_code == 409 and not key_of(client)
    old, query = eid_began()
    copy, back = old.cookies["login"].value, eid_back(outside.freja, query)
    began("qr", old)
    thief = acting.nobody()
    thief.cookies["login"] = copy
    assert thief.get(back).status_code == 409 and not key_of(thief)


def test_an_eid_cookie_is_no_bankid_login_nor_a_staff_login(outside: Outside) -> None:
    client, query = eid_began()
    assert client.post("/logga-in/lage/").status_code == 409
    assert client.post("/logga-in/klar/", {"nonce": ""}).status_code == 409
    client.cookies["staff-login"] = client.cookies["login"].value
    assert client.get(f"/personal/logga-in/tillbaka/?state={query['state']}&code=x").status_code == 409
    staff, query = staff_began()
    staff.cookies["login"] = staff.cookies["staff-login"].value
    assert (
        staff.get(f"/logga-in/e-legitimation/freja/tillbaka/?state={query['state']}&code=x").status_code
        == 409
    )
    assert not key_of(client) and not key_of(staff)


def test_no_other_eid_no_button(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Freja+" in words(acting.nobody().get("/logga-in/"))
    monkeypatch.setitem(settings.OUTSIDE, "eid", {"providers": ""})
    page = words(acting.nobody().get("/logga-in/"))
    assert "Freja+" not in page and "Andra e-legitimationer" not in page
    assert acting.nobody().post("/logga-in/e-legitimation/", {"eid": "freja"}).status_code == 404


# --- staff ------------------------------------------------------------------------------------------------------


def staff_began() -> tuple[Client, dict[str, str]]:
    client = acting.nobody()
    answer = client.post("/personal/logga-in/siths/")
    assert answer.status_code == 303
    return client, dict(parse_qsl(urlsplit(answer["Location"]).query))


def callback(outside: Outside, query: dict[str, str], who: cast.Employee = cast.SARA) -> str:
    return urlsplit(outside.siths.sign_in(who.hsa_id, query))._replace(scheme="", netloc="").geturl()


def works(client: Client) -> bool:
    return client.get("/personal/").status_code == 200


def test_staff_get_in_once(outside: Outside) -> None:
    client, query = staff_began()
    copy, back = client.cookies["staff-login"].value, callback(outside, query)
    assert client.get(back)["Location"] == "/personal/" and works(client)
    again = acting.nobody()
    again.cookies["staff-login"] = copy
    assert again.get(back).status_code == 409 and not key_of(again)


def test_staff_callback_in_another_browser(outside: Outside) -> None:
    client, query = staff_began()
    back = callback(outside, query)
    bare, busy = acting.nobody(), staff_began()[0]
    assert bare.get(back).status_code == 409 and busy.get(back).status_code == 409
    assert not key_of(bare) and not key_of(busy)
    assert client.get(back).status_code == 303 and works(client)


@pytest.mark.parametrize(
    ("part", "value"),
    [("state", "x" * 43), ("state", ""), ("code", "wrong"), ("code", ""), ("iss", "https://x")],
)
def test_staff_callback_with_a_wrong_part(outside: Outside, part: str, value: str) -> None:
    client, query = staff_began()
    back = re.sub(rf"\b{part}=[^&]*", f"{part}={value}", callback(outside, query))
    assert client.get(back).status_code == 409 and not key_of(client)


def test_staff_code_and_nonce_of_another_login(outside: Outside) -> None:
    _thief, stolen = staff_began()
    client, query = staff_began()
    code = dict(parse_qsl(urlsplit(callback(outside, stolen)).query))["code"]
    back = callback(outside, query)
    assert client.get(re.sub(r"\bcode=[^&]*", f"code={code}", back)).status_code == 409
    client, query = staff_began()
    assert client.get(callback(outside, query | {"nonce": "x" * 43})).status_code == 409
    assert not key_of(client)


def test_staff_nobody_knows(outside: Outside) -> None:
    client, query = staff_began()
    answer = client.get(callback(outside, query, cast.Employee("X", "Y", "Z", ((1, ()),), "ZZ99")))
    assert answer.status_code == 409 and "inget uppdrag" in words(answer) and not key_of(client)


def test_a_staff_login_is_no_residents_login(outside: Outside) -> None:
    """The cookies do not change places."""
    client, _query = staff_began()
    client.cookies["login"] = client.cookies["staff-login"].value
    assert client.post("/logga-in/lage/").status_code == 409
    assert client.post("/logga-in/klar/", {"nonce": ""}).status_code == 409
    resident = began("qr")
    resident.cookies["staff-login"] = resident.cookies["login"].value
    assert resident.get("/personal/logga-in/tillbaka/?state=&code=x").status_code == 409


def test_resident_and_staff_are_never_in_one_browser(outside: Outside) -> None:
    client, query = staff_began()
    client.get(callback(outside, query))
    staff_key = key_of(client)
    began("qr", client)
    legitimate(outside, cast.ANNA)
    client.post("/logga-in/klar/")
    assert is_in(client) and not works(client)
    before = acting.nobody()
    before.cookies[settings.SESSION_KEY_COOKIE] = staff_key
    assert not works(before)


@pytest.mark.parametrize("change", ["role", "ended", "paused", "gone"])
def test_rights_die_at_once(outside: Outside, change: str) -> None:
    client, query = staff_began()
    client.get(callback(outside, query))
    assert works(client)
    with as_system():
        mine = Assignment.objects.filter(staff__hsa_id=cast.SARA.hsa_id)
        match change:
            case "role":
                mine.update(roles=["support"])
            case "ended":
                mine.update(ended_at=clock.now())
            case "paused":
                mine.update(paused_at=clock.now())
            case _:
                type(mine[0].staff).objects.filter(hsa_id=cast.SARA.hsa_id).update(gone_at=clock.now())
    assert not works(client)


def test_logout_kills_the_cookie_and_the_login(outside: Outside) -> None:
    client, query = staff_began()
    client.get(callback(outside, query))
    old = key_of(client)
    out = client.post("/logga-ut/")
    assert out["Location"].startswith(outside.siths.issuer) and "cookies" in out["Clear-Site-Data"]
    again = acting.nobody()
    again.cookies[settings.SESSION_KEY_COOKIE] = old
    assert not works(again)


# --- what stays -------------------------------------------------------------------------------------------------


def test_old_logins_are_forgotten(outside: Outside) -> None:
    began("qr")
    now = clock.now()
    with as_system():
        assert login.forget_attempts(now=now) == 0
        assert login.forget_attempts(now=now + timedelta(hours=25)) >= 1
        assert Person.objects.exists()


def test_a_browser_without_cookies_is_counted_by_its_address(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "LIMITS", True)
    monkeypatch.setattr(login, "STARTS_OF_ADDRESS", 3)
    for _ in range(3):
        began("qr")
    answer = acting.nobody().post("/logga-in/bankid/", {"mode": "qr"})
    assert answer.status_code == 503 and "många gånger" in words(answer)
