"""The real client against the stand-in provider over real sockets: the right way, and every way to cheat."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jws, jwt
from joserfc.jwk import RSAKey

from vardvag.core import clock
from vardvag.outside.faults import Fault
from vardvag.outside.journal import Journal
from vardvag.outside.local_server import json_reply
from vardvag.outside.oidc.port import (
    Cancelled,
    LoginTrouble,
    MissingClaim,
    NotThisLogin,
    NotTrusted,
    ProviderDown,
    TooWeak,
)
from vardvag.outside.oidc.standin import Told
from vardvag.outside.people import People
from vardvag.outside.siths.client import Siths
from vardvag.outside.siths.port import LOA3
from vardvag.outside.siths.standin import StandIn
from vardvag.outside.standins import NotInProduction

BACK = "http://localhost:8000/personal/logga-in/tillbaka"
WEB = httpx.Client(trust_env=False, verify=False)
ANNA = "SE2321000131-1001"
COMMISSION = {
    "commissionHsaId": "SE2321000131-7001",
    "commissionName": "Vård på Ekbacken",
    "commissionPurpose": "Vård och behandling",
    "healthCareUnitHsaId": "SE2321000131-2001",
    "healthCareProviderHsaId": "SE2321000131-0000",
}


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    path = tmp_path_factory.mktemp("people") / "people.json"
    anna = {
        "hsa_id": ANNA,
        "given_name": "Anna",
        "surname": "Ek",
        "title": "Sjuksköterska",
        "note": "Ekbacken",
    }
    bo = {"hsa_id": "SE2321000131-1002", "given_name": "Bo", "surname": "Al", "commissions": [COMMISSION]}
    path.write_text(json.dumps({"residents": [], "staff": [anna, bo]}), encoding="utf-8")
    server = StandIn(Journal(), people=People(path))
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def honest(provider):
    provider.told = Told()
    provider.faults.stay()
    yield
    clock.shift(timedelta())


@pytest.fixture
def siths(provider):
    client = Siths(provider.place(), timeout=1.0)
    yield client
    client.close()


def query_of(url):
    return dict(parse_qsl(urlsplit(url).query))


def come_back(provider, begun, hsa_id=ANNA):
    """What a browser does: opens the provider's page, chooses, is sent back. Gives the query it brings."""
    page = WEB.get(begun.url)
    assert page.status_code == 200 and "Anna Ek" in page.text
    fields = query_of(begun.url)
    sent = WEB.post(f"{provider.issuer}/choose", data={**fields, "hsa_id": hsa_id})
    assert sent.status_code == 303 and sent.headers["location"].startswith(BACK + "?")
    return query_of(sent.headers["location"])


def login(provider, siths, hsa_id=ANNA, **begin):
    begun = siths.begin(BACK, **begin)
    return siths.finish(come_back(provider, begun, hsa_id), begun, BACK)


def test_the_whole_way(provider, siths):
    who = login(provider, siths)
    assert (who.employee_hsa_id, who.given_name, who.surname, who.title) == (
        ANNA,
        "Anna",
        "Ek",
        "Sjuksköterska",
    )
    assert (who.issuer, who.subject, who.acr, who.commissions) == (provider.issuer, f"siths|{ANNA}", LOA3, ())
    assert provider.journal.entries("siths")[-1].data["hsa_id"] == ANNA
    assert who.id_token not in repr(who)


def test_commissions_that_the_provider_tells(provider, siths):
    (one,) = login(provider, siths, "SE2321000131-1002").commissions
    assert (one.hsa_id, one.purpose, one.unit_hsa_id) == (
        "SE2321000131-7001",
        "Vård och behandling",
        "SE2321000131-2001",
    )


def test_a_commission_chosen_at_the_provider_and_commissions_as_texts(provider, siths):
    provider.told = Told(claims=COMMISSION)
    assert login(provider, siths).commissions[0].provider_hsa_id == "SE2321000131-0000"
    provider.told = Told(claims={"allCommissions": [json.dumps(COMMISSION), "nonsense", 7]})
    assert [c.hsa_id for c in login(provider, siths).commissions] == ["SE2321000131-7001"]


def test_somebody_who_is_not_listed_can_be_typed(provider, siths):
    assert login(provider, siths, "se2321000131-x9").employee_hsa_id == "SE2321000131-X9"


def test_the_old_shape_of_claims_is_put_in_order(provider, siths):
    provider.told = Told(lists=True, milliseconds=True)
    who = login(provider, siths, fresh=True)
    assert who.employee_hsa_id == ANNA
    assert abs(who.at - clock.now()) < timedelta(minutes=1)


