"""Translations: `python -m tools.messages` adds what is missing to each part's locale/en and compiles it;
`--check` changes nothing and fails on a text without an English translation, a stale one, or a stale .mo.

Swedish is the source text. Compiled files are kept in the repository, so that `pip install .` needs no tools.
"""

import io
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import pofile
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from django.conf import settings
from django.utils.translation import template as django_template

PACKAGE = Path(__file__).resolve().parent.parent / "vardvag"
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2), "ungettext": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}  # fmt: skip
HEAD = r"""# English for Swedish texts; `make messages` keeps it.
msgid ""
msgstr ""
"Language: en\n"
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"""
NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)
_PLACES = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")


def parts() -> list[Path]:
    """Services stand in a folder of their own."""
    every = (*PACKAGE.iterdir(), *(PACKAGE / "services").iterdir())
    return sorted(path for path in every if (path / "__init__.py").exists() and path.name != "services")


def found(part: Path) -> Iterator[tuple[str, int, str | tuple[str, ...], str | None]]:
    """(file, line, text or (singular, plural), context)."""
    for path in sorted(part.rglob("*.py")):
        if not {"tests", "migrations"} & set(path.parts):
            yield from _in_python(path, path.read_bytes())
    for path in sorted((*part.rglob("templates/**/*.html"), *part.rglob("templates/**/*.txt"))):
        as_python = django_template.templatize(path.read_text(encoding="utf-8"), origin=str(path))
        unindented = "\n".join(line.strip() for line in as_python.splitlines())
        yield from _in_python(path, unindented.encode())


def _in_python(path: Path, source: bytes) -> Iterator[tuple[str, int, str | tuple[str, ...], str | None]]:
    name = str(path.relative_to(PACKAGE.parent))
    for line, text, _, context in extract(
        "python", io.BytesIO(source), KEYWORDS, options={"encoding": "utf-8"}
    ):
        if text and text != ("", ""):
            yield name, line, text, context


def read(path: Path) -> Catalog:
    if not path.exists():
        return Catalog(locale="en", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return pofile.read_po(file, locale="en", charset="utf-8", abort_invalid=True)


def updated(part: Path, old: Catalog) -> Catalog:
    """What the part says now, with the translations it has."""
    new = Catalog(locale="en", charset="utf-8", fuzzy=False)
    for name, _, text, context in found(part):
        new.add(text, locations=[(name, 0)], context=context)
    for message in new:
        before = old.get(message.id, context=message.context) if message.id else None
        if before is not None:
            message.string = before.string
    return new


def write(catalog: Catalog, path: Path) -> None:
    """Without line numbers and dates: they would change at every edit."""
    path.parent.mkdir(parents=True, exist_ok=True)
    out = [HEAD]
    for message in sorted((m for m in catalog if m.id), key=_order):
        files = sorted({name for name, _ in message.locations})
        lines = [f"#: {name}" for name in files]
        if any(_PLACES.search(text) for text in _ids(message)) and "%(" in _ids(message)[0]:
            lines.append("#, python-format")
        if message.context:
            lines.append(f"msgctxt {_quoted(str(message.context))}")
        if isinstance(message.id, list | tuple):
            strings = [*(message.string or ()), "", ""][:2]
            lines += [f"msgid {_quoted(message.id[0])}", f"msgid_plural {_quoted(message.id[1])}"]
            lines += [f"msgstr[{n}] {_quoted(text or '')}" for n, text in enumerate(strings)]
        else:
            lines += [f"msgid {_quoted(str(message.id))}", f"msgstr {_quoted(str(message.string or ''))}"]
        out.append("\n".join(lines) + "\n")
    path.write_text("\n".join(out), encoding="utf-8")


def _order(message: Message) -> tuple[str, str, str]:
    return min(name for name, _ in message.locations), _ids(message)[0], message.context or ""


def _quoted(text: str) -> str:
    return pofile.normalize(text, width=0)


def _ids(message: Message) -> tuple[str, ...]:
    return tuple(message.id) if isinstance(message.id, list | tuple) else (str(message.id),)


def _strings(message: Message) -> tuple[str, ...]:
    plural = isinstance(message.id, list | tuple)
    return tuple(message.string or ()) if plural else (str(message.string or ""),)


def compiled(catalog: Catalog) -> bytes:
    """The same bytes for the same texts, whenever it is made."""
    out = io.BytesIO()
    catalog.creation_date = catalog.revision_date = NO_DATE
    write_mo(out, catalog)
    return out.getvalue()


def faults(part: Path, new: Catalog) -> Iterator[str]:
    for message in new:
        if not message.id:
            continue
        ids, strings = _ids(message), _strings(message)
        where = sorted({name for name, _ in message.locations})[0]
        if not strings or not all(strings):
            yield f"{where}: no English for {ids[0]!r}"
        elif _places(ids) != _places(strings):
            yield f"{where}: {ids[0]!r} and {strings[0]!r} name different values"


def _places(texts: Iterable[str]) -> set[str]:
    return {a or b for text in texts for a, b in _PLACES.findall(text)}


def main(words: list[str]) -> int:
    check = "--check" in words
    settings.configure(USE_I18N=False)
    wrong: list[str] = []
    for part in parts():
        po = part / "locale" / "en" / "LC_MESSAGES" / "django.po"
        old = read(po)
        new = updated(part, old)
        if len(new) == 0 and not po.exists():
            continue
        wrong += faults(part, new)
        mo = po.with_suffix(".mo")
        if not check:
            write(new, po)
            mo.write_bytes(compiled(read(po)))
            continue
        kept = {(m.id, m.context) for m in old if m.id}
        said = {(m.id, m.context) for m in new if m.id}
        wrong += [f"{po.relative_to(PACKAGE.parent)}: {id_!r} is no longer said" for id_, _ in kept - said]
        if not mo.exists() or mo.read_bytes() != compiled(read(po)):
            wrong.append(f"{mo.relative_to(PACKAGE.parent)} is not what its .po says")
    for line in wrong:
        print(line)
    if wrong:
        cure = (
            "run make messages and commit"
            if check
            else "write them in the files locale/en/LC_MESSAGES/django.po"
        )
        print(f"\n{len(wrong)} translations to put right: {cure}.")
    return 1 if wrong and check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
