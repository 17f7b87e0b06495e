"""The table of moves, for every pair; who may see; words about a case."""

from datetime import UTC, datetime, timedelta

import pytest

from vardvag.cases import rules
from vardvag.cases.models import State
from vardvag.cases.rules import MOVES, Closed, NotAllowed, Verb, move
from vardvag.core.actor import Role, StaffActor

N, D, B, W, A, C = State.NEW, State.DISTRIBUTED, State.BEGUN, State.WAITING, State.ANSWERED, State.CLOSED
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

# What each verb makes of each state; "" where it is refused. Columns: N D B W A C.
TABLE = {
    Verb.DISTRIBUTE: (D, D, B, W, A, ""),
    Verb.TAKE: (B, B, B, W, A, ""),
    Verb.GIVE_BACK: ("", N, N, W, A, ""),
    Verb.REPLY: (A, A, A, A, A, ""),
    Verb.PARTIAL: (B, B, B, B, B, ""),
    Verb.ASK: (W, W, W, W, W, ""),
    Verb.WRITE: (N, D, B, B, B, B),
    Verb.CLOSE: (C, C, C, C, C, ""),
    Verb.CLOSE_WITHOUT_REPLY: (C, C, C, C, C, ""),
    Verb.WITHDRAW: (C, C, "", "", "", ""),
    Verb.REOPEN: ("", "", "", "", "", B),
    Verb.MOVE: (N, N, N, N, "", ""),
}


@pytest.mark.parametrize("verb", list(Verb))
@pytest.mark.parametrize("at", range(6))
def test_every_pair_of_state_and_verb(verb, at):
    before, after = (N, D, B, W, A, C)[at], TABLE[verb][at]
    if after:
        assert move(before, verb) == after
    else:
        with pytest.raises(Closed if before == C else NotAllowed):
            move(before, verb)


def test_the_table_knows_no_other_moves():
    assert len(MOVES) == sum(1 for row in TABLE.values() for after in row if after)


def staff(*roles: Role, unit: int = 1, groups: frozenset[int] = frozenset()) -> StaffActor:
    return StaffActor(1, 7, "SE1", "Sara Ek", "Sjuksköterska", 3, unit, "Hc", 9, frozenset(roles), groups)


@pytest.mark.parametrize(
    ("actor", "owner", "group", "sees"),
    [
        (staff(Role.RECEIVER), None, 5, True),
        (staff(Role.NURSE), 99, None, True),
        (staff(Role.HANDLER), 99, 5, False),
        (staff(Role.HANDLER), 7, 5, True),
        (staff(Role.HANDLER, groups=frozenset({5})), 99, 5, True),
        (staff(Role.HANDLER), None, None, False),
        (staff(Role.SUPPORT), 7, None, False),
        (staff(Role.UNIT_MANAGER), None, 5, False),
        (staff(Role.RECEIVER, unit=2), 7, 5, False),
    ],
)
def test_receivers_see_the_units_cases_and_handlers_their_own(actor, owner, group, sees):
    assert rules.may_see(actor=actor, unit_id=1, owner_id=owner, group_id=group) is sees


@pytest.mark.parametrize(
    ("state", "due", "amber", "word"),
    [
        (B, 5, 1, ""),
        (B, 5, -1, "soon"),
        (B, -1, -5, "late"),
        (W, -1, -5, "waiting"),
        (A, -1, -5, ""),
        (C, -1, -5, ""),
        (B, None, None, ""),
    ],
)
def test_the_clock_runs_only_while_we_owe_an_answer(state, due, amber, word):
    def at(hours):
        return None if hours is None else NOW + timedelta(hours=hours)

    assert rules.urgency_and_clock(state=state, due_at=at(due), amber_at=at(amber), now=NOW) == word


def test_an_excerpt_is_one_line_cut_at_a_word():
    assert rules.excerpt("Hej!\n\nJag har ont.") == "Hej! Jag har ont."
    cut = rules.excerpt("ord " * 100)
    assert len(cut) <= 160
    assert cut.endswith("ord…")


@pytest.mark.parametrize(("text", "fact"), [("  \n", rules.EmptyMessage), ("\x00", rules.EmptyMessage),
                                            ("x" * 8001, rules.TooLong)])  # fmt: skip
def test_what_cannot_be_sent_says_why(text, fact):
    with pytest.raises(fact) as caught:
        rules.check_text(text)
    assert str(caught.value.message)
