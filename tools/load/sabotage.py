"""The product broken on purpose, in a copy: a goal's comparison is to find its own. `make load SABOTAGE=name`."""

from tools.chaos.sabotage import SABOTAGES as CHAOS
from tools.chaos.sabotage import Sabotage

_OPENING = "vardvag/cases/actions/opening.py"
SABOTAGES = {
    "send-not-idempotent": Sabotage(
        "a form sent again is a case again", "g2", ("doubled:", "send:"),
        [(_OPENING, "    if draft.sent_at is not None and (sent := opened_from(actor=actor, key=draft_id)):\n"
                    "        return sent\n", "    from uuid import uuid4\n"),
         (_OPENING, "response=answered.response,\n",
          "response=None if Case.objects.filter(response=answered.response).exists() else answered.response,\n"),
         (_OPENING, "key=draft_id,", "key=uuid4(),")],
    ),
    "key-ignored": Sabotage(
        "a message sent again is stored again", "g3", "doubled:", CHAOS["key-ignored"].edits,
    ),
    "answer-without-commit": Sabotage(
        "one answer in twenty is given for a transaction that is rolled back", "g1", "lost:",
        CHAOS["answer-without-commit"].edits,
    ),
    "queue-by-age": Sabotage(
        "the queue forgets deadlines", "g2", "another order:",
        [("vardvag/cases/lists.py", 'ORDER = "urgency, due_at, id"', 'ORDER = "urgency, id desc"')],
    ),
    "notice-forgotten": Sabotage(
        "the clinic is not told of a new case", "g2", ("half a case:", "lost:"), CHAOS["half-a-case"].edits,
    ),
    "hint-dropped": Sabotage(
        "one hint in three is not sent", "g3", ("missed:", "another state:"),
        [("vardvag/core/live/telling.py", "def send(events: list[str]) -> None:\n",
          "def send(events: list[str]) -> None:\n    import random\n"
          "    events = [one for one in events if random.random() > 0.33]\n    if not events:\n        return\n"
          "    _send(events)\n\n\ndef _send(events: list[str]) -> None:\n")],
    ),
    "sweep-asleep": Sabotage(
        "nobody looks whether the ground of open pages is gone", "g26", "open:",
        [("vardvag/core/live/door.py", "            if signs.get(stream.session_id) != stream.sign:\n",
          "            if False:\n")],
    ),
    "hint-before-commit": Sabotage(
        "pages hear of a change a while before it is there", "g3", ("missed:", "another state:"),
        [("vardvag/core/live/telling.py", "    waiting = _waiting()\n", "    send([event])\n    return\n"),
         ("vardvag/core/doors.py", "            answer = page()\n",
          "            answer = page()\n            import time\n"
          "            time.sleep(0.8 if request.method == 'POST' else 0)\n")],
    ),
}  # fmt: skip
