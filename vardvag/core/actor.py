"""Who acts. A page, an access function and an action always know one of these, whole."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Role(StrEnum):
    """Product roles at a unit (never derived from a title)."""

    RECEIVER = "receiver"
    HANDLER = "handler"
    LOCAL_ADMIN = "local_admin"
    PERMISSION_ADMIN = "permission_admin"
    CONFIG_ADMIN = "config_admin"
    NURSE = "nurse"
    PHYSICIAN = "physician"
    PHYSIOTHERAPIST = "physiotherapist"
    SECRETARY = "secretary"
    UNIT_MANAGER = "unit_manager"
    SYSTEM_COORDINATOR = "system_coordinator"
    REGIONAL_ADMIN = "regional_admin"
    MEDICAL_COORDINATOR = "medical_coordinator"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Subject:
    """A person as pages need them: whose matters are on screen."""

    person_id: int
    given_name: str
    surname: str
    birth_date: date
    protected: bool = False

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.surname}"


@dataclass(frozen=True, slots=True)
class Anonymous:
    language: str = "sv"


@dataclass(frozen=True, slots=True)
class ResidentActor:
    """A logged-in person (`me`) and whom they act for (`patient`, who may be `me`)."""

    session_id: int
    me: Subject
    patient: Subject
    may_act_for: tuple[Subject, ...] = ()
    language: str = "sv"

    @property
    def represents(self) -> bool:
        return self.me.person_id != self.patient.person_id


@dataclass(frozen=True, slots=True)
class StaffActor:
    """A staff member in one assignment: one unit, its roles and groups."""

    session_id: int
    staff_id: int
    hsa_id: str
    name: str
    title: str
    assignment_id: int
    unit_id: int
    unit_name: str
    provider_id: int
    roles: frozenset[Role] = field(default_factory=frozenset)
    group_ids: frozenset[int] = field(default_factory=frozenset)
    language: str = "sv"

    def has(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)


@dataclass(frozen=True, slots=True)
class ClientActor:
    client_id: str
    provider_id: int
    language: str = "sv"


@dataclass(frozen=True, slots=True)
class SystemActor:
    """A job or a command; `job` names it in the log."""

    job: str
    language: str = "sv"


Actor = ResidentActor | StaffActor | ClientActor | SystemActor | Anonymous
PersonActor = ResidentActor | StaffActor
