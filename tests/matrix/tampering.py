"""Everything a superuser of the database can do to the log, one at random at a time (G20).

`Log` is a small log of four chains, sealed and anchored every five minutes; the last minutes have no anchor yet.
Each way of tampering takes the dice and the log, and changes the database; it gives what it did in words, or None
where its choice changed nothing.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from vardvag.audit import actions, verify
from vardvag.core.actor import StaffActor, SystemActor

JOB = SystemActor("test")
CHAINS = (0, 7, 8, 9)
EVERY = timedelta(minutes=5)
ROUNDS, A_ROUND = 6, 5  # anchorings; entries of each chain between two
TEXTS = ("actor_name", "actor_title", "unit_name", "verb", "object_kind", "purpose", "ground", "result")
NUMBERS = ("actor_id", "assignment_id", "unit_id", "patient_id", "object_id")


def run(sql: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount  # type: ignore[no-any-return]


def rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


class Log:
    """`now`: two and a half minutes after the last entry, before the next anchor. `anchored`: of each chain, up to."""

    def __init__(self, start: datetime) -> None:
        for number in range(ROUNDS + 1):
            at = start + number * EVERY
            for n in range(A_ROUND if number < ROUNDS else 2):
                for chain in CHAINS:
                    self._write(chain, at + timedelta(seconds=10 * n), 100 * number + n)
            actions.seal(actor=JOB)
            if number < ROUNDS:
                actions.anchor(actor=JOB, now=at + timedelta(seconds=60))
        self.last_anchor = start + (ROUNDS - 1) * EVERY + timedelta(seconds=60)
        self.now = start + ROUNDS * EVERY + timedelta(seconds=160)
        self.anchored = ROUNDS * A_ROUND
        self.length = self.anchored + 2

    @staticmethod
    def _write(chain: int, at: datetime, number: int) -> None:
        nurse = StaffActor(
            1, 5 + number % 3, "SE1-A", "Sara Ek", "Sjuksköterska", 9, 3, "Hälsocentralen", chain
        )
        actions.record(actor=nurse, verb="read", kind="case", object_id=number, patient_id=11 + number % 4, at=at,
                       details=("state", "owner"))  # fmt: skip

    def entry(self, chain: int, seq: int) -> int:
        return int(
            rows("select entry_id from audit_seal where provider_id = %s and seq = %s", chain, seq)[0][0]
        )


Way = Callable[[Random, Log], str | None]
WAYS: dict[str, Way] = {}


def way(do: Way) -> Way:
    WAYS[do.__name__] = do
    return do


def _old(dice: Random, log: Log) -> tuple[int, int, int]:
    """An entry that has been anchored: its chain, number and id."""
    chain, seq = dice.choice(CHAINS), dice.randint(1, log.anchored)
    return chain, seq, log.entry(chain, seq)


def _any(dice: Random, log: Log) -> tuple[int, int, int]:
    chain, seq = dice.choice(CHAINS), dice.randint(1, log.length)
    return chain, seq, log.entry(chain, seq)


def reseal(chain: int, since: int = 1) -> None:
    """All seals of a chain anew from a number on, as the sealer makes them."""
    found = rows("select hash from audit_seal where provider_id = %s and seq = %s", chain, since - 1)
    head = bytes(found[0][0]) if found else verify.GENESIS
    listed = ", ".join("e." + column for column in verify.COLUMNS)
    for seal, *columns in rows(
        f"select s.id, {listed} from audit_seal s join audit_entry e on e.id = s.entry_id"  # noqa: S608 - constants
        " where s.provider_id = %s and s.seq >= %s order by s.seq",
        chain, since,
    ):  # fmt: skip
        head = verify.link(head, verify.plain(columns))
        run("update audit_seal set hash = %s where id = %s", head, seal)


# --- edit ---------------------------------------------------------------------------------------------------------


@way
def edit_a_text(dice: Random, log: Log) -> str | None:
    column, (chain, seq, entry) = dice.choice(TEXTS), _any(dice, log)
    new = dice.choice(["", "x", "Någon Annan", "read ", "Ok", "\u200b"])
    done = run(f"update audit_entry set {column} = %s where id = %s and {column} <> %s", new, entry, new)  # noqa: S608
    return f"{column} of {chain}/{seq} is now {new!r}" if done else None


@way
def edit_a_number(dice: Random, log: Log) -> str | None:
    column, (chain, seq, entry) = dice.choice(NUMBERS), _any(dice, log)
    new = dice.choice([None, 0, -1, dice.randint(1, 9), dice.randint(10, 10**12)])
    done = run(
        f"update audit_entry set {column} = %s where id = %s and {column} is distinct from %s",
        new,
        entry,
        new,
    )  # noqa: S608
    return f"{column} of {chain}/{seq} is now {new}" if done else None


@way
def edit_the_rest(dice: Random, log: Log) -> str | None:
    chain, seq, entry = _any(dice, log)
    change = dice.choice(["actor_kind = 'resident'", "request_id = 'x'", "details = '{}'", "details = '{owner,state}'",
                          "details = details || 'text'::varchar", "provider_id = provider_id + 1",
                          "id = -id", "id = id + 1000000"])  # fmt: skip
    run(f"update audit_entry set {change} where id = %s", entry)  # noqa: S608 - constants
    return f"{change} of {chain}/{seq}"


@way
def edit_the_time(dice: Random, log: Log) -> str | None:
    chain, seq, entry = _any(dice, log)
    by = dice.choice([1, -1]) * timedelta(
        microseconds=dice.choice([1, 1000, 10**6, 3600 * 10**6, 86400 * 10**6])
    )
    run("update audit_entry set at = at + %s where id = %s", by, entry)
    return f"time of {chain}/{seq} by {by}"


@way
def edit_many(dice: Random, log: Log) -> str | None:
    patient = 11 + dice.randint(0, 3)
    run("update audit_entry set patient_id = 99 where patient_id = %s", patient)
    return f"patient {patient} is now 99 everywhere"


@way
def edit_a_seal(dice: Random, log: Log) -> str | None:
    chain, seq, entry = _any(dice, log)
    change = dice.choice(
        [
            "provider_id = provider_id + 100",
            "seq = seq + 1000",
            "seq = -seq",
            "entry_id = -entry_id",
            "hash = sha256(hash)",
            "hash = ''",
            "hash = set_byte(hash, 31, get_byte(hash, 31) # 1)",
        ]
    )
    run(f"update audit_seal set {change} where entry_id = %s", entry)  # noqa: S608 - constants
    return f"seal {chain}/{seq}: {change}"


@way
def edit_an_anchor(dice: Random, log: Log) -> str | None:
    change = dice.choice(["provider_id = provider_id + 1", "seq = seq - 1", "hash = sha256(hash)",
                          "at = at + interval '1 us'", "at = at - interval '1 day'", "signature = sha512(signature)",
                          "signature = ''"])  # fmt: skip
    number = dice.randrange(ROUNDS * len(CHAINS))
    run(f"update audit_anchor set {change} where id = (select id from audit_anchor order by id offset %s limit 1)",  # noqa: S608
        number)  # fmt: skip
    return f"anchor {number}: {change}"


# --- delete -------------------------------------------------------------------------------------------------------


@way
def delete_an_entry(dice: Random, log: Log) -> str | None:
    chain, seq, entry = _any(dice, log)
    run("delete from audit_entry where id = %s", entry)
    return f"entry {chain}/{seq} deleted"


@way
def delete_an_entry_with_its_seal(dice: Random, log: Log) -> str | None:
    chain, seq, entry = _old(dice, log)
    run("delete from audit_entry where id = %s", entry)
    run("delete from audit_seal where entry_id = %s", entry)
    return f"entry and seal {chain}/{seq} deleted"


@way
def delete_a_seal(dice: Random, log: Log) -> str | None:
    chain, seq, entry = _old(dice, log)
    run("delete from audit_seal where entry_id = %s", entry)
    return f"seal {chain}/{seq} deleted"


@way
def delete_closing_the_gap(dice: Random, log: Log) -> str | None:
    """And numbered and sealed anew, so that nothing is missing."""
    chain, seq, entry = _old(dice, log)
    run("delete from audit_entry where id = %s", entry)
    run("delete from audit_seal where entry_id = %s", entry)
    run("update audit_seal set seq = -seq where provider_id = %s and seq > %s", chain, seq)
    run("update audit_seal set seq = -seq - 1 where provider_id = %s and seq < 0", chain)
    reseal(chain, seq)
    return f"{chain}/{seq} deleted, the rest numbered and sealed anew"


@way
def delete_a_patient(dice: Random, log: Log) -> str | None:
    patient = 11 + dice.randint(0, 3)
    run(
        "delete from audit_seal where entry_id in (select id from audit_entry where patient_id = %s)", patient
    )
    run("delete from audit_entry where patient_id = %s", patient)
    return f"all of patient {patient} deleted"


@way
def delete_a_chain(dice: Random, log: Log) -> str | None:
    chain = dice.choice(CHAINS)
    run("delete from audit_entry where provider_id = %s", chain)
    run("delete from audit_seal where provider_id = %s", chain)
    if dice.random() < 0.5:
        run("delete from audit_anchor where provider_id = %s", chain)
    return f"chain {chain} deleted"


@way
def delete_everything(dice: Random, log: Log) -> str | None:
    for table in ("audit_entry", "audit_seal", *(["audit_anchor"] if dice.random() < 0.5 else [])):
        run(f"delete from {table}")  # noqa: S608 - constants
    return "everything deleted"


@way
def delete_an_anchor(dice: Random, log: Log) -> str | None:
    """Of those that are more than five minutes old: the newest are put back by the worker."""
    number = dice.randrange((ROUNDS - 1) * len(CHAINS))
    run(
        "delete from audit_anchor where id = (select id from audit_anchor order by id offset %s limit 1)",
        number,
    )
    return f"anchor {number} deleted"


# --- insert -------------------------------------------------------------------------------------------------------


def _copied(entry: int, **changes: Any) -> None:
    sets = ", ".join(f"'{name}', (%s)::text" for name in changes)
    run(f"insert into audit_entry select (jsonb_populate_record(e, jsonb_build_object({sets}))).*"  # noqa: S608
        " from audit_entry e where id = %s", *changes.values(), entry)  # fmt: skip


def _number(dice: Random) -> int:
    """As the sequence gives them, before all others, or far ahead."""
    given = int(rows("select nextval('audit_entry_number')")[0][0])
    return dice.choice([given, -dice.randint(1, 10**6), 10**12 + dice.randint(0, 10**6)])


@way
def insert_an_entry(dice: Random, log: Log) -> str | None:
    """Dated when it is said to have happened, without a seal; the sealer is made to look past it."""
    _, _, entry = _any(dice, log)
    at = log.now + dice.choice([-1, 1]) * timedelta(minutes=dice.randint(16, 10**5))
    _copied(entry, id=_number(dice), at=at, actor_name="Någon Annan")
    run("update audit_floor set floor = %s", 10**15)
    return f"an entry of {at} without a seal"


@way
def insert_an_entry_twice(dice: Random, log: Log) -> str | None:
    chain, seq, entry = _old(dice, log)
    _copied(entry, at=log.now - timedelta(minutes=dice.randint(3, 10**5)))
    return f"{chain}/{seq} there twice, at another time"


@way
def insert_and_let_it_be_sealed(dice: Random, log: Log) -> str | None:
    """The product's own sealer takes it for an entry of ours; only its time betrays it."""
    _, _, entry = _any(dice, log)
    back = dice.choice(
        [timedelta(minutes=dice.randint(25, 10**5)), -timedelta(minutes=dice.randint(20, 10**5))]
    )
    at = log.now - back
    _copied(entry, id=int(rows("select nextval('audit_entry_number')")[0][0]), at=at)
    actions.seal(actor=JOB)
    return f"an entry of {at}, sealed now"


