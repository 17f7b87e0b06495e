"""G6: the standby is down, commits wait and are cancelled; nobody may be told that it was sent. Then the standby comes
back, or takes over, and everything ends as sent once or clearly not sent."""

import shutil
import tempfile
import time
from pathlib import Path
from threading import Thread

from tools.chaos.campaigns import Asked, Run
from tools.chaos.checker import Verdict
from tools.chaos.log import OK
from tools.chaos.product import Product
from tools.chaos.proxy import Proxy
from tools.chaos.standby import Pair

ENDED_WITHIN = 30.0  # seconds from recovery until every open write is sent once or clearly not


def first_start(asked: Asked, pair: Pair, place: Path) -> None:
    """The demo region is loaded before commits depend on the standby."""
    more = {"DATABASE_URL": pair.primary.url(), "CHECK_URL": pair.primary.url("supervisor")}
    first = Product(place, asked.source, more)
    try:
        first.start(300)
    finally:
        first.stop()


def cancelled(asked: Asked, wanted: int, *, failover: bool) -> tuple[Verdict, int, float | None]:
    """(verdict, commits cancelled, seconds from recovery until nothing was open)."""
    base = Path(tempfile.mkdtemp(prefix="vardvag-chaos-pair-"))
    base.chmod(0o711)
    pair = Pair(base / "pair")
    (base / "pair").mkdir()
    (base / "pair").chmod(0o711)
    run = None
    proxy = None
    try:
        place = base / "product"
        place.mkdir()
        place.chmod(0o711)
        pair.start(with_standby=False)
        first_start(asked, pair, place)
        pair.standby.copy_of(pair.primary)
        pair.standby.start()
        pair.wait_for_standby(True)
        pair.demand_standby()
        proxy = Proxy(("127.0.0.1", pair.primary.port))
        more = {
            "DATABASE_URL": pair.primary.url(port=proxy.port),
            "CHECK_URL": pair.primary.url("supervisor"),
        }
        run = Run(asked, more, folder=place, copy=False)
        run.start()
        run.people(asked.writers)
        acting = Thread(target=run.act, args=(asked.minutes * 60, None), daemon=True)
        acting.start()
        time.sleep(8)  # cases to write in
        count = _down(run, pair, wanted, asked.minutes * 60 * 0.6)
        began = run.log.now()
        if failover:
            pair.primary.kill()
            pair.standby.start()  # with what it had when it fell silent
            pair.standby.promote()
            proxy.target = ("127.0.0.1", pair.standby.port)
            proxy.set("ok")
            run.product.more["CHECK_URL"] = pair.standby.url("supervisor")
        else:
            pair.standby.start()
            pair.wait_for_standby(True)
        seconds = _nothing_open(run, began)
        run.stop.set()
        acting.join(180)
        verdict = run.verdict()
        if seconds is None:
            verdict.violations.append(f"writes were still open {ENDED_WITHIN:.0f} s after recovery")
        return verdict, count, seconds
    finally:
        if run is not None:
            run.close()
        if proxy is not None:
            proxy.stop()
        pair.stop()
        shutil.rmtree(base, ignore_errors=True)


def _down(run: Run, pair: Pair, wanted: int, seconds: float) -> int:
    """Stop the standby, cancel what waits for it; whatever is acknowledged meanwhile is a lie."""
    pair.standby.stop()
    pair.wait_for_standby(False)
    time.sleep(0.5)  # answers on their way from before
    began, count, over = run.log.now(), 0, time.monotonic() + seconds
    while count < wanted and time.monotonic() < over:
        count += pair.cancel_waiting()
        time.sleep(0.05)
    for op in run.log.ops:
        if op.state == OK and op.ended > began and op.began > began:
            run.log.wrong(f"told as done while the standby was down: {op.kind} {op.token} by {op.who}")
    run.log.fault(began, "standby")
    return count


def _nothing_open(run: Run, since: float) -> float | None:
    """Seconds from recovery until every write begun before it has ended."""
    began = time.monotonic()
    while time.monotonic() - began < ENDED_WITHIN:
        if not any(op.began < since and not op.ended for op in list(run.log.ops)):
            return time.monotonic() - began
        time.sleep(0.1)
    return None
