"""Units and staff as CSV, as spreadsheets save it: any of `;` `,` or tab, UTF-8, UTF-16 or Windows-1252."""

import csv
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from typing import Any, BinaryIO

from django.utils.translation import gettext_lazy as _

from vardvag.outside.hsa import values
from vardvag.outside.hsa.guard import UnreadableFile
from vardvag.outside.hsa.rows import LineError, Reading, StaffRow, UnitRow
from vardvag.outside.hsa.values import Wrong

MAX_BYTES = 50 * 1024 * 1024
csv.field_size_limit(1_000_000)

_STAFF = {
    "hsa_id": ("hsa-id", "hsaid", "hsa_id", "personens hsa-id", "person hsa-id"),
    "given_name": ("given name", "förnamn", "tilltalsnamn", "givenname"),
    "surname": ("surname", "efternamn", "last name"),
    "title": ("title", "titel", "befattning", "yrke"),
    "unit_hsa_id": (
        "unit hsa-id",
        "enhetens hsa-id",
        "enhet hsa-id",
        "enhet",
        "mottagningens hsa-id",
        "unit",
    ),
    "roles": ("roles", "roller", "roll", "role"),
    "groups": ("groups", "grupper", "grupp", "group"),
    "email": ("e-mail", "email", "e-post", "epost"),
    "mobile": ("mobile", "mobil", "mobilnummer"),
}
_UNIT = {
    "hsa_id": ("hsa-id", "hsaid", "hsa_id", "enhetens hsa-id"),
    "name": ("name", "namn", "enhetsnamn"),
    "public_name": ("public name", "visningsnamn", "publikt namn"),
    "provider_hsa_id": (
        "provider hsa-id",
        "vårdgivarens hsa-id",
        "vårdgivare hsa-id",
        "vårdgivare",
        "provider",
    ),
    "mother_hsa_id": ("mother unit hsa-id", "moderenhet hsa-id", "moderenhet", "filial till"),
    "organisation_number": ("organisation number", "organisationsnummer", "orgnr", "orgno"),
    "is_provider": ("is provider", "är vårdgivare"),
    "kinds": ("kind of care", "vårdform", "enhetstyp", "typ"),
    "specialities": ("specialities", "verksamhet", "verksamheter", "specialitet", "specialiteter"),
    "municipality": ("municipality", "kommun"),
    "municipality_code": ("municipality code", "kommunkod"),
    "street": ("street", "gatuadress", "besöksadress", "adress"),
    "postal_code": ("postal code", "postnummer", "postnr"),
    "city": ("city", "postort", "ort"),
    "directions": ("directions", "vägbeskrivning"),
    "phones": ("phone", "telefon", "telefonnummer"),
    "mail": ("e-mail", "email", "e-post", "epost"),
    "web": ("web", "webbplats", "webb"),
    "phone_hours": ("phone hours", "telefontider", "telefontid"),
    "visit_hours": ("opening hours", "öppettider", "besökstider"),
    "starts": ("start date", "startdatum", "från och med"),
    "ends": ("end date", "slutdatum", "till"),
    "archived": ("archived", "arkiverad"),
}


def _plain(written: str) -> str:
    return " ".join(written.split())


_READ_STAFF: dict[str, Callable[[str], Any]] = {
    "hsa_id": values.hsa_id,
    "given_name": lambda w: values.name(w, 100),
    "surname": lambda w: values.name(w, 99),  # with a given name one of 200
    "title": lambda w: _plain(w)[:100],
    "unit_hsa_id": values.hsa_id,
    "roles": values.roles,
    "groups": values.words_of,
    "email": str.strip,
    "mobile": str.strip,
}
_READ_UNIT: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(_UNIT, _plain),
    "hsa_id": values.hsa_id,
    "name": values.name,
    "provider_hsa_id": values.hsa_id,
    "mother_hsa_id": lambda w: values.hsa_id(w) if w.strip() else "",
    "organisation_number": values.organisation_number,
    "is_provider": values.yes,
    "kinds": values.words_of,
    "specialities": values.words_of,
    "postal_code": values.postal_code,
    "phones": values.words_of,
    "phone_hours": values.spans,
    "visit_hours": values.spans,
    "starts": values.day,
    "ends": values.day,
    "archived": values.yes,
}


