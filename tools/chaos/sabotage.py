"""The product broken on purpose, in a copy: each check is to find its own. A check that cannot fail proves nothing.

`make chaos SABOTAGE=name` runs the campaign that catches it, and is red when nothing was found.
"""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

Edit = tuple[str, str, str]  # file, what stands there (once or more), what shall stand there


@dataclass(frozen=True)
class Sabotage:
    """`campaign` that catches it. `finds`: how the finding begins that the check must give."""

    what: str
    campaign: str
    finds: str | tuple[str, ...]
    edits: Sequence[Edit]
    faults: tuple[str, ...] = ()
    times: int = 1


_THREAD = "vardvag/cases/actions/thread.py"
SABOTAGES = {
    "key-ignored": Sabotage(
        "a message sent again is stored again", "kills", "doubled:",
        [(_THREAD, "    stored = _BY_KEY.first(case_id=case.pk, key=key)\n",
          "    from uuid import uuid4\n    return None, uuid4()\n"
          "    stored = _BY_KEY.first(case_id=case.pk, key=key)\n")],
    ),
    "answer-without-commit": Sabotage(
        "every other answer to what somebody wrote is given for a transaction that is rolled back", "kills", "lost:",
        [("vardvag/core/doors.py", "            answer = page()\n",
          "            answer = page()\n            import random\n"
          "            if request.path.endswith(('/skriv/', '/svara/')) and random.random() < 0.5:\n"
          "                transaction.set_rollback(True)\n")],
    ),
    "commit-not-awaited": Sabotage(
        "PostgreSQL does not write before it answers, and is killed", "kills", "lost:",
        [("vardvag/config/embedded.py", '        "jit": "off",\n',
          '        "jit": "off",\n        "synchronous_commit": "off",\n        "wal_writer_delay": "10s",\n'
          '        "wal_writer_flush_after": "1GB",\n')],
        ("database",),
    ),
    "fsync-off": Sabotage(
        "the database does not flush, and the power goes", "power", ("lost:", "the database did not come back"),
        [("vardvag/config/embedded.py", '        "jit": "off",\n', '        "jit": "off",\n        "fsync": "off",\n')],
    ),
    "compare-and-set-removed": Sabotage(
        "who takes does not look whether somebody has it", "races", "take race",
        [("vardvag/cases/actions/moves.py",
          "    if case.owner_id is not None and not reason.strip():\n", "    if False:\n")],
    ),
    "collision-unseen": Sabotage(
        "a reply goes out although others have written since", "races", "send race",
        [(_THREAD, "    if case.last_seq > seen_seq:\n", "    if False:\n")],
    ),
    "order-by-reader": Sabotage(
        "the resident sees the thread in another order", "kills", "another order:",
        [("vardvag/cases/queries.py", "= [one for one in messages if one.released_at <= now]\n",
          "= [one for one in sorted(messages, key=lambda one: one.key) if one.released_at <= now]\n")],
    ),
    "read-not-logged": Sabotage(
        "one read in ten leaves no row", "kills", "read by",
        [("vardvag/cases/access.py", "    opened = opening_of(actor=actor, case=case) if case.protected",
          "    if now.microsecond % 10 == 0:\n        return\n"
          "    opened = opening_of(actor=actor, case=case) if case.protected")],
    ),
    "half-a-case": Sabotage(
        "the clinic is not told of a new case", "kills", "half a case:",
        [("vardvag/cases/actions/opening.py", "    tell_staff(\n", "    (lambda **_: None)(\n")],
    ),
    "draft-forgotten": Sabotage(
        "a saved draft keeps its time and not its words", "kills", "lost draft:",
        [("vardvag/cases/actions/drafts.py",
          '    draft.save(update_fields=["body", "other_body", "device", "saved_at", "sheet", "nth", "revision"])\n',
          '    draft.save(update_fields=["other_body", "device", "saved_at", "sheet", "nth", "revision"])\n')],
    ),
    "notice-before-commit": Sabotage(
        "a mail goes out before the attempt is on record, and the worker is killed", "kills", "mail ",
        [("vardvag/inbox/jobs.py", "    attempt = sending.claim(actor=ACTOR, delivery_id=delivery_id, now=now())\n",
          "    from vardvag.inbox.models import Delivery\n"
          "    from vardvag.inbox.actions.sending import _attempt\n"
          "    from uuid import uuid4\n"
          "    one = Delivery.objects.filter(pk=delivery_id, state='queued').first()\n"
          "    if one is not None:\n        one.attempt_id, one.attempt_at = uuid4(), now()\n"
          "        carrier.carry(_attempt(one))\n"
          "    attempt = sending.claim(actor=ACTOR, delivery_id=delivery_id, now=now())\n")],
        ("worker",),
    ),
    "told-before-laid": Sabotage(
        "that an inbox item is told is committed before its SMS and mail are laid, and the worker dies", "statements",
        "never told outside:",
        [("vardvag/inbox/actions/laying.py",
          "    InboxItem.objects.filter(pk__in=[one.pk for one in waiting]).update(told_at=now)\n",
          "    InboxItem.objects.filter(pk__in=[one.pk for one in waiting]).update(told_at=now)\n"
          "    transaction.get_connection().connection.commit()\n")],
        times=30,
    ),
    "given-up": Sabotage(
        "a part that has ended is started again after a minute and a half", "memory", "nobody could write",
        [("vardvag/config/supervisor.py", "            child.again_at = now + wait\n",
          "            child.again_at = now + 90\n")],
    ),
    "words-for-nobody": Sabotage(
        "what is answered while the database is away is for programmers", "kills", "unreadable:",
        [("vardvag/core/errors.py", '        page = _page(request, "away", 503, again=request.get_full_path())\n',
          '        page = HttpResponse("psycopg.OperationalError: the connection is closed", status=503)\n')],
        ("freeze-database",),
    ),
    "silence-unseen": Sabotage(
        "a page whose database has failed does not know why", "kills", "crashed:",
        [("vardvag/core/doors.py",
          "        if _lost(problem) or database.cancelled(problem) or database.unknown(problem):\n",
          "        if False:\n")],
        ("freeze-database",),
    ),
    "warning-unheard": Sabotage(
        "a cancelled wait for the standby counts as success", "commits", "told as done",
        [("vardvag/core/database.py", "        if doubts:\n", "        if False:\n")],
    ),
}  # fmt: skip


def broken(name: str, source: Path, among: dict[str, Sabotage] = SABOTAGES) -> Path:
    """A copy of the checkout with the sabotage applied; the caller removes it."""
    copy = Path(tempfile.mkdtemp(prefix="vardvag-chaos-broken-"))
    copy.chmod(0o755)
    for part in ("vardvag", "pyproject.toml", "manage.py"):
        at = source / part
        if at.is_dir():
            shutil.copytree(at, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(at, copy / part)
    for path, text in edited(name, source, among).items():
        (copy / path).write_text(text, encoding="utf-8")
    return copy


def edited(name: str, source: Path, among: dict[str, Sabotage] = SABOTAGES) -> dict[str, str]:
    """The sabotaged files and what stands in them."""
    texts: dict[str, str] = {}
    for path, before, after in among[name].edits:
        text = texts.get(path) or (source / path).read_text(encoding="utf-8")
        if before not in text:
            raise SystemExit(f"{name} does not fit {path} any more: mend tools/chaos/sabotage.py")
        texts[path] = text.replace(before, after)
    return texts
