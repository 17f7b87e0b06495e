"""G27: what reads foreign bytes, fed with mutated ones. Each may refuse in its own words and nothing else: another
exception, or more than a second, is a fault. `python -m tools.hostile parsers`; with Atheris on the path the same
inputs are steered by coverage (`--parser`). Imported when Django is set up."""

import contextlib
import io
import json
import random
import re
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from tools.hostile import corpus
from vardvag.core.middleware import forms_as_ours
from vardvag.files.receiving import UploadHandler

Read = Callable[[bytes], object]
SLOW = 1.0
ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Parser:
    name: str
    read: Read
    refuses: tuple[type[Exception], ...]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...] = ()  # of its language, strewn in


def text(read: Callable[[str], object]) -> Read:
    return lambda data: read(data.decode("utf-8", "replace"))


def parsers() -> list[Parser]:
    """Needs Django set up, and no database."""
    from django.core.exceptions import BadRequest, SuspiciousOperation, ValidationError  # noqa: PLC0415
    from django.http import QueryDict, parse_cookie  # noqa: PLC0415
    from django.http.multipartparser import MultiPartParserError  # noqa: PLC0415
    from django.utils.http import url_has_allowed_host_and_scheme  # noqa: PLC0415

    from vardvag.core import logs, personal_number  # noqa: PLC0415
    from vardvag.core.live import topics  # noqa: PLC0415
    from vardvag.core.personal_number import NotAPersonalNumber  # noqa: PLC0415
    from vardvag.identity import cookies  # noqa: PLC0415
    from vardvag.organisation import search  # noqa: PLC0415
    from vardvag.outside.hsa.guard import UnreadableFile  # noqa: PLC0415
    from vardvag.outside.hsa.package import read_package  # noqa: PLC0415
    from vardvag.outside.hsa.tables import read_staff, read_units  # noqa: PLC0415
    from vardvag.questionnaires import fhir_read  # noqa: PLC0415
    from vardvag.questionnaires.definition import BadDefinition  # noqa: PLC0415

    staff = "HSA-id;Förnamn;Efternamn;Titel;Enhetens HSA-id;Roller;E-post;Mobil\r\nSE0000000001-1;Åsa;Ek;Läkare;SE0000000001-2;läkare;a@b.se;0701740605\r\n"
    units = 'HSA-id,Namn,Vårdgivarens HSA-id,Organisationsnummer,Öppettider,Postnummer\n"SE0000000001-2","Björk\nbacken",SE0000000001-1,556000-0000,mån-fre 08:00-17:00,123 45\n'
    return [
        Parser("csv of staff", lambda d: read_staff(io.BytesIO(d)), (UnreadableFile,),
               (staff.encode(), staff.encode("utf-16"), staff.encode("cp1252")), (b";", b'"', b"\r", b"\xff\xfe", b"\0", b"=")),
        Parser("csv of units", lambda d: read_units(io.BytesIO(d)), (UnreadableFile,), (units.encode(), units.encode("utf-16-le")),
               (b",", b'"', b"\n", b"24:00", b"\xef\xbb\xbf")),
        Parser("package of units", lambda d: read_package(io.BytesIO(d)), (UnreadableFile,), packages(),
               (b"<hsaUnit>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"<![CDATA[", b"PK\x01\x02", b"</")),
        Parser("personal number", text(personal_number.parse), (NotAPersonalNumber,),
               (b"19121212-1212", b"20240229-2386", b"121212+1212", b"700170-1234"), ("٣".encode(), "²".encode(), b"+", b"-", b"60", b" ")),
        Parser("questionnaire", lambda d: fhir_read.read(json.loads(d)), (BadDefinition, json.JSONDecodeError, UnicodeDecodeError),
               questionnaires(), (b"[", b"{", b"null", b"1e999", b'"item":', b"-1", b"true", b"NaN", b'"\\ud800"')),
        Parser("query", lambda d: QueryDict(d), (SuspiciousOperation,), (b"a=1&b=%C3%A5", b"a&&b=;"), (b"%", b"&", b"=", b"+", b"%ff")),
        Parser("cookie", text(parse_cookie), (), (b'sid=abc; lang=sv; target="a\\"b"',), (b";", b"=", b'"', b"\\")),
        Parser("multipart", multipart, (MultiPartParserError, BadRequest, SuspiciousOperation),
               (b'--g\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--g--\r\n',
                b"--g\r\nContent-Disposition: form-data; name=\"f\"; filename*=utf-8''%C3%A5.png\r\nContent-Type: image/png\r\n"
                b"Content-Transfer-Encoding: base64\r\n\r\nYQ==\r\n--g--\r\n"), (b"--g", b"\r\n", b"filename=", b"base64", b"\0", b";", b'"')),
        Parser("way back", text(lambda t: (cookies.local_path(t), url_has_allowed_host_and_scheme(t, None))), (),
               (b"/arenden/?sida=2", b"//evil.example", b"http://["), (b"/", b"\\", b"[", b"?", b"@", b":", b"%")),
        Parser("live topic", text(topics.rule), (), (b"case:6f9f1b0e-3c0b-4b57-9a3e-0f3b3a1d0c11", b"unit:1", b"me"), (b":", b"case", b"\0")),
        Parser("log line", text(logs.scrub), (), (b"anna@example.se 19121212-1212 070-174 06 05 Bearer abc", b"a" * 300), (b"@", b".", b"0", b"+", b"-", b" ")),
        Parser("search of units", text(lambda t: search.words(t[:100])), (), ("Björkbackens hälsocentral".encode(),), (b" ", b"-", b"'")),
        Parser("form's date and time", text(fields), (ValidationError,), tuple(one.encode() for one in corpus.DATES), (b"-", b":", b"T", b"0")),
    ]  # fmt: skip


def multipart(data: bytes) -> object:
    """As a page meets it, behind the middleware that reads forms."""

    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse(str(len(request.POST) + len(request.FILES)))

    request = RequestFactory().generic("POST", "/", data, content_type="multipart/form-data; boundary=g")
    request.upload_handlers = [UploadHandler(request)]
    return forms_as_ours(page)(request)


def fields(written: str) -> object:
    from django import forms  # noqa: PLC0415

    one, two = forms.DateField(required=False), forms.TimeField(required=False)
    try:
        one.clean(written)
    finally:
        two.clean(written)
    return None


def packages() -> tuple[bytes, ...]:
    unit = ("<?xml version='1.0' encoding='UTF-8'?><units><hsaUnit><hsaIdentity>SE0000000001-2</hsaIdentity><name>Björkbacken</name>"
            "<orgNo>556000-0000</orgNo><startDate>2024-02-29</startDate></hsaUnit></units>").encode()  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("hsaunits.xml", unit)
    return unit, out.getvalue(), unit.decode().replace("UTF-8", "UTF-16").encode("utf-16")


def questionnaires() -> tuple[bytes, ...]:
    """Those of the catalogue, smallest first."""
    folder = ROOT / "vardvag" / "catalogue" / "data" / "questionnaires"
    return tuple(sorted((path.read_bytes() for path in folder.glob("*.json")), key=len))[:6]


def mutated(chance: random.Random, parser: Parser) -> bytes:
    data = bytearray(chance.choice(parser.seeds))
    strewn = (
        *parser.words,
        b"\xff",
        b"\0",
        b"9" * 40,
        chance.choice(corpus.ANYTHING).encode("utf-8", "replace"),
    )
    for _ in range(chance.choice((1, 1, 2, 3, 8, 25))):
        at, some = chance.randrange(len(data) + 1), chance.randrange(1, 30)
        match chance.randrange(7):
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1 | 2:
                data[at:at] = chance.choice(strewn)
            case 3:
                del data[at : at + some]
            case 4:
                data[at : at + some] = chance.choice(strewn)
            case 5:
                data[at:at] = data[at : at + some] * chance.choice((1, 2, 50))
            case 6:
                other = chance.choice(parser.seeds)
                data[at:] = other[chance.randrange(len(other)) :]
    return bytes(data)


def judged(parser: Parser, data: bytes) -> str:
    """What was wrong; empty when nothing was."""
    began = time.perf_counter()
    try:
        parser.read(data)
    except parser.refuses:
        pass
    except Exception as problem:
        return re.sub(r"\d{2,}|'.*'", "…", f"{parser.name}: {type(problem).__name__}: {str(problem)[:120]}")
    taken = time.perf_counter() - began
    if taken > SLOW and min(timed(parser, data) for _ in range(3)) > SLOW:
        return f"{parser.name}: took {taken:.1f} s"
    return ""


def timed(parser: Parser, data: bytes) -> float:
    began = time.perf_counter()
    with contextlib.suppress(parser.refuses):  # type: ignore[arg-type]
        parser.read(data)
    return time.perf_counter() - began


def attack(count: int, number: int, until: float = 0.0) -> tuple[dict[str, int], dict[str, str]]:
    """So many inputs in all: (tried by parser, what -> first input that showed it)."""
    found: dict[str, str] = {}
    tried: dict[str, int] = {}
    everyone = parsers()
    for parser in everyone:
        chance = random.Random(f"{number} {parser.name}")  # noqa: S311 - to be repeated, not secret
        share = time.monotonic() + (until - time.monotonic()) / len(everyone) if until else 0.0
        tried[parser.name] = 0
        for _ in range(count // len(everyone)):
            data = mutated(chance, parser)
            tried[parser.name] += 1
            if fault := judged(parser, data):
                found.setdefault(fault, repr(data[:600]))
            if share and tried[parser.name] % 100 == 0 and time.monotonic() > share:
                break
    return tried, found


def steered(name: str, seconds: int) -> Any:
    """By coverage, with Atheris: ends the process (atheris.Fuzz never returns); the fault is what it raises."""
    import sys  # noqa: PLC0415

    import atheris  # type: ignore[import-not-found]  # noqa: PLC0415 - not among the dependencies

    with atheris.instrument_imports(include=["vardvag", "csv", "django.http", "django.utils"]):
        parser = next(one for one in parsers() if one.name == name)

    def once(data: bytes) -> None:
        if fault := judged(parser, data):
            raise AssertionError(fault)

    atheris.Setup([sys.argv[0], f"-max_total_time={seconds}", "-max_len=4096", "-rss_limit_mb=2048"], once)
    atheris.Fuzz()
