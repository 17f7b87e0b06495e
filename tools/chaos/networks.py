"""G12: every network fault on every system outside. No answer later than ten seconds, messaging goes on, and fifteen
seconds after the fault everything works again."""

import json
import re
import shutil
import tempfile
import time
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from threading import Thread

from tools.chaos.campaigns import Asked, Run, wait_until
from tools.chaos.checker import Verdict
from tools.chaos.client import Browser, Refused, Unknown, log_in, log_in_staff
from tools.chaos.commits import first_start
from tools.chaos.log import OK
from tools.chaos.product import free_ports
from tools.chaos.proxy import FAULTS, Proxy
from tools.chaos.standby import Pair

SYSTEMS = ("bankid", "population", "sms", "mail", "database", "siths")
SITHS = {"slow": "slow", "hole": "hang", "refuse": "down", "drop": "down", "corrupt": "garbage", "half": "half",
         "trickle": "drip", "reset": "half", "latency": "slow", "jitter": "slow"}  # fmt: skip
HEALTHY = 15.0
STAFF = "SE2321009999-SL01"


class Network:
    """A product whose every line outside goes through a proxy; SITHS is broken at the stand-in, because its address
    is its name."""

    def __init__(self, asked: Asked) -> None:
        self.base = Path(tempfile.mkdtemp(prefix="vardvag-chaos-net-"))
        self.base.chmod(0o711)
        (self.base / "pair").mkdir()
        (self.base / "pair").chmod(0o711)
        (self.base / "product").mkdir()
        (self.base / "product").chmod(0o711)
        self.pair = Pair(self.base / "pair")
        self.pair.start(with_standby=False)
        first_start(asked, self.pair, self.base / "product")
        port = free_ports()
        self.proxies = {
            "bankid": Proxy(("127.0.0.1", port + 2)), "population": Proxy(("127.0.0.1", port + 4)),
            "database": Proxy(("127.0.0.1", self.pair.primary.port)),
        }  # fmt: skip
        at = {name: proxy.port for name, proxy in self.proxies.items()}
        more = {
            "DATABASE_URL": self.pair.primary.url(port=at["database"]),
            "CHECK_URL": self.pair.primary.url("supervisor"),
            "BANKID_URL": f"https://localhost:{at['bankid']}/rp/v6.0",
            "POPULATION_URL": f"http://localhost:{at['population']}/person/GetPersonsForProfile",
        }
        self.run = Run(asked, more, folder=self.base / "product", copy=False)
        self.run.product.port = port
        outside = self.run.outside
        self.proxies |= {
            "sms": Proxy(("127.0.0.1", outside.sms.port)), "mail": Proxy(("127.0.0.1", outside.mail.port)),
        }  # fmt: skip
        self.run.product.more |= outside.environment(
            sms=self.proxies["sms"].port, mail=self.proxies["mail"].port
        )

    @cached_property
    def resident(self) -> str:
        """Somebody who does not act; the demo's people are born anew each day, so nobody's number is known before."""
        known = json.loads((self.base / "product" / "world" / "people.json").read_text())["residents"]
        acting = {actor.me.who for actor in self.run.actors}
        plain = [str(p["personal_number"]) for p in known if re.fullmatch(r"\d\d år", p["note"])]
        return next(number for number in reversed(plain) if number not in acting)

    def set(self, system: str, fault: str) -> None:
        if system == "siths":
            self.run.world.control(
                system="siths", do="state", state={"ok": "ok", "refuse": "down"}.get(fault, "slow")
            )
            if fault != "ok":
                self.run.world.control(system="siths", do="faults", faults=[SITHS[fault]] * 6)
        else:
            self.proxies[system].set(fault)

    def close(self) -> None:
        self.run.close()
        for proxy in self.proxies.values():
            proxy.stop()
        self.pair.stop()
        if not self.run.asked.keep:
            shutil.rmtree(self.base, ignore_errors=True)


def networks(
    asked: Asked, systems: tuple[str, ...] = SYSTEMS, *, rounds: int = 1, seconds: float = 8.0
) -> tuple[Verdict, int]:
    """(verdict, faults injected). Each of `systems` meets each fault for so many seconds, so many times."""
    net = Network(asked)
    run, count = net.run, 0
    longest = rounds * len(systems) * len(FAULTS) * (seconds + HEALTHY + 60) + 60
    try:
        run.start()
        run.people(asked.writers)
        acting = Thread(target=run.act, args=(longest, None), daemon=True)
        acting.start()
        time.sleep(6)
        for system, fault in [
            (system, fault) for _ in range(rounds) for system in systems for fault in FAULTS
        ]:
            strike(net, system, fault, seconds)
            count += 1
        run.stop.set()
        acting.join(120)
        return run.verdict(timed=True), count
    finally:
        net.close()


def strike(net: Network, system: str, fault: str, seconds: float) -> None:
    run = net.run
    began, before = run.log.now(), len(run.log.ops)
    net.set(system, fault)
    probe(net, system, seconds)
    net.set(system, "ok")
    run.log.fault(began, f"{system} {fault}")
    if system != "database" and not any(op.state == OK for op in run.log.ops[before:]):
        run.log.wrong(f"no messaging while {system} was {fault}")
    if wait_until(lambda: healthy(net, system), HEALTHY) is None:
        run.log.wrong(f"not healthy {HEALTHY:.0f} s after {system} was {fault}")


def probe(net: Network, system: str, seconds: float) -> None:
    """Somebody needs the broken system right now, again and again."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(Unknown, Refused, OSError):
            login(net, system)
        time.sleep(0.3)


def login(net: Network, system: str) -> Browser:
    browser = Browser(net.run.product.url, lambda m, p, a: net.run.log.answered(m, p, a.status, a.seconds))
    if system == "siths":
        log_in_staff(browser, STAFF, "Björkbackens")
    elif system in ("bankid", "population"):
        log_in(browser, net.run.world, net.resident)
    else:
        browser.get("/logga-in/")
    return browser


def healthy(net: Network, system: str) -> bool:
    """Login works, and somebody who is logged in can write."""
    try:
        login(net, system)
    except (Unknown, Refused, OSError):
        return False
    return net.run.product.ready() and wrote_lately(net.run)


def wrote_lately(run: Run) -> bool:
    return any(op.state == OK and op.ended > run.log.now() - 2 for op in run.log.ops[-60:])
