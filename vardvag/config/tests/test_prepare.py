"""The static files are there, whole, whatever cut their collecting short."""

from pathlib import Path

import psycopg
import pytest

from vardvag.config import prepare


@pytest.fixture
def root(tmp_path, settings, monkeypatch):
    """Collected by a stand-in that leaves what is there as it is, as collectstatic does with what looks new."""
    settings.STATIC_ROOT = str(tmp_path / "static")
    made = Path(settings.STATIC_ROOT)

    def collect(*words, **more):
        (made / "core").mkdir(exist_ok=True)
        if not (made / "core" / "a.css").exists():
            (made / "core" / "a.css").write_text("a {}")

    monkeypatch.setattr(prepare, "call_command", collect)
    return made


def test_what_a_power_cut_emptied_is_collected_anew(root):
    """The mark of the end was on the disk before the files were: every page failed, and no start mended it."""
    prepare.static()
    (root / "core" / "a.css").write_text("")
    (root / ".collecting").touch()
    prepare.static()
    assert (root / "core" / "a.css").read_text() == "a {}" and not (root / ".collecting").exists()


def test_the_end_is_told_when_everything_is_on_the_disk(root, monkeypatch):
    flushed = []
    monkeypatch.setattr(
        prepare, "force", lambda path: flushed.append((path.name, (root / ".collecting").exists()))
    )
    prepare.static()
    assert flushed[:2] == [(".collecting", True), ("static", True)]
    assert {("a.css", True), ("core", True), (".collected", True)} <= set(flushed[2:])


def test_nothing_is_collected_when_nothing_changed(root, monkeypatch):
    prepare.static()
    monkeypatch.setattr(prepare, "call_command", lambda *words, **more: pytest.fail("collected again"))
    prepare.static()


@pytest.mark.django_db
def test_the_start_says_that_unsigned_triage_is_refused(system, monkeypatch, capsys):
    monkeypatch.setattr(prepare, "become", lambda role: None)
    with system():
        prepare.triage()
    said = capsys.readouterr().out
    assert said.startswith("Triage is refused:") and "/personal/bedomning/" in said

    monkeypatch.setattr("vardvag.services.triage.content.unsigned", lambda found: [])
    with system():
        prepare.triage()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("problem", "says"),
    [
        (
            OSError(28, "No space left on device", "/data/static/app.css"),
            "/data/static/app.css: No space left",
        ),
        (psycopg.errors.InsufficientPrivilege("must be owner of table cases_case"), "must be owner of table"),
    ],
)
def test_what_is_in_the_way_is_told_in_one_line(monkeypatch, capsys, problem, says):
    def step():
        raise problem

    monkeypatch.setattr(prepare.roles, "prepare_outside", lambda: None)
    monkeypatch.setattr(prepare.roles, "prepare_embedded", lambda: None)
    monkeypatch.setitem(prepare.STEPS, "static", step)
    assert prepare.main(["static"]) == 2
    said = capsys.readouterr().err
    assert says in said and len(said.splitlines()) == 1
