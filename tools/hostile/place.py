"""A database of the attack's own with the tests' small world in it, and people who may pass every door."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tools.hostile.ask import CSRF


@contextmanager
def world() -> Iterator[None]:
    """Django set up in test mode on a clone of the world; everything is gone afterwards. Call first of all."""
    os.environ["VARDVAG_MODE"] = "test"
    os.environ.pop("VARDVAG_ROLE", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "vardvag.config.settings"
    from tests import cluster  # noqa: PLC0415 - the environment first

    ours = cluster.Cluster()
    try:
        import django  # noqa: PLC0415

        django.setup()
        ours.serve()
        cluster.start()
        name = f"vardvag_test_hostile_{os.getpid()}"
        cluster.clone(name, cluster.world())
        from django.db import connection  # noqa: PLC0415

        parts = cluster.test_connection(name)
        connection.settings_dict.update(
            NAME=parts.pop("dbname"), USER=parts.pop("user", ""), PASSWORD=parts.pop("password", ""),
            HOST=parts.pop("host"), PORT=parts.pop("port", ""), OPTIONS=parts,
        )  # fmt: skip
        yield
        connection.close()
        cluster.drop(name)
    finally:
        ours.stop()


def people() -> dict[str, Any]:
    """By door: cookies of a browser that passes it. The staff member holds every role."""
    from django.conf import settings  # noqa: PLC0415

    from tests import acting  # noqa: PLC0415
    from tests.cluster import as_system  # noqa: PLC0415
    from vardvag.core.actor import Role  # noqa: PLC0415
    from vardvag.demo import cast  # noqa: PLC0415
    from vardvag.identity.models import Person  # noqa: PLC0415
    from vardvag.organisation.models import Assignment  # noqa: PLC0415

    with as_system():
        Assignment.objects.filter(staff__hsa_id=cast.SARA.hsa_id).update(roles=[role.value for role in Role])
        child = Person.objects.get(personal_number=cast.ELSA.number).pk
    anna = acting.resident(cast.ANNA.number)
    assert anna.post("/byt-person/", {"person": child}).status_code == 303
    who = {"resident": anna, "staff": acting.staff(cast.SARA.hsa_id), "public": acting.nobody()}
    found = {
        door: {name: morsel.value for name, morsel in client.cookies.items()}
        | {settings.CSRF_COOKIE_NAME: CSRF}
        for door, client in who.items()
    }
    return found | {"machine": found["public"]}
