"""Receipts against the database, and the staff's queue as its pages show it. Every finding is one line."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import psycopg

from tools.load.crowd import Said, Staff
from tools.load.lines import Lines

ROW = re.compile(rb'data-row="([0-9a-f-]{36})"')
_TOKEN = "substring(m.body from 'tk-[0-9a-f]{16}')"


def texts(db: "psycopg.Connection[Any]", said: Iterable[Said], since: datetime) -> list[str]:
    """Everything acknowledged stands once, in its case; nothing refused stands; nothing comes from nowhere."""
    rows = db.execute(
        f"select {_TOKEN}, c.public_id::text from cases_message m join cases_case c on c.id = m.case_id"
        " where m.at >= %s and m.body ~ 'tk-[0-9a-f]{16}'", [since],
    ).fetchall()  # fmt: skip
    stored, where = Counter(row[0] for row in rows), dict(rows)
    found, known = [], set()
    for one in said:
        known.add(one.token)
        times = stored[one.token]
        if times > 1:
            found.append(f"doubled: {one.kind} {one.token} stands {times} times")
        elif one.state == "ok" and not times:
            found.append(f"lost: {one.kind} {one.token} was acknowledged and is not there")
        elif one.state == "refused" and times:
            found.append(f"refused and yet there: {one.kind} {one.token}")
        elif times and one.case and where[one.token] != one.case:
            found.append(f"in another case: {one.kind} {one.token}")
    return found + [f"from nowhere: {token}" for token in stored.keys() - known]


def receipts(db: "psycopg.Connection[Any]", sent: list[Said], since: datetime) -> list[str]:
    """The case numbers shown to residents are the numbers stored, each case whole and with its pictures. Who was still
    on the way when time was up has seen no number."""
    rows = db.execute(
        f"select c.public_id::text, c.number, {_TOKEN}, (select count(*) from cases_attachment a"
        "  where a.message_id = m.id), c.response_id is not null,"
        " exists (select 1 from cases_event e where e.case_id = c.id and e.verb = 'open'),"
        " exists (select 1 from audit_entry a where a.object_kind = 'case' and a.object_id = c.id and a.verb = 'open'"
        "  and a.at >= %s),"
        " exists (select 1 from inbox_staffnotice n where n.key = 'new:' || c.public_id::text)"
        " from cases_case c left join cases_message m on m.case_id = c.id and m.seq = 1 where c.arrived_at >= %s",
        [since, since],
    ).fetchall()  # fmt: skip
    stored = {row[0]: row for row in rows}
    shown = {one.case: one for one in sent if one.state == "ok"}
    found = [
        f"lost: receipt {one.number} and no such case" for case, one in shown.items() if case not in stored
    ]
    open_ended = {one.token for one in sent if one.state == "unknown"}
    for case, row in stored.items():
        one = shown.get(case)
        if one is None:
            if row[2] not in open_ended:
                found.append(f"doubled: case {row[1]} ({row[2]}) has no receipt of its own")
            continue
        if (row[1], row[2], row[3]) != (one.number or row[1], one.token, one.files):
            found.append(
                f"another case than its receipt says: {row[1:4]}, {one.number} {one.token} {one.files}"
            )
        names = ("form", "history", "log row", "notice to the clinic")
        found += [
            f"half a case: {row[1]} has no {n}" for n, there in zip(names, row[4:], strict=True) if not there
        ]
    numbers = Counter(one.number for one in shown.values() if one.number)
    return found + [f"doubled: number {number} on {n} receipts" for number, n in numbers.items() if n > 1]


def notices(db: "psycopg.Connection[Any]", sent: list[Said]) -> tuple[int, int]:
    """(the clinics' notices of these cases, how many of them the worker has spread)."""
    row = db.execute(
        "select count(*), count(spread_at) from inbox_staffnotice where key = any (%s)",
        [[f"new:{one.case}" for one in sent if one.state == "ok"]],
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


async def queues(
    db: "psycopg.Connection[Any]", lines: Lines, staff: list[Staff], sent: list[Said]
) -> tuple[list[str], int]:
    """Every page of each unit's queue: the cases of the receipts are there once, in the right order. Findings, and
    the rows that were read."""
    found, read = [], 0
    for me in staff:
        shown: list[str] = []
        number = 1
        while True:
            answer = await lines.ask(f"/personal/?vy=all&sida={number}", me.key)
            if answer.status != 200:
                found.append(f"queue of unit {me.unit}: page {number} answered {answer.status}")
                break
            rows = [one.decode() for one in ROW.findall(answer.body)]
            shown += dict.fromkeys(rows)
            if f"sida={number + 1}".encode() not in answer.body:
                break
            number += 1
        read += len(shown)
        stored = [row[0] for row in db.execute(
            "select public_id::text from cases_case where unit_id = %s and state <> 'closed'"
            " order by urgency, due_at, id", [me.unit])]  # fmt: skip
        if shown != stored:
            place = next(
                (n for n, two in enumerate(zip(shown, stored, strict=False)) if two[0] != two[1]), -1
            )
            found.append(
                f"another order: unit {me.unit} shows {len(shown)} of {len(stored)} rows, row {place}"
            )
        ours = [one.case for one in sent if one.state == "ok" and one.unit == me.unit]
        if missing := set(ours) - set(shown):
            found.append(f"lost: {len(missing)} cases with a receipt are not in the queue of unit {me.unit}")
        by_number = {one.case: one.number for one in sent}
        numbers = [by_number[case] for case in shown if case in by_number]
        ordered = [by_number[case] for case in stored if case in by_number]
        if numbers != ordered:
            found.append(f"another order: the queue of unit {me.unit}")
    return found, read
