"""What is made once in each process: made beside the first requests, so that nobody waits for it."""

import gc
import logging
from collections.abc import Callable
from threading import Thread

things: list[Callable[[], object]] = []

_log = logging.getLogger(__name__)


def begin() -> Thread:
    """Only makes earlier what would be made when it is needed; what fails here is told and fails there."""
    thread = Thread(target=_make, name="warm", daemon=True)
    thread.start()
    return thread


def _make() -> None:
    for thing in things:
        try:
            thing()
        except Exception:
            _log.exception("could not be made beforehand")
    gc.collect()
    gc.freeze()  # what has been made stays: looking through it for garbage took a tenth of a page's time
