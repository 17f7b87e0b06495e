"""Compares what was acknowledged with what is stored, and with what everybody saw. Every finding is one line."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tools.chaos.client import LATEST
from tools.chaos.log import FAILED, OK, Log, Op, Read

APPENDS = ("send", "write", "reply")
DURABLE = {"fsync": "on", "full_page_writes": "on", "data_checksums": "on"}


@dataclass
class Verdict:
    violations: list[str] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)


class Checker:
    def __init__(
        self, db: "psycopg.Connection[Any]", log: Log, outside: Callable[[], Iterable[Any]] = tuple
    ) -> None:
        """`outside`: what SMS and mail have taken until now. Jobs may go on while this looks."""
        self.db, self.log, self.outside, self.journal = db, log, outside, list(outside())
        self.found: list[str] = list(log.violations)
        self.undone = {op.more["of"] for op in log.ops if op.kind == "undo" and op.state != FAILED}
        self.surely_undone = {op.more["of"] for op in log.ops if op.kind == "undo" and op.state == OK}
        self.cases = sorted({op.case for op in log.ops if op.case})

    def check(self, *, settled: bool, timed: bool = False) -> Verdict:
        """`settled`: every job has been done, so that what is not out by now is missing. `timed`: a late answer
        is a violation, on a machine that has time for this product."""
        self.order = self._stored_order()
        self._exactly_once()
        self._one_order()
        self._settings()
        self._owners()
        self._whole_cases()
        self._drafts()
        self._reads_logged()
        self._notices(settled)
        late = self._late()
        if timed:
            self.found += late[:20]
        counted = Counter(op.state for op in self.log.ops)
        figures = {
            "acknowledged": counted[OK], "failed": counted[FAILED], "unknown": counted["unknown"],
            "appends": sum(op.state == OK for op in self.log.ops if op.kind in APPENDS),
            "retried": sum(op.tries > 1 for op in self.log.ops), "reads": len(self.log.reads),
            "threads": len(self.cases), "faults": len(self.log.faults), "notices": len(self.journal),
            "late": len(late),
        }  # fmt: skip
        return Verdict(self.found, figures)

    def _rows(self, text: str, *given: Any) -> list[tuple[Any, ...]]:
        return self.db.execute(text, given).fetchall()

    def _wrong(self, what: str) -> None:
        self.found.append(what)

    # -- every write once, none of the refused, in one order

    def _stored_order(self) -> dict[str, list[str]]:
        """Case -> its tokens by number in the thread. A message of a case holds one token."""
        order: dict[str, list[str]] = defaultdict(list)
        rows = self._rows(
            "select c.public_id::text, substring(m.body from 'tk-[0-9a-f]{16}') from cases_message m"
            " join cases_case c on c.id = m.case_id where m.body ~ 'tk-[0-9a-f]{16}' order by c.id, m.seq"
        )
        for case, token in rows:
            order[case].append(token)
        return order

    def _exactly_once(self) -> None:
        stored = Counter(token for tokens in self.order.values() for token in tokens)
        where = {token: case for case, tokens in self.order.items() for token in tokens}
        for op in self.log.ops:
            if op.kind not in APPENDS:
                continue
            times = stored[op.token]
            if times > 1:
                self._wrong(f"doubled: {_said(op)} stands {times} times")
            elif op.state == OK and not times and op.number not in self.undone:
                self._wrong(f"lost: {_said(op)} was acknowledged and is not there")
            elif op.state == FAILED and times:
                self._wrong(f"refused and yet there: {_said(op)}")
            elif times and op.number in self.surely_undone:
                self._wrong(f"undone and yet there: {_said(op)}")
            elif times and op.case and where[op.token] != op.case:
                self._wrong(f"in another case: {_said(op)} stands in {where[op.token]}")
        ours = {op.token for op in self.log.ops if op.kind in APPENDS}
        for token in stored.keys() - ours:
            self._wrong(f"from nowhere: {token}")

    def _one_order(self) -> None:
        """Everybody saw parts of the same order; a session never sees less than before; what was acknowledged
        before the page was asked for is on it."""
        by_token = {op.token: op for op in self.log.ops if op.kind in APPENDS}
        acknowledged: dict[str, list[Op]] = defaultdict(list)
        for op in by_token.values():
            if op.state == OK and op.number not in self.undone:
                acknowledged[op.case].append(op)
        latest: dict[tuple[str, str], set[str]] = {}
        for read in sorted(self.log.reads, key=lambda one: one.began):
            place = {token: n for n, token in enumerate(self.order.get(read.case, []))}
            seen = [t for t in read.tokens if t in place]
            if [place[t] for t in seen] != sorted(place[t] for t in seen):
                self._wrong(f"another order: {read.who} saw {read.case} as {' '.join(seen)}")
            for token in set(read.tokens) - place.keys():
                known = by_token.get(token)
                if known is None or known.number not in self.undone:
                    self._wrong(f"seen and gone: {read.who} saw {token} in {read.case}")
            before = latest.get((read.who, read.case), set())
            if gone := (before & place.keys()) - set(read.tokens):
                self._wrong(f"seen less than before: {read.who} in {read.case} misses {' '.join(gone)}")
            latest[read.who, read.case] = set(read.tokens)
            self._recent(read, acknowledged[read.case])

    def _recent(self, read: Read, acknowledged: list[Op]) -> None:
        for op in acknowledged:
            held = read.side == "resident" and op.kind == "reply" and op.ended + 15 > read.began
            if op.ended < read.began and op.token not in read.tokens and not held:
                self._wrong(f"stale: {read.who} did not see {_said(op)} acknowledged before")

    def _settings(self) -> None:
        for name, wanted in DURABLE.items():
            if (said := self._rows(f"show {name}")[0][0]) != wanted:
                self._wrong(f"the database runs with {name} = {said}")
        if (said := self._rows("show synchronous_commit")[0][0]) in ("off",):
            self._wrong(f"the database runs with synchronous_commit = {said}")

    # -- owners, cases, drafts

    def _owners(self) -> None:
        """The history is a chain: each act says whom it found there; nobody takes what another has, unasked."""
        rows = self._rows(
            "select c.public_id::text, e.version, e.verb, e.reason, e.before, e.after, e.actor_name, c.owner_id,"
            " c.version from cases_event e join cases_case c on c.id = e.case_id"
            " where c.public_id = any(%s::uuid[]) order by c.id, e.version, e.id", self.cases,
        )  # fmt: skip
        owner: dict[str, Any] = {}
        final: dict[str, Any] = {}
        versions: dict[str, int] = {}
        for case, version, verb, reason, before, after, who, now, last in rows:
            if versions.get(case) == version:
                self._wrong(f"two acts on the same version {version} of {case}")
            versions[case] = version
            final[case] = (now, last)
            if "owner_id" in before:
                if case in owner and owner[case] != before["owner_id"]:
                    self._wrong(
                        f"two owners: {verb} by {who} in {case} found {before['owner_id']}, not {owner[case]}"
                    )
                if verb == "take" and before["owner_id"] is not None and not reason:
                    self._wrong(f"two winners: {who} took {case}, which somebody had")
                owner[case] = after["owner_id"]
        for case, (now, last) in final.items():
            if case in owner and owner[case] != now:
                self._wrong(f"{case} belongs to {now}, its history says {owner[case]}")
            if versions[case] != last:
                self._wrong(f"{case} has version {last}, its history ends with {versions[case]}")

    def _whole_cases(self) -> None:
        """No half cases: form, first message, history, log and the clinic's notice; none that nobody owns (X-1)."""
        for case, *parts in self._rows(
            "select c.public_id::text, c.response_id is not null,"
            " exists (select 1 from cases_message m where m.case_id = c.id and m.seq = 1),"
            " exists (select 1 from cases_event e where e.case_id = c.id and e.verb = 'open'),"
            " exists (select 1 from audit_entry a where a.object_kind = 'case' and a.object_id = c.id"
            "  and a.verb = 'open'),"
            " exists (select 1 from inbox_staffnotice n where n.key = 'new:' || c.public_id::text)"
            " from cases_case c where c.public_id = any(%s::uuid[])", self.cases,
        ):  # fmt: skip
            names = ("form", "first message", "history", "log row", "notice to the clinic")
            for name in (n for n, there in zip(names, parts, strict=True) if not there):
                self._wrong(f"half a case: {case} has no {name}")
        for (case,) in self._rows(
            "select c.public_id::text from cases_case c where c.state <> 'closed' and (c.owner_id is null and"
            " c.group_id is null or c.owner_id is not null and not exists (select 1 from organisation_assignment a"
            " where a.staff_id = c.owner_id and a.unit_id = c.unit_id and a.ended_at is null))"
        ):
            self._wrong(f"nobody's case (X-1): {case}")
        stored = {row[0] for row in self._rows("select public_id::text from cases_case")}
        for op in self.log.ops:
            if op.kind == "send" and op.state == OK and op.case not in stored:
                self._wrong(f"lost: the case {op.case} was acknowledged and is not there")

    def _drafts(self) -> None:
        """The last saved text of a person in a case is kept, unless it was sent or something unknown came after."""
        kept: dict[tuple[str, str], set[str]] = {}
        for op in sorted(self.log.ops, key=lambda one: one.ended or one.began):
            at = (op.who.split("#")[0], op.case)
            if op.kind == "draft" and op.state == OK:
                kept[at] = {op.token}
            elif op.kind == "draft" and op.state != FAILED and at in kept:
                kept[at].add(op.token)
            elif op.kind in ("write", "reply", "undo") and op.state != FAILED:
                kept.pop(at, None)
        rows = self._rows(
            "select coalesce(p.personal_number, s.hsa_id), c.public_id::text,"
            " substring(d.body from 'tk-[0-9a-f]{16}') from cases_draft d join cases_case c on c.id = d.case_id"
            " left join identity_person p on d.author_kind = 'resident' and p.id = d.author_id"
            " left join identity_staff s on d.author_kind = 'staff' and s.id = d.author_id"
        )
        there = {(who, case): token for who, case, token in rows}
        for at, allowed in kept.items():
            if there.get(at) not in allowed:
                self._wrong(
                    f"lost draft: {at[0]} in {at[1]} had {' or '.join(allowed)}, kept is {there.get(at)}"
                )
        forms: dict[str, Op] = {}
        for op in self.log.ops:
            if op.kind == "form":
                forms[op.more["draft"]] = op
        answers = {row[0]: row[1] for row in self._rows(
            "select public_id::text, answers::text from questionnaires_draft where sent_at is null")}  # fmt: skip
        for draft, op in forms.items():
            if op.state == OK and draft in answers and op.token not in answers[draft]:
                self._wrong(f"lost draft: the form {draft} was saved with {op.token}")

    # -- log, notices, time

    def _reads_logged(self) -> None:
        """Each page of a case that arrived has its row: one `read` of that case under the request's own id."""
        rows = self._rows(
            "select a.request_id, c.public_id::text, count(*) from audit_entry a"
            " join cases_case c on c.id = a.object_id"
            " where a.object_kind = 'case' and a.verb = 'read' group by 1, 2"
        )
        logged = {(request, case): count for request, case, count in rows}
        for read in self.log.reads:
            count = logged.get((read.request_id, read.case), 0)
            if count != 1:
                self._wrong(f"read by {read.who} of {read.case} stands {count} times in the log")

    def _notices(self, settled: bool) -> None:
        """Each once: by the mail's own id and by the provider's id of an SMS; one inbox item for a told reply."""
        mails = Counter(e.data["message_id"] for e in self.journal if e.system == "mail")
        for one, times in mails.items():
            if times > 1:
                self._wrong(f"mail {one} went out {times} times")
        refs = {
            row[0]
            for row in self._rows("select provider_ref from inbox_delivery where provider_ref is not null")
        }
        taken = [e for e in self.journal if e.system == "sms"]
        orphans = Counter(e.data["to"] for e in taken if e.data["id"] not in refs)
        open_to = Counter(dict(self._rows(
            "select address, count(*) from inbox_delivery where channel = 'sms' and state in ('sending', 'unknown')"
            " group by 1")))  # fmt: skip
        for to, times in orphans.items():
            if times > open_to[to]:
                self._wrong(f"{times} SMS to {to} that no delivery knows of, {open_to[to]} unsettled")
        said = self._rows(
            "select key, provider_ref from inbox_delivery where state in ('sent', 'delivered')"
            " and provider_ref is not null and made_at > now() - interval '6 hours' and attempts > 0"
        )
        went = {e.data["message_id"] if e.system == "mail" else e.data["id"] for e in self.outside()}
        for key, ref in said:
            if ref not in went:
                self._wrong(f"notice {key} is said to be sent and was not")
        texts = Counter(row[0] for row in self._rows("select key from inbox_delivery"))
        items = Counter(row[0] for row in self._rows("select key || ' ' || person_id from inbox_inboxitem"))
        for key, times in [*texts.items(), *items.items()]:
            if times > 1:
                self._wrong(f"notice {key} exists {times} times")
        if not settled:
            return
        for (message,) in self._rows(
            "select m.public_id::text from cases_message m join cases_case c on c.id = m.case_id"
            " where c.public_id = any(%s::uuid[]) and m.author_kind = 'staff' and m.released_at < now() - interval"
            " '5 seconds' and not exists"
            " (select 1 from inbox_inboxitem i where i.key = 'message:' || m.public_id::text)",
            self.cases,
        ):
            self._wrong(f"the resident was never told of reply {message}")
        for (
            item,
        ) in self._rows(  # told means laid, for all who have chosen mail for answers; a mail has no quiet hours
            "select i.public_id::text from inbox_inboxitem i join inbox_contactsettings s on s.person_id = i.person_id"
            " where 'answers' = any(s.mail_for) and s.email_bad_at is null and i.told_at > s.email_verified_at"
            " and (i.read_at is null or i.read_at > i.told_at) and not exists"
            " (select 1 from inbox_delivery d where d.key = 'item:' || i.public_id::text || ':mail')"
        ):
            self._wrong(f"never told outside: inbox item {item}")
        for key, state in self._rows(
            "select key, state from inbox_delivery where state = 'queued' and next_at < now() - interval '90 seconds'"
            " or state = 'sending' and attempt_at < now() - interval '200 seconds'"  # a lost attempt is told after 120
        ):
            self._wrong(f"notice {key} is still {state}")

    def _late(self) -> list[str]:
        """No answer later than LATEST, but from a process that was frozen itself."""
        frozen = [(a, b + 12) for a, b, name in self.log.faults if name.startswith("freeze-")]
        found = []
        for began, seconds, method, path, status in self.log.answers:
            if seconds > LATEST and not any(a - seconds <= began <= b for a, b in frozen):
                found.append(f"late: {method} {path} was answered {status} after {seconds:.1f} s")
        return found


def _said(op: Op) -> str:
    return f"{op.kind} {op.token or op.case} by {op.who}"
