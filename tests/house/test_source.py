"""Rules of the house that the syntax tree shows."""

import ast
import re

import pytest

from tests.house import source

WRITES = {
    "save", "create", "bulk_create", "update", "bulk_update", "update_or_create", "get_or_create", "delete",
    "aupdate", "acreate", "adelete", "asave",
}  # fmt: skip
WRITERS = {"actions", "jobs", "management"}
# What may write beside actions, and why.
ALSO = {
    "identity/access.py",  # `touch`: a session in use, at most once a minute
    "identity/eid.py",  # like login.py, for another e-ID
    "identity/login.py",  # the steps of a login are its actions, before there is an actor
    "identity/register.py",  # what the population register says, on the way in
    "cases/access.py",  # the read receipt is part of reading
    "cases/lists.py",  # counts look-ups of personal numbers against their limit
    "cases/queries.py",  # the same
}
FILE_TIMES = {"clock.py", "logs.py", "store.py"}  # compare with the operating system's own times
SUFFIXES = re.compile(r"(Service|Manager|Helper|Utils?)$")


def _calls(path, names):
    for node in ast.walk(source.tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
            yield node


def _of_objects(node):
    """Is the call made on a manager or query set (`X.objects...`), or on a model instance's `save`/`delete`?"""
    inner = node.func.value
    while isinstance(inner, ast.Call | ast.Attribute):
        if isinstance(inner, ast.Attribute) and inner.attr in ("objects", "_base_manager"):
            return True
        inner = inner.func if isinstance(inner, ast.Call) else inner.value
    return False


def test_pages_never_say_objects():
    said = [
        source.place(path, node.lineno)
        for path in source.pages()
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_base_manager", "_default_manager")
    ]
    assert not said, f"Pages fetch through access and queries: {said}"


def test_only_actions_write():
    wrote = [
        source.place(path, node.lineno)
        for path in source.files()
        if source.part(path) in source.PARTS and source.layer(path) not in WRITERS
        if str(path.relative_to(source.PACKAGE)) not in ALSO
        for node in _calls(path, WRITES)
        if _of_objects(node)
        or node.func.attr == "save"
        and any(k.arg == "update_fields" for k in node.keywords)
    ]
    assert not wrote, f"Only actions write: {wrote}"


def test_pages_open_no_transaction_of_their_own():
    opened = [
        source.place(path, line)
        for path in source.pages()
        for name, line in source.imports(path)
        if name.startswith("django.db.transaction") or name == "django.db.connection"
    ]
    assert not opened, f"The door opens the request's only transaction: {opened}"


def test_a_parts_rules_forms_and_pages_are_its_own():
    private = {"rules", "forms", "jobs", *source.PAGES}
    taken = []
    for path in source.files():
        for name, line in source.imports(path):
            words = name.replace("vardvag.services.", "vardvag.").split(".")
            if words[0] != "vardvag" or len(words) < 3 or words[1] not in source.PARTS:
                continue
            if (
                words[1] != source.part(path)
                and source.part(path) not in ("config", "demo")
                and words[2] in private
            ):
                taken.append(f"{source.place(path, line)} takes {name}")
    assert not taken, taken


def test_rules_ask_neither_database_nor_request_nor_clock():
    asked = [
        f"{source.place(path, line)} {name}"
        for path in source.files()
        if source.layer(path) == "rules"
        for name, line in source.imports(path)
        if name.startswith(("django.db", "django.http", "django.utils.timezone", "vardvag.core.clock"))
    ]
    asked += [
        source.place(path, node.lineno)
        for path in source.files()
        if source.layer(path) == "rules"
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.Attribute) and node.attr == "objects"
    ]
    assert not asked, asked


def test_there_is_one_clock():
    asked = [
        source.place(path, node.lineno)
        for path in source.files()
        if source.part(path) not in ("config", "outside", "demo") and path.name not in FILE_TIMES
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func)
        in ("datetime.now", "datetime.utcnow", "date.today", "timezone.now", "time.time")
    ]
    assert not asked, f"core.clock.now() is the only clock: {asked}"


def test_nothing_is_called_a_service_manager_or_helper():
    named = [
        f"{source.place(path, node.lineno)} {node.name}"
        for path in source.files()
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.ClassDef) and SUFFIXES.search(node.name)
    ]
    named += [
        str(path.relative_to(source.ROOT))
        for path in source.files()
        if {"utils", "utils.py", "helpers", "helpers.py", "common", "common.py", "services.py", "managers.py"}
        & set(path.relative_to(source.PACKAGE).parts)
    ]
    assert not named, named


def test_actions_are_keyword_only_and_know_who_acts():
    wrong = []
    for path in source.files():
        if source.part(path) not in source.PARTS or source.layer(path) != "actions":
            continue
        for node in source.tree(path).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            names = [argument.arg for argument in node.args.kwonlyargs]
            if "actor" in names and (node.args.args or names[0] != "actor"):
                wrong.append(f"{source.place(path, node.lineno)} {node.name}: keyword-only, actor first")
    assert not wrong, wrong


@pytest.mark.parametrize("part", ("core", "outside", *source.PARTS))
def test_every_part_says_what_it_is(part):
    readme = source.folder(part) / "README.md"
    assert readme.exists(), f"{part} has no README.md"
    assert 8 <= len(readme.read_text().splitlines()) <= 80


def test_templates_hold_no_script_style_or_event_attribute():
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)
    found = [
        f"{path.relative_to(source.ROOT)}: {match.group()}"
        for path in source.PACKAGE.rglob("templates/**/*.html")
        for match in inline.finditer(re.sub(r"\{#.*?#\}|\{%.*?%\}", "", path.read_text(encoding="utf-8")))
        if "mail" not in path.parts
    ]
    assert not found, f"The content policy lets none of this run: {found}"


def test_what_a_resident_sends_stays_on_its_page_when_the_network_is_lost():
    """But for ways out and looks, which take nothing along: an open page hears of its logout before the answer."""
    sent = re.compile(r"<form(?=[^>]*method=\"post\")[^>]*>")
    lighter = ("/logout'", "/sessions'", "/preferences'")
    found = [
        f"{path.relative_to(source.ROOT)}: {match.group()}"
        for path in source.PACKAGE.rglob("templates/**/*.html")
        for match in sent.finditer(path.read_text(encoding="utf-8").replace("%}", "%)"))
        if not {"staff", "manage"} & set(path.parts) and "data-once" not in match.group()
        if not any(address in match.group() for address in lighter)
    ]
    assert not found, f"A lost answer would be the browser's own error page (once.js): {found}"