def read_staff(source: BinaryIO) -> Reading[StaffRow]:
    """Raises UnreadableFile when it is no table or lacks a needed column."""
    reading: Reading[StaffRow] = Reading()
    seen: dict[tuple[str, str], int] = {}
    needed = ("hsa_id", "given_name", "surname", "unit_hsa_id", "roles")
    for line, cells, names in _lines(source, _STAFF, needed):
        found = _read(line, cells, names, _READ_STAFF, reading.errors)
        if found is None:
            continue
        if not found["roles"]:
            reading.errors.append(
                LineError(
                    line,
                    names["roles"],
                    _("Roll saknas."),
                    _("Ange minst en roll, till exempel ärendehanterare."),
                )
            )
            continue
        key = found["hsa_id"], found["unit_hsa_id"]
        if _twice(line, names["hsa_id"], key, seen, reading.errors):
            continue
        reading.rows.append(StaffRow(line=line, **{"title": "", **found}))
    return reading


def read_units(source: BinaryIO) -> Reading[UnitRow]:
    """Raises UnreadableFile when it is no table or lacks a needed column."""
    reading: Reading[UnitRow] = Reading()
    seen: dict[str, int] = {}
    for line, cells, names in _lines(source, _UNIT, ("hsa_id", "name", "provider_hsa_id")):
        found = _read(line, cells, names, _READ_UNIT, reading.errors)
        if found is None or _twice(line, names["hsa_id"], found["hsa_id"], seen, reading.errors):
            continue
        found["public_name"] = found.get("public_name") or found["name"]
        reading.rows.append(UnitRow(line=line, **found, is_unit=not found.get("is_provider", False)))
    return reading


def _twice(line: int, field: str, key: Any, seen: dict[Any, int], errors: list[LineError]) -> bool:
    if key in seen:
        errors.append(
            LineError(
                line,
                field,
                _("Samma HSA-id står redan på rad %(line)s.") % {"line": seen[key]},
                _("Ta bort den ena raden."),
            )  # fmt: skip
        )
        return True
    seen[key] = line
    return False


def _read(
    line: int,
    cells: Mapping[str, str],
    names: Mapping[str, str],
    readers: Mapping[str, Callable[[str], Any]],
    errors: list[LineError],
) -> dict[str, Any] | None:
    """The row's values, or None when something is wrong (all that is wrong is told)."""
    found: dict[str, Any] = {}
    fine = True
    for column, cell in cells.items():
        try:
            found[column] = readers[column](cell)
        except Wrong as wrong:
            errors.append(LineError(line, names[column], wrong.problem, wrong.cure))
            fine = False
    return found if fine else None


def _lines(
    source: BinaryIO, columns: Mapping[str, tuple[str, ...]], needed: tuple[str, ...]
) -> Iterator[tuple[int, dict[str, str], dict[str, str]]]:
    """(line, cells by our name, the file's own column names), empty lines left out."""
    text = decode(source.read(MAX_BYTES + 1))
    head = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(";\t,", key=head.count)
    rows = csv.reader(StringIO(text, newline=""), delimiter=separator)
    try:
        for titles in rows:
            if any(cell.strip() for cell in titles):
                break
        else:
            raise UnreadableFile(_("Filen är tom. Välj en fil med rubriker på första raden."))
        by_title = {alias: ours for ours, aliases in columns.items() for alias in aliases}
        places: dict[str, int] = {}
        for place, title in enumerate(titles):
            ours = by_title.get(_plain(title).lower())
            if ours and ours not in places:
                places[ours] = place
        missing = [columns[n][1] if len(columns[n]) > 1 else n for n in needed if n not in places]
        if missing:
            raise UnreadableFile(
                _("Kolumnen %(name)s saknas. Första raden ska vara rubriker: %(titles)s.")
                % {"name": ", ".join(missing), "titles": "; ".join(a[0] for a in columns.values())}
            )
        names = {ours: titles[place].strip() for ours, place in places.items()}
        for cells in rows:
            if any(cell.strip() for cell in cells):
                yield rows.line_num, {o: cells[p] if p < len(cells) else "" for o, p in places.items()}, names
    except csv.Error as error:
        raise UnreadableFile(
            _("Rad %(line)s går inte att läsa. Kontrollera citattecknen.") % {"line": rows.line_num}
        ) from error


def decode(raw: bytes) -> str:
    """Text of a file whose encoding nobody wrote down."""
    if len(raw) > MAX_BYTES:
        raise UnreadableFile(_("Filen är för stor. Dela upp den i filer under 50 MB."))
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        encodings = ["utf-16"]
    elif raw[1:2] == b"\0" or raw[:1] == b"\0":
        encodings = ["utf-16-le" if raw[1:2] == b"\0" else "utf-16-be"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableFile(_("Filen är inte en textfil. Spara den som CSV (UTF-8) och försök igen."))
