"""What the worker loads: for each format what it needs, before the wall, and nothing else."""

import json
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path

import pytest
from PIL import Image

from vardvag.files.sandbox import run, starting, workers
from vardvag.files.sandbox.formats import Format
from vardvag.files.sandbox.magic import HEAD, identify
from vardvag.files.sandbox.rebuilt import Limits, Rebuilt
from vardvag.files.tests import corpus

READS = {
    Format.JPEG: {"Jpeg", "Mpo", "Tiff"},
    Format.PNG: {"Jpeg", "Png", "Tiff"},
    Format.GIF: {"Gif", "Jpeg", "Png"},
    Format.WEBP: {"Jpeg", "Png", "Tiff", "WebP"},
    Format.HEIF: {"Jpeg", "Png", "Tiff"},
    Format.PDF: {"Jpeg"},
}
# As worker.py begins, but without a wall, so that what is loaded too late is loaded and seen.
OPENS = """
import sys
sys.path[:0] = sys.argv[2:]
import json
from base64 import b64decode
from vardvag.files.sandbox import opening, rebuilt
opened = opening.prepared(opening.Format(sys.argv[1]))
before = set(sys.modules)
for one in json.load(sys.stdin):
    try:
        opened(b64decode(one), rebuilt.Limits())
    except opening.Rejected:
        pass
print(json.dumps([sorted(before), sorted(set(sys.modules) - before)]))
"""


def files() -> Iterator[bytes]:
    """Not those that only an end to time or memory stops."""
    yield from (data for data, _ in corpus.disarmed().values())
    yield from corpus.either_way().values()
    photo = corpus.photo(64, 48)
    yield corpus.encoded(photo, "MPO", save_all=True, append_images=[photo])
    for format in ("PNG", "WEBP", "HEIF"):
        yield corpus.encoded(photo.convert("RGBA").quantize(8).convert("RGBA"), format)
        yield corpus.encoded(photo, format, exif=corpus.gps(6).tobytes())
    yield corpus.encoded(photo.quantize(8), "GIF", transparency=3)


@cache
def sorted_out() -> dict[Format, list[bytes]]:
    found: dict[Format, list[bytes]] = {format: [] for format in Format}
    for data in files():
        found[identify(data[:HEAD])].append(data)
    return found


@pytest.mark.parametrize("format", Format)
def test_a_worker_loads_what_its_format_needs_before_the_wall_and_nothing_else(format: Format) -> None:
    paths = [str(path) for path in (starting.PACKAGE.parent, *starting.libraries())]
    told = subprocess.run(
        [starting.python(), "-I", "-S", "-c", OPENS, format, *paths],
        input=json.dumps([b64encode(data).decode() for data in sorted_out()[format]]),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    before, later = json.loads(told.stdout)
    plugins = {name.removeprefix("PIL.") for name in before if name.endswith("ImagePlugin")}
    assert plugins == {f"{name}ImagePlugin" for name in READS[format]}
    assert later == []
    if format not in (Format.HEIF, Format.PDF):  # their libraries want it
        assert "dataclasses" not in before


def test_what_only_the_worker_loads_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It sees these files read-only: what is not compiled it would compile for every file anew."""
    kept = [Path(cache_from_source(str(starting.HERE / f"{name}.py"))) for name in ("opening", "pictures")]
    for one in kept:
        one.unlink(missing_ok=True)
    starting.compiled.cache_clear()
    monkeypatch.setattr(workers, "can_stay", lambda: False)  # one that stays has loaded them
    run.rebuild(corpus.encoded(Image.new("RGB", (9, 9)), "JPEG"), Limits())
    assert all(one.exists() for one in kept)


def test_a_log_never_shows_what_a_file_holds() -> None:
    assert "kept to itself" not in repr(Rebuilt("image/png", 1, 1, b"kept to itself", b"kept to itself"))
