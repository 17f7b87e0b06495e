"""Addresses of pages by name. Django looks the pattern up at every call; here it is looked up once."""

from functools import cache
from uuid import UUID

from django.urls import reverse


@cache
def _pattern(name: str, places: int) -> str:
    marks = [UUID(int=place + 1) for place in range(places)]
    made = reverse(name, args=marks)
    for mark in marks:
        made = made.replace(str(mark), "{}", 1)
    return made


def address(name: str, *ids: UUID) -> str:
    """Of a page whose address has nothing but these ids to fill in; others by Django's `reverse`.

    Raises TypeError for what is no UUID, so that nothing else can come into an address.
    """
    if not ids:
        return _pattern(name, 0)
    for one in ids:
        if type(one) is not UUID:
            raise TypeError(f"{name}: an id in an address is a UUID")
    return _pattern(name, len(ids)).format(*ids)