@way
def insert_with_a_seal(dice: Random, log: Log) -> str | None:
    """At the end of a chain, with the right hash."""
    chain = dice.choice(CHAINS)
    entry = log.entry(chain, log.length)
    number, at = _number(dice), log.now - timedelta(minutes=dice.randint(25, 10**5))
    _copied(entry, id=number, at=at)
    run("insert into audit_seal (provider_id, seq, entry_id, hash) values (%s, %s, %s, '')", chain, log.length + 1,
        number)  # fmt: skip
    reseal(chain, log.length + 1)
    return f"an entry of {at} at the end of {chain}, with a seal"


@way
def insert_in_the_middle(dice: Random, log: Log) -> str | None:
    """Numbered and sealed as if it had always been there."""
    chain, seq, entry = _old(dice, log)
    number = _number(dice)
    _copied(entry, id=number, actor_name="Någon Annan")
    run("update audit_seal set seq = -seq where provider_id = %s and seq >= %s", chain, seq)
    run("update audit_seal set seq = 1 - seq where provider_id = %s and seq < 0", chain)
    run(
        "insert into audit_seal (provider_id, seq, entry_id, hash) values (%s, %s, %s, '')",
        chain,
        seq,
        number,
    )
    reseal(chain, seq)
    return f"an entry put in at {chain}/{seq}, the rest numbered and sealed anew"


