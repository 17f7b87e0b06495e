"""A hostile request to one route: what a real form would send, with something done to it. Hypothesis chooses."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

from tools.hostile import corpus
from tools.hostile.ask import CSRF, Asked
from tools.hostile.routes import PLACES, Form, Route, headers

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=grans"
Pairs = list[tuple[str, bytes]]
METHODS = [
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "HEAD",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "post",
    "G\x00T",
    "X" * 500,
]
FILES = [b"", b"\x00", b"GIF89a", b"%PDF-1.7\n", b"\xff\xd8\xff\xe0", b"PK\x03\x04", b"<svg onload=__ran(1)>", b"MZ", b"hej" * 999,
         b"\xef\xbb\xbfid;namn\r\n=1+1;x\r\n", b'"' * 3000, b"a;b;c\n" * 500, b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"]  # fmt: skip
NAMES = [
    "bild.png",
    "",
    "../../x",
    "a\x00.png",
    "=1+1.csv",
    "x" * 400 + ".pdf",
    "<vvx>.png",
    "å\u202egnp.exe",
    "\udcff",
    '";x="',
    "con",
    ".",
]


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def values(usual: str = "") -> st.SearchStrategy[bytes]:
    """One typed value. `usual` is what the field holds: also cut, doubled and followed by something."""
    usual_too = [
        usual,
        usual + corpus.NUL,
        usual * 2,
        usual[:-1],
        f" {usual} ",
        f"{usual}\n",
        f"-{usual}",
        f"{usual}'",
    ]
    text = st.one_of(
        st.sampled_from(corpus.ANYTHING), st.sampled_from(corpus.ANYTHING), st.sampled_from(usual_too),
        st.text(max_size=60), st.integers().map(str), st.dates().map(str), st.floats().map(str), st.sampled_from(corpus.HUGE),
    )  # fmt: skip
    return st.one_of(
        text.map(encoded),
        text.map(encoded),
        text.map(encoded),
        st.sampled_from(corpus.BYTES),
        st.binary(max_size=40),
    )


def pairs_of(route: Route, form: Form | None) -> Pairs:
    held = {f.name: f.value for f in form.fields if f.kind not in ("submit", "file")} if form else {}
    for name in route.fields:
        held.setdefault(name, "")
    return [(name, encoded(value)) for name, value in held.items()]


def query(pairs: Pairs) -> bytes:
    return b"&".join(
        quote_from_bytes(encoded(n)).encode() + b"=" + quote_from_bytes(v).encode() for n, v in pairs
    )


def multipart(pairs: Pairs, files: list[tuple[str, str, bytes]]) -> bytes:
    parts = [
        b'--grans\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (encoded(n), v)
        for n, v in pairs
    ]
    for name, called, data in files:
        head = b'--grans\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\nContent-Type: image/png\r\n\r\n'
        parts.append(head % (encoded(name), encoded(called)) + data + b"\r\n")
    return b"".join(parts) + b"--grans--\r\n"


def hostile(
    route: Route, who: dict[str, str], cookies: list[str], reads: list[str]
) -> st.SearchStrategy[Asked]:
    """`cookies` and `reads`: names of the cookies and headers that some page asks for."""
    heard = [method for method in ("POST", "POST", "POST", "GET") if method not in route.shut]
    methods = heard * 5 + ["POST", "GET"]  # a shut door is tried, too, but seldom
    kinds = [how for how in KINDS if how not in ("raw", "files") or "POST" in heard]

    @st.composite
    def one(draw: Callable[..., Any]) -> Asked:
        form = draw(st.sampled_from([*route.forms, None]))
        path, _, had = (form.target if form else draw(st.sampled_from(route.paths))).partition("?")
        raw = quote_from_bytes(path.encode()).encode() + (b"?" + had.encode() if had else b"")
        pairs = pairs_of(route, form)
        names = [name for name, _ in pairs] or ["body"]
        how = draw(st.sampled_from(kinds))
        jar, more = dict(who), []
        method = draw(st.sampled_from(methods))
        if how in ("values", "repeated", "address"):
            for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=4)):
                usual = dict(pairs).get(name, b"").decode("utf-8", "replace")
                new = draw(values(usual))
                if how == "values":
                    pairs = [(n, v) for n, v in pairs if n != name]
                pairs.insert(draw(st.integers(0, len(pairs))), (name, new))
            if how == "address":
                return Asked(method, raw.partition(b"?")[0] + b"?" + query(pairs), headers(jar))
        elif how == "missing":
            gone = set(draw(st.lists(st.sampled_from(names), min_size=1)))
            pairs = [pair for pair in pairs if pair[0] not in gone]
        elif how == "names":
            pairs += [(draw(values()).decode("latin1")[:300], b"1") for _ in range(3)]
        elif how == "many":
            pairs += [(draw(st.sampled_from(names)), b"1")] * draw(st.sampled_from([50, 1990, 2100]))
        elif how == "path":
            raw = _path(draw, route)
        elif how == "cookies":
            name = draw(st.sampled_from(cookies))
            jar[name] = draw(values(jar.get(name, ""))).decode("latin1")[:4000]
        elif how == "headers":
            name = draw(st.sampled_from([*corpus.HEADERS, *reads]))
            value = draw(
                st.one_of(
                    st.sampled_from(corpus.HEADERS.get(name, [""])).map(lambda t: t.encode("utf-8")), values()
                )
            )
            more.append((name, value))
        elif how == "method":
            method = draw(st.sampled_from(METHODS))
        elif how == "raw":
            body = draw(
                st.one_of(
                    st.binary(max_size=400),
                    st.sampled_from(corpus.BYTES),
                    st.just(query(pairs)),
                    st.just(multipart(pairs, [])),
                )
            )
            kind = draw(st.sampled_from([*corpus.CONTENT_TYPES, URLENCODED, MULTIPART]))
            return Asked("POST", raw, (*headers(jar), ("Content-Type", kind.encode())), body)
        elif how == "files":
            chosen = draw(
                st.lists(
                    st.tuples(
                        st.sampled_from([*names, "files", "piece", "file"]),
                        st.sampled_from(NAMES),
                        st.sampled_from(FILES),
                    ),
                    max_size=3,
                )
            )
            whole = multipart(pairs, chosen)
            if draw(st.booleans()):
                cut, new = draw(st.integers(0, len(whole))), draw(st.binary(max_size=30))
                whole = whole[:cut] + new + whole[cut + draw(st.integers(0, 40)) :]
            return Asked("POST", raw, headers(jar, MULTIPART), whole)
        made = _jar(headers(jar, URLENCODED), jar) + tuple(more)
        if method == "GET":
            return Asked("GET", raw.partition(b"?")[0] + b"?" + query(pairs), made)
        return Asked(method, raw, made, query(pairs))

    return one()


KINDS = ["values"] * 6 + ["repeated", "address", "missing", "names", "many", "path", "path", "cookies", "cookies",
         "headers", "headers", "method", "raw", "raw", "files"]  # fmt: skip


def _jar(made: tuple[tuple[str, bytes], ...], jar: dict[str, str]) -> tuple[tuple[str, bytes], ...]:
    said = "; ".join(f"{name}={value}" for name, value in jar.items())
    return tuple((n, said.encode("utf-8", "replace") if n == "Cookie" else v) for n, v in made)


def _path(draw: Callable[..., Any], route: Route) -> bytes:
    """The route's own address with hostile captures, or bytes that are hardly an address."""
    if not route.captures or draw(st.integers(0, 4)) == 0:
        return b"/" + draw(  # type: ignore[no-any-return]
            st.one_of(
                st.sampled_from(corpus.BYTES),
                values(route.paths[0]).map(lambda v: quote_from_bytes(v).encode()),
            )
        )
    raw = encoded(route.pattern)
    for converter in PLACES:
        while (at := raw.find(b"<" + converter.encode() + b":")) >= 0:
            end = raw.index(b">", at)
            usual = draw(
                st.sampled_from(
                    ["1", PLACES[converter], "٣", "9" * 30, "a" * 300, "\u202e", "-1", "%2F", "\x00"]
                )
            )
            new = draw(values(usual))
            raw = raw[:at] + quote_from_bytes(new[:2000]).encode() + raw[end + 1 :]
    return raw


__all__ = ["CSRF", "hostile"]
