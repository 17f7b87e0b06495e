"""Pages for machines: is it alive, is it ready, its figures."""

import hmac
import ipaddress
from collections.abc import Iterable

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from vardvag.core import metrics
from vardvag.core.doors import machine

_migrated = False


@machine
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers; the database is not asked, so that a lost database does not restart the pages."""
    return HttpResponse("ok\n", content_type="text/plain")


@machine
def ready(request: HttpRequest) -> HttpResponse:
    """Requests can be served: the database answers and has this version's tables."""
    global _migrated  # noqa: PLW0603 - asked once: the code's own migrations do not change while it runs
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        if not _migrated:
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                return _not_yet("migrations are missing: run vardvag migrate")
            _migrated = True
    except Exception as problem:  # whatever it is, we are not ready
        return _not_yet(type(problem).__name__)
    return HttpResponse("ready\n", content_type="text/plain")


def _not_yet(why: str) -> HttpResponse:
    return HttpResponse(f"{why}\n", status=503, content_type="text/plain")


@machine
def figures(request: HttpRequest) -> HttpResponse:
    """Prometheus. For this machine, or who has the token of METRICS_TOKEN; to others it does not exist."""
    if not _may_read(request):
        return HttpResponseNotFound("Not found\n", content_type="text/plain")
    return HttpResponse(generate_latest(metrics.whole()), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token:
        return hmac.compare_digest(given.encode(), token.encode())
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback and not forwarded
    except ValueError:
        return False


# One with a time is due then, the others when they came: the first of them has the lowest id.
_JOBS = """
select wanted, number, greatest(0, coalesce(extract(epoch from now() - least(due, came)), 0)) from (
    select wanted, count(id) as number, min(scheduled_at) as due, min(id) filter (where scheduled_at is null) as first
    from unnest(array['todo', 'doing', 'failed']) wanted left join procrastinate_jobs on status::text = wanted
    group by wanted
) counted left join lateral (
    select min(at) as came from procrastinate_events where job_id = first and type = 'deferred'
) events on true
"""


@metrics.ask
def _jobs() -> Iterable[tuple[str, str, dict[str, str], float]]:
    with connection.cursor() as cursor:
        cursor.execute(_JOBS)
        for status, count, age in cursor.fetchall():
            yield "vardvag_jobs", "Jobs in the queue", {"status": status}, float(count)
            yield (
                "vardvag_jobs_oldest_seconds",
                "Since when the oldest could have been done",
                {"status": status},
                float(age),
            )