@way
def insert_an_anchor(dice: Random, log: Log) -> str | None:
    chain, seq = dice.choice(CHAINS), dice.randint(1, log.length)
    kind = dice.choice(["again", "own key", "no key"])
    if kind == "again":
        run("insert into audit_anchor (provider_id, seq, hash, at, signature) select provider_id, seq, hash, at,"
            " signature from audit_anchor where provider_id = %s order by id offset %s limit 1",
            chain, dice.randrange(ROUNDS))  # fmt: skip
    else:
        _forge(chain, seq, log.now, dice, signed=kind == "own key")
    return f"an anchor at {chain}/{seq}: {kind}"


def _forge(chain: int, seq: int, at: datetime, dice: Random, *, signed: bool = True) -> None:
    head = bytes(rows("select hash from audit_seal where provider_id = %s and seq = %s", chain, seq)[0][0])
    said = verify.statement(chain=chain, seq=seq, head=head, at=verify.timestamp(at))
    mine = Ed25519PrivateKey.from_private_bytes(dice.randbytes(32))
    signature = mine.sign(said) if signed else dice.randbytes(64)
    run("insert into audit_anchor (provider_id, seq, hash, at, signature) values (%s, %s, %s, %s, %s)", chain, seq,
        head, at, signature)  # fmt: skip


