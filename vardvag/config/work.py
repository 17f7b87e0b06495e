"""The worker: jobs from PostgreSQL, as vardvag_system. `python -m vardvag.config.work`

It leaves when it loses the database; the supervisor starts it again. A job whose worker died is found by its
heartbeat and done again, so every job is safe to repeat.
"""

import asyncio
import os
import sys

import django
from procrastinate import App
from procrastinate.contrib.django import app

from vardvag.config import pulse
from vardvag.config.place import Trouble


def working() -> App:
    """The app of this process, with connections of its own to fetch jobs with.

    Not `replace_connector`: what a job defers must go by Django's connection, in the job's transaction. By another it
    could be done before what it is about is there, and would be left when the job fails."""
    return app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vardvag.config.settings")
    os.environ["VARDVAG_ROLE"] = "system"
    django.setup()
    asyncio.run(_work())
    return 0


async def _work() -> None:
    pulse.begin()
    async with working().open_async() as own:
        await own.run_worker_async(
            concurrency=4,
            delete_jobs="successful",
            fetch_job_polling_interval=5,
            update_heartbeat_interval=10,
            stalled_worker_timeout=30,
            shutdown_graceful_timeout=10,
        )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Trouble as trouble:
        print(f"vardvag: {trouble}", file=sys.stderr)
        sys.exit(2)
