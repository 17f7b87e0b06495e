"""Who may give which roles, and what is never allowed with staff, groups and settings."""

from django.utils.translation import gettext_lazy as _

from vardvag.core.actor import Role
from vardvag.core.facts import Fact

# Who may give which roles (ROLE-2). What reaches beyond one unit is given from the region only.
BEYOND_THE_UNIT = frozenset({Role.SYSTEM_COORDINATOR, Role.REGIONAL_ADMIN, Role.SUPPORT})
GRANTS = {
    Role.PERMISSION_ADMIN: frozenset(Role) - BEYOND_THE_UNIT,
    Role.SYSTEM_COORDINATOR: frozenset(Role),
    Role.REGIONAL_ADMIN: frozenset(Role),
}
MANAGES_STAFF = tuple(GRANTS)
MANAGES_UNIT = (Role.LOCAL_ADMIN, Role.UNIT_MANAGER, Role.SYSTEM_COORDINATOR, Role.REGIONAL_ADMIN)
IMPORTS = (Role.SYSTEM_COORDINATOR, Role.REGIONAL_ADMIN)
NEVER_WITHOUT = (Role.RECEIVER, Role.PERMISSION_ADMIN)  # a unit that has one keeps at least one


def grantable(roles: frozenset[Role]) -> frozenset[Role]:
    """What somebody with these roles may give and take."""
    return frozenset().union(*(GRANTS.get(role, frozenset()) for role in roles))


class OwnAssignment(Fact):
    message = _("Du kan inte ändra dina egna behörigheter. Be en kollega med samma roll.")


class RoleNotYours(Fact):
    message = _("Den rollen delas bara ut av regionen. Kontakta systemsamordnaren.")


class NoRoles(Fact):
    message = _("Välj minst en roll. Ska personen inte längre arbeta här? Välj Avsluta i stället.")


class LastOne(Fact):
    """`role`: what the unit would be left without."""

    def __init__(self, role: Role) -> None:
        messages = {
            Role.RECEIVER: _(
                "Mottagningen skulle bli utan ärendemottagare. Ge rollen till någon annan först."
            ),
            Role.PERMISSION_ADMIN: _(
                "Mottagningen skulle bli utan behörighetsadministratör. Ge rollen till någon annan först."
            ),
        }
        super().__init__(messages[role], role=role)


class NobodyByThatId(Fact):
    message = _(
        "Ingen i katalogen har det HSA-id:t. Kontrollera det. "
        "En nyanställd syns här dagen efter att hen lagts in i katalogen."
    )


class AlreadyHere(Fact):
    message = _("Personen har redan ett uppdrag här. Ändra det i listan.")


class NotInForce(Fact):
    message = _("Uppdraget är redan avslutat. Lägg till personen på nytt i stället.")


class WrongDates(Fact):
    message = _("Sista dagen ligger före första dagen. Ändra någon av dem.")


class NameTaken(Fact):
    message = _("Det finns redan en grupp med det namnet. Välj ett annat namn.")


class ReceiversStay(Fact):
    message = _("Gruppen för ärendemottagare måste finnas. Den kan byta namn men inte tas bort.")


class SomebodyWasFirst(Fact):
    message = _(
        "Någon annan ändrade samtidigt. Det du skrev finns kvar på sidan. "
        "Läs vad som gäller nu och spara igen."
    )


class HoursOverlap(Fact):
    message = _("Två tider samma dag går in i varandra. Ändra någon av dem.")


class DayTaken(Fact):
    message = _("Den dagen finns redan bland avvikelserna. Ta bort den först om den ska ändras.")


ROLE_NAMES = {
    Role.RECEIVER.value: _("ärendemottagare"),
    Role.HANDLER.value: _("ärendehanterare"),
    Role.NURSE.value: _("sjuksköterska"),
    Role.PHYSICIAN.value: _("läkare"),
    Role.PHYSIOTHERAPIST.value: _("fysioterapeut"),
    Role.SECRETARY.value: _("medicinsk sekreterare"),
    Role.UNIT_MANAGER.value: _("enhetschef"),
    Role.LOCAL_ADMIN.value: _("lokal administratör"),
    Role.PERMISSION_ADMIN.value: _("behörighetsadministratör"),
    Role.CONFIG_ADMIN.value: _("konfigurationsadministratör"),
    Role.MEDICAL_COORDINATOR.value: _("medicinsk samordnare"),
    Role.SYSTEM_COORDINATOR.value: _("systemsamordnare"),
    Role.REGIONAL_ADMIN.value: _("regional administratör"),
    Role.SUPPORT.value: _("support"),
}

# What each role may do here, as the permission administrator reads it (A4).
ROLE_MEANS = {
    Role.RECEIVER.value: _("Ser alla mottagningens ärenden, fördelar dem och svarar."),
    Role.HANDLER.value: _("Ser och svarar på det som är fördelat till personen eller en grupp."),
    Role.NURSE.value: _("Ser alla ärenden, bedömer och svarar."),
    Role.PHYSICIAN.value: _("Ser och svarar på det som är fördelat till personen eller en grupp."),
    Role.PHYSIOTHERAPIST.value: _("Ser och svarar på det som är fördelat till personen eller en grupp."),
    Role.SECRETARY.value: _("Ser administrativa ärenden."),
    Role.UNIT_MANAGER.value: _("Ser hur mottagningen ligger till och ändrar dess uppgifter."),
    Role.LOCAL_ADMIN.value: _("Ändrar mottagningens uppgifter, tider och texter."),
    Role.PERMISSION_ADMIN.value: _("Lägger till, pausar och avslutar uppdrag och ändrar grupper."),
    Role.CONFIG_ADMIN.value: _("Ändrar fraser och meddelanden."),
    Role.MEDICAL_COORDINATOR.value: _("Följer upp bedömningar och svar."),
    Role.SYSTEM_COORDINATOR.value: _("Sköter tjänsten i hela regionen."),
    Role.REGIONAL_ADMIN.value: _("Sköter centrala ärendetyper och importer i regionen."),
    Role.SUPPORT.value: _("Hjälper till utan att se ärenden."),
}
