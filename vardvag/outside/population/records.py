"""Reading person records of the register's answer. Unknown elements are passed over."""

from datetime import date
from typing import Any

from vardvag.outside.population.port import DECEASED, Address, Custody, PersonRecord

NAMESPACE = "urn:riv:strategicresourcemanagement:persons:person:5"
GUARDIAN, CHILD = "V", "VF"  # relationship types: has custody of this person; this person has custody of
_T = f"{{{NAMESPACE}}}"


def record(element: Any) -> PersonRecord:
    """`element`: personRecord. What decides protection fails closed: no clear "false" means protected."""
    protected = not _false(_text(element, "protectedPersonIndicator"))
    outside = _text(element, "protectedPopulationRecord")
    protected = protected or (outside != "" and not _false(outside))
    name = element.find(f"{_T}name")
    first_names = _text(name, "givenName")
    reason = _text(element, "deregistration/deregistrationReasonCode")
    return PersonRecord(
        personal_number=_text(element, "personalIdentity/extension"),
        given_name=_used_name(first_names, _text(name, "givenNameIndicator")),
        first_names=first_names,
        middle_name=_text(name, "middleName"),
        surname=_text(name, "surname"),
        protected=protected,
        deceased_on=_deceased(element, reason),
        deregistered=reason,
        municipality=_text(element, "populationRegistrationLocality/countyCode")
        + _text(element, "populationRegistrationLocality/municipalityCode"),
        address=None if protected else _address(element.find(f"{_T}addressInformation")),
        guardians=() if protected else _custody(element, GUARDIAN),
        children=() if protected else _custody(element, CHILD),
        referred=tuple(
            one.findtext(f"{_T}referredPersonalIdentity/{_T}extension") or ""
            for one in element.findall(f"{_T}referredPersonalIdentities")
        ),
    )


def is_test(element: Any) -> bool:
    return not _false(_text(element, "testIndicator"))


def partial_date(element: Any, *, latest: bool) -> date | None:
    """A date of varying precision; of a month or year the first day, or the first day after it (`latest`)."""
    value = _text(element, "value").replace("-", "")
    if not value.isdigit() or len(value) not in (4, 6, 8):
        return None
    year, month, day = int(value[:4]), int(value[4:6] or 0), int(value[6:8] or 0)
    try:
        if day:
            return date(year, month, day)
        if month:
            return date(year + month // 12, month % 12 + 1, 1) if latest else date(year, month, 1)
        return date(year + 1, 1, 1) if latest else date(year, 1, 1)
    except ValueError:
        return None


def _deceased(element: Any, reason: str) -> date | None:
    for path in ("deregistration/foundDeadAtDate", "deregistration/deregistrationDate"):
        told = partial_date(element.find(_path(path)), latest=False)
        if told and (reason == DECEASED or path.endswith("foundDeadAtDate")):
            return told
    return partial_date(element.find(_path("coOrdinationNumberData/deceasedDate")), latest=False)


def _custody(element: Any, kind: str) -> tuple[Custody, ...]:
    """Only clear custody counts: with a number, not with somebody dead or gone from the register."""
    found = []
    for one in element.findall(f"{_T}relationship"):
        number = _text(one, "relationshipId/personalIdentity/extension")
        if (
            _text(one, "relationshipType") != kind
            or not number
            or one.find(f"{_T}deregistration") is not None
        ):
            continue
        since, until = one.find(f"{_T}relationshipFromDate"), one.find(f"{_T}relationshipToDate")
        ends = partial_date(until, latest=False)
        if until is not None and ends is None:
            continue  # an end that cannot be read: it has ended
        found.append(Custody(number, partial_date(since, latest=True), ends))
    return tuple(found)


def _address(element: Any) -> Address | None:
    """The special postal address before the registered one; abroad when there is no Swedish."""
    if element is None:
        return None
    for kind in ("specialPostalAddress", "residentialAddress", "givenAddress"):
        place = element.find(f"{_T}{kind}")
        if place is not None and (_text(place, "city") or _text(place, "postalAddress2")):
            lines = tuple(t for n in ("postalAddress1", "postalAddress2") if (t := _text(place, n)))
            code = _text(place, "postalCode")
            return Address(
                lines, code.zfill(5) if code else "", _text(place, "city"), care_of=_text(place, "careOf")
            )
    abroad = element.find(f"{_T}addressAbroad")
    if abroad is None:
        return None
    lines = tuple(t for n in range(1, 4) if (t := _text(abroad, f"postalAddress{n}")))
    return Address(lines, country=_text(abroad, "countryCode")) if lines else None


def _used_name(first_names: str, indicator: str) -> str:
    """The indicator's digits say which first name is used: "20" the second, "12" the first two together."""
    names = first_names.split()
    chosen = [names[int(d) - 1] for d in indicator if d.isdigit() and 1 <= int(d) <= len(names)]
    return " ".join(chosen) or first_names


def _text(element: Any, path: str) -> str:
    return "" if element is None else (element.findtext(_path(path)) or "").strip()


def _path(path: str) -> str:
    return "/".join(f"{_T}{name}" for name in path.split("/"))


def _false(text: str) -> bool:
    return text in ("false", "0")
