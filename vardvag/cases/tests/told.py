"""The told cases of the tests' world by name, and what the tests do with them."""

import io
from typing import Any
from uuid import UUID, uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests.cluster import as_system
from vardvag.cases.models import Case
from vardvag.demo import main_cases


def public_id(name: str) -> UUID:
    return main_cases.case(name).public_id


def case_of(name: str) -> Case:
    with as_system():
        return Case.objects.select_related("unit", "group").get(public_id=public_id(name))


def url(name: str, page: str = "") -> str:
    """Of a staff page."""
    return f"/personal/arenden/{public_id(name)}/{page}"


def mine(name: str, page: str = "") -> str:
    """Of a resident's page."""
    return f"/arenden/{public_id(name)}/{page}"


def reply(
    client: Client,
    name: str,
    body: str = "Hej! Receptet är förnyat.",
    *,
    verb: str = "reply",
    seq: int | None = None,
    key: UUID | None = None,
    close: bool = False,
    **more: Any,
) -> Any:
    sent = {
        "verb": verb,
        "body": body,
        "key": str(key or uuid4()),
        "seen_seq": case_of(name).last_seq if seq is None else seq,
        **more,
    }
    return client.post(url(name, "svara/") + ("?avsluta=1" if close else ""), sent)


def write(
    client: Client, name: str, body: str = "En sak till", *, key: UUID | None = None, **more: Any
) -> Any:
    return client.post(mine(name, "skriv/"), {"body": body, "key": str(key or uuid4()), **more})


def text(answer: Any) -> str:
    return str(answer.content.decode())


def picture(name: str = "blad.png", colour: str = "green") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/png")
