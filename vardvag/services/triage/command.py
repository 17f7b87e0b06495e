"""`vardvag triage interview|export|import|check`: words in, one call, what was done out. Needs no database."""

import argparse
import importlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vardvag.services.triage import check
from vardvag.services.triage.engine import load
from vardvag.services.triage.engine.place import BadContent
from vardvag.services.triage.fhir import held, read, write
from vardvag.services.triage.fhir.faults import BadBundle, CannotExport

MOST = 20_000_000  # bytes of a file to import


def add(commands: Any) -> None:
    """`commands`: argparse's sub-parsers."""
    interview = commands.add_parser(
        "interview", help="one JSON object a line on standard input, one answer a line on standard output"
    )
    interview.set_defaults(do=lambda _: interviewed())
    out = commands.add_parser("export", help="protocols as FHIR R4: a Bundle for each, in a folder")
    out.add_argument("ids", nargs="*", metavar="id", help="default: all")
    out.add_argument("--to", required=True, metavar="FOLDER", help="made if it is not there")
    out.set_defaults(do=lambda given: export(given.ids, Path(given.to)))
    back = commands.add_parser("import", help="a FHIR R4 Bundle as our YAML, if nothing is wrong with it")
    back.add_argument("file", help="- for standard input")
    back.add_argument("--to", default="", metavar="FOLDER", help="a folder of content; default: print it")
    back.add_argument("--replace", action="store_true", help="with --to: also where there is a file already")
    back.set_defaults(do=lambda given: bring_in(given.file, given.to, given.replace))
    checking = commands.add_parser("check", help="what is wrong with the content, and its golden cases")
    checking.add_argument("ids", nargs="*", metavar="id", help="default: all")
    checking.set_defaults(do=lambda given: check.main(given.ids))


def main(words: Sequence[str] | None = None) -> int:
    top = argparse.ArgumentParser(prog="vardvag triage", description="The triage, without a database.")
    add(top.add_subparsers(required=True, metavar="command"))
    given = top.parse_args(words)
    return int(given.do(given))


def interviewed() -> int:
    lines = importlib.import_module("vardvag.services.triage.lines")  # only here: it knows many words
    return int(lines.main())


def export(ids: list[str], folder: Path) -> int:
    try:
        library = load.library()
    except BadContent as fault:
        return _wrong(str(fault))
    known = write.ids(library)
    unknown = [one for one in ids if one not in known]
    if unknown:
        return _wrong(
            f"There is no protocol {unknown[0]}. Their names are those of the files in content/protocols."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one in ids or known:
            bundle = write.bundle(library, one, load.shipped(one))
            text = json.dumps(bundle, ensure_ascii=False, indent=1) + "\n"
            (folder / f"{one}.json").write_text(text, encoding="utf-8")
    except CannotExport as fault:
        return _wrong(str(fault))
    except OSError as fault:
        return _wrong(f"{folder} cannot be written: {fault.strerror}. Name another folder.")
    print(f"{len(ids or known)} protocols in {folder}.")
    return 0


def bring_in(file: str, to: str, replace: bool) -> int:
    try:
        raw = sys.stdin.buffer.read(MOST + 1) if file == "-" else _file(Path(file))
        if len(raw) > MOST:
            return _wrong(
                f"{file} is larger than {MOST // 1_000_000} MB. A protocol is not; is it the right file?"
            )
        imported = read.read(json.loads(raw), load.library())
        checked = held.held(imported)
    except OSError as fault:
        return _wrong(f"{file} cannot be read: {fault.strerror}. Name another file.")
    except (ValueError, RecursionError) as fault:
        return _wrong(f"{file} is no JSON: {str(fault)[:200]}. Save it as JSON in UTF-8.")
    except BadBundle as fault:
        return _wrong(f"{fault}\n{len(fault.faults)} faults; nothing was imported.")
    except BadContent as fault:
        return _wrong(str(fault))
    if to:
        said = _put(imported, Path(to), replace)
        if said:
            return _wrong(said)
    else:
        print("\n---\n".join(f"# {one.name}\n{one.text.rstrip()}" for one in imported.files))
    for note in checked.notes:
        print(f"Note: {note}", file=sys.stderr)
    if imported.sha256 and imported.sha256 != checked.sha256:
        print(
            "Note: it has been changed since it was exported; what was signed was another.", file=sys.stderr
        )
    return 0


def _file(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(MOST + 1)


def _put(imported: read.Imported, folder: Path, replace: bool) -> str:
    """Writes the files; what is wrong, or nothing."""
    there = [one.name for one in imported.files if (folder / one.name).exists()]
    if there and not replace:
        return f"{there[0]} is there already. Add --replace to write over it."
    try:
        for one in imported.files:
            path = folder / one.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(one.text, encoding="utf-8")
    except OSError as fault:
        return f"{folder} cannot be written: {fault.strerror}. Name another folder."
    print("\n".join(one.name for one in imported.files))
    return ""


def _wrong(said: str) -> int:
    print(said, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
