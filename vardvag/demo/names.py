"""Names of invented people (data/names.toml): common ones by year of birth and background, mixed."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from random import Random

DATA = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True, slots=True)
class Background:
    """A family's naming tradition. Each era: (last year of birth, women's names, men's names)."""

    name: str
    weight: int
    english: bool
    surnames: tuple[str, ...]
    eras: tuple[tuple[int, tuple[str, ...], tuple[str, ...]], ...]


def _read() -> tuple[Background, ...]:
    tables = tomllib.loads((DATA / "names.toml").read_text(encoding="utf-8"))["background"]
    return tuple(
        Background(
            name=t["name"],
            weight=t["weight"],
            english=t.get("english", False),
            surnames=tuple(t["surnames"].split()),
            eras=tuple(
                (e["last_year"], tuple(e["women"].split()), tuple(e["men"].split())) for e in t["era"]
            ),
        )
        for t in tables
    )


SWEDISH, *OTHERS = _read()


def background(rng: Random, other_share: float = 0.2) -> Background:
    if rng.random() >= other_share:
        return SWEDISH
    return rng.choices(OTHERS, [b.weight for b in OTHERS])[0]


def given_name(rng: Random, of: Background, *, woman: bool, born: int) -> str:
    """A given name fitting the year of birth (names go in and out of fashion)."""
    _, women, men = next(era for era in of.eras if born <= era[0])
    return rng.choice(women if woman else men)


def surname(rng: Random, of: Background) -> str:
    return rng.choice(of.surnames)
