"""A stand-in of the population service: answers SOAP from `population.json`, changed by events."""

import json
from datetime import date
from pathlib import Path
from threading import RLock
from typing import Any

from lxml import etree

from vardvag.core import personal_number as pn
from vardvag.outside.faults import Faults
from vardvag.outside.journal import Journal
from vardvag.outside.local_server import LocalServer, Reply, Request
from vardvag.outside.population.client import ACTION, RESPONDER, ROUTING, SOAP
from vardvag.outside.population.envelope import answer, fault
from vardvag.outside.population.records import NAMESPACE
from vardvag.outside.standins import forbid_in_production

PATH = "/person/GetPersonsForProfile"
Row = dict[str, Any]


class StandIn:
    """`path`: {"persons": [row]}, read again when it changes. A row: personal_number, given_name, surname,
    and where they apply first_names, middle_name, address {street, postal_code, city, care_of, country},
    municipality, protected, protected_record, deceased, emigrated (ISO dates), replaced_by, guardians
    [{personal_number, since, until}]. Changes are kept beside the file: a restart remembers them."""

    def __init__(self, journal: Journal, path: Path | None = None, *, port: int = 0) -> None:
        self.journal, self._path = journal, path
        self.faults = Faults()
        self.fault = ""  # a VP code to answer with, "" for none
        self._server = LocalServer(self._answer, port=port, faults=self.faults)
        self._lock = RLock()
        self._persons: dict[str, Row] = {}
        self._changes: dict[str, Row] = _json(self._kept) if self._kept else {}
        self._read = 0
        self._children: dict[str, list[tuple[str, Row]]] | None = None
        self._old: dict[str, list[str]] | None = None

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}{PATH}"

    def place(self) -> dict[str, str]:
        return {"url": self.url, "ca": "", "cert": "", "key": "", "test_persons": "1"}

    def start(self) -> None:
        forbid_in_production("population")
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    @property
    def _kept(self) -> Path | None:
        return self._path.with_name("population-changes.json") if self._path else None

    # --- events: what happens in people's lives ---

    def change(self, personal_number: str, **fields: Any) -> Row:
        """Any fields of a person's row; an unknown person comes into being. Raises NotAPersonalNumber."""
        number = pn.normalise(personal_number)
        with self._lock:
            self._changes[number] = {**self._changes.get(number, {}), **fields}
            self._children = self._old = None
            if self._kept:
                self._kept.write_text(json.dumps(self._changes, ensure_ascii=False), encoding="utf-8")
        self.journal.note(
            "population", f"Ändrat i folkbokföringen: {', '.join(fields)}", personal_number=number
        )
        return self.row(number) or {}

    def end_custody(self, child: str, guardian: str, on: date) -> Row:
        row = self.row(pn.normalise(child)) or {}
        kept = [
            {**one, "until": on.isoformat()} if one["personal_number"] == guardian else one
            for one in row.get("guardians") or []
        ]
        return self.change(child, guardians=kept)

    def give_number(self, old: str, new: str) -> Row:
        """The person gets another number: the old one is withdrawn and refers to it, children and all. Raises
        NotAPersonalNumber, ValueError when the number is somebody's."""
        old, new = pn.normalise(old), pn.normalise(new)
        if self.row(new) is not None:
            raise ValueError(f"{new} is taken")
        row = self.row(old) or {}
        children = [child for child, _ in self.children_of(old)]
        told = self.change(
            new, **{name: v for name, v in row.items() if name not in ("personal_number", "replaced_by")}
        )
        for child in children:
            guardians = (self.row(child) or {}).get("guardians") or []
            moved = [{**g, "personal_number": new} if g["personal_number"] == old else g for g in guardians]
            self.change(child, guardians=moved)
        self.change(old, replaced_by=new)
        return told

    def row(self, number: str) -> Row | None:
        with self._lock:
            self._refresh()
            known, changed = self._persons.get(number), self._changes.get(number)
            if known is None and changed is None:
                return None
            return {"personal_number": number, **(known or {}), **(changed or {})}

    def children_of(self, number: str) -> list[tuple[str, Row]]:
        """Children whose row names this guardian, with that custody."""
        with self._lock:
            self._refresh()
            if self._children is None:
                self._children = {}
                for child in sorted({*self._persons, *self._changes}):
                    row = self.row(child) or {}
                    hidden = row.get("protected") or row.get("protected_record")
                    for custody in [] if hidden else row.get("guardians") or []:
                        self._children.setdefault(custody["personal_number"], []).append((child, custody))
            return self._children.get(number, [])

    def _refresh(self) -> None:
        if self._path is None:
            return
        try:
            changed = self._path.stat().st_mtime_ns
        except OSError:
            return
        if changed != self._read:
            told = _json(self._path).get("persons")
            if told is not None:
                self._persons = {row["personal_number"]: row for row in told}
                self._read, self._children, self._old = changed, None, None

    # --- the protocol ---

    def _answer(self, request: Request) -> Reply:
        if request.method != "POST" or request.path != PATH:
            return Reply(404, b"not found", "text/plain")
        try:
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            root: Any = etree.fromstring(request.body, parser)
        except etree.XMLSyntaxError:
            return fault("VP014", "Meddelandet kan inte tolkas")
        if self.fault:
            return fault(self.fault, "Stand-in har ombetts att svara med fel")
        if not root.findtext(f"{{{SOAP}}}Header/{{{ROUTING}}}LogicalAddress"):
            return fault("VP003", "Logisk adressat saknas")
        if request.headers.get("soapaction", "").strip('"') != ACTION:
            return fault("VP001", "Okänd tjänst")
        question = root.find(f"{{{SOAP}}}Body/{{{RESPONDER}}}GetPersonsForProfile")
        needed = ("personId", "profile", "ignoreReferredIdentity")
        if question is None or any(question.find(f"{{{RESPONDER}}}{name}") is None for name in needed):
            return fault("VP014", "Meddelandet följer inte tjänstekontraktet")
        asked = [
            (one.findtext(f"{{{NAMESPACE}}}root") or "", one.findtext(f"{{{NAMESPACE}}}extension") or "")
            for one in question.findall(f"{{{RESPONDER}}}personId")
        ]
        if len(asked) > 500:
            return fault("Client", "Förfrågans maxgräns överskriden")
        self.journal.note("population", f"Läste uppgifter om {len(asked)} person(er)", count=len(asked))
        return answer([(root_id, number, self._main(number)) for root_id, number in asked], self.children_of)

    def _main(self, number: str) -> Row | None:
        """A withdrawn number answers with the record of the one that replaced it."""
        row = self.row(number)
        new = str(row.get("replaced_by") or "") if row else ""
        if row and new and (main := self.row(new)):
            row, number = main, new
        old = self._replaced(number) if row else []
        return {**row, "referred": [*(row.get("referred") or []), *old]} if row and old else row

    def _replaced(self, number: str) -> list[str]:
        """The withdrawn numbers that this one has replaced."""
        with self._lock:
            self._refresh()
            if self._old is None:
                self._old = {}
                for one in sorted({*self._persons, *self._changes}):
                    if new := str((self.row(one) or {}).get("replaced_by") or ""):
                        self._old.setdefault(new, []).append(one)
            return self._old.get(number, [])


def _json(path: Path | None) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8")) if path else {}
    except (OSError, ValueError):
        return {}  # half written: read again later
    return told if isinstance(told, dict) else {}
