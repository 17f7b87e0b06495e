"""Routes are found by how they begin; what is found is what Django's own search, one after the other, finds."""

import re

import pytest
from django.urls import Resolver404, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from vardvag.config.urls import Pages

EXAMPLES = {
    "uuid": "0193b1f0-7b1a-7d34-8d1e-0000000000a1",
    "int": "7",
    "slug": "en-sak",
    "str": "ord",
    "path": "a/b",
}


def _pages() -> Pages:
    (found,) = get_resolver().url_patterns
    assert isinstance(found, Pages)
    return found


def _paths() -> list[str]:
    routes = [str(one.pattern) for one in _pages().url_patterns]
    made = [re.sub(r"<(\w+):\w+>", lambda mark: EXAMPLES[mark[1]], route) for route in routes]
    return [
        *made,
        *(f"{one}mer/" for one in made),
        *(one.rstrip("/") for one in made),
        "/",
        "//",
        "/" * 5000,
        "finns/inte/",
    ]


def _found(resolver: URLResolver, path: str) -> object:
    try:
        match = resolver.resolve(path)
    except Resolver404:
        return None
    return match.func, match.kwargs, match.view_name, match.route


def test_every_address_leads_where_it_did() -> None:
    one_by_one = URLResolver(RoutePattern(""), _pages().url_patterns)
    found = {path: _found(_pages(), path) for path in _paths()}
    assert found == {path: _found(one_by_one, path) for path in found}
    assert sum(one is not None for one in found.values()) >= len(_pages().url_patterns)


@pytest.mark.parametrize("path", ["", "personal/", "halsa/liv"])
def test_the_shortest_are_there(path: str) -> None:
    assert _found(_pages(), path)
