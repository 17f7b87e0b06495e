"""The cases that journeys, tests and pictures speak of: the same in every world, whatever its size."""

from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from vardvag.demo.cast import (
    ALI,
    AMIR,
    ANNA,
    ELSA,
    FATIMA,
    GRETA,
    HENRIK,
    JOHAN,
    KARIN,
    KARL_ERIK,
    LINNEA,
    MAJA,
    MAREK,
    MIKAEL,
    NILS,
    PER,
    PETRA,
    PRIYA,
    SAMIRA,
    SARA,
    SOFIA,
    YASMIN,
    Employee,
    Resident,
)


@dataclass(frozen=True, slots=True)
class MainCase:
    """A case that journeys speak of. `story` is a story's name; `hours_ago`: when it was sent."""

    name: str
    type_key: str
    story: str
    patient: Resident
    state: str  # new | distributed | begun | waiting | answered | answered_closed | phone | withdrawn
    hours_ago: float
    unit: int = 1
    author: Resident | None = None
    owner: Employee | None = None
    read: bool | None = (
        None  # has the resident read the last reply; of a begun case: has the resident answered
    )
    picture: str = ""

    @property
    def public_id(self) -> UUID:
        return uuid5(NAMESPACE_URL, f"vardvag:case:{self.name}")


CASES = (
    MainCase("recept", "fornya-recept", "Sköldkörtel, trött", ANNA, "new", 2, picture="förpackning"),
    MainCase(
        "feber",
        "fraga-sjukskoterskan",
        "Barn, feber",
        ELSA,
        "waiting",
        30,
        author=ANNA,
        owner=SARA,
        read=False,
    ),
    MainCase("svar", "skicka-meddelande", "Provsvar", ANNA, "answered", 50, owner=SARA, read=False),
    MainCase(
        "avslutat", "begar-intyg", "Feber och influensa", ANNA, "answered_closed", 400, owner=AMIR, read=True
    ),
    MainCase(
        "eksem",
        "fraga-sjukskoterskan",
        "Barn, eksem",
        NILS,
        "begun",
        40,
        author=JOHAN,
        owner=SARA,
        picture="eksem",
    ),
    MainCase(
        "färdtjänst", "begar-intyg", "Intyg till färdtjänst", KARL_ERIK, "begun", 26, owner=AMIR, read=False
    ),
    MainCase("försenat", "fornya-recept", "Apodos", GRETA, "new", 260),
    MainCase("skyddad", "fraga-sjukskoterskan", "Halsont", LINNEA, "distributed", 20, owner=SARA),
    MainCase(
        "mensvärk",
        "fraga-sjukskoterskan",
        "Ungdom, mensvärk",
        MAJA,
        "answered_closed",
        90,
        owner=SARA,
        read=True,
    ),
    MainCase("engelska", "kontakta-mig-boka", "Book a doctor", PRIYA, "waiting", 44, owner=ALI),
    MainCase("tolk", "fraga-sjukskoterskan", "Back pain", MAREK, "new", 5),
    MainCase("ombokning", "avboka-omboka", "Omboka kort", KARL_ERIK, "phone", 200, owner=KARIN),
    MainCase("ångrat", "kontakta-mig", "Ring mig om provsvar", PETRA, "withdrawn", 70),
    MainCase("hjälpmedel", "fornya-hjalpmedel", "Kompressionsstrumpor", KARL_ERIK, "answered", 70, owner=ALI),
    MainCase("synpunkt", "synpunkter", "Telefonköer", PETRA, "new", 28),
    MainCase("röntgen", "fraga-remiss", "Röntgen, var görs den", SOFIA, "begun", 34, owner=KARIN),
    MainCase("läkartid", "kontakta-mig-boka", "Läkartid, trötthet", SOFIA, "begun", 60, owner=ALI),
    MainCase(
        "skolintyg",
        "begar-intyg",
        "Intyg för specialkost i skolan",
        NILS,
        "answered_closed",
        900,
        author=ANNA,
    ),
    MainCase("öronvärk", "fraga-sjukskoterskan", "Barn, öronvärk", YASMIN, "begun", 10, 3, SAMIRA, MIKAEL),
    MainCase("astma", "fornya-recept", "Astma", SAMIRA, "new", 8, 3),
    MainCase(
        "hamnen", "skicka-meddelande", "Tack", SAMIRA, "answered_closed", 300, 3, owner=MIKAEL, read=True
    ),
    MainCase("torget", "fornya-recept", "Kolesterol", PER, "new", 3, 22),
    MainCase("torget-väntar", "fraga-sjukskoterskan", "Yrsel", PER, "waiting", 60, 22, owner=FATIMA),
    MainCase(
        "torget-klart", "begar-intyg", "Parkeringstillstånd", PER, "answered_closed", 500, 22, owner=HENRIK
    ),
    MainCase(
        "annas-besök", "skicka-meddelande", "Komplettering", ANNA, "answered_closed", 700, 22, owner=FATIMA
    ),
)


def case(name: str) -> MainCase:
    return next(c for c in CASES if c.name == name)
