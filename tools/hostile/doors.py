"""G27: every route, through its own door, with what Hypothesis makes of it."""

import gc
import re
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, given, seed, settings

from tools.hostile import judge, place
from tools.hostile.ask import Answer, Asked, Pages
from tools.hostile.cases import hostile
from tools.hostile.learning import learning
from tools.hostile.routes import Route, Walk


@dataclass
class Verdict:
    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)  # what -> first request that showed it
    slowest: float = 0.0
    refused: int = 0

    def wrong(self, what: str, asked: object) -> None:
        self.faults.setdefault(what, str(asked))


class Enough(Exception):
    """The time of a route is over."""


class Doors:
    def __init__(self) -> None:
        self.people = place.people()
        self.pages = Pages()
        with learning() as learnt:
            walk = Walk(self.pages, self.people)
            self.routes = walk.walk(learnt)
        self.walked = {f"on the walk: {one}": "" for one in walk.faults}
        self.reads = sorted(learnt.headers)
        self.cookies = sorted(learnt.cookies | set(self.people["staff"]))
        self.verdict = Verdict()
        self._slow: set[str] = set()  # routes that are known to be

    def attack(self, cases: int, number: int, only: Iterable[str] = (), until: float = 0.0) -> Verdict:
        """So many cases, evenly over the routes. `until`: monotonic seconds when to stop nevertheless; each route has
        its share of what is left."""
        chosen = [route for route in self.routes.values() if not only or route.name in only]
        each = max(1, cases // len(chosen))
        gc.collect()
        gc.freeze()  # what the product holds need not be looked through after every route
        awake_at = 0.0
        for turn, route in enumerate(chosen):
            now = time.monotonic()
            if now > awake_at + 300:
                self._awake()
                awake_at = now
            share = now + (until - now) / (len(chosen) - turn) if until else 0.0
            self._attack(route, each, number, share)
            gc.collect()
        gc.unfreeze()
        return self.verdict

    def _awake(self) -> None:
        """Sessions run out after half an hour; what is asked is rolled back, so nothing keeps them open."""
        self.people.update(place.people())

    def again(self) -> dict[str, dict[str, str]]:
        return place.people()

    def _attack(self, route: Route, each: int, number: int, until: float) -> None:
        cookies = self.people[route.door]

        @seed(f"{number} {route.name}")
        @settings(max_examples=each, database=None, deadline=None, phases=[Phase.generate],
                  report_multiple_bugs=False, suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(hostile(route, cookies, self.cookies, self.reads))
        def case(asked: Asked) -> None:
            if until and time.monotonic() > until:
                raise Enough  # else Hypothesis goes on making up what nobody asks
            self.judge(route, asked)

        with suppress(Enough):
            case()

    def judge(self, route: Route, asked: Asked) -> Answer:
        answer = self.pages.ask(asked)
        self.verdict.cases += 1
        self.verdict.statuses[answer.status] += 1
        for fault in judge.faults(route.name, asked, answer):
            self.verdict.wrong(f"{route.name}: {blunt(fault)}", asked)
        if (
            answer.wall > judge.SLOW
            and b"filename=" not in asked.body  # files have a measure of their own (G24)
            and route.name not in self._slow
        ):
            # Once more: was it the request, or the machine?
            answer.wall, cpu = min((one.wall, one.cpu) for one in (self.pages.ask(asked) for _ in range(3)))
            if answer.wall > judge.SLOW:
                self._slow.add(route.name)
                self.verdict.wrong(
                    f"{route.name}: took {answer.wall:.1f} s, {cpu:.1f} s of a processor", asked
                )
        self.verdict.slowest = max(self.verdict.slowest, answer.wall)
        return answer


def blunt(fault: str) -> str:
    """Without what differs from case to case."""
    return re.sub(r"'[^']*'|\"[^\"]*\"|\d{3,}", "…", fault) if fault.startswith("exception") else fault
