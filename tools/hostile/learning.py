"""Which fields, headers and cookies the pages read: written down while they are asked for, so that no list of them
has to be kept, and a new field is attacked as soon as there is code that reads it."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.handlers import wsgi
from django.http.request import HttpHeaders, MultiValueDict, QueryDict  # type: ignore[attr-defined]
from django.utils.datastructures import CaseInsensitiveMapping


class Learnt:
    """By route: names asked for in forms and addresses; and over all routes headers and cookies."""

    def __init__(self) -> None:
        self.fields: defaultdict[str, set[str]] = defaultdict(set)
        self.headers: set[str] = set()
        self.cookies: set[str] = set()
        self.route = ""


class _Cookies(dict[str, str]):
    learnt: Learnt

    def get(self, key: str, default: Any = None) -> Any:
        self.learnt.cookies.add(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> str:
        self.learnt.cookies.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.learnt.cookies.add(str(key))
        return super().__contains__(key)


@contextmanager
def learning() -> Iterator[Learnt]:
    learnt = Learnt()
    kept: list[tuple[Any, str, Any]] = []

    def listen(owner: Any, name: str, to: type | tuple[type, ...], note: Any) -> None:
        before = getattr(owner, name)

        def heard(self: Any, key: Any, *more: Any, **named: Any) -> Any:
            if isinstance(self, to) and isinstance(key, str):
                note(key)
            return before(self, key, *more, **named)

        kept.append((owner, name, owner.__dict__.get(name)))
        setattr(owner, name, heard)

    def field(name: str) -> None:
        if "/" not in name:  # Django keeps the names of addresses in such a dictionary, too
            learnt.fields[learnt.route].add(name)

    for name in ("get", "getlist", "__getitem__"):
        listen(MultiValueDict, name, (QueryDict, MultiValueDict), field)
    listen(QueryDict, "__contains__", QueryDict, field)
    listen(CaseInsensitiveMapping, "__getitem__", HttpHeaders, learnt.headers.add)
    listen(HttpHeaders, "__contains__", HttpHeaders, learnt.headers.add)
    listen(HttpHeaders, "get", HttpHeaders, learnt.headers.add)
    parse = wsgi.parse_cookie  # type: ignore[attr-defined]

    def parsed(cookie: str) -> dict[str, str]:
        found = _Cookies(parse(cookie))
        found.learnt = learnt
        return found

    wsgi.parse_cookie = parsed  # type: ignore[attr-defined]
    try:
        yield learnt
    finally:
        wsgi.parse_cookie = parse  # type: ignore[attr-defined]
        for owner, name, before in reversed(kept):
            if before is None:
                delattr(owner, name)
            else:
                setattr(owner, name, before)
