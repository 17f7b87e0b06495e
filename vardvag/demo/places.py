"""Where it happens: twelve invented municipalities, their streets, and phone numbers kept for fiction.

The phone ranges are the ones the Swedish Post and Telecom Authority (PTS) holds back for books and films
("Telefonnummer till böcker och filmer"); they reach nobody.
"""

from random import Random
from typing import NamedTuple


class Municipality(NamedTuple):
    code: str  # four digits; county 99 does not exist
    name: str
    postal: int  # first of its postal codes; 99x xx is not in use
    towns: tuple[str, ...]
    weight: int  # share of the inhabitants


MUNICIPALITIES = (
    Municipality("9980", "Solberga", 99010, ("Solberga", "Fågelsången", "Björkbacken", "Hamnvik"), 34),
    Municipality("9961", "Björkevik", 99110, ("Björkevik", "Sandarne Strand"), 9),
    Municipality("9962", "Tallvik", 99210, ("Tallvik", "Norrbo"), 9),
    Municipality("9963", "Granliden", 99310, ("Granliden", "Skogstorp by"), 5),
    Municipality("9964", "Åsunda", 99410, ("Åsunda", "Kyrkvall"), 8),
    Municipality("9965", "Sjöryd", 99510, ("Sjöryd", "Bryggeby"), 5),
    Municipality("9966", "Lindhult", 99610, ("Lindhult", "Östra Ekeby"), 7),
    Municipality("9967", "Västanå", 99710, ("Västanå", "Strömsbro bruk"), 6),
    Municipality("9968", "Kvarnfors", 99810, ("Kvarnfors", "Hyttebacken"), 5),
    Municipality("9969", "Havsö", 99910, ("Havsö", "Fyrviken"), 3),
    Municipality("9970", "Rönnbäck", 99610 + 40, ("Rönnbäck", "Lillsjön"), 4),
    Municipality("9971", "Ängsholm", 99510 + 40, ("Ängsholm", "Slåtterby"), 5),
)

STREETS = """
Björkvägen Tallstigen Lärkvägen Syrengatan Kvarngatan Skolgatan Kyrkogatan Storgatan Hamngatan
Stationsgatan Åkervägen Ängsvägen Bäckvägen Ekgatan Rönnvägen Linnégatan Parkgatan Trädgårdsgatan
Nygatan Kungsgatan Vintergatan Smedjegatan Brunnsgatan Lingonstigen Blåbärsvägen Hallonstigen
Svalvägen Trastvägen Sjövägen Strandvägen Mossvägen Klövervägen Timmervägen Bruksgatan Fyrvägen
Fiskargränd Slåttervägen Tegelgatan Rosengatan Humlestigen Källvägen Backvägen Solrosvägen Allégatan
Rådhusgatan Snickargatan Mjölnarvägen
""".split()  # noqa: SIM905 - a list for reading

MOBILES = range(701740605, 701740700)
LANDLINES = (  # (range of national numbers, how they are written)
    (range(846500400, 846500500), "08-{0} {1} {2}"),
    (range(313900600, 313900700), "031-{0} {1} {2}"),
    (range(406280400, 406280500), "040-{0} {1} {2}"),
)


def municipality(rng: Random) -> Municipality:
    return rng.choices(MUNICIPALITIES, [m.weight for m in MUNICIPALITIES])[0]


def named(name: str) -> Municipality:
    return next(m for m in MUNICIPALITIES if m.name == name)


def street(rng: Random) -> str:
    letter = rng.choice(("", "", "", "", "A", "B", "C"))
    return f"{rng.choice(STREETS)} {rng.randint(1, 68)}{letter}"


def postal_code(rng: Random, of: Municipality) -> str:
    """Five digits with a space, as written on letters: "990 17"."""
    number = str(of.postal + rng.randrange(30))
    return f"{number[:3]} {number[3:]}"


def mobile(rng: Random) -> str:
    """E.164, from the range for fiction (95 numbers: people share them)."""
    return f"+46{rng.choice(MOBILES)}"


def landline(number: int) -> str:
    """The number-th phone of a unit as people write it; 300 before they repeat."""
    numbers, form = LANDLINES[number % 3]
    digits = str(numbers[number // 3 % len(numbers)])
    if form.startswith("08"):
        return form.format(digits[1:4], digits[4:7], digits[7:])
    return form.format(digits[2:5], digits[5:7], digits[7:])
