"""Prometheus figures. Parts add their own: counters as module constants, figures read from the database by `ask`."""

import os
from collections.abc import Callable, Iterable

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for every figure, which nobody reads
REQUESTS = Counter("vardvag_requests", "Requests by route and status", ["method", "route", "status"])
SECONDS = Histogram(
    "vardvag_request_seconds",
    "Time to answer, by route",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10),
)
LIVE = Gauge("vardvag_live_connections", "Open live connections", multiprocess_mode="livesum")
LIVE_EVENTS = Counter("vardvag_live_events", "Live events by what became of them", ["outcome"])
WAITING = Gauge(
    "vardvag_pages_waiting", "Requests waiting for or held by a page thread", multiprocess_mode="livesum"
)

Question = Callable[[], Iterable[tuple[str, str, dict[str, str], float]]]
_questions: list[Question] = []


def ask(question: Question) -> Question:
    """Register what is read at each scrape: rows of (metric name, help text, labels, value)."""
    _questions.append(question)
    return question


class _Asked(Collector):
    def collect(self) -> Iterable[Metric]:
        families: dict[str, GaugeMetricFamily] = {}
        for question in _questions:
            for name, text, labels, value in question():
                family = families.setdefault(name, GaugeMetricFamily(name, text, labels=list(labels)))
                family.add_metric(list(labels.values()), value)
        return families.values()

    def describe(self) -> Iterable[Metric]:
        return ()  # asked at scrape only, not at registration


_ASKED = _Asked()
REGISTRY.register(_ASKED)


def whole() -> CollectorRegistry:
    """Of all page processes together, where the supervisor keeps several (PROMETHEUS_MULTIPROC_DIR)."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    found = CollectorRegistry()
    MultiProcessCollector(found)  # type: ignore[no-untyped-call]
    found.register(_ASKED)
    return found
