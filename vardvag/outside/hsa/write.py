"""Writes `hsaunits.zip` from rows: the demo region and the tests make their files here."""

import zipfile
from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from typing import Any

from lxml import etree

from vardvag.outside.hsa.rows import OpenSpan, UnitRow

LIST = "urn:riv:hsa:HsaWsResponder:3"
UNIT = "urn:riv:infrastructure:directory:organization:GetUnitResponder:5"


def package(rows: Iterable[UnitRow], *, at: datetime) -> bytes:
    """hsaunits.xml (all rows) and units.xml (contact cards of the units)."""
    rows = list(rows)
    listing = etree.Element(f"{{{LIST}}}FileGetHsaUnitsResponse", nsmap=_default(LIST))
    _add(listing, LIST, "startDate", at.isoformat())
    _add(listing, LIST, "endDate", at.isoformat())
    units = etree.SubElement(listing, f"{{{LIST}}}hsaUnits")
    for row in rows:
        _list_row(units, row)
    cards = etree.Element(f"{{{UNIT}}}GetUnitsResponse", nsmap=_default(UNIT))
    for row in rows:
        if row.is_unit:
            _card(cards, row)
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, root in (("hsaunits.xml", listing), ("units.xml", cards)):
            file.writestr(
                name, etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
            )
    return out.getvalue()


def _default(space: str) -> Any:
    return {None: space}


def _add(parent: Any, space: str, name: str, text: str | None) -> None:
    if text:
        etree.SubElement(parent, f"{{{space}}}{name}").text = text


def _list_row(parent: Any, row: UnitRow) -> None:
    element = etree.SubElement(parent, f"{{{LIST}}}hsaUnit")
    for name, text in (
        ("hsaIdentity", row.hsa_id),
        ("DN", f"ou={row.name},c=SE"),
        ("orgNo", row.organisation_number),
        ("name", row.name),
        ("publicName", row.public_name),
        ("isHsaHealthCareProvider", str(row.is_provider).lower()),
        ("isHsaHealthCareUnit", str(row.is_unit).lower()),
        ("hsaResponsibleHealthCareProvider", row.provider_hsa_id),
        ("hsaHealthCareUnitIsArchived", str(row.archived).lower()),
        ("startDate", row.starts.isoformat() if row.starts else ""),
        ("endDate", row.ends.isoformat() if row.ends else ""),
    ):
        _add(element, LIST, name, text)


def _card(parent: Any, row: UnitRow) -> None:
    element = etree.SubElement(parent, f"{{{UNIT}}}unit")

    def add(name: str, text: str | None, to: Any = element) -> None:
        _add(to, UNIT, name, text)

    add("unitHsaId", row.hsa_id)
    add("unitName", row.name)
    add("publicName", row.public_name)
    for name, texts in (
        ("businessType", row.kinds),
        ("careType", row.care_types),
        ("telephoneNumber", row.phones),
    ):
        for text in texts:
            add(name, text)
    for text in row.specialities:
        group = etree.SubElement(element, f"{{{UNIT}}}businessClassification")
        add("businessClassificationName", text, group)
    add("countyCode", row.county_code)
    add("municipalityCode", row.municipality_code)
    add("municipalityName", row.municipality)
    if row.street or row.city:
        visiting = etree.SubElement(element, f"{{{UNIT}}}structuredVisitingAddress")
        add("street", row.street, visiting)
        add("town", row.city, visiting)
    add("postalCode", row.postal_code)
    add("route", row.directions)
    add("mail", row.mail)
    add("labeledUri", row.web)
    for name, spans in (
        ("telephoneHour", row.phone_hours),
        ("surgeryHour", row.visit_hours),
        ("dropInHour", row.drop_in_hours),
    ):
        for span in spans:
            _span(element, name, span)
    if row.notice:
        add(
            "temporaryInformation",
            row.notice,
            etree.SubElement(element, f"{{{UNIT}}}unitTemporaryInformation"),
        )
    if row.feigned:
        add("feignedUnit", "true")
    if row.public:
        add("destinationIndicator", "03")


def _span(parent: Any, name: str, span: OpenSpan) -> None:
    element = etree.SubElement(parent, f"{{{UNIT}}}{name}")
    for part, text in (
        ("fromDay", str(span.from_day)),
        ("fromTime", span.opens.isoformat()),
        ("toDay", str(span.to_day)),
        ("toTime", span.closes.isoformat()),
        ("comment", span.comment),
    ):
        _add(element, UNIT, part, text)
