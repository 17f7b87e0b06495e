"""Ways of writing the same that FHIR has one word for: `source: a` or `[a]`, a key left out or empty.

The content's hash stands on how it is written, so what differs from the usual is kept beside, and put back only
where it means the same.
"""

import json
from collections.abc import Iterator
from typing import Any

from vardvag.services.triage.fhir import names

Json = dict[str, Any]


class NotTheSame(Exception):
    """`str()` says where two ways of writing mean different things."""


def differences(written: Any, usual: Any) -> list[Json]:
    """Extensions that turn the usual spelling into what was written."""
    return [
        {
            "url": names.SPELLING,
            "extension": [
                {"url": "at", "valueString": json.dumps(at)},
                {"url": "as", "valueString": json.dumps(value, ensure_ascii=False)},
            ],
        }
        for at, value in _differences(written, usual, [])
    ]


def put_back(tree: Json, notes: list[tuple[str, str]]) -> None:
    """`notes`: pairs of at and as. Raises NotTheSame for what would change the meaning."""
    for at, value in notes:
        try:
            path, new = json.loads(at), json.loads(value)
            holder: Any = tree
            for step in path[:-1]:
                holder = holder[step]
            last = path[-1]
            old = holder.get(last) if isinstance(holder, dict) else holder[last]
        except (ValueError, LookupError, TypeError, AttributeError):
            raise NotTheSame(f"{at}: there is no such place.") from None
        if _meaning(old) != _meaning(new):
            raise NotTheSame(f"{at}: “{value[:60]}” means something else than what stands there.")
        holder[last] = new


def _differences(written: Any, usual: Any, at: list[str | int]) -> Iterator[tuple[list[str | int], Any]]:
    if json.dumps(written) == json.dumps(usual):
        return
    if isinstance(written, dict) and isinstance(usual, dict) and usual.keys() <= written.keys():
        for key, value in written.items():
            if key in usual:
                yield from _differences(value, usual[key], [*at, key])
            else:
                yield from _kept(value, None, [*at, key])
    elif isinstance(written, list) and isinstance(usual, list) and len(written) == len(usual):
        for number, (one, other) in enumerate(zip(written, usual, strict=True)):
            yield from _differences(one, other, [*at, number])
    else:
        yield from _kept(written, usual, at)


def _kept(written: Any, usual: Any, at: list[str | int]) -> Iterator[tuple[list[str | int], Any]]:
    if _meaning(written) != _meaning(usual) or not at:
        place = ".".join(map(str, at)) or "the protocol"
        raise NotTheSame(
            f"{place} cannot be said in FHIR as it is written. Write it as content/README.md does."
        )
    yield at, written


def _meaning(value: Any) -> Any:
    """What all ways of writing something have in common."""
    if isinstance(value, dict):
        found = {key: inner for key, one in value.items() if (inner := _meaning(one)) is not None}
        return found["concept"] if found.keys() == {"concept"} else found or None
    if isinstance(value, list):
        found_list = [_meaning(one) for one in value]
        return found_list[0] if len(found_list) == 1 else found_list or None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value:g}"
    return None if value == "" else value
