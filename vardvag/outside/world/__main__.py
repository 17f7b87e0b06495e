"""`python -m vardvag.outside.world --data FOLDER --port N`: the demo's outside world until told to stop."""

import argparse
import ctypes
import os
import signal
import sys
from pathlib import Path
from threading import Event

from django.conf import settings

from vardvag.outside.standins import NotInProduction, forbid_in_production
from vardvag.outside.world.pages import Pages
from vardvag.outside.world.world import World

PR_SET_PDEATHSIG = 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="vardvag.outside.world", description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="the data folder; the world lives in its world/"
    )
    parser.add_argument(
        "--port", type=int, required=True, help="port of the pages; the next seven are the systems"
    )
    asked = parser.parse_args()
    try:
        forbid_in_production("world")
    except NotInProduction as refusal:
        return _say(str(refusal))
    parent = os.getppid()
    _die_with_parent()
    if not settings.configured:
        settings.configure(USE_I18N=False)  # the texts of facts, in Swedish
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    world = World(asked.data, asked.port)
    pages = Pages(world)
    try:
        world.start()
        pages.start()
    except OSError as problem:
        world.stop()
        return _say(
            f"The demo's stand-ins cannot use port {asked.port} ({problem.strerror}); stop what uses it, or "
            "choose another PORT."
        )
    world.tell(pages.url)
    print(f"Omvärlden: {pages.url}", flush=True)
    while not stop.wait(5):
        if os.getppid() != parent:  # where the kernel does not tell (not Linux)
            break
    pages.stop()
    world.stop()
    return 0


def _die_with_parent() -> None:
    """The stand-ins must not outlive the product they serve."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _say(text: str) -> int:
    print(text, file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
