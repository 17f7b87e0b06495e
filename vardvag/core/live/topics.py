"""Who may listen to what. A part registers its prefix once (in its AppConfig.ready); nothing else can be heard.

The same rule as for the page decides: a topic is opened by the part's access function.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from vardvag.core.actor import Actor, ResidentActor, StaffActor

Authorise = Callable[[Actor, str], bool]
_SHAPE = re.compile(r"[a-z]{1,20}(?::[0-9A-Za-z-]{1,64})?")
ME = "me"


@dataclass(frozen=True, slots=True)
class Rule:
    authorise: Authorise
    by_actor_alone: bool  # decided without the database: holds as long as the actor is the same
    presence: bool  # staff on it see who else reads and writes


_rules: dict[str, Rule] = {}


def register(
    prefix: str, authorise: Authorise, *, by_actor_alone: bool = False, presence: bool = False
) -> None:
    """`authorise(actor, rest)` answers for the topic `prefix:rest`, inside a transaction with the actor's border."""
    _rules[prefix] = Rule(authorise, by_actor_alone, presence)


def rule(topic: str) -> Rule | None:
    """None for what nobody registered and for what is no topic at all."""
    if not _SHAPE.fullmatch(topic):
        return None
    if topic == ME:
        return _rules.get(ME, _OWN)
    return _rules.get(topic.partition(":")[0])


def allowed(actor: Actor, topic: str) -> bool:
    found = rule(topic)
    return found is not None and found.authorise(actor, topic.partition(":")[2])


def real(actor: Actor, topic: str) -> str:
    """`me` is a topic of its own for each person and each staff member; tell it as person:<id> or staff:<id>."""
    if topic != ME:
        return topic
    match actor:
        case ResidentActor():
            return f"person:{actor.me.person_id}"
        case StaffActor():
            return f"staff:{actor.staff_id}"
        case _:
            return "nobody"


def _somebody(actor: Actor, rest: str) -> bool:
    return isinstance(actor, ResidentActor | StaffActor)


_OWN = Rule(_somebody, by_actor_alone=True, presence=False)
