"""Handing work to the worker, in the transaction of the act. The jobs stand in inbox/jobs.py, one floor
up."""

from datetime import datetime
from typing import Any

from procrastinate.contrib.django import app


def tell_login(session_id: int) -> None:
    """Somebody has logged in as a person who proved who they are in another place (identity tells)."""
    defer("inbox.tell_login", session_id=session_id)


def defer(job: str, *, at: datetime | None = None, **what: Any) -> None:
    """`at`: not before. A job that is lost is found again by the sweep; one that comes twice does nothing."""
    app.configure_task(job, schedule_at=at).defer(**what)
