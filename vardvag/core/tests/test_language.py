"""The language of the moment belongs to one request: neither the next in its thread nor one beside it hears of it."""

import contextvars
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.utils import translation
from django.utils.translation import gettext, gettext_lazy

LATER = gettext_lazy("Logga ut")


def _said(language: str, together: Barrier) -> list[str]:
    translation.activate(language)
    together.wait(10)
    return [str(translation.get_language()), gettext("Logga ut"), str(LATER)]


def test_two_requests_at_once_speak_their_own_languages() -> None:
    together = Barrier(2)
    with ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(contextvars.Context().run, _said, one, together) for one in ("sv", "en")]
        swedish, english = (one.result() for one in asked)
    assert (swedish, english) == (["sv", "Logga ut", "Logga ut"], ["en", "Log out", "Log out"])


def test_a_thread_forgets_what_a_request_spoke() -> None:
    with ThreadPoolExecutor(1) as threads:
        threads.submit(contextvars.copy_context().run, translation.activate, "en").result()
        assert threads.submit(translation.get_language).result() == "sv"


def test_no_language_is_the_usual_one() -> None:
    with translation.override("en"):
        translation.deactivate()
        assert (translation.get_language(), gettext("Logga ut")) == ("sv", "Logga ut")
        translation.deactivate_all()
        assert translation.get_language() is None
    assert translation.get_language() == "sv"