def test_names_from_the_certificate_when_the_others_are_missing(provider, siths):
    provider.told = Told(
        claims={
            "given_name": None,
            "family_name": None,
            "credentialGivenName": "Anna",
            "credentialSurname": "Ek",
        }
    )
    assert login(provider, siths).surname == "Ek"


def far(seconds):
    return int(clock.now().timestamp()) + seconds


FORGERIES = {
    "level 2": (lambda p: Told(claims={"acr": "http://id.sambi.se/loa/loa2"}), TooWeak, "too_weak"),
    "no level": (lambda p: Told(claims={"acr": None}), TooWeak, "too_weak"),
    "both levels": (
        lambda p: Told(claims={"acr": [LOA3, "http://id.sambi.se/loa/loa2"]}),
        NotTrusted,
        "several_values",
    ),
    "wrong nonce": (lambda p: Told(claims={"nonce": "other"}), NotThisLogin, "nonce"),
    "no nonce": (lambda p: Told(claims={"nonce": None}), NotThisLogin, "nonce"),
    "wrong issuer": (lambda p: Told(claims={"iss": "http://evil.example"}), NotTrusted, "issuer"),
    "issuer without port": (lambda p: Told(claims={"iss": "http://localhost/oidc"}), NotTrusted, "issuer"),
    "issuer with slash": (lambda p: Told(claims={"iss": p.issuer + "/"}), NotTrusted, "issuer"),
    "wrong audience": (lambda p: Told(claims={"aud": "another"}), NotTrusted, "audience"),
    "no audience": (lambda p: Told(claims={"aud": None}), NotTrusted, "audience"),
    "two audiences, no party": (lambda p: Told(claims={"aud": ["vardvag", "x"]}), NotTrusted, "audience"),
    "other party": (lambda p: Told(claims={"azp": "x"}), NotTrusted, "authorized_party"),
    "expired": (lambda p: Told(claims={"exp": far(-120)}), NotTrusted, "expired"),
    "no expiry": (lambda p: Told(claims={"exp": None}), NotTrusted, "expired"),
    "expiry is text": (lambda p: Told(claims={"exp": "soon"}), NotTrusted, "expired"),
    "issued tomorrow": (lambda p: Told(claims={"iat": far(86400)}), NotTrusted, "issued_in_the_future"),
    "not yet valid": (lambda p: Told(claims={"nbf": far(600)}), NotTrusted, "not_yet_valid"),
    "signed in tomorrow": (
        lambda p: Told(claims={"auth_time": far(86400)}),
        NotTrusted,
        "signed_in_in_the_future",
    ),
    "alg none": (lambda p: Told(alg="none"), NotTrusted, "algorithm"),
    "public key as secret": (lambda p: Told(alg="HS256"), NotTrusted, "algorithm"),
    "unpublished key": (lambda p: Told(stranger=True), NotTrusted, "signature"),
    "unknown key id": (lambda p: Told(kid="other"), NotTrusted, "unknown_key"),
    "cut signature": (lambda p: Told(edit=lambda t: t[:-20]), NotTrusted, "signature"),
    "no signature": (lambda p: Told(edit=lambda t: t.rsplit(".", 1)[0] + "."), NotTrusted, "signature"),
    "changed payload": (
        lambda p: Told(edit=lambda t: ".".join([t.split(".")[0], "eyJhIjoxfQ", t.split(".")[2]])),
        NotTrusted,
        "signature",
    ),
    "not a token": (lambda p: Told(edit=lambda t: "hej"), NotTrusted, "signature"),
    "empty token": (lambda p: Told(edit=lambda t: ""), NotTrusted, "no_id_token"),
    "claims are a list": (
        lambda p: Told(edit=lambda t: t.split(".")[0] + ".WzFd." + t.split(".")[2]),
        NotTrusted,
        "signature",
    ),
    "other access token": (lambda p: Told(claims={"at_hash": "AAAA"}), NotTrusted, "at_hash"),
    "no HSA-id": (lambda p: Told(claims={"employeeHsaId": None}), MissingClaim, "missing_claim"),
    "blank HSA-id": (lambda p: Told(claims={"employeeHsaId": " "}), MissingClaim, "missing_claim"),
    "odd HSA-id": (lambda p: Told(claims={"employeeHsaId": "x' or 1=1"}), MissingClaim, "missing_claim"),
    "HSA-id is a number": (lambda p: Told(claims={"employeeHsaId": 7}), MissingClaim, "missing_claim"),
    "two HSA-ids": (lambda p: Told(claims={"employeeHsaId": [ANNA, "B"]}), NotTrusted, "several_values"),
    "no name": (lambda p: Told(claims={"family_name": None}), MissingClaim, "missing_claim"),
    "no subject": (lambda p: Told(claims={"sub": None}), MissingClaim, "missing_claim"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_or_weak_token_is_refused(provider, siths, name):
    told, kind, code = FORGERIES[name]
    provider.told = told(provider)
    with pytest.raises(kind) as trouble:
        login(provider, siths)
    assert trouble.value.code == code
    assert trouble.value.message.sv != trouble.value.message.en


def test_a_critical_header_we_do_not_know_is_refused(provider, siths):
    key = provider._keys[-1]

    def with_crit(token):
        header = json.dumps({"alg": "RS256", "kid": key.kid, "crit": ["exp2"], "exp2": 1}).encode()
        text = base64.urlsafe_b64encode(header).rstrip(b"=").decode() + "." + token.split(".")[1]
        mark = key.get_op_key("sign").sign(text.encode(), PKCS1v15(), SHA256())
        return f"{text}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"

    provider.told = Told(edit=with_crit)
    with pytest.raises(NotTrusted) as trouble:
        login(provider, siths)
    assert trouble.value.code == "signature"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"state": "other"}, "state"),
        ({"state": None}, "state"),
        ({"iss": "http://evil.example"}, "response_issuer"),
        ({"iss": None}, "response_issuer"),
        ({"code": None}, "no_code"),
        ({"code": "guessed"}, "code_refused"),
    ],
)
def test_an_answer_that_is_not_this_login(provider, siths, change, code):
    begun = siths.begin(BACK)
    query = come_back(provider, begun)
    query = {name: value for name, value in {**query, **change}.items() if value is not None}
    with pytest.raises(NotThisLogin) as trouble:
        siths.finish(query, begun, BACK)
    assert trouble.value.code == code


