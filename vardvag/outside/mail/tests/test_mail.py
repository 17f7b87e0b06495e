import ssl
from datetime import timedelta
from email import message_from_string

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from vardvag.core.clock import now
from vardvag.outside.failures import OutcomeUnknown, Refused, TryLater
from vardvag.outside.journal import Journal
from vardvag.outside.mail.bounce import Bounce, read_bounce
from vardvag.outside.mail.client import MailClient
from vardvag.outside.mail.standin import StandIn


@pytest.fixture
def world():
    standin = StandIn(Journal(), slow=4)
    standin.start()
    yield standin
    standin.stop()


def client(port: int, **more: str) -> MailClient:
    place = {
        "host": "127.0.0.1", "port": str(port), "user": "", "password": "", "tls": "",
        "sender": "Vårdväg <no-reply@solberga.example>",
    }  # fmt: skip
    return MailClient(place | more, timeout=2)


def send(client: MailClient, to: str = "anna@example.org") -> str:
    text = "Hej!\n.\n.rad med punkt först\nÅÄÖ – €\n" + "lång rad " * 60
    return client.send(to=to, subject="Du har ett nytt meddelande – läs", text=text, language="sv", key="k-1")


def test_a_message_arrives_whole_and_says_what_it_is(world):
    assert send(client(world.port)) == "<k-1@solberga.example>"
    (got,) = world.messages
    assert got["return_path"] == "bounces+k-1@solberga.example"
    assert got["subject"] == "Du har ett nytt meddelande – läs"
    assert "\n.rad med punkt först\nÅÄÖ – €\n" in got["text"].replace("\r\n", "\n")
    assert got["text"].replace("\r\n", "\n").startswith("Hej!\n.\n")
    headers = message_from_string(got["raw"])
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Content-Language"] == "sv"
    assert max(map(len, got["raw"].splitlines())) <= 998
    assert world.journal.entries("mail")[0].data["to"] == "anna@example.org"


@pytest.mark.parametrize(
    ("answer", "failure", "taken"),
    [
        ("busy", TryLater, 0),
        ("closing", TryLater, 0),
        ("nobody", Refused, 0),
        ("later", TryLater, 0),
        ("spam", Refused, 0),
        ("lost", TryLater, 0),
        ("drop", OutcomeUnknown, 1),
        ("slow", OutcomeUnknown, 1),
    ],
)
def test_failures_are_told_apart_by_whether_the_message_was_taken(world, answer, failure, taken):
    world.plan(answer)
    with pytest.raises(failure) as caught:
        send(client(world.port))
    assert len(world.messages) == taken
    assert "anna" not in caught.value.detail


def test_a_busy_mailbox_does_not_stop_the_channel_but_a_closing_server_does(world):
    world.plan("busy", "closing")
    for down in (False, True):
        with pytest.raises(TryLater) as caught:
            send(client(world.port))
        assert caught.value.channel_down is down


def test_nobody_listening_is_surely_not_sent(world):
    world.stop()
    with pytest.raises(TryLater):
        send(client(world.port))


@pytest.mark.parametrize(
    "to",
    ["", "anna", "a@b@c", "å@example.org", "a b@example.org", "a@x\r\nBcc: b@y", "<a@b>"]
    + [
        "anna.@example.org",
        ".a@x.se",
        "a..b@x.se",
        "a:b@x.se",
        "a\x00b@x.se",
        "a@",
        "@x.se",
        "a@x..se",
        "a@x.se[",
    ],
)
def test_what_is_no_address_never_reaches_the_server(world, to):
    with pytest.raises(Refused):
        send(client(world.port), to)
    assert not world.messages


def test_an_apostrophe_is_part_of_an_address(world):
    send(client(world.port), "una.o'brien@example.org")
    assert world.journal.entries("mail")[0].data["to"] == "una.o'brien@example.org"


def test_plain_text_is_never_used_where_encryption_was_asked_for(world):
    with pytest.raises(TryLater):
        send(client(world.port, tls="starttls"))
    with pytest.raises(TryLater):
        send(client(world.port, tls="tls"))
    assert not world.messages


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + cert.public_bytes(serialization.Encoding.PEM)
    )
    return str(path)


def test_starttls_with_a_trusted_certificate_only(certificate):
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    world = StandIn(Journal(), tls=tls)
    world.start()
    try:
        with pytest.raises(TryLater):
            send(client(world.port, host="localhost", tls="starttls"))
        send(client(world.port, host="localhost", tls="starttls", ca=certificate))
        assert len(world.messages) == 1
    finally:
        world.stop()


def notice(status: str, action: str = "failed", to: str = "bounces+k-1@solberga.example") -> bytes:
    return f"""From: MAILER-DAEMON@mx.example.org
To: <{to}>
Subject: Undelivered Mail
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
MIME-Version: 1.0

--b
Content-Type: text/plain

Could not deliver.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; anna@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {status} anything

--b
Content-Type: message/rfc822-headers

Message-ID: <k-1@solberga.example>
--b--
""".encode()


def test_bounces_say_which_delivery_and_whether_the_address_is_dead():
    assert read_bounce(notice("5.1.1")) == Bounce("k-1", "5.1.1", "failed")
    hard = {s: b.hard for s in ("5.1.1", "5.2.2", "4.4.1") if (b := read_bounce(notice(s)))}
    assert hard == {"5.1.1": True, "5.2.2": False, "4.4.1": False}
    delayed = read_bounce(notice("4.4.1", "delayed"))
    assert delayed and not delayed.hard


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\x00", b"To: bounces+k-1@x\n\nhej", notice("5.1.1", to="someone@x"), notice("no")]
)
def test_other_mail_is_not_a_bounce(raw):
    assert read_bounce(raw) is None
