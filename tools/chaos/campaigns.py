"""A run: the product is started, people act in it, something goes wrong again and again, and the checker looks."""

import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event, Thread

import psycopg

from tools.chaos.acts import Resident, Staff
from tools.chaos.checker import Checker, Verdict
from tools.chaos.client import World
from tools.chaos.log import Log
from tools.chaos.nemesis import Nemesis
from tools.chaos.people import (
    KEPT_PRIVATE,
    STAFF,
    Cases,
    Person,
    everybody_sees_all,
    keep_trying,
    wants_notices,
)
from tools.chaos.product import Outside, Product, fresh
from tools.chaos.proxy import Proxy

SETTLE = 150.0  # seconds for what was in the hands of a killed worker: found by its heartbeat, each minute


@dataclass
class Asked:
    seed: int = 1
    minutes: float = 1.0
    writers: int = 8
    every: float = 5.0
    settle: float = SETTLE
    source: Path = Path()
    keep: bool = False  # the folder, for looking
    notices: bool = True
    lost: float = 0.04  # of the forms' answers, on their way
    kept_of: Path | None = None  # whose first start is copied, when `source` is a broken copy of it
    slow_mail: bool = False  # the mail server takes a second to say that it has taken it


@dataclass
class Run:
    """One product and the people in it. `close` stops everything; `folder` goes unless it is kept."""

    asked: Asked
    more: dict[str, str] = field(default_factory=dict)
    folder: Path | None = None
    outside: Outside = field(default_factory=Outside)
    sms_at: int = 0
    mail_at: int = 0
    cases: Cases = field(default_factory=Cases)
    stop: Event = field(default_factory=Event)
    copy: bool = True  # False: `folder` is a data folder already

    def __post_init__(self) -> None:
        self.own_folder = self.folder is None
        if self.copy or self.folder is None:
            self.folder = fresh(self.asked.kept_of or self.asked.source, self.folder)
        more = {**self.outside.environment(sms=self.sms_at, mail=self.mail_at), **self.more}
        self.product = Product(self.folder, self.asked.source, more)
        self.told_at = (
            Path(tempfile.mkdtemp(prefix="vardvag-chaos-log-")) / "chaos.jsonl"
        )  # on no disk that fails
        self.log = Log(self.told_at)
        self.outside.mail.standing = "slow" if self.asked.slow_mail else "ok"
        self.threads: list[Thread] = []
        self.actors: list[Resident | Staff] = []

    def start(self) -> None:
        self.product.start()
        self.world = World(self.product.world)
        keep_trying(lambda: everybody_sees_all(self.product.url))

    def people(self, writers: int) -> None:
        """Half of them residents, half staff, each in a session of its own; nobody acts as two at once."""
        import json  # noqa: PLC0415 - only here

        assert self.folder is not None
        known = json.loads((self.folder / "world" / "people.json").read_text())["residents"]
        numbers = [p["personal_number"] for p in known if not any(word in p["note"] for word in KEPT_PRIVATE)]
        staff = [(code, unit) for unit, codes in STAFF.items() for code in codes]
        staff.sort(key=lambda one: STAFF[one[1]].index(one[0]))  # one of each unit first
        for n, number in enumerate(numbers[: (writers + 1) // 2]):
            me = self.person(number, "resident", "", n)
            self.actors.append(Resident(me, self.cases))
        for n, (code, unit) in enumerate(staff[: writers // 2]):
            self.actors.append(Staff(self.person(code, "staff", unit, 100 + n), self.cases))
        for actor in self.actors:
            keep_trying(actor.me.arrive)
            if self.asked.notices and isinstance(actor, Resident):
                browser = actor.me.browser
                loses, browser.loses = browser.loses, lambda: None  # a code asked for again is not sent again
                keep_trying(partial(wants_notices, browser, actor.me.who, self.outside))
                browser.loses = loses

    def person(self, who: str, side: str, unit: str, n: int) -> Person:
        return Person(
            who, side, unit, self.product.url, self.world, self.log, self.stop, self.asked.seed * 1000 + n
        )

    def act(self, seconds: float, nemesis: Nemesis | None, *, once_each: bool = False) -> None:
        """Everybody acts for so long, or until each fault has struck once."""
        for actor in self.actors:
            thread = Thread(target=self._live, args=(actor,), daemon=True)
            thread.start()
            self.threads.append(thread)
        peace = Event()
        timer = threading.Timer(seconds, peace.set)
        timer.daemon = True
        timer.start()
        try:
            if nemesis is not None:
                nemesis.run(peace, once_each=once_each)
            else:
                self.stop.wait(seconds)  # a campaign that strikes itself says when it is enough
        finally:
            timer.cancel()
            self.stop.set()
            for thread in self.threads:
                thread.join(120)

    def _live(self, actor: Resident | Staff) -> None:
        while not self.stop.is_set():
            try:
                actor.step()
            except Exception as problem:  # a person does not give up because a page was odd
                with suppress(Exception):
                    self.log.wrong(f"{actor.me.name} met {type(problem).__name__}: {problem}")

    def verdict(self, *, timed: bool = False) -> Verdict:
        """Everybody reads once more, the jobs are done, then the comparison; at last the log's own check."""
        everybody = [(actor.me, case) for actor in self.actors for case in self._seen_by(actor)]
        for me, case in everybody[:400]:
            keep_trying(lambda me=me, case=case: me.read(case))  # type: ignore[misc]
        settled = self.settle()
        with self.product.database() as db:
            verdict = Checker(db, self.log, self.outside.journal.entries).check(settled=settled, timed=timed)
        sealed = self.product.command("verify-log")
        if sealed.returncode:
            verdict.violations.append(f"verify-log: {(sealed.stdout + sealed.stderr)[-300:]}")
        return verdict

    def _seen_by(self, actor: Resident | Staff) -> list[str]:
        if isinstance(actor, Resident):
            return self.cases.of(who=actor.me.who)
        return self.cases.of(unit=actor.me.unit)

    def settle(self) -> bool:
        until = time.monotonic() + self.asked.settle
        while time.monotonic() < until:
            try:
                with self.product.database() as db:
                    row = db.execute(
                        "select count(*) from procrastinate_jobs where status in ('todo', 'doing') and (scheduled_at"
                        " is null or scheduled_at < now() + interval '12 seconds') and task_name = any(%s)",
                        [
                            [
                                "cases.tell",
                                "inbox.tell_resident",
                                "inbox.spread",
                                "inbox.deliver",
                            ]
                        ],
                    ).fetchone()
                    if row and not row[0]:
                        row = db.execute(
                            "select (select count(*) from inbox_staffnotice where spread_at is null)"
                            " + (select count(*) from inbox_inboxitem where told_at is null and at <= now())"
                            " + (select count(*) from cases_heldreply)"
                        ).fetchone()
            except psycopg.Error:
                row = None
            if row and not row[0]:
                return True
            time.sleep(0.5)
        return False

    def close(self) -> None:
        self.stop.set()
        self.product.stop()
        self.outside.stop()
        self.log.close()
        if self.asked.keep:
            print(f"Kept: {self.folder}, {self.told_at}", flush=True)
            return
        shutil.rmtree(self.told_at.parent, ignore_errors=True)
        if self.own_folder and self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def kills(asked: Asked, names: tuple[str, ...], *, once_each: bool = False) -> tuple[Verdict, Nemesis]:
    """G4, G7, G10: people write while processes die, freeze and are deployed anew. The fault `mail-<fault>` is one of
    the proxy's in front of the mail server, for five seconds."""
    outside = Outside()
    proxy = Proxy(("127.0.0.1", outside.mail.port))
    run = Run(asked, outside=outside, mail_at=proxy.port)
    try:
        run.start()
        run.people(asked.writers)
        nemesis = Nemesis(run.product, run.log, seed=asked.seed, names=names, every=asked.every)
        for name in (one for one in names if one.startswith("mail-")):
            nemesis.extra[name] = partial(broken_for, proxy, name.removeprefix("mail-"))
        run.act(asked.minutes * 60, nemesis, once_each=once_each)
        return run.verdict(), nemesis
    finally:
        run.close()
        proxy.stop()


def broken_for(proxy: Proxy, fault: str, seconds: float = 5.0) -> None:
    proxy.set(fault)
    time.sleep(seconds)
    proxy.set("ok")


def wait_until(there: Callable[[], bool], seconds: float) -> float | None:
    """Seconds it took, None when it did not come."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if there():
            return time.monotonic() - began
        time.sleep(0.1)
    return None
