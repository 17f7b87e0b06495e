"""Writes, commits and tells, as an action does; says when each commit was done.
`python -m tools.bench.teller UNITS COUNT EVERY`
"""

import os
import sys
import time

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "vardvag.config.settings"
django.setup()

from django.db import connection, transaction  # noqa: E402 - settings first

from vardvag.core.live import tell  # noqa: E402


def main(words: list[str]) -> int:
    units, count, every = [int(n) for n in words[0].split(",")], int(words[1]), float(words[2])
    moments: list[int] = []
    for n in range(count):
        unit = units[n % len(units)]
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "update cases_case set version = version + 1 where id = (select id from cases_case"
                    " where unit_id = %s and state <> 'closed' limit 1)",
                    [unit],
                )
            transaction.on_commit(lambda: moments.append(time.monotonic_ns()))
            tell(f"unit:{unit}", "case", n=n)
        time.sleep(every)
    for n, moment in enumerate(moments):
        print(n, moment)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
