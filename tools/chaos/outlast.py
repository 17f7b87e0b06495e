"""Something runs out, again and again: meanwhile pages stay words for people, and afterwards it mends itself."""

import time
from collections.abc import Callable, Iterable
from functools import partial
from threading import Thread

from tools.chaos.campaigns import Run, wait_until
from tools.chaos.client import Answer, Browser
from tools.chaos.log import OK
from tools.chaos.people import words_for_people

MENDED = 60.0  # seconds without anybody's hand

Harm = Callable[[], tuple[str, Callable[[], None]]]  # does it; its name, and what takes it away


def outlast(run: Run, writers: int, harms: Iterable[Harm], *, lasts: float = 12.0) -> list[float]:
    """Seconds until somebody could write again after each harm was taken away."""
    took: list[float] = []
    run.start()
    run.people(writers)
    acting = Thread(target=run.act, args=(3600.0 * 24, None), daemon=True)
    acting.start()
    time.sleep(10)
    for harm in harms:
        began = run.log.now()
        name, away = harm()
        readable(run, lasts)
        away()
        since = run.log.now()
        run.log.fault(began, name)
        again = wait_until(partial(wrote_since, run, since), MENDED)
        if again is None:
            run.log.wrong(f"nobody could write {MENDED:.0f} s after {name} was over")
        took.append(again if again is not None else MENDED)
        time.sleep(4)
    run.stop.set()
    acting.join(120)
    return took


def readable(run: Run, seconds: float) -> None:
    """Whoever comes now, and is not logged in."""

    def told(method: str, path: str, answer: Answer) -> None:
        words_for_people(run.log, path, answer)

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        browser = Browser(run.product.url, told)
        for path in ("/logga-in/", "/hjalp/", "/mottagningar/"):
            try:
                browser.get(path)
            except Exception:  # an unanswered page is counted by the others' writes
                time.sleep(0.2)
        browser.close()


def wrote_since(run: Run, since: float) -> bool:
    return any(op.state == OK and op.kind in ("write", "reply", "send", "draft") and op.ended > since
               for op in run.log.ops[-200:])  # fmt: skip
