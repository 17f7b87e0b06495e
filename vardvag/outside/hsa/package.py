"""The catalogue's file `hsaunits.zip`: FileGetHsaUnitsResponse (which units there are), and beside it files
of GetUnit answers (`unit` elements with contact card, hours, address). The bare XML of the first will do.

Fields: urn:riv:hsa:HsaWsResponder:3 and urn:riv:infrastructure:directory:organization:GetUnitResponder:5,
read by local name, so that a minor version of a namespace does no harm.
"""

import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any, BinaryIO

from django.utils.translation import gettext_lazy as _
from lxml import etree

from vardvag.outside.hsa import values
from vardvag.outside.hsa.guard import UnreadableFile
from vardvag.outside.hsa.rows import LineError, OpenSpan, Reading, UnitRow
from vardvag.outside.hsa.values import Wrong

MAX_PACKED = 200 * 1024 * 1024
MAX_UNPACKED = 500 * 1024 * 1024
MAX_RATIO = 200
MAX_FILES = 20_000
# What zipfile and its decompressors raise on a damaged file: places before its start are ValueErrors.
_DAMAGED = (
    zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError, ValueError, zlib.error, lzma.LZMAError,
)  # fmt: skip
_BROKEN = _("Filen är avbruten eller skadad. Hämta den igen och försök en gång till.")
_TOO_LARGE = _("Filen är orimligt stor när den packas upp. Kontrollera att det är rätt fil.")


def read_package(source: BinaryIO) -> Reading[UnitRow]:
    """Raises UnreadableFile. Rows in the file's order; a unit named twice is an error on the second."""
    head = source.read(4)
    source.seek(0)
    reading: Reading[UnitRow] = Reading()
    details: dict[str, dict[str, Any]] = {}
    seen: set[str] = set()
    for content in _contents(source) if head == b"PK\x03\x04" else [_limited(source)]:
        for element in _elements(content):
            if _local(element) == "hsaUnit":
                _take(element, reading, seen)
            else:
                _take_detail(element, details, reading.errors)
    if not reading.rows and not reading.errors:
        raise UnreadableFile(_("Filen innehåller inga enheter. Kontrollera att det är hsaunits.zip."))
    merged = [replace(row, **details[row.hsa_id]) if row.hsa_id in details else row for row in reading.rows]
    return Reading(merged, reading.errors)


def _contents(source: BinaryIO) -> Iterator[bytes]:
    """The XML files of the zip; what the headers say of sizes is not believed."""
    left = MAX_UNPACKED
    try:
        with zipfile.ZipFile(source) as package:
            members = [i for i in package.infolist() if i.filename.lower().endswith(".xml")]
            if len(members) > MAX_FILES or sum(i.compress_size for i in members) > MAX_PACKED:
                raise UnreadableFile(_TOO_LARGE)
            for info in members:
                with package.open(info) as file:
                    most = min(left, max(info.compress_size, 10_000) * MAX_RATIO)
                    content = file.read(most + 1)
                    if len(content) > most:
                        raise UnreadableFile(_TOO_LARGE)
                left -= len(content)
                yield content
    except _DAMAGED as error:
        raise UnreadableFile(_BROKEN) from error


def _limited(source: BinaryIO) -> bytes:
    content = source.read(MAX_PACKED + 1)
    if len(content) > MAX_PACKED:
        raise UnreadableFile(_TOO_LARGE)
    return content


def _elements(content: bytes) -> Iterator[Any]:
    """hsaUnit and unit elements, one at a time; no entities, no network, no document type."""
    walk = etree.iterparse(
        BytesIO(content), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False
    )
    try:
        for event, element in walk:
            if event == "start":
                if element.getparent() is None and element.getroottree().docinfo.doctype:
                    raise UnreadableFile(
                        _("Filen har en dokumenttyp (DOCTYPE). Hämta en fil utan, direkt från katalogen.")
                    )
                continue
            if _local(element) == "hsaUnit" or (
                _local(element) == "unit" and _text(element, "unitHsaId") is not None
            ):
                yield element
                element.clear()
    except etree.XMLSyntaxError as error:
        raise UnreadableFile(_BROKEN) from error