# --- reorder ------------------------------------------------------------------------------------------------------


@way
def swap_what_seals_belong_to(dice: Random, log: Log) -> str | None:
    (one, first, a), (two, second, b) = _any(dice, log), _any(dice, log)
    if a == b:
        return None
    run("update audit_seal set entry_id = -1 where entry_id = %s", a)
    run("update audit_seal set entry_id = %s where entry_id = %s", a, b)
    run("update audit_seal set entry_id = %s where entry_id = -1", b)
    return f"{one}/{first} and {two}/{second} have changed seals"


@way
def swap_numbers(dice: Random, log: Log) -> str | None:
    chain = dice.choice(CHAINS)
    a, b = dice.sample(range(1, log.length + 1), 2)
    run("update audit_seal set seq = -1 where provider_id = %s and seq = %s", chain, a)
    run("update audit_seal set seq = %s where provider_id = %s and seq = %s", a, chain, b)
    run("update audit_seal set seq = %s where provider_id = %s and seq = -1", b, chain)
    if dice.random() < 0.5:
        run("update audit_seal s set id = -s.id where provider_id = %s", chain)
        run("update audit_seal s set id = seq + 1000000 where provider_id = %s", chain)
        if dice.random() < 0.5 and min(a, b) <= log.anchored:
            reseal(chain, min(a, b))
    return f"{chain}/{a} and {chain}/{b} have changed places"


