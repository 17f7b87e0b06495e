"""Facts: what a rule found to be so, said in words a person can act on."""

from typing import Any


class Fact(Exception):
    """Raised by a rule or an action; `message` is translated, names the cure, and may be shown as it is."""

    message: Any = ""

    def __init__(self, message: Any = "", **facts: Any) -> None:
        self.message = message or self.message
        self.facts = facts
        super().__init__(str(self.message))