def _local(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _text(element: Any, *path: str) -> str | None:
    """Text of the first child by local names; None when there is none."""
    for name in path:
        element = next((child for child in element if _local(child) == name), None)
        if element is None:
            return None
    return (element.text or "").strip()


def _texts(element: Any, name: str) -> tuple[str, ...]:
    return tuple(t for c in element if _local(c) == name and (t := (c.text or "").strip()))


def _take(element: Any, reading: Reading[UnitRow], seen: set[str]) -> None:
    line = element.sourceline or 0

    def field(name: str, read: Callable[[str], Any]) -> Any:
        try:
            return read(_text(element, name) or "")
        except Wrong as wrong:
            reading.errors.append(LineError(line, name, wrong.problem, wrong.cure))
            return None

    before = len(reading.errors)
    id = field("hsaIdentity", values.hsa_id)
    row = {
        "name": field("name", values.name),
        "organisation_number": field("orgNo", values.organisation_number),
        "is_provider": field("isHsaHealthCareProvider", values.yes),
        "is_unit": field("isHsaHealthCareUnit", values.yes),
        "starts": field("startDate", values.day),
        "ends": field("endDate", values.day),
        "provider_hsa_id": field("hsaResponsibleHealthCareProvider", _maybe_id),
    }
    marks = [_local(child) for child in element if _local(child).endswith("IsArchived")]
    row["archived"] = any([field(mark, values.yes) for mark in marks])
    if id in seen:
        reading.errors.append(
            LineError(
                line,
                "hsaIdentity",
                _("HSA-id %(id)s finns redan tidigare i filen.") % {"id": id},
                _("Ta bort den ena raden."),
            )  # fmt: skip
        )
    if len(reading.errors) == before:
        seen.add(id)
        public_name = _text(element, "publicName") or row["name"]
        reading.rows.append(UnitRow(line=line, hsa_id=id, public_name=public_name, **row))


def _maybe_id(written: str) -> str:
    return values.hsa_id(written) if written.strip() else ""


def _take_detail(element: Any, details: dict[str, dict[str, Any]], errors: list[LineError]) -> None:
    """Fields of a GetUnit answer. A field that cannot be read is left out and told; the unit stays."""
    line = element.sourceline or 0
    found: dict[str, Any] = {}

    def field(name: str, column: str, read: Callable[[], Any]) -> None:
        try:
            if value := read():
                found[name] = value
        except Wrong as wrong:
            errors.append(LineError(line, column, wrong.problem, wrong.cure))

    try:
        id = values.hsa_id(_text(element, "unitHsaId") or "")
    except Wrong as wrong:
        errors.append(LineError(line, "unitHsaId", wrong.problem, wrong.cure))
        return
    address = ("structuredVisitingAddress",), ("structuredPostalAddress",)
    field("public_name", "publicName", lambda: _text(element, "publicName"))
    field("kinds", "businessType", lambda: _texts(element, "businessType"))
    field("care_types", "careType", lambda: _texts(element, "careType"))
    field("specialities", "businessClassificationName", lambda: _specialities(element))
    field("county_code", "countyCode", lambda: _text(element, "countyCode"))
    field("municipality_code", "municipalityCode", lambda: _text(element, "municipalityCode"))
    field("municipality", "municipalityName", lambda: _text(element, "municipalityName"))
    field("street", "structuredVisitingAddress", lambda: _street(element))
    field("city", "town", lambda: next((t for a in address if (t := _text(element, *a, "town"))), ""))
    field("postal_code", "postalCode", lambda: values.postal_code(_postal(element)))
    field("directions", "route", lambda: _directions(element))
    field("phones", "telephoneNumber", lambda: _texts(element, "telephoneNumber"))
    field("mail", "mail", lambda: _text(element, "mail"))
    field("web", "labeledUri", lambda: _text(element, "labeledUri"))
    field("phone_hours", "telephoneHour", lambda: _hours(element, "telephoneHour"))
    field("visit_hours", "surgeryHour", lambda: _hours(element, "surgeryHour"))
    field("drop_in_hours", "dropInHour", lambda: _hours(element, "dropInHour"))
    field("notice", "unitTemporaryInformation",
          lambda: _text(element, "unitTemporaryInformation", "temporaryInformation"))  # fmt: skip
    field("feigned", "feignedUnit", lambda: values.yes(_text(element, "feignedUnit") or ""))
    indicators = _texts(element, "destinationIndicator")
    details[id] = {**found, "public": "03" in indicators}


def _directions(element: Any) -> str:
    return " ".join(filter(None, (_text(element, "route"), _text(element, "indoorRouteDescription"))))


def _specialities(element: Any) -> tuple[str, ...]:
    flat = _texts(element, "businessClassificationName")
    nested = (
        _text(child, "businessClassificationName")
        for child in element
        if _local(child) == "businessClassification"
    )
    return flat or tuple(filter(None, nested))


def _street(element: Any) -> str:
    place = next((c for c in element if _local(c) == "structuredVisitingAddress"), None)
    if place is None:
        return _text(element, "street") or ""
    number = (_text(place, "premisesNumber") or "") + (_text(place, "premisesLetter") or "")
    return " ".join(filter(None, (_text(place, "street"), number)))


def _postal(element: Any) -> str:
    return _text(element, "structuredPostalAddress", "postCode") or _text(element, "postalCode") or ""


def _hours(element: Any, name: str) -> tuple[OpenSpan, ...]:
    found = []
    for span in (child for child in element if _local(child) == name):
        parts = [_text(span, part) or "" for part in ("fromDay", "toDay", "fromTime", "toTime")]
        try:
            first, last = int(parts[0]), int(parts[1] or parts[0])
            opens, closes = values.clock(parts[2]), values.clock(parts[3])
            if not (1 <= first <= 7 and 1 <= last <= 7 and opens < closes):
                raise ValueError
        except ValueError:
            raise Wrong(
                _("Tiderna i %(name)s går inte att läsa.") % {"name": name},
                _("Ange dag 1–7 och klockslag som 08:00:00, med start före slut."),
            ) from None
        found.append(OpenSpan(first, last, opens, closes, (_text(span, "comment") or "")[:19]))
    return tuple(found)