def test_a_code_works_once_and_only_where_it_was_begun(provider, siths):
    begun = siths.begin(BACK)
    query = come_back(provider, begun)
    siths.finish(query, begun, BACK)
    with pytest.raises(NotThisLogin):
        siths.finish(query, begun, BACK)
    for other in (replace(begun, verifier="x" * 64), begun):
        query = come_back(provider, begun)
        with pytest.raises(NotThisLogin):
            siths.finish(query, other, BACK if other is not begun else "http://localhost:9/elsewhere")


def test_an_old_code(provider, siths):
    begun = siths.begin(BACK)
    query = come_back(provider, begun)
    clock.shift(timedelta(seconds=61))
    with pytest.raises(NotThisLogin):
        siths.finish(query, begun, BACK)


def test_a_fresh_sign_in_is_really_demanded(provider, siths):
    begun = siths.begin(BACK, fresh=True)
    assert query_of(begun.url)["prompt"] == "login"
    provider.told = Told(claims={"auth_time": far(-3600)})
    with pytest.raises(NotThisLogin) as trouble:
        siths.finish(come_back(provider, begun), begun, BACK)
    assert trouble.value.code == "not_fresh"


def test_what_is_asked_for(siths):
    asked = query_of(siths.begin(BACK, language="en").url)
    assert (asked["response_type"], asked["code_challenge_method"], asked["acr_values"]) == (
        "code",
        "S256",
        LOA3,
    )
    assert json.loads(asked["claims"])["id_token"]["employeeHsaId"] == {"essential": True}
    assert asked["ui_locales"] == "en"
    again = query_of(siths.begin(BACK).url)
    assert all(asked[name] != again[name] for name in ("state", "nonce", "code_challenge"))


def test_cancelling(provider, siths):
    begun = siths.begin(BACK)
    sent = WEB.post(f"{provider.issuer}/choose", data={**query_of(begun.url), "cancel": "1"})
    with pytest.raises(Cancelled):
        siths.finish(query_of(sent.headers["location"]), begun, BACK)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("temporarily_unavailable", ProviderDown),
        ("server_error", ProviderDown),
        ("invalid_scope", NotTrusted),
    ],
)
def test_errors_the_provider_sends_back(provider, siths, error, kind):
    begun = siths.begin(BACK)
    query = {"error": error, "state": begun.state, "iss": provider.issuer}
    with pytest.raises(kind):
        siths.finish(query, begun, BACK)


