import logging
from collections.abc import Iterator

import pytest

from vardvag.services.triage import trying
from vardvag.services.triage.actions import contents
from vardvag.services.triage.engine.place import BadContent

_tried: dict[tuple[str, str | None], trying.Tried | BadContent] = {}
_really = trying.tried


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Tens of thousands of requests: their lines in the log are not read."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(autouse=True)
def tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A protocol's golden cases take a second or more: who may see it does not depend on them, so once is enough."""
    monkeypatch.setattr(trying, "tried", _once)
    monkeypatch.setattr(contents, "tried", _once)


def _once(protocol_id: str, content: str | None = None) -> trying.Tried:
    key = (protocol_id, content)
    if key not in _tried:
        try:
            _tried[key] = _really(protocol_id, content)
        except BadContent as fault:
            _tried[key] = fault
    found = _tried[key]
    if isinstance(found, BadContent):
        raise found
    return found
