"""The main characters: fixed people and staff whom journeys, tests and the README speak of by name.

Personal numbers follow the published series of test numbers (README.md); HSA-ids belong to nobody.
Children are born in fixed years: Elsa is a small child and Maja a teenager until 2028.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from vardvag.core import personal_number
from vardvag.core.actor import Role
from vardvag.demo.units import BY_NUMBER

WOMAN, MAN = 238, 239  # the birth numbers of the published test series


@dataclass(frozen=True, slots=True)
class Resident:
    given_name: str
    surname: str
    born: date
    woman: bool
    note: str = ""  # shown where one chooses whom to log in as
    unit: int = 1  # listed at; 0: nowhere
    language: str = "sv"
    protected: bool = False
    coordination: bool = False
    deceased_days_ago: int = 0  # 0: alive
    guardians: tuple["Resident", ...] = ()
    mobile: str = ""  # E.164: they get SMS

    @property
    def number(self) -> str:
        return personal_number.generate(self.born, WOMAN if self.woman else MAN, self.coordination)

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.surname}"


@dataclass(frozen=True, slots=True)
class Employee:
    given_name: str
    surname: str
    title: str
    assignments: tuple[tuple[int, tuple[Role, ...]], ...]  # (unit number, roles)
    code: str  # end of the HSA-id
    note: str = ""
    ended: bool = False
    paused: bool = False
    protected: bool = False

    @property
    def hsa_id(self) -> str:
        return f"{BY_NUMBER[self.assignments[0][0]].provider.prefix}-{self.code}"

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.surname}"


ANNA = Resident(
    "Anna", "Bergström", date(1988, 4, 12), True, "Förälder till Elsa och Nils", mobile="+46701740605"
)
JOHAN = Resident(
    "Johan", "Bergström", date(1986, 11, 23), False, "Förälder till Elsa och Nils", mobile="+46701740606"
)
ELSA = Resident("Elsa", "Bergström", date(2022, 5, 17), True, "Litet barn", guardians=(ANNA, JOHAN))
NILS = Resident("Nils", "Bergström", date(2017, 9, 3), False, "Skolbarn", guardians=(ANNA, JOHAN))
PETRA = Resident(
    "Petra", "Nyström", date(1981, 6, 30), True,
    "Mamma till Maja, som har fyllt 13, och till Theo, som snart gör det",
)  # fmt: skip
MAJA = Resident("Maja", "Nyström", date(2011, 3, 9), True, "Tonåring som loggar in själv", guardians=(PETRA,))
SAMIRA = Resident("Samira", "Haddad", date(1984, 1, 25), True, "Ensam vårdnadshavare till Yasmin", 3)
YASMIN = Resident("Yasmin", "Haddad", date(2020, 10, 8), True, "Barn", 3, guardians=(SAMIRA,))
KARL_ERIK = Resident("Karl-Erik", "Lund", date(1941, 2, 3), False, "Tar blodtrycksmedicin, går med rollator")
GRETA = Resident("Greta", "Holmgren", date(1923, 7, 14), True, "Äldst av alla")
PRIYA = Resident("Priya", "Raman", date(1990, 12, 2), True, "Skriver på engelska", language="en")
MAREK = Resident(
    "Marek", "Nowak", date(1979, 8, 19), False, "Har samordningsnummer", language="en", coordination=True
)
LINNEA = Resident("Linnea", "Ask", date(1992, 8, 30), True, "Skyddade personuppgifter", protected=True)
VERA = Resident(
    "Vera",
    "Ask",
    date(2019, 3, 21),
    True,
    "Barn till Linnea, som har skyddade uppgifter",
    guardians=(LINNEA,),
)
SOFIA = Resident("Sofia", "Falk", date(1985, 5, 5), True, "Förälder till Milo, som har skyddade uppgifter")
MILO = Resident(
    "Milo",
    "Falk",
    date(2018, 11, 11),
    False,
    "Barn med skyddade uppgifter",
    protected=True,
    guardians=(SOFIA,),
)
LOVA = Resident("Lova", "Skoglund", date(2012, 2, 29), True, "Född på skottdagen", guardians=(SOFIA,))
BIRGITTA = Resident("Birgitta", "Sjögren", date(1938, 9, 27), True, "Avliden", deceased_days_ago=40)
PER = Resident("Per", "Sundin", date(1975, 10, 31), False, "Listad på Torgets vårdcentral", 22)
EBBA = Resident("Ebba", "Malm", date(1999, 6, 18), True, "Har aldrig skickat något ärende", 0)


def theo(today: date) -> Resident:
    """Turns thirteen in nine days: until then Petra acts for him."""
    day = today + timedelta(days=9)
    leap = (day.month, day.day) == (2, 29)
    born = date(day.year - 13, 3, 1) if leap else day.replace(year=day.year - 13)
    return Resident("Theo", "Nyström", born, False, "Fyller 13 om nio dagar", guardians=(PETRA,))


def residents(today: date) -> tuple[Resident, ...]:
    """Guardians stand before their children."""
    return (
        ANNA, JOHAN, ELSA, NILS, PETRA, MAJA, theo(today), SAMIRA, YASMIN, KARL_ERIK, GRETA, PRIYA, MAREK,
        LINNEA, VERA, SOFIA, MILO, LOVA, BIRGITTA, PER, EBBA,
    )  # fmt: skip


_R = Role
SARA = Employee(
    "Sara", "Lindqvist", "Sjuksköterska", ((1, (_R.RECEIVER, _R.HANDLER, _R.NURSE)),), "SL01",
    "Sjuksköterska och mottagare på Björkbackens hälsocentral",
)  # fmt: skip
ALI = Employee(
    "Ali", "Mansour", "Distriktssköterska",
    ((1, (_R.RECEIVER, _R.HANDLER, _R.NURSE)), (2, (_R.RECEIVER, _R.HANDLER, _R.NURSE))), "AM02",
    "Distriktssköterska på Björkbacken och på filialen i Fågelsången",
)  # fmt: skip
AMIR = Employee(
    "Amir", "Rahimi", "Distriktsläkare", ((1, (_R.HANDLER, _R.PHYSICIAN)),), "AR03",
    "Läkare på Björkbackens hälsocentral",
)  # fmt: skip
KARIN = Employee(
    "Karin", "Holm", "Medicinsk sekreterare", ((1, (_R.HANDLER, _R.SECRETARY)),), "KH04",
    "Medicinsk sekreterare på Björkbackens hälsocentral",
)  # fmt: skip
JONAS = Employee(
    "Jonas", "Ek", "Fysioterapeut", ((1, (_R.HANDLER, _R.PHYSIOTHERAPIST)),), "JE05",
    "Fysioterapeut på Björkbackens hälsocentral",
)  # fmt: skip
MARIA = Employee(
    "Maria", "Berg", "Verksamhetschef", ((1, (_R.UNIT_MANAGER, _R.CONFIG_ADMIN)),), "MB06",
    "Chef för Björkbackens hälsocentral",
)  # fmt: skip
LENA = Employee(
    "Lena", "Öberg", "Administratör", ((1, (_R.PERMISSION_ADMIN, _R.LOCAL_ADMIN)),), "LO07",
    "Lokal administratör och behörighetsadministratör på Björkbacken",
)  # fmt: skip
EVA = Employee(
    "Eva", "Nordin", "Specialistläkare",
    ((1, (_R.HANDLER, _R.PHYSICIAN)), (3, (_R.HANDLER, _R.PHYSICIAN))), "EN08",
    "Läkare på två hälsocentraler: Björkbacken och Hamnen",
)  # fmt: skip
MIKAEL = Employee(
    "Mikael", "Strand", "Sjuksköterska", ((3, (_R.RECEIVER, _R.HANDLER, _R.NURSE)),), "MS09",
    "Sjuksköterska och mottagare på Hamnens hälsocentral (samma vårdgivare, annan mottagning)",
)  # fmt: skip
FATIMA = Employee(
    "Fatima", "Aziz", "Sjuksköterska", ((22, (_R.RECEIVER, _R.HANDLER, _R.NURSE)),), "FA10",
    "Sjuksköterska och mottagare på Torgets vårdcentral (annan vårdgivare)",
)  # fmt: skip
HENRIK = Employee(
    "Henrik", "Wall", "Specialistläkare", ((22, (_R.HANDLER, _R.PHYSICIAN)),), "HW11",
    "Läkare på Torgets vårdcentral (annan vårdgivare)",
)  # fmt: skip
INGRID = Employee(
    "Ingrid", "Dahl", "Systemsamordnare", ((1, (_R.SYSTEM_COORDINATOR, _R.REGIONAL_ADMIN)),), "ID12",
    "Regional administratör",
)  # fmt: skip
OSKAR = Employee("Oskar", "Hed", "Supporttekniker", ((1, (_R.SUPPORT,)),), "OH13", "Support")
GUNILLA = Employee(
    "Gunilla", "Falk", "Sjuksköterska", ((1, (_R.HANDLER, _R.NURSE)),), "GF14",
    "Har slutat: kan logga in men har inget uppdrag kvar", ended=True,
)  # fmt: skip
TOVE = Employee(
    "Tove", "Kvist", "Sjuksköterska", ((1, (_R.HANDLER, _R.NURSE)),), "TK15",
    "Föräldraledig: uppdraget är pausat",
    paused=True,
)  # fmt: skip

STAFF = (
    SARA, ALI, AMIR, KARIN, JONAS, MARIA, LENA, EVA, MIKAEL, FATIMA, HENRIK, INGRID, OSKAR, GUNILLA, TOVE,
)  # fmt: skip
