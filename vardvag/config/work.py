"""The worker: jobs from PostgreSQL, as vardvag_system. `python -m vardvag.config.work`

It leaves when it loses the database; the supervisor starts it again. A job whose worker died is found by its
heartbeat and done again, so every job is safe to repeat.
"""

import os
import sys

import django
from procrastinate.contrib.django import app


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vardvag.config.settings")
    os.environ["VARDVAG_ROLE"] = "system"
    django.setup()
    with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined]
        working.run_worker(
            concurrency=4,
            delete_jobs="successful",
            fetch_job_polling_interval=5,
            update_heartbeat_interval=10,
            stalled_worker_timeout=30,
            shutdown_graceful_timeout=10,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