def test_a_new_key_is_found_but_keys_are_asked_for_once_a_minute(provider, siths):
    login(provider, siths)
    provider.rotate()
    clock.shift(timedelta(minutes=2))
    login(provider, siths)
    fetched = provider.key_fetches
    for _ in range(5):
        provider.told = Told(kid="unknown")
        with pytest.raises(NotTrusted):
            login(provider, siths)
    assert provider.key_fetches == fetched
    clock.shift(timedelta(minutes=4))
    with pytest.raises(NotTrusted):
        login(provider, siths)
    assert provider.key_fetches == fetched + 1


def test_a_withdrawn_key_is_not_trusted_for_long(provider, siths):
    login(provider, siths)
    old = provider._keys[-1]
    provider.rotate()
    provider.told = Told(edit=lambda t: jwt.encode({"alg": "RS256", "kid": old.kid}, claims_of(t), old))
    clock.shift(timedelta(hours=1, minutes=1))
    with pytest.raises(NotTrusted):
        login(provider, siths)


def claims_of(token):
    return json.loads(jws.extract_compact(token.encode()).payload)


def test_a_token_without_key_id_is_read_when_there_is_one_key_only(provider, siths):
    provider.told = Told(kid=None)
    assert login(provider, siths)
    provider._keys.append(RSAKey.generate_key(2048, {"kid": "second", "use": "sig"}))
    clock.shift(timedelta(hours=2))
    with pytest.raises(NotTrusted):
        login(provider, siths)
    provider.rotate()


@pytest.mark.parametrize(
    "fault",
    ["garbage", "half", "down", "html", Fault("hang", 2), Fault("drip", 4), Fault("fail", 0, 503)],
    ids=str,
)
def test_a_provider_in_trouble_at_the_start_and_at_the_end(provider, siths, fault):
    provider.faults.plan(fault)
    with pytest.raises(ProviderDown):
        siths.begin(BACK)
    clock.shift(timedelta(seconds=10))
    begun = siths.begin(BACK)
    query = come_back(provider, begun)
    provider.faults.plan(fault)
    with pytest.raises(ProviderDown):
        siths.finish(query, begun, BACK)


def an_hour_later(siths):
    """For the client alone: the provider's codes are fresh."""
    siths._provider._told_at -= timedelta(hours=2)
    siths._provider._keys_at -= timedelta(hours=2)


def test_all_that_a_login_asks_takes_no_longer_than_one_answer_may(provider, siths):
    """An hour later addresses, token and keys were asked for, each with a time of its own: an answer took fifteen
    seconds."""
    login(provider, siths)
    begun = siths.begin(BACK)
    query = come_back(provider, begun)
    an_hour_later(siths)
    provider.faults.stay("slow", seconds=0.7)
    with pytest.raises(ProviderDown):
        siths.finish(query, begun, BACK)


def test_older_addresses_do_not_wait_long_for_newer_ones(provider, siths):
    login(provider, siths)
    begun = siths.begin(BACK)
    query = come_back(provider, begun)
    an_hour_later(siths)
    provider.faults.plan(Fault("slow", 2))  # the addresses, which are asked for first
    assert siths.finish(query, begun, BACK)


def test_a_wrong_client_secret_is_not_the_persons_fault(provider):
    siths = Siths({**provider.place(), "client_secret": "wrong"})
    with pytest.raises(ProviderDown):
        login(provider, siths)


def test_discovery_must_name_exactly_our_issuer(provider):
    with pytest.raises(NotTrusted):
        Siths({**provider.place(), "issuer": provider.issuer.replace("localhost", "127.0.0.1")}).begin(BACK)


@pytest.mark.parametrize("issuer", ["http://idp.example.se/oidc", "ftp://x", "nonsense"])
def test_an_issuer_without_tls_is_refused(issuer):
    with pytest.raises(LoginTrouble):
        Siths({"issuer": issuer, "client_id": "a", "client_secret": "b"}).begin(BACK)


def test_logging_out_at_the_provider(provider, siths):
    who = login(provider, siths)
    sent = WEB.get(siths.logout_url(id_token=who.id_token, return_url="http://localhost:8000/"))
    assert (sent.status_code, sent.headers["location"]) == (303, "http://localhost:8000/")
    assert "Utloggning" in provider.journal.entries("siths")[-1].what
    provider.faults.stay("down")
    assert Siths(provider.place(), timeout=0.5).logout_url(id_token="x", return_url="y") == ""


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "other"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": ""},
    ],
)
def test_the_provider_never_sends_people_to_strangers(provider, siths, change):
    fields = {**query_of(siths.begin(BACK).url), **change}
    assert WEB.get(f"{provider.issuer}/authorize?{urlencode(fields)}").status_code == 400
    assert WEB.post(f"{provider.issuer}/choose", data={**fields, "hsa_id": ANNA}).status_code == 400


