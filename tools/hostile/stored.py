"""Payloads, and where they are put: straight into every text column and JSON text that is not a key, whichever form
they might have come by, and also what no form takes (names from registers, names of files)."""

import random
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.apps import apps
from django.db import Error, connection, models, transaction

from tests.cluster import as_system
from tools.hostile import corpus

# Words that steer: keys, states, what is looked up by. Everything else that is text is shown to somebody.
KEPT = re.compile(
    r"(^|_)(id|key|state|kind|code|slug|hsa|number|sha256|hash|mac|token|language|salt|reason_code|verb|door|role|roles|prefix"
    r"|stored|wrapped|type|address|channel|method|purpose|link|status|how|way|device|version|digest|color|icon)(_|$)|^id$|_id$"
)
SEALED = ("audit", "procrastinate")  # written once
BEFORE = (
    '">',
    "'>",
    "-->",
    "]]>",
    "</div>",
    "</p></main>",
    "\\",
    "&#34;>",
    "&quot;>",
    "\u2028",
)  # close what is open
IN_JSON = 50  # payloads in one text of a JSON column, which holds many


def payloads(count: int, number: int) -> list[str]:
    """All of the corpus, then variants of it: other case, other white space, other quotes, encoded, joined; each once."""
    chance = random.Random(number)  # noqa: S311 - to be repeated, not secret
    plain = corpus.markup()
    found, known = list(plain), set(plain)
    while len(found) < count:
        one, two = chance.choice(plain), chance.choice(plain)
        match chance.randrange(9):
            case 0:
                one = "".join(c.upper() if chance.random() < 0.5 and c not in "_rany" else c for c in one)
            case 1:
                one = one.replace(" ", chance.choice(("/", "\t", "\n", "\x0c", "  ", "\xa0")))
            case 2:
                one = one.translate({34: 39, 39: 34})
            case 3:
                one = chance.choice(BEFORE) + one
            case 4:
                one = "".join(f"&#{ord(c)};" if chance.random() < 0.4 else c for c in one)
            case 5:
                one = one.replace("<", chance.choice(("<<", "<\u200b", "\uff1c<", "%3C<", "&lt<")))
            case 6:
                cut = chance.randrange(len(one))
                one = (
                    one[:cut] + chance.choice(("\u202e", "\u0300", "&", ";", '"', "'", "`", "=")) + one[cut:]
                )
            case 7:
                one = one + two
            case 8:
                one = f"https://x.example/{one} {chance.choice(('tel:', 'mailto:a@b.se?', '19121212-1212', '07017406'))}{two}"
        if one not in known:
            known.add(one)
            found.append(one)
    # No table takes NUL: one in a batch would keep the batch out. Each calls by its own number and bears it, so that
    # a page tells which of them it shows.
    return [
        one.replace("\x00", "").replace(f"{corpus.BEACON}(1)", f"{corpus.BEACON}({n})") + f" #{n}#"
        for n, one in enumerate(found[:count])
    ]


def widen() -> int:
    """Every short text may be long from now on, so that a view with one name holds a whole batch of payloads: what
    escapes it knows no length. What is written once may be written over. How many were short; what an index holds on
    to stays so."""
    wider = 0
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")  # what waits for a commit holds on to its table
        cursor.execute("set role none")  # the owner
        for model in apps.get_models():
            table = model._meta.db_table
            if fields(model):
                cursor.execute(f'alter table "{table}" disable trigger user')
            for one in model._meta.concrete_fields if model._meta.managed else ():
                if (
                    isinstance(one, models.CharField) and not one.primary_key
                ):  # also of the log, which copies names
                    column = one.column
                    with suppress(Error), transaction.atomic():
                        cursor.execute(f'alter table "{table}" alter column "{column}" type text')
                        wider += 1
        cursor.execute("grant update on all tables in schema public to vardvag_system")
        cursor.execute("set role vardvag_app")
    return wider


def fields(model: type[models.Model]) -> list[Any]:
    """Texts that are shown to somebody."""
    if model._meta.app_label in SEALED or not model._meta.managed:
        return []
    return [
        one for one in model._meta.concrete_fields
        if isinstance(one, models.TextField | models.CharField | models.JSONField)
        and not (KEPT.search(one.name) or one.unique or one.choices or one.primary_key)
    ]  # fmt: skip


class Store:
    """Puts a batch of payloads into every text column; call inside a transaction that is rolled back."""

    def __init__(self, given: list[str], size: int) -> None:
        self._given, self._size = given, size
        self._batch: list[str] = []
        self._at = 0

    def fill(self, turn: int) -> tuple[int, int]:
        """(columns, texts written)."""
        first = turn * self._size % len(self._given)
        self._batch = self._given[first : first + self._size]
        columns = texts = 0
        with as_system():
            for model in apps.get_models():
                for one in fields(model):
                    written = self._column(model, one)
                    columns, texts = columns + bool(written), texts + written
        return columns, texts

    def _column(self, model: type[models.Model], one: Any) -> int:
        written = 0
        for pk, value in model._default_manager.order_by("pk").values_list("pk", one.name)[:60]:
            if not value:
                continue
            for new in self._instead(one, value):
                with suppress(Error), transaction.atomic():  # a rule of the table's keeps it
                    written += model._default_manager.filter(pk=pk).update(**{one.name: new})
                    break
            else:
                return written
        return written

    def _instead(self, one: Any, value: Any) -> Iterator[Any]:
        """What to put there, best first."""
        if isinstance(one, models.JSONField):
            if (new := self._json(value)) != value:
                yield new
            return
        yield "\n".join(self._batch)
        if one.max_length:
            yield from (text for text in (self._next() for _ in range(20)) if len(text) <= one.max_length)
            yield "<b onclick=__ran(1)><vvx>"[: one.max_length]

    def _next(self) -> str:
        self._at += 1
        return self._batch[self._at % len(self._batch)]

    def _json(self, value: Any) -> Any:
        """Texts of more than one word; single words are codes."""
        if isinstance(value, str):
            return "\n".join(self._next() for _ in range(IN_JSON)) if " " in value.strip() else value
        if isinstance(value, list):
            return [self._json(one) for one in value]
        if isinstance(value, dict):
            return {key: self._json(one) for key, one in value.items()}
        return value
