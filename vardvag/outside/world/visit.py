"""What every page of the world knows of the one who looks at it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from vardvag.outside.local_server import Reply, Request
from vardvag.outside.people import Resident
from vardvag.outside.standin_page import page
from vardvag.outside.world.texts import words

SWEDEN = ZoneInfo("Europe/Stockholm")


@dataclass(frozen=True, slots=True)
class Visit:
    """`holder`: whose phone this browser holds. `hold` takes a phone in hand and gives its header."""

    request: Request
    lang: str
    nav: str
    holder: Resident | None
    hold: Callable[[Resident], tuple[str, str]]

    @property
    def say(self) -> dict[str, str]:
        return words(self.lang)

    def page(self, title: str, body: str, *, refresh: int = 0, status: int = 200) -> Reply:
        return page(title, body, lang=self.lang, nav=self.nav, refresh=refresh, status=status)


def clock_time(at: datetime) -> str:
    return at.astimezone(SWEDEN).strftime("%H:%M:%S")
