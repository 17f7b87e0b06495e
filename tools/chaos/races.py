"""G8: many take the same case, or answer it, at the same moment. One wins; every other sees who and what."""

import re
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from tools.chaos.acts import Resident
from tools.chaos.campaigns import Asked, Run
from tools.chaos.checker import Verdict
from tools.chaos.client import Answer, Unknown
from tools.chaos.log import FAILED, OK
from tools.chaos.people import STAFF, Person, keep_trying

UNIT = "bjorkbackens-halsocentral"
LANES = 3


class Races:
    def __init__(self, run: Run, workers: int, first: int = 500) -> None:
        """`first`: the workers' seeds begin there."""
        self.run, codes = run, STAFF[UNIT]
        self.workers = [run.person(codes[n % len(codes)], "staff", UNIT, first + n) for n in range(workers)]
        self.pool = ThreadPoolExecutor(workers)
        list(self.pool.map(lambda one: keep_trying(one.arrive), self.workers))
        for one in self.workers:
            one.browser.loses = lambda: None
        self.taken = self.sent = 0

    def at_once(self, act: Callable[[Person], Answer | None]) -> list[tuple[Person, Answer]]:
        """Everybody's answer; all begin at the same moment."""
        line = threading.Barrier(len(self.workers))

        def one(me: Person) -> tuple[Person, Answer | None]:
            line.wait(30)
            return me, act(me)

        return [(me, answer) for me, answer in self.pool.map(one, self.workers) if answer is not None]

    def _unheard(self, won: Collection[object], answers: list[tuple[Person, Answer]]) -> bool:
        """Nobody is known to have won, and somebody's answer was never heard: theirs, as the checker sees later."""
        return not won and len(answers) < len(self.workers)

    def take(self, case: str) -> None:
        log = self.run.log

        def act(me: Person) -> Answer | None:
            op = log.invoke("take", me.name, case=case)
            return me.act(op, f"/personal/arenden/{case}/ta/", {})

        answers = self.at_once(act)
        winners = {me.who for me, answer in answers if answer.status == 303}
        named = set()
        for me, answer in answers:
            if answer.status == 409 and me.who not in winners:
                found = re.search(r"Ansvarig: ([^<\n]+)", answer.body.decode())
                named.add(found[1].strip() if found else "nobody")
        if len(winners) != 1 and not self._unheard(winners, answers):
            log.wrong(f"take race in {case}: {len(winners)} winners ({', '.join(sorted(winners))})")
        if len(answers) > len(winners) and (len(named) > 1 or "nobody" in named):
            log.wrong(f"take race in {case}: the losers were told of {', '.join(sorted(named))}")
        self.taken += 1
        for me in self.workers:
            if me.who in winners:
                op = log.invoke("giveback", me.name, case=case)
                me.act(op, f"/personal/arenden/{case}/lamna-tillbaka/", {"reason": ""})
                break

    def send(self, case: str) -> None:
        """All have the same page before them and send their own words."""
        log, form = self.run.log, f"//form[contains(@action, '{case}/svara/')]"
        page = self.workers[self.sent % len(self.workers)].read(case)
        seen = page.value("seen_seq", form) if page is not None else ""
        if not seen:
            return
        tokens: dict[str, str] = {}

        def act(me: Person) -> Answer | None:
            op = log.invoke("reply", me.name, case=case, token=me.token())
            tokens[me.name] = op.token
            return me.act(op, f"/personal/arenden/{case}/svara/", {
                "key": str(uuid4()), "seen_seq": seen, "verb": "partial", "body": f"Svar {op.token}.", "promised": "",
            })  # fmt: skip

        answers = self.at_once(act)
        won = [me for me, answer in answers if answer.status == 303]
        if len(won) != 1:
            if not self._unheard(won, answers):
                log.wrong(f"send race in {case}: {len(won)} winners")
            return
        for me, answer in answers:
            if me is not won[0] and tokens[won[0].name] not in answer.body.decode():
                log.wrong(f"send race in {case}: {me.name} was not shown what had been sent")
        self.sent += 1

    def race(self, cases: list[str], wanted: int, until: float | None) -> None:
        for n in range(wanted):
            if until is not None and time.monotonic() > until:
                break
            self.take(cases[n % len(cases)])
            self.send(cases[n % len(cases)])

    def same_draft(self, resident: Resident) -> str:
        """A resident's form sent from four tabs at once: one case, one receipt."""
        me, log = resident.me, self.run.log
        me.browser.loses = lambda: None
        before = set(self.run.cases.of(who=me.who))
        try:
            resident.send_case()
        except Unknown:
            return ""
        new = list(set(self.run.cases.of(who=me.who)) - before)
        if not new:
            return ""
        draft = next(op.more["draft"] for op in log.ops if op.kind == "send" and op.case == new[0])

        def again(_: int) -> Any:
            from tools.chaos.client import Browser  # noqa: PLC0415 - a tab of the same browser

            tab = Browser(me.url, cookies=dict(me.browser.cookies))
            return tab.post(f"/utkast/{draft}/skicka/", {}).location

        landed = set(self.pool.map(again, range(4)))
        if landed != {f"/arenden/{new[0]}/skickat/"}:
            log.wrong(f"one form sent again led to {', '.join(sorted(map(str, landed)))}")
        return new[0]


def races(
    asked: Asked, wanted: int, workers: int = 20, *, minutes: float | None = None
) -> tuple[Verdict, float]:
    """`wanted` of each kind, or as many as fit into `minutes`; the figure is seconds of racing. A case is raced
    for some hundred times, so that its thread stays a thread. Whoever races waits for the case's row, so more than a
    few races are run in three lanes, each with workers and cases of its own."""
    run = Run(asked)
    try:
        run.start()
        run.people(2 * min(12, 2 + wanted // 400))
        residents = [actor for actor in run.actors if isinstance(actor, Resident)]
        lanes = [
            Races(run, workers, 500 + n * workers)
            for n in range(LANES if wanted >= len(residents) * 10 else 1)
        ]
        cases: list[str] = []
        for resident in residents:
            resident.units = [UNIT]
            cases += filter(None, [lanes[0].same_draft(resident) for _ in range(4)])
        if len(cases) < len(lanes):
            raise SystemExit("no case could be sent; nothing to race for")
        began = time.monotonic()
        until = began + minutes * 60 if minutes is not None else None
        with ThreadPoolExecutor(len(lanes)) as beside:
            parts = [len(range(n, wanted, len(lanes))) for n in range(len(lanes))]
            each = [cases[n :: len(lanes)] for n in range(len(lanes))]
            list(beside.map(lambda lane, own, part: lane.race(own, part, until), lanes, each, parts))
        seconds = time.monotonic() - began
        verdict = run.verdict()
        lost = sum(op.state not in (OK, FAILED) for op in run.log.ops)
        raced = {"take races": sum(one.taken for one in lanes), "send races": sum(one.sent for one in lanes)}
        verdict.figures |= raced | {"unknown": lost}
        return verdict, seconds
    finally:
        run.close()