@pytest.mark.parametrize(
    "change",
    [
        {"response_type": "token"},
        {"scope": "email"},
        {"code_challenge_method": "plain"},
        {"code_challenge": ""},
        {"prompt": "none"},
    ],
)
def test_the_provider_sends_back_what_it_does_not_do(provider, siths, change):
    fields = {**query_of(siths.begin(BACK).url), **change}
    sent = WEB.get(f"{provider.issuer}/authorize?{urlencode(fields)}")
    assert sent.status_code == 303 and "error" in query_of(sent.headers["location"])


def test_choosing_by_search_and_a_wrong_id_is_explained(provider, siths):
    url = siths.begin(BACK).url
    found = WEB.get(f"{url}&q=sjuk+ekbacken").text
    assert "Anna Ek" in found and "Bo Al" not in found
    assert "Ingen passar" in WEB.get(f"{url}&q=xyz").text
    wrong = WEB.post(f"{provider.issuer}/choose", data={**query_of(url), "hsa_id": "<b>"})
    assert "inget HSA-id" in wrong.text and "<b>" not in wrong.text.replace("<b>Anna", "").replace(
        "<b>Bo", ""
    )
    assert "who are you?" in WEB.get(url, headers={"cookie": "world-language=en"}).text


def test_cannot_start_in_production(monkeypatch, provider):
    monkeypatch.setenv("VARDVAG_MODE", "production")
    with pytest.raises(NotInProduction):
        provider.start()


def publishes(monkeypatch, provider, **changed):
    told = json.loads(provider._discovery(None).body)
    monkeypatch.setattr(provider, "_discovery", lambda request: json_reply({**told, **changed}))


def test_what_the_providers_logout_address_asks_for_is_kept(provider, siths, monkeypatch):
    publishes(monkeypatch, provider, end_session_endpoint=f"{provider.issuer}/logout?p=policy")
    url = siths.logout_url(id_token="t", return_url="http://localhost:8000/")
    asked = {"p": "policy", "id_token_hint": "t", "post_logout_redirect_uri": "http://localhost:8000/"}
    assert query_of(url) == asked


@pytest.mark.parametrize(
    "address", ["https://[idp", "https://idp\x00/logout", "https://idp.example.se:x/", {}]
)
def test_an_address_that_cannot_be_read_stops_no_page(provider, siths, monkeypatch, address):
    told = {"authorization_endpoint": "https://[idp", "end_session_endpoint": address}
    publishes(monkeypatch, provider, **told)
    assert siths.origins() == frozenset()
    assert siths.logout_url(id_token="t", return_url="http://localhost:8000/") == ""
    with pytest.raises(NotTrusted):
        siths.begin(BACK)


def test_test_objects_of_the_catalogue_have_hsa_ids_too(provider, siths):
    """Those of the national test environments: as the file of staff has them."""
    provider.told = Told(claims={"employeeHsaId": "TSTNMT2321000156-10NG"})
    assert login(provider, siths).employee_hsa_id == "TSTNMT2321000156-10NG"
    provider.told = Told(claims={"employeeHsaId": f"SE2321000131-{'A' * 19}"})
    with pytest.raises(MissingClaim):
        login(provider, siths)


@pytest.mark.parametrize("name", ["exp", "iat", "nbf", "auth_time"])
def test_a_time_beyond_all_numbers_is_no_error_of_ours(provider, siths, name):
    provider.told = Told(claims={name: 10**400})
    if name in ("exp", "iat"):
        with pytest.raises(NotTrusted):
            login(provider, siths)
    else:
        assert login(provider, siths)


def test_nobody_queues_behind_a_silent_provider(provider, siths, monkeypatch):
    """Each would take one of the few threads that make the pages, and wait as long as all before together."""
    provider.faults.stay("hang", seconds=3)
    asked, discover = [], siths._provider._discover
    monkeypatch.setattr(siths._provider, "_discover", lambda: (asked.append(1), discover())[1])

    def tries(_):
        with pytest.raises(ProviderDown):
            siths.begin(BACK)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(tries, range(8)))
    assert len(asked) == 1
    provider.faults.stay()
    clock.shift(timedelta(seconds=10))
    assert siths.begin(BACK)
