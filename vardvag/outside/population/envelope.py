"""The stand-in's answers as XML: what the register tells of a person, and what it keeps back."""

from collections.abc import Callable
from typing import Any

from lxml import etree

from vardvag.outside.local_server import Reply
from vardvag.outside.population.client import PERSONAL, RESPONDER, SOAP
from vardvag.outside.population.port import DECEASED
from vardvag.outside.population.records import CHILD, GUARDIAN, NAMESPACE

Row = dict[str, Any]


def answer(
    asked: list[tuple[str, str, Row | None]], children: Callable[[str], list[tuple[str, Row]]]
) -> Reply:
    """One requestedPersonRecord for each number asked for, empty when the register does not know it."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP, "b": RESPONDER, "p": NAMESPACE})
    body = etree.SubElement(envelope, f"{{{SOAP}}}Body")
    told = etree.SubElement(body, f"{{{RESPONDER}}}GetPersonsForProfileResponse")
    for root, number, row in asked:
        record = etree.SubElement(told, f"{{{RESPONDER}}}requestedPersonRecord")
        _identity(record, "requestedPersonalIdentity", number, root)
        if row is not None:
            _person(_add(record, "personRecord"), row, root, children)
    return Reply(
        200, etree.tostring(envelope, xml_declaration=True, encoding="UTF-8"), "text/xml; charset=utf-8"
    )


def fault(code: str, text: str) -> Reply:
    """As the national platform answers: HTTP 500 with the code in the text and the detail."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    element = etree.SubElement(etree.SubElement(envelope, f"{{{SOAP}}}Body"), f"{{{SOAP}}}Fault")
    etree.SubElement(element, "faultcode").text = "soap:Client" if code == "Client" else "soap:Server"
    etree.SubElement(element, "faultstring").text = f"{code} {text}"
    etree.SubElement(etree.SubElement(element, "detail"), "detailString").text = code
    return Reply(
        500, etree.tostring(envelope, xml_declaration=True, encoding="UTF-8"), "text/xml; charset=utf-8"
    )


def _person(element: Any, row: Row, root: str, children: Callable[[str], list[tuple[str, Row]]]) -> None:
    number, hidden = str(row["personal_number"]), bool(row.get("protected") or row.get("protected_record"))
    _identity(element, "personalIdentity", number, root)
    _add(element, "protectedPersonIndicator", "true" if row.get("protected") else "false")
    _add(element, "testIndicator", "true")
    _add(element, "primaryIdentity", "true")
    name = _add(element, "name")
    first = str(row.get("first_names") or row.get("given_name") or "")
    place = first.split().index(row["given_name"]) + 1 if row.get("given_name") in first.split() else 0
    if place:
        _add(name, "givenNameIndicator", f"{place}0")
    for tag, text in (
        ("givenName", first),
        ("middleName", row.get("middle_name")),
        ("surname", row.get("surname")),
    ):
        if text:
            _add(name, tag, str(text))
    for old in row.get("referred") or []:
        _identity(_add(element, "referredPersonalIdentities"), "referredPersonalIdentity", old, root)
    if not hidden:  # a protected person is told of by the smallest profile only
        _place(element, row)
    _deregistration(element, row)
    if not hidden:
        for custody in row.get("guardians") or []:
            _relationship(element, GUARDIAN, str(custody["personal_number"]), custody)
        for child, custody in children(number):
            _relationship(element, CHILD, child, custody)
    if row.get("protected_record") is not None:
        _add(element, "protectedPopulationRecord", "true" if row["protected_record"] else "false")


def _place(element: Any, row: Row) -> None:
    code = str(row.get("municipality") or "")
    if code:
        locality = _add(element, "populationRegistrationLocality")
        _add(locality, "countyCode", code[:2])
        _add(locality, "municipalityCode", code[2:])
    address = row.get("address")
    if not address:
        return
    information = _add(element, "addressInformation")
    if address.get("country"):
        abroad = _add(information, "addressAbroad")
        _add(abroad, "postalAddress1", str(address.get("street") or ""))
        _add(abroad, "postalAddress2", str(address.get("city") or ""))
        _add(abroad, "countryCode", str(address["country"]))
        return
    home = _add(information, "residentialAddress")
    if address.get("care_of"):
        _add(home, "careOf", str(address["care_of"]))
    _add(home, "postalAddress2", str(address.get("street") or ""))
    code = str(address.get("postal_code") or "").replace(" ", "")
    if code.isdigit():
        _add(home, "postalCode", str(int(code)))  # a number in the contract: leading zeros are lost
    _add(home, "city", str(address.get("city") or ""))


def _deregistration(element: Any, row: Row) -> None:
    reasons = ((DECEASED, row.get("deceased")), ("UV", row.get("emigrated")))
    for reason, day in reasons:
        if day:
            gone = _add(element, "deregistration")
            _add(gone, "deregistrationReasonCode", reason)
            _date(gone, "deregistrationDate", str(day))
            return


def _relationship(element: Any, kind: str, number: str, custody: Row) -> None:
    relation = _add(element, "relationship")
    _identity(_add(relation, "relationshipId"), "personalIdentity", number, PERSONAL)
    _add(relation, "relationshipType", kind)
    for tag, day in (
        ("relationshipFromDate", custody.get("since")),
        ("relationshipToDate", custody.get("until")),
    ):
        if day:
            _date(relation, tag, str(day))


def _identity(parent: Any, tag: str, number: str, root: str) -> None:
    element = _add(parent, tag)
    _add(element, "root", root)
    _add(element, "extension", number)


def _date(parent: Any, tag: str, iso: str) -> None:
    element = _add(parent, tag)
    _add(element, "format", "YYYYMMDD")
    _add(element, "value", iso.replace("-", ""))


def _add(parent: Any, tag: str, text: str | None = None) -> Any:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}")
    element.text = text
    return element
