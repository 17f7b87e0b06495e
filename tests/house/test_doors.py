"""Every URL has a door, and what stands behind it keeps to the names."""

from django.urls import URLPattern, URLResolver, get_resolver

DOORS = {"public", "resident", "staff", "client", "machine"}


def patterns(resolver=None, before=""):
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, before + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield before + str(entry.pattern), entry


def test_every_url_has_exactly_one_door():
    without = [path for path, entry in patterns() if getattr(entry.callback, "door", None) not in DOORS]
    assert not without, f"No door: {without}"


def test_every_url_has_a_name_of_its_own():
    names = [entry.name for _, entry in patterns()]
    assert all(names), [path for path, entry in patterns() if not entry.name]
    twice = {name for name in names if names.count(name) > 1}
    assert not twice, twice


def test_staff_pages_lie_under_personal():
    wrong = [
        path
        for path, entry in patterns()
        if (getattr(entry.callback, "door", "") == "staff") != path.startswith("personal/")
        and getattr(entry.callback, "door", "") in ("staff", "resident")
    ]
    assert not wrong, wrong


def test_only_callers_that_are_machines_go_without_the_forms_token():
    exempt = [path for path, entry in patterns() if getattr(entry.callback, "csrf_exempt", False)]
    machines = [
        path
        for path, entry in patterns()
        if getattr(entry.callback, "door", "") in ("machine", "client", "public")
    ]
    assert set(exempt) <= set(machines), exempt
