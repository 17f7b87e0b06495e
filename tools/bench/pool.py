"""Whom and what the benchmark acts with: living sessions, and the cases, words and drafts of each request kind."""

import hashlib
import os
import random
import re
import secrets
from dataclasses import dataclass, field
from typing import Any

import psycopg

ROWS = 50  # a full page of the queue
THREAD = 10  # messages
TYPE = "skicka-meddelande"


@dataclass
class Pool:
    """Lists of (session key, what to act on)."""

    queue: list[tuple[str, int]] = field(default_factory=list)  # unit
    thread: list[tuple[str, str, str]] = field(default_factory=list)  # case, number
    reply: list[list[Any]] = field(default_factory=list)  # case, last message: counted up as replies are sent
    search: list[tuple[str, str]] = field(default_factory=list)  # word
    start: list[tuple[str, str]] = field(default_factory=list)  # a case on the page
    senders: list[tuple[str, int, int]] = field(default_factory=list)  # person, unit: each used once
    drafts: list[tuple[str, str]] = field(default_factory=list)  # draft ready to be sent: each used once
    units: list[int] = field(default_factory=list)
    terms: int = 0  # the version that residents accept


class Maker:
    """Chooses with a seed; sessions get new keys each time. Connected as the role that passes the border."""

    def __init__(self, connection: "psycopg.Connection[Any]", seed: int = 1) -> None:
        self.db, self.rng = connection, random.Random(seed)
        self._keys: dict[tuple[str, int], str] = {}
        self._staff: dict[int, str] = {}
        self._texts: dict[str, str] = {}

    def key(self, kind: str, who: int) -> str:
        """A session made in the table, as a login would have."""
        if (kind, who) not in self._keys:
            key = secrets.token_urlsafe(32)
            said = {
                **self._empty(),
                "key_hash": hashlib.sha256(key.encode()).digest(),
                "kind": kind,
                "person_id" if kind == "resident" else "staff_id": who,
                "assignment_id": who if kind == "staff" else None,
                "method": "bankid" if kind == "resident" else "siths",
                "browser": "Firefox på Linux",
            }
            self.db.execute(
                f"insert into identity_session ({', '.join(said)}, created_at, seen_at)"
                f" values ({', '.join(['%s'] * len(said))}, now(), now())",
                list(said.values()),
            )
            self._keys[kind, who] = key
        return self._keys[kind, who]

    def _empty(self) -> dict[str, str]:
        """The texts of a session that have no default."""
        if not self._texts:
            rows = self.all(
                "select column_name from information_schema.columns where table_name = 'identity_session'"
                " and is_nullable = 'NO' and data_type in ('text', 'character varying')"
            )
            self._texts = {name: "" for (name,) in rows}
        return self._texts

    def receiver(self, unit: int) -> str:
        if unit not in self._staff:
            (staff,) = self.one(
                "select staff_id from organisation_assignment where unit_id = %s and 'receiver' = any (roles)"
                " order by id limit 1", unit,
            )  # fmt: skip
            self._staff[unit] = self.key("staff", staff)
        return self._staff[unit]

    def one(self, statement: str, *values: object) -> Any:
        return self.db.execute(statement, values).fetchone()

    def all(self, statement: str, *values: object) -> list[Any]:
        return self.db.execute(statement, values).fetchall()

    def make(self, *, senders: int, replies: int = 2000) -> Pool:
        with self.db.transaction():
            self.db.execute("delete from identity_session")
            pool = Pool()
            (pool.terms,) = self.one(
                "select max(id) from catalogue_termsversion where published_at is not null"
            )
            self._units(pool)
            self._threads(pool, replies)
            self._words(pool)
            self._residents(pool, senders)
        self.db.execute("analyze identity_session")
        return pool

    def _units(self, pool: Pool) -> None:
        rows = self.all(
            "select unit_id from cases_case where state <> 'closed' group by 1 having count(*) > %s order by 1",
            ROWS,
        )
        pool.units = self.rng.sample([row[0] for row in rows], min(60, len(rows)))
        pool.queue = [(self.receiver(unit), unit) for unit in pool.units]

    def _threads(self, pool: Pool, replies: int) -> None:
        cases = self.all(
            "select id, public_id, number, unit_id, last_seq from cases_case where state <> 'closed'"
            " and unit_id = any (%s) and not protected order by md5(id::text)", pool.units,
        )  # fmt: skip
        cut = min(300, len(cases) // 3)
        for case, public_id, number, unit, last in cases[:cut]:
            if last < THREAD:
                self._lengthen(case, last)
            pool.thread.append((self.receiver(unit), str(public_id), number))
        for _case, public_id, _number, unit, last in cases[cut : cut + replies]:
            pool.reply.append([self.receiver(unit), str(public_id), last])

    def _lengthen(self, case: int, last: int) -> None:
        """Older messages are said again, until the thread has ten."""
        self.db.execute(
            "insert into cases_message (public_id, case_id, provider_id, unit_id, patient_id, seq, author_kind,"
            " author_id, author_name, author_title, for_patient, kind, body, at, released_at, read_at, key)"
            " select gen_random_uuid(), case_id, provider_id, unit_id, patient_id, n, author_kind, author_id,"
            " author_name, author_title, for_patient, case when kind = 'intake' then 'message' else kind end, body,"
            " at + n * interval '1 second', released_at, coalesce(read_at, released_at), gen_random_uuid()"
            " from generate_series(%s::int, %s::int) n join cases_message m on m.case_id = %s"
            " and m.seq = 1 + n %% %s",
            [last + 1, THREAD, case, last],
        )
        self.db.execute(
            "update cases_case set last_seq = %s, staff_seen_seq = %s where id = %s", [THREAD, THREAD, case]
        )

    def _words(self, pool: Pool) -> None:
        """Words that stand in messages of the unit, as often as they stand there. Protected persons are not found by
        words."""
        rows = self.all(
            "select c.unit_id, m.body from cases_case c join cases_message m on m.case_id = c.id"
            " where c.state <> 'closed' and not c.protected and c.unit_id = any (%s)"
            " order by md5(m.id::text) limit 2000", pool.units,
        )  # fmt: skip
        for unit, body in rows:
            words = [w for w in re.findall(r"\b[a-zåäö]{5,}\b", body) if not self._stopped(w)]
            if words:
                pool.search.append((self.receiver(unit), self.rng.choice(words)))
            if len(pool.search) >= 400:
                break

    def _stopped(self, word: str) -> bool:
        return bool(self.one("select numnode(plainto_tsquery('swedish', %s)) = 0", word)[0])

    def _residents(self, pool: Pool, senders: int) -> None:
        (people,) = self.one("select max(id) from identity_person")
        chosen = self.rng.sample(range(1, people + 1), min(1500, people // 3))
        rows = self.all(
            "select distinct on (patient_id) patient_id, public_id from cases_case"
            " where patient_id = any (%s) and state <> 'closed' order by patient_id, id desc", chosen,
        )  # fmt: skip
        closed = self.all("select patient_id from cases_case where patient_id = any (%s) group by 1", chosen)
        shown = {patient: str(public_id) for patient, public_id in rows}
        for (patient,) in closed:
            pool.start.append((self.key("resident", patient), shown.get(patient, "")))
        taken = set(chosen)
        others = [n for n in self.rng.sample(range(1, people + 1), people) if n not in taken][:senders]
        pairs = [(person, self.rng.choice(pool.units)) for person in others]
        more = iter(range(10**9))
        while len(pairs) < senders:  # few people: the same ones to other units
            n = next(more)
            pairs.append((others[n % len(others)], pool.units[n // len(others) % len(pool.units)]))
        pool.senders = [(self.key("resident", person), person, unit) for person, unit in dict.fromkeys(pairs)]

    def drafts(self, pool: Pool, walked: str, count: int) -> None:
        """A draft that was filled in over HTTP and stands before "Skicka", again for so many other people."""
        with self.db.transaction():
            rows = [pool.senders.pop() for _ in range(min(count, len(pool.senders) // 2))]
            self.db.execute(  # what an earlier run left, in a database that is kept
                "delete from questionnaires_draft where sent_at is null and author_id = any (%s) and public_id <> %s",
                [[r[1] for r in rows], walked],
            )
            ids = self.all(
                "insert into questionnaires_draft (public_id, author_id, patient_id, unit_id, subject_kind, subject_id,"
                " subject_version_id, version_id, language, answers, marks, kept, page, revision, device, started_at,"
                " saved_at) select gen_random_uuid(), p, p, u, subject_kind, subject_id, subject_version_id,"
                " version_id, language, answers, marks, kept, page, revision, device, now(), now()"
                " from questionnaires_draft d,"
                " unnest(%s::bigint[], %s::bigint[]) as who (p, u) where d.public_id = %s"
                " on conflict do nothing returning public_id, author_id",
                [r[1] for r in rows], [r[2] for r in rows], walked,
            )  # fmt: skip
            self.db.execute(
                "insert into catalogue_termsacceptance (person_id, version_id, at) select p, v.id, now()"
                " from catalogue_termsversion v, unnest(%s::bigint[]) p where v.published_at is not null"
                " on conflict do nothing", [[r[1] for r in rows]],
            )  # fmt: skip
        pool.drafts += [(self.key("resident", author), str(public_id)) for public_id, author in ids]


def connect(environment: dict[str, str], role: str = "system") -> "psycopg.Connection[Any]":
    """To the product's embedded database, from beside it."""
    os.environ.update({k: environment[k] for k in ("VARDVAG_DATA", "VARDVAG_MODE", "PUBLIC_URL")})
    from vardvag.config import place  # noqa: PLC0415

    return psycopg.connect(**place.connection(role), autocommit=True)  # type: ignore[arg-type]
