"""`make nightly` runs what there is, says what failed, and goes on where it was."""

import importlib

import pytest

from tools import proofs
from tools.proofs import PROOFS, Proof

COMMANDS = [command.split() for one in PROOFS for command in (one.night, one.week) if command and one.seeded]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_proof_is_a_command_that_there_is(words):
    module, *rest = words
    try:
        main = importlib.import_module(f"{module}.__main__")
    except ModuleNotFoundError:
        main = importlib.import_module(module)
    if hasattr(main, "arguments"):
        main.arguments([*rest, "--seed", "7", "--write"])
    else:
        assert main.main


@pytest.fixture
def two(tmp_path, monkeypatch):
    monkeypatch.setattr(proofs, "KEPT", tmp_path)
    monkeypatch.setattr(proofs, "SHOWN", tmp_path / "shown.jsonl")
    monkeypatch.setattr(proofs, "here", lambda: "abc1234")
    well = Proof("well", "G98", "json.tool --help", "json.tool --help", seeded=False)
    ill = Proof("ill", "G99", "json.tool /nowhere/at-all", "json.tool --help", seeded=False)
    monkeypatch.setattr(proofs, "PROOFS", (ill, well))
    return proofs


def test_what_failed_is_told_and_what_was_shown_is_not_run_again(two, capsys):
    assert two.main([]) == 1
    told = capsys.readouterr().out
    assert "WRONG G99" in told and "nowhere" in told and "ok    G98" in told and "Not shown: ill" in told
    assert two.main([]) == 1
    assert "shown before" in capsys.readouterr().out
    assert two.main(["--again", "--only", "well"]) == 0
    assert "shown before" not in capsys.readouterr().out


def test_a_sample_is_not_the_whole_and_another_commit_is_shown_anew(two, monkeypatch, capsys):
    two.main([])
    assert two.main(["--weekly"]) == 0
    assert "shown before" not in capsys.readouterr().out
    monkeypatch.setattr(two, "here", lambda: "def5678")
    two.main(["--only", "well"])
    assert "shown before" not in capsys.readouterr().out


def test_changed_files_are_not_taken_for_the_commit(two, monkeypatch, capsys):
    monkeypatch.setattr(two, "here", lambda: "")
    for _twice in range(2):
        assert two.main(["--only", "well"]) == 0
    assert "shown before" not in capsys.readouterr().out


def test_a_name_that_there_is_not_is_refused_with_the_way_on(capsys):
    with pytest.raises(SystemExit):
        proofs.main(["--only", "raecs"])
    assert "no proof is called raecs" in capsys.readouterr().err
