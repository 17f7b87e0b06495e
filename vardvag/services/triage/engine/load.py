"""The content from files, as a whole that can be used. With `reader` the only part of the engine that reads files."""

import gc
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import file_of
from vardvag.services.triage.engine.place import BadContent
from vardvag.services.triage.engine.reader import Loaded, Reader

CONTENT = Path(__file__).resolve().parent.parent / "content"


@lru_cache(maxsize=1)
def library() -> Library:
    """The shipped content; refuses to load with anything broken."""
    loaded = load(CONTENT)
    if loaded.problems or loaded.library is None:
        raise BadContent(loaded.problems)
    return loaded.library


def library_with(replaced: Mapping[str, str]) -> Library:
    """The shipped content with other texts (YAML) in place of some protocols. Raises BadContent."""
    loaded = load(CONTENT, replaced=replaced)
    if loaded.problems or loaded.library is None:
        raise BadContent(loaded.problems)
    return loaded.library


def shipped(protocol_id: str) -> str:
    """A protocol's file as it is, YAML."""
    return (CONTENT / file_of(protocol_id)).read_text(encoding="utf-8")


def load(
    folder: Path,
    only: Iterable[str] | None = None,
    golden: bool = False,
    replaced: Mapping[str, str] | None = None,
) -> Loaded:
    """The content of a folder. With `only`, other protocols are left out and their faults untold. `replaced`: other
    texts (YAML) in place of these protocols' files."""
    reader = Reader(folder, set(only) if only is not None else None, golden, replaced or {})
    collecting = gc.isenabled()
    gc.disable()  # everything made here stays; looking for garbage would take a fifth of the time
    try:
        return reader.whole()
    finally:
        if collecting:
            gc.enable()
