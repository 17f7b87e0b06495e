"""Broken content is refused with file, line and cure."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from vardvag.services.triage.engine import load, place
from vardvag.services.triage.tests import small


def problems(folder: Path, **files: str) -> list[str]:
    return [str(problem) for problem in small.read(folder, **files).problems]


def test_a_whole_library_loads(tmp_path: Path) -> None:
    library = small.library(tmp_path)
    assert set(library.protocols) == {"prov"}
    assert library.protocol("something").id == "allmant"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("when: red,", "when: read,", "There is no concept “read”. Do you mean red?"),
        ("when: red,", "when: red and,", "Column 8 of the condition"),
        ("when: red,", 'when: "red >= 3",', "red is a yesno and cannot be compared with a number."),
        ("colour = black", "colour = blak", "has no option “blak”. Known: blue, black."),
        ("colour = black", "colour = blue", "“blue” is a harmless option of colour"),
        ("when: sure", 'when: "not sure"', "sure is dangerous and would lower the urgency here."),
        ('"amber and hot"', '"not later"', "amber is dangerous"),
        ("and not amber", "and amber", "amber is dangerous and would lower the urgency here."),
        ("score points", "score point", "There is no score point."),
        ("urgency: 1, care: ambulance", "urgency: 1, care: hours", "Urgency 1 goes with emergency or ambulance."),
        ("refer: bvc", "refer: bcv", "“bcv” is nowhere to refer to."),
        ("danger_rank: 20", "danger_rank: 200", "It must be a whole number from 1 to 99."),
        ("danger_rank: 20", f"danger_rank: {'9' * 5000}", "It must be a whole number from 1 to 99."),
        ("danger_rank: 20", 'danger_rank: !!int "+-2"', "It must be a whole number from 1 to 99."),
        ("danger_rank: 20", "danger_rank: 1.0e+999", "It must be a whole number from 1 to 99."),
        ("version: 1.0.0", "version: '1.0'", "Write three numbers: 1.0.0."),
        ("id: prov", "id: annan", "The file is prov, the id is annan."),
        ("screen: [red,", "screen: [temp, red,", "temp in a screen is a temp."),
        ("  - days", "  - hot", "hot follows from others and is never asked."),
        ("  - colour\n", "", "A rule uses colour, which this protocol never asks. Add it to ask:."),
        ("danger_rank: 20", "dangerrank: 20", "has no field “dangerrank”. Do you mean danger_rank?"),
        ("id: sure,", "id: red,", "Two rules have the id red."),
        ("urgency: 5, care: selfcare, because", "urgency: 3, care: day, because", "is not below the default"),
        ("days < 3d", "days < 3", "Compare with a duration such as 3d"),
        ("selfcare: {sv: [Vila]", "selfcare: {sv: ['Vila, {ni}']", "{ni} is no token."),
        ("title: {sv: Prov, en: Trial}", "title: Prov", "“title” has no languages."),
        ("version: 1.0.0", "version: 1.0.0\nversion: 1.0.0", "“version” stands here twice."),
        ("ask:", "ask: [", "This is not YAML"),
        ("id: amber,", 'id: amber, source: bok,', "There is no source “bok”. Do you mean book?"),
    ],
)  # fmt: skip
def test_faults_of_a_protocol(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in small.PROTOCOL
    found = problems(tmp_path, prov=small.PROTOCOL.replace(old, new, 1))
    matching = [one for one in found if said in one]
    assert matching, found
    file, line, _ = matching[0].split(":", 2)
    assert file == "protocols/prov.yaml"
    assert 1 <= int(line) <= small.PROTOCOL.count("\n") + 2


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("circle: {derive: circle}", "Concept circle stands on itself."),
        ("one: {derive: two}\ntwo: {derive: one}", "stands on itself."),
        ("Big: {text: {sv: a, en: b}}", "“Big” cannot be the id of a concept."),
        ("age: {text: {sv: a, en: b}}", "“age” cannot be the id of a concept."),
        ("pick: {kind: choice, text: {sv: a, en: b}}", "lacks options"),
        ("num: {kind: number, danger: true, text: {sv: a, en: b}}", "is dangerous as a whole"),
        ("odd: {on_unknown: danger, text: {sv: a, en: b}}", "has on_unknown without danger"),
        ("half: {text: {sv: a}}", "“text” lacks en."),
        ("gone: {text: {sv: a, en: b}, unless: nothing_here}", "There is no concept “nothing_here”."),
        ("list: [1, 2]", "Concept list is not a mapping."),
    ],
)
def test_faults_of_concepts(tmp_path: Path, more: str, said: str) -> None:
    found = problems(tmp_path, concepts=small.CONCEPTS + more + "\n")
    assert any(said in one and one.startswith("concepts/some.yaml:") for one in found), found


def test_with_names_the_faults_of_others_are_left_out(tmp_path: Path) -> None:
    folder = small.write(tmp_path, concepts=small.CONCEPTS + "half: {text: {sv: a}}\n")
    (folder / "protocols" / "broken.yaml").write_text("id: [", encoding="utf-8")
    assert load.load(folder, ["prov"]).problems == []
    assert len(load.load(folder).problems) == 2
    assert "There is no such file." in str(load.load(folder, ["gone"]).problems[0])


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    folder = small.write(tmp_path)
    (folder / "protocols" / "prov.yaml").write_bytes(b"id: \xff\xfe")
    assert "Save it as UTF-8 text." in str(load.load(folder).problems[0])


def test_anchors_do_not_make_a_short_text_huge() -> None:
    """Eight lines of nine references each would be 387 million entries."""
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    tree, problems = place.read("\n".join(lines), "prov.yaml")
    assert isinstance(tree, place.Map)
    assert str(problems[0]).startswith("prov.yaml:1: ")
    assert "Write it out" in str(problems[0])


def test_a_score_has_no_more_items_than_can_be_weighed(tmp_path: Path) -> None:
    """All sums that it may come to are looked at: of items that weigh differently twice as many with each."""
    more = ", ".join(f'"days > {n}d": {2**n}' for n in range(40))
    found = problems(tmp_path, prov=small.PROTOCOL.replace("amber: 1,", f"amber: 1, {more},"))
    assert any("Score points has 43 items" in one for one in found), found


def test_the_hash_changes_with_the_protocol_and_with_its_concepts(tmp_path: Path) -> None:
    for name in "abcd":
        (tmp_path / name).mkdir()
    first = small.library(tmp_path / "a").sha256("prov")
    assert small.library(tmp_path / "b").sha256("prov") == first
    assert small.library(tmp_path / "c", prov=small.PROTOCOL.replace("38.5", "38.6")).sha256("prov") != first
    assert (
        small.library(tmp_path / "d", concepts=small.CONCEPTS.replace("Hosta?", "Hostar?")).sha256("prov")
        != first
    )


@pytest.mark.parametrize("kind", ["concepts", "sources", "protocol"])
def test_the_schema_agrees_with_the_content(kind: str) -> None:
    schema = json.loads((load.CONTENT / "schema" / f"{kind}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    files = sorted((load.CONTENT / f"{kind.rstrip('s')}s").glob("*.yaml"))
    if kind == "protocol":
        files += [load.CONTENT / "general.yaml", load.CONTENT / "screening.yaml"]
    for file in files:
        tree, _ = place.read(file.read_text(encoding="utf-8"), file.name)
        assert [
            f"{file.name}: {list(fault.path)} {fault.message}" for fault in validator.iter_errors(tree)
        ] == []


def test_the_schema_refuses_what_the_loader_refuses(tmp_path: Path) -> None:
    schema = json.loads((load.CONTENT / "schema" / "protocol.schema.json").read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema)
    for old, new in (
        ("urgency: 1, care: ambulance", "urgency: 1, care: hours"),
        ("danger_rank: 20", "rank: 20"),
    ):
        tree, _ = place.read(small.PROTOCOL.replace(old, new, 1), "prov.yaml")
        assert list(validator.iter_errors(tree))
    tree, _ = place.read(small.PROTOCOL, "prov.yaml")
    assert list(validator.iter_errors(tree)) == []
