"""Who reads and who writes on a topic, known to every process by NOTIFY. People are counted, not tabs."""

import json
import time
from dataclasses import dataclass
from typing import Any

EXPIRES = 15.0  # seconds after the last sign of life of a tab


@dataclass(slots=True)
class Sign:
    person: str
    name: str
    writing: bool
    until: float


class Presence:
    def __init__(self) -> None:
        self._topics: dict[str, dict[str, Sign]] = {}

    def note(self, topic: str, event: dict[str, Any]) -> bool:
        """One tab's sign of life, or its going. True if what people see changed."""
        before = self.people(topic)
        tabs = self._topics.setdefault(topic, {})
        tab = str(event.get("tab", ""))
        if event.get("doing") == "gone":
            tabs.pop(tab, None)
        else:
            writing = event.get("doing") == "writing"
            until = time.monotonic() + EXPIRES
            tabs[tab] = Sign(str(event.get("who", "")), str(event.get("name", "")), writing, until)
        if not tabs:
            del self._topics[topic]
        return self.people(topic) != before

    def expire(self) -> list[str]:
        """Forget the silent; the topics where that changed something."""
        now, changed = time.monotonic(), []
        for topic, tabs in list(self._topics.items()):
            silent = [tab for tab, sign in tabs.items() if sign.until < now]
            if not silent:
                continue
            before = self.people(topic)
            for tab in silent:
                del tabs[tab]
            if not tabs:
                del self._topics[topic]
            if self.people(topic) != before:
                changed.append(topic)
        return changed

    def people(self, topic: str) -> list[dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for sign in self._topics.get(topic, {}).values():
            seen = found.setdefault(sign.person, {"who": sign.person, "name": sign.name, "doing": "reading"})
            if sign.writing:
                seen["doing"] = "writing"
        return sorted(found.values(), key=lambda person: (person["name"], person["who"]))

    def text(self, topic: str) -> str:
        event = {"topic": topic, "kind": "presence", "people": self.people(topic)}
        return json.dumps(event, ensure_ascii=False)