@way
def swap_contents(dice: Random, log: Log) -> str | None:
    (one, first, a), (two, second, b) = _any(dice, log), _any(dice, log)
    column = dice.choice(["patient_id", "actor_id", "object_id", "at"])
    told = dict(rows(f"select id, {column} from audit_entry where id in (%s, %s)", a, b))  # noqa: S608
    if told[a] == told[b]:
        return None
    run(f"update audit_entry set {column} = %s where id = %s", told[b], a)  # noqa: S608 - constants
    run(f"update audit_entry set {column} = %s where id = %s", told[a], b)  # noqa: S608 - constants
    return f"{column} of {one}/{first} and {two}/{second} swapped"


@way
def swap_the_order_of_sealing(dice: Random, log: Log) -> str | None:
    chain = dice.choice(CHAINS)
    a, b = dice.sample(range(1, log.length + 1), 2)
    one, two = (
        rows("select id from audit_seal where provider_id = %s and seq = %s", chain, n)[0][0] for n in (a, b)
    )
    run("update audit_seal set id = -1 where id = %s", one)
    run("update audit_seal set id = %s where id = %s", one, two)
    run("update audit_seal set id = %s where id = -1", two)
    return f"seals {chain}/{a} and {chain}/{b} lie in each other's place"


# --- cut, rewrite -------------------------------------------------------------------------------------------------


@way
def cut_the_tail(dice: Random, log: Log) -> str | None:
    chain, kept = dice.choice(CHAINS), dice.randrange(log.anchored)
    run("delete from audit_entry where id in (select entry_id from audit_seal where provider_id = %s and seq > %s)",
        chain, kept)  # fmt: skip
    run("delete from audit_seal where provider_id = %s and seq > %s", chain, kept)
    if dice.random() < 0.5:
        run("delete from audit_anchor where provider_id = %s and seq > %s", chain, kept)
    return f"{chain} ends at {kept}"


@way
def cut_all_tails_at_a_moment(dice: Random, log: Log) -> str | None:
    """As an older copy of the database put in the place of the newer."""
    moment = log.last_anchor - timedelta(seconds=dice.randint(70, int((ROUNDS - 1) * EVERY.total_seconds())))
    run("delete from audit_seal where entry_id in (select id from audit_entry where at > %s)", moment)
    run("delete from audit_entry where at > %s", moment)
    run("delete from audit_anchor where at > %s", moment)
    return f"everything after {moment} is gone"


@way
def rewrite_a_chain(dice: Random, log: Log) -> str | None:
    """Change one entry and seal all that follow anew, with what to do about the anchors in the database."""
    chain, seq, entry = _old(dice, log)
    run("update audit_entry set actor_name = 'Någon Annan' where id = %s", entry)
    reseal(chain, seq)
    return f"{chain} rewritten from {seq}; anchors: {_anchors(dice, log, [chain])}"


@way
def rewrite_everything(dice: Random, log: Log) -> str | None:
    run("update audit_entry set actor_name = 'Någon Annan' where actor_id = %s", 5 + dice.randint(0, 2))
    for chain in CHAINS:
        reseal(chain)
    return f"everything rewritten; anchors: {_anchors(dice, log, list(CHAINS))}"


@way
def move_all_times(dice: Random, log: Log) -> str | None:
    by = dice.choice([1, -1]) * timedelta(minutes=dice.randint(1, 10**5))
    chain = dice.choice(CHAINS)
    run("update audit_entry set at = at + %s where provider_id = %s", by, chain)
    reseal(chain)
    return f"{chain} told {by} later, sealed anew; anchors: {_anchors(dice, log, [chain])}"


def _anchors(dice: Random, log: Log, chains: list[int]) -> str:
    kind = dice.choice(["left", "deleted", "heads put in", "forged"])
    for chain in chains:
        if kind in ("deleted", "forged"):
            run("delete from audit_anchor where provider_id = %s", chain)
        if kind == "heads put in":
            run("update audit_anchor a set hash = s.hash from audit_seal s where s.provider_id = a.provider_id"
                " and s.seq = a.seq and a.provider_id = %s", chain)  # fmt: skip
        if kind == "forged":
            for seq in range(A_ROUND, log.anchored + 1, A_ROUND):
                _forge(chain, seq, log.now - EVERY, dice)
    return kind
