"""Every stand-in of the demo in one place, with the addresses the product reads from `outside.json`."""

import json
import os
import socket
from contextlib import suppress
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from vardvag.outside.bankid.standin import StandIn as BankId
from vardvag.outside.eid.standin import StandIn as Eid
from vardvag.outside.journal import Journal
from vardvag.outside.mail.standin import StandIn as Mail
from vardvag.outside.people import People
from vardvag.outside.population.standin import StandIn as Population
from vardvag.outside.scanner.standin import StandIn as Scanner
from vardvag.outside.siths.standin import StandIn as Siths
from vardvag.outside.sms.standin import StandIn as Sms

STATES = ("ok", "slow", "down", "fail")
SLOW = 8.0  # seconds
_SMS = {"ok": "ok", "slow": "slow", "down": "lost", "fail": "error"}
_MAIL = {"ok": "ok", "slow": "slow", "down": "lost", "fail": "later"}


class World:
    """`data`/world holds certificates, outside.json, and people.json and population.json (the demo writes).

    `port` is the pages' port; the protocols take those above it, or any free one when they are taken. 0: any.
    """

    def __init__(self, data: Path, port: int) -> None:
        self.folder = data / "world"
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.port = port
        self.journal = Journal()
        self.people = People(self.folder / "people.json")
        at = [_free(port + place) if port else 0 for place in range(1, 8)]
        self.bankid = BankId(self.journal, self.folder / "certificates", port=at[0], people=self.people)
        self.siths = Siths(self.journal, port=at[1], people=self.people, client_secret=self._secret("siths"))
        self.population = Population(self.journal, self.folder / "population.json", port=at[2])
        self.sms = Sms(self.journal, port=at[3], password=self._secret("sms"), slow=SLOW)
        self.mail = Mail(self.journal, port=at[4], slow=SLOW)
        self.scanner = Scanner(self.journal, port=at[5])
        self.eid = Eid(self.journal, port=at[6], people=self.people, client_secret=self._secret("eid"))
        self._states = dict.fromkeys(("bankid", "siths", "eid", "population", "sms", "mail", "scanner"), "ok")

    def start(self) -> None:
        for standin in self._all():
            standin.start()

    def stop(self) -> None:
        (self.folder / "outside.json").unlink(missing_ok=True)
        for standin in self._all():
            with suppress(OSError, RuntimeError):
                standin.stop()

    def tell(self, pages: str) -> dict[str, dict[str, str]]:
        """Write outside.json (mode 0600, whole or not at all). `pages`: address of the pages."""
        told: dict[str, dict[str, str]] = {
            "bankid": {**self.bankid.place(), "app_url": f"{pages}/telefon/start"},
            "siths": self.siths.place(),
            "eid": {"providers": "freja"},
            "eid_freja": self.eid.place(),
            "population": self.population.place(),
            "sms": {
                "url": self.sms.url,
                "user": self.sms.user,
                "password": self.sms.password,
                "sender": "Vardvag",
                "callback_token": self._secret("callback"),
            },
            "mail": {
                "host": "127.0.0.1",
                "port": str(self.mail.port),
                "user": "",
                "password": "",
                "tls": "",
                "sender": "Vårdväg Region Solberga <svara-ej@vardvag.example>",
            },
            "scanner": {"address": self.scanner.address},
            "hsa": {},
        }
        path = self.folder / "outside.json"
        part = path.with_suffix(".part")
        part.touch(mode=0o600)
        part.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
        part.replace(path)
        return told

    # --- states: what the control page can break ---

    def state(self, system: str) -> str:
        return self._states[system]

    def set_state(self, system: str, state: str) -> None:
        """Raises KeyError for an unknown system, ValueError for an unknown state."""
        if state not in STATES:
            raise ValueError(f"unknown state {state!r}; one of {', '.join(STATES)}")
        if system not in self._states:
            raise KeyError(system)
        if system in ("bankid", "siths", "eid", "population"):
            getattr(self, system).faults.stay(state, seconds=SLOW)
        elif system == "sms":
            self.sms.standing = _SMS[state]
        elif system == "mail":
            self.mail.standing = _MAIL[state]
        else:
            self._set_scanner(state)
        self._states[system] = state

    def _set_scanner(self, state: str) -> None:
        """ "slow" is not among the scanner's faults: it counts as working."""
        self.scanner.broken = state == "fail"
        was_down = self._states["scanner"] == "down"
        if state == "down" and not was_down:
            self.scanner.stop()
        elif was_down and state != "down":
            self.scanner.start()

    def _all(self) -> list[Any]:
        return [
            self.bankid, self.siths, self.eid, self.population, self.sms, self.mail, self.scanner,
        ]  # fmt: skip

    def _secret(self, name: str) -> str:
        """Made once, so that a restart of the world leaves the product's settings true."""
        path = self.folder / f"{name}.secret"
        if not path.exists():
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(token_urlsafe(24))
        return path.read_text()


def _free(port: int) -> int:
    """The port if it can be taken, else 0 (any)."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return 0
    return port
