"""A system that has gone silent holds one of the threads that make the pages, not all of them."""

from collections.abc import Callable
from threading import Lock
from typing import TypeVar

import httpx

T = TypeVar("T")


class Silence:
    """After an answer that did not come one at a time asks on; the others are told so at once, until one comes."""

    def __init__(self) -> None:
        self._silent = False
        self._asking = Lock()

    def ask(self, question: Callable[[], T]) -> T:
        """Raises httpx.ReadTimeout without asking, and whatever the question raises."""
        alone = self._silent
        if alone and not self._asking.acquire(blocking=False):
            raise httpx.ReadTimeout("whoever asked before still waits")
        silent = False
        try:
            return question()
        except httpx.TimeoutException:
            silent = True
            raise
        finally:
            self._silent = silent
            if alone:
                self._asking.release()
