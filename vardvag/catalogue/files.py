"""The catalogue's files: read and checked as a whole before anything is written."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from vardvag.catalogue.definition import (
    BadFiles,
    Problem,
    is_rows,
    problems_of,
    problems_of_plain,
    problems_of_words,
)
from vardvag.catalogue.rules import CODE
from vardvag.questionnaires.queries import problems_in

DATA = Path(__file__).resolve().parent / "data"
KINDS = ("reply", "phrase", "closing")


@dataclass(slots=True)
class Files:
    """Parsed and found good. By key; standard texts as a list."""

    categories: list[dict[str, Any]] = field(default_factory=list)
    terms: dict[str, dict[str, Any]] = field(default_factory=dict)
    questionnaires: dict[str, dict[str, Any]] = field(default_factory=dict)
    case_types: dict[str, dict[str, Any]] = field(default_factory=dict)
    standard_texts: list[dict[str, Any]] = field(default_factory=list)


def sha256(content: Any) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read(folder: Path) -> Files:
    """Raises BadFiles with everything that is wrong."""
    problems: list[Problem] = []

    def parsed(path: Path, kind: type) -> Any:
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            inner = content if isinstance(content, list) else []
            if isinstance(content, kind) and all(isinstance(one, dict) for one in inner):
                return content
            cure = _("Skriv {...}.") if kind is dict else _("Skriv [{...}].")
            problems.append(Problem(path.name, "", _("Filen har fel form."), cure))
        except (OSError, UnicodeDecodeError) as trouble:
            cure = _("Spara den som UTF-8 på rätt plats.")
            problems.append(Problem(path.name, "", _("Filen går inte att läsa: %s.") % trouble, cure))
        except json.JSONDecodeError as trouble:
            where = _("rad %(line)s, kolumn %(column)s") % {"line": trouble.lineno, "column": trouble.colno}
            cure = _("Titta efter ett komma eller citattecken som saknas.")
            problems.append(Problem(path.name, where, _("Filen är inte giltig JSON."), cure))
        return None

    files = Files()
    files.categories = parsed(folder / "categories.json", list) or []
    files.standard_texts = parsed(folder / "standard_texts.json", list) or []
    for name, into in (
        ("terms", files.terms),
        ("questionnaires", files.questionnaires),
        ("case_types", files.case_types),
    ):
        for path in sorted((folder / name).glob("*.json")):
            if (content := parsed(path, dict)) is not None:
                into[path.stem] = content
    problems += _problems(files)
    if problems:
        raise BadFiles(problems)
    return files


def _problems(files: Files) -> Iterator[Problem]:
    keys: set[str] = set()
    for place, category in enumerate(files.categories):
        yield from problems_of_words(category.get("name"), "categories.json", f"[{place}].name")
        yield from problems_of_plain(category.get("key"), "categories.json", f"[{place}].key", 40)
        keys.add(str(category.get("key", "")))
    for key, terms in files.terms.items():
        yield from _problems_of_terms(terms, f"{key}.json")
    for key, form in files.questionnaires.items():
        if form.get("id") != key:
            yield Problem(f"{key}.json", "id", _("Formulärets id är inte filens namn."), _("Skriv %s.") % key)
        for problem in problems_in(form):
            yield Problem(f"{key}.json", problem.path, problem.what, problem.cure)
    for key, raw in files.case_types.items():
        yield from problems_of(raw, f"{key}.json")
        yield from _problems_of_links(files, raw, key, keys)
    yield from _problems_of_texts(files)


def _problems_of_links(
    files: Files, raw: dict[str, Any], key: str, categories: set[str]
) -> Iterator[Problem]:
    """What a case type points at must be there."""
    there = {"category": categories, "questionnaire": set(files.questionnaires), "terms": set(files.terms)}
    for name, known in there.items():
        if raw.get(name) and isinstance(raw[name], str) and raw[name] not in known:
            what = _('Det finns inget som heter "%(name)s".') % {"name": raw[name]}
            cure = _("Välj bland %(known)s.") % {"known": ", ".join(sorted(known))}
            yield Problem(f"{key}.json", name, what, cure)
    if raw.get("key") != key:
        yield Problem(f"{key}.json", "key", _("Nyckeln är inte filens namn."), _("Skriv %s.") % key)


def _problems_of_terms(terms: Any, file: str) -> Iterator[Problem]:
    yield from problems_of_words(terms.get("title"), file, "title")
    if not terms.get("sections"):
        yield Problem(file, "sections", _("Villkoren är tomma."), _("Skriv minst ett stycke."))
    elif not is_rows(terms["sections"]):
        yield Problem(file, "sections", _("Värdet ska vara en lista av objekt."), _("Skriv [{...}]."))
        return
    for place, section in enumerate(terms.get("sections") or ()):
        for part in ("heading", "text"):
            yield from problems_of_words(section.get(part), file, f"sections[{place}].{part}")


def _problems_of_texts(files: Files) -> Iterator[Problem]:
    file, seen = "standard_texts.json", set()
    for place, text in enumerate(files.standard_texts):
        path = f"[{place}]"
        yield from problems_of_words(text.get("title"), file, f"{path}.title", 120)
        yield from problems_of_words(text.get("body"), file, f"{path}.body")
        if not isinstance(text.get("code"), str) or not CODE.fullmatch(text["code"]) or text["code"] in seen:
            what = _(
                "Koden saknas, har andra tecken än a till z, siffror och bindestreck, eller finns på en annan text."
            )
            yield Problem(file, f"{path}.code", what, _("Ge texten en egen kod."))
        seen.add(str(text.get("code")))
        if text.get("kind") not in KINDS:
            yield Problem(
                file, f"{path}.kind", _("Värdet finns inte."), _("Skriv reply, phrase eller closing.")
            )
        if text.get("case_type") and str(text["case_type"]) not in files.case_types:
            what = _('Det finns ingen ärendetyp "%s".') % str(text["case_type"])
            yield Problem(file, f"{path}.case_type", what, _("Skriv en nyckel som finns."))
