"""The national population service (GetPersonsForProfile 5) over SOAP (RIV-TA BP21, mutual TLS)."""

import re
import ssl
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import httpx
from lxml import etree

from vardvag.outside.answers import Answer, ask
from vardvag.outside.population.port import NotConnected, PersonRecord, Unavailable
from vardvag.outside.population.records import NAMESPACE, is_test, record
from vardvag.outside.silence import Silence

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
ROUTING = "urn:riv:itintegration:registry:1"
RESPONDER = "urn:riv:strategicresourcemanagement:persons:person:GetPersonsForProfileResponder:5"
ACTION = f"{RESPONDER}:GetPersonsForProfile"
PERSONAL, COORDINATION = "1.2.752.129.2.1.3.1", "1.2.752.129.2.1.3.3"
LOGICAL_ADDRESS = "SE165565594230-1000"
TIMEOUT = 10.0  # seconds, for the whole answer; to connect 3
SIZE = 10_000_000  # bytes of one answer
AT_ONCE = 500  # persons in one question
_OURS_TO_MEND = {"VP001", "VP002", "VP003", "VP004", "VP005", "VP006", "VP007", "VP011", "VP012", "VP013"}


class PopulationRegister:
    """`place`: url; ca, cert, key (PEM files; empty: the system's CAs, no client certificate); optional
    logical_address, profile (P1-P10, which fields come), test_persons ("1": records marked as test count)."""

    def __init__(self, place: Mapping[str, str], *, timeout: float = TIMEOUT) -> None:
        self._url, self._seconds, self._silence = place["url"], timeout, Silence()
        self._logical = place.get("logical_address") or LOGICAL_ADDRESS
        self._profile = place.get("profile") or "P2"
        self._tests = place.get("test_persons") == "1"
        verify: ssl.SSLContext | bool = True
        if place.get("ca") or place.get("cert"):
            verify = ssl.create_default_context(cafile=place.get("ca") or None)
            if place.get("cert"):
                verify.load_cert_chain(place["cert"], place["key"])
        self._http = httpx.Client(
            verify=verify,
            timeout=httpx.Timeout(timeout, connect=min(3.0, timeout)),
            follow_redirects=False,
            trust_env=False,
        )

    def person(self, personal_number: str) -> PersonRecord | None:
        """None when the register does not know the number. Raises RegisterTrouble."""
        return self.persons([personal_number]).get(personal_number)

    def persons(self, personal_numbers: Iterable[str]) -> dict[str, PersonRecord]:
        """By the number asked for (twelve digits); the unknown are left out. Raises RegisterTrouble.

        A changed number gives the record of the new one: compare `personal_number`.
        """
        numbers = list(dict.fromkeys(personal_numbers))
        found: dict[str, PersonRecord] = {}
        for start in range(0, len(numbers), AT_ONCE):
            found |= self._ask(numbers[start : start + AT_ONCE])
        return found

    def close(self) -> None:
        self._http.close()

    def _ask(self, numbers: list[str]) -> dict[str, PersonRecord]:
        try:
            answer = self._silence.ask(lambda: self._answer(numbers))
        except httpx.HTTPError as error:
            raise Unavailable(code="no_answer", why=type(error).__name__) from error
        return self._read(_body(answer), numbers)

    def _answer(self, numbers: list[str]) -> Answer:
        return ask(
            self._http,
            "POST",
            self._url,
            seconds=self._seconds,
            limit=SIZE,
            content=self._question(numbers),
            headers={
                "Content-Type": "text/xml; charset=utf-8",
                "SOAPAction": f'"{ACTION}"',
                "x-skltp-correlation-id": str(uuid.uuid4()),
            },
        )

    def _question(self, numbers: list[str]) -> bytes:
        envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
        header = etree.SubElement(envelope, f"{{{SOAP}}}Header")
        address = etree.SubElement(header, f"{{{ROUTING}}}LogicalAddress", nsmap={"r": ROUTING})
        address.text = self._logical
        body = etree.SubElement(envelope, f"{{{SOAP}}}Body")
        names = {"b": RESPONDER, "p": NAMESPACE}
        question = etree.SubElement(body, f"{{{RESPONDER}}}GetPersonsForProfile", nsmap=names)
        for number in numbers:
            identity = etree.SubElement(question, f"{{{RESPONDER}}}personId")
            coordination = number[6:8].isdigit() and int(number[6:8]) >= 60  # 60: the day is unknown
            root = etree.SubElement(identity, f"{{{NAMESPACE}}}root")
            root.text = COORDINATION if coordination else PERSONAL
            etree.SubElement(identity, f"{{{NAMESPACE}}}extension").text = number
        etree.SubElement(question, f"{{{RESPONDER}}}profile").text = self._profile
        etree.SubElement(question, f"{{{RESPONDER}}}ignoreReferredIdentity").text = "false"
        return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")

    def _read(self, body: Any, numbers: list[str]) -> dict[str, PersonRecord]:
        if body.tag != f"{{{RESPONDER}}}GetPersonsForProfileResponse":
            raise Unavailable(code="nonsense", why="not the answer to our question")
        found = {}
        for row in body.findall(f"{{{RESPONDER}}}requestedPersonRecord"):
            asked = row.findtext(f"{{{NAMESPACE}}}requestedPersonalIdentity/{{{NAMESPACE}}}extension")
            person = row.find(f"{{{NAMESPACE}}}personRecord")
            if person is None or asked not in numbers or (is_test(person) and not self._tests):
                continue
            read = record(person)
            if not read.personal_number:
                raise Unavailable(code="nonsense", why="a record without a number")
            found[asked] = read
        return found


def _body(answer: Answer) -> Any:
    """The single element in the SOAP body. A fault comes with HTTP 500: read before judging."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False,
        remove_comments=True, remove_pis=True,  # they would cut texts off, and count as elements
    )  # fmt: skip
    try:
        root: Any = etree.fromstring(answer.body, parser)
    except etree.XMLSyntaxError as error:
        raise Unavailable(code="nonsense", why=f"HTTP {answer.status}, no XML") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unavailable(code="nonsense", why="the answer has a document type")
    body = root.find(f"{{{SOAP}}}Body")
    if root.tag != f"{{{SOAP}}}Envelope" or body is None or len(body) != 1:
        raise Unavailable(code="nonsense", why=f"HTTP {answer.status}, no SOAP body")
    if body[0].tag == f"{{{SOAP}}}Fault":
        _raise_fault(body[0])
    if answer.status != 200:
        raise Unavailable(code="nonsense", why=f"HTTP {answer.status} without a fault")
    return body[0]


def _raise_fault(fault: Any) -> None:
    text = " ".join("".join(fault.itertext()).split())
    code = re.search(r"VP0\d\d", text)
    name = code.group() if code else "fault"
    kind = NotConnected if name in _OURS_TO_MEND else Unavailable
    raise kind(code=name, why=(fault.findtext("faultstring") or "")[:120])
