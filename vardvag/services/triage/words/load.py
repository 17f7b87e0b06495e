"""Reading the lexicon and the watch from files, once. The only part of this package that does."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

CONTENT = Path(__file__).resolve().parent.parent / "content"
NOT_WORDS = frozenset(("pairs", "families", "common", "scopes", "quantities"))


def read(file: Path) -> Any:
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


@lru_cache(maxsize=1)
def lexicon_files() -> Mapping[str, Any]:
    """Every file of the lexicon by its name."""
    return {file.stem: read(file) for file in sorted((CONTENT / "lexicon").glob("*.yaml"))}


@lru_cache(maxsize=1)
def watch_files() -> Mapping[str, Any]:
    return {file.stem: read(file) for file in sorted((CONTENT / "watch").glob("*.yaml"))}
