"""Protocols as FHIR R4 and back; what others have written; the command."""

import copy
import io
import json
import random
import shutil
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from vardvag.config import cli
from vardvag.services.triage import command
from vardvag.services.triage.engine import load, place
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.parsing import parse
from vardvag.services.triage.fhir import held, names, r4_check, read, spelling, write, yaml_text
from vardvag.services.triage.fhir.enabling import enabled, fhirpath, line
from vardvag.services.triage.fhir.faults import BadBundle, CannotExport

Json = dict[str, Any]
LINE = names.CONDITION


@lru_cache(maxsize=1)
def library() -> Library:
    return load.library()


@lru_cache(maxsize=1)
def written() -> dict[str, str]:
    """Every shipped protocol as JSON text."""
    return {id: json.dumps(write.bundle(library(), id, load.shipped(id))) for id in write.ids(library())}


def bundle(id: str) -> Json:
    return dict(json.loads(written()[id]))


def part(whole: Json, type: str) -> Json:
    return next(one["resource"] for one in whole["entry"] if one["resource"]["resourceType"] == type)


# --- what we have written ------------------------------------------------------------------------


def test_every_protocol_comes_back_the_same() -> None:
    back = {id: read.read(json.loads(text), library()) for id, text in written().items()}
    again = load.library_with({id: one.protocol.text for id, one in back.items()})
    assert [id for id in back if again.sha256(id) != library().sha256(id)] == []
    assert [id for id in back if again.protocol(id) != library().protocol(id)] == []
    assert again.whole() == library().whole()
    assert [id for id, one in back.items() if one.concepts or one.sources] == []
    assert [id for id, one in back.items() if one.sha256 != library().sha256(id)] == []


def test_golden_cases_come_back_the_same() -> None:
    for id, text in written().items():
        ours, _problems = place.read(load.shipped(id), id)
        theirs, _problems = place.read(read.read(json.loads(text), library()).protocol.text, id)
        assert theirs == ours, id


def test_every_bundle_is_fhir_r4() -> None:
    for id, text in written().items():
        whole = json.loads(text)
        assert [str(fault) for fault in r4_check.faults(whole)] == [], id
        assert [one["fullUrl"].rsplit("/", 1)[1] for one in whole["entry"]] == [names.resource_id(id)] * 2
        every = list(items(part(whole, "Questionnaire")))
        links = {one["linkId"] for one in every}
        asked = {one["question"] for item in every for one in item.get("enableWhen", [])}
        assert asked <= links, id  # what a condition looks at is in the form


def items(holder: Json) -> list[Json]:
    found = holder.get("item", [])
    return [*found, *(one for item in found for one in items(item))]


def test_the_questionnaire_says_what_is_asked() -> None:
    every = {one["linkId"]: one for one in items(part(bundle("halsont"), "Questionnaire"))}
    temp = every["temp"]
    assert (temp["type"], temp["text"]) == ("decimal", "Vilken temperatur har du?")
    assert "What is your temperature?" in json.dumps(temp["_text"])
    assert temp["enableWhen"] == [{"question": "feels_feverish", "operator": "=", "answerBoolean": True}]
    assert every["halsont.2"]["type"] == "group"
    assert every["duration"]["type"] == "quantity"
    assert every["fever"]["readOnly"] is True
    options = {one["linkId"]: one for one in items(part(bundle("akut_p_piller"), "Questionnaire"))}
    codes = [one["valueCoding"]["code"] for one in options["time_since_sex"]["answerOption"]]
    assert codes == [one.id for one in library().concepts["time_since_sex"].options]


def test_the_plan_says_the_rules() -> None:
    plan = part(bundle("halsont"), "PlanDefinition")
    protocol = library().protocols["halsont"]
    assert [one["id"] for one in plan["action"]] == [*(rule.id for rule in protocol.rules), "default"]
    airway = plan["action"][0]
    assert airway["condition"][0]["expression"]["language"] == LINE
    assert airway["priority"] == "stat"
    codes = {one["coding"][0]["system"]: one["coding"][0]["code"] for one in airway["code"]}
    assert (codes[names.URGENCY], codes[names.CARE]) == ("1", "ambulance")
    assert [one["label"] for one in airway["documentation"]] == ["nice_ng84", "cks_sore_throat"]
    assert all(one["url"].startswith("https://") for one in airway["documentation"])
    assert plan["status"] == "draft"
    assert plan["experimental"] is True
    golden = [one for one in plan["extension"] if one["url"] == names.GOLDEN]
    tree, _problems = place.read(load.shipped("halsont"), "")
    assert len(golden) == len(tree["golden"])


def test_a_signed_protocol_is_active() -> None:
    signed = library().sha256("halsont")
    text = load.shipped("halsont") + (
        'signoff: {author: "A. Prov", reviewers: ["B. Prov", "C. Prov"], signed: 2026-11-02, '
        f"review_by: 2027-11-02, sha256: {signed}}}\n"
    )
    found = load.library_with({"halsont": text})
    whole = write.bundle(found, "halsont", text)
    plan = part(whole, "PlanDefinition")
    assert (plan["status"], plan["experimental"], plan["approvalDate"]) == ("active", False, "2026-11-02")
    assert plan["effectivePeriod"] == {"end": "2027-11-02"}
    assert [one["name"] for one in plan["reviewer"]] == ["B. Prov", "C. Prov"]
    again = load.library_with({"halsont": read.read(whole, found).protocol.text})
    assert again.protocols["halsont"].signoff == found.protocols["halsont"].signoff
    assert again.sha256("halsont") == signed


def test_other_ways_to_write_the_same_come_back() -> None:
    text = load.shipped("halsont")
    for old, new in (
        ("source: cks_sore_throat", "source: [cks_sore_throat]"),
        ("  - duration\n", "  - {concept: duration}\n"),
        ("    care: ambulance\n", "    care: ambulance\n    refer: null\n"),
        ("applies: {age_min: 1, age_max: null, sex: any}", "applies: {age_min: 1, sex: any}"),
        ("danger_rank: 35\n", "danger_rank: 35\nimplies: {}\nselfcare_at: 5\n"),
    ):
        assert old in text
        text = text.replace(old, new)
    found = load.library_with({"halsont": text})
    back = read.read(write.bundle(found, "halsont", text), found)
    assert load.library_with({"halsont": back.protocol.text}).sha256("halsont") == found.sha256("halsont")
    assert found.sha256("halsont") != library().sha256("halsont")


def test_a_spelling_cannot_change_the_meaning() -> None:
    whole = bundle("halsont")
    note = spelling.differences({"a": [1]}, {"a": 1})[0]
    note["extension"][0]["valueString"] = '["rules", 0, "urgency"]'
    note["extension"][1]["valueString"] = "5"
    part(whole, "PlanDefinition")["extension"].append(note)
    assert "means something else" in said(whole)


def test_what_cannot_be_said_in_fhir_is_not_written() -> None:
    text = load.shipped("halsont").replace("age_min: 1,", "age_min: null,")
    found = load.library_with({"halsont": text})
    with pytest.raises(CannotExport, match="applies"):
        write.bundle(found, "halsont", text)
    with pytest.raises(CannotExport, match="no such protocol"):
        write.bundle(library(), "nothing", text)


# --- conditions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "behaviour"),
    [
        ("feels_feverish", None),
        ("not feels_feverish", None),
        ("cough and age < 13", "all"),
        ("cough or vomiting", "any"),
        ("duration >= 3w", None),
        ("male", None),
        ("temp >= 38.5 and female", "all"),
    ],
)
def test_fhir_says_simple_conditions_itself(ours: str, behaviour: str | None) -> None:
    said_by_fhir = enabled(parse(ours), None, library().concepts)
    assert said_by_fhir.get("enableBehavior") == behaviour
    assert line(said_by_fhir["enableWhen"], behaviour == "any") == ours


def test_the_others_become_fhirpath() -> None:
    found = enabled(parse("short_of_breath or (fever and age >= 60)"), None, library().concepts)
    (extension,) = found["extension"]
    assert extension["url"] == names.ENABLE_WHEN
    assert extension["valueExpression"]["expression"] == (
        "((%resource.repeat(item).where(linkId = 'short_of_breath').answer.value = true) or "
        "((iif(%resource.repeat(item).where(linkId = 'temp').answer.value >= 38, true, false) or "
        "(%resource.repeat(item).where(linkId = 'feels_feverish').answer.value = true)) and "
        "iif(%resource.repeat(item).where(linkId = 'age').answer.value >= 60, true, false)))"
    )
    missing = fhirpath(parse("not temp > 0"), library().concepts)  # holds too where nobody has measured
    assert missing == "iif(%resource.repeat(item).where(linkId = 'temp').answer.value > 0, true, false).not()"
    assert fhirpath(parse("count(cough, vomiting) >= 2"), library().concepts)


def test_what_a_question_stands_on_closes_it() -> None:
    concept = library().concepts["travel_tropics_3m"]
    assert enabled(parse("travel_tropics"), concept.unless, library().concepts) == {
        "enableWhen": [{"question": "travel_tropics", "operator": "=", "answerBoolean": True}]
    }
    male = library().concepts["vaginal_bleeding"].unless
    assert enabled(None, male, library().concepts)["enableWhen"][0]["answerCoding"]["code"] == "female"


# --- what others have written --------------------------------------------------------------------


def both(english: str, swedish: str, key: str = "text") -> Json:
    """English first: what others write is not Swedish."""
    parts = [{"url": "lang", "valueCode": "sv"}, {"url": "content", "valueString": swedish}]
    return {key: english, f"_{key}": {"extension": [{"url": names.TRANSLATION, "extension": parts}]}}


def action(id: str, when: str | None, care: str, **more: Any) -> Json:
    condition = {"kind": "applicability", "expression": {"language": LINE, "expression": when}}
    return {
        "id": id,
        **both("It may be infected.", "Det kan vara en infektion.", "description"),
        "code": [{"coding": [{"system": names.CARE, "code": care}]}],
        **({"condition": [condition]} if when else {}),
        **more,
    }


def advice(url: str) -> Json:
    said_so = [("sv", "Hör av dig om det blir värre."), ("en", "Get in touch if it gets worse.")]
    lines = [{"url": lang, "extension": [{"url": "0", "valueString": text}]} for lang, text in said_so]
    return {"url": url, "extension": lines}


def foreign() -> Json:
    """A small protocol that was not written by us: new concepts, a new source, English first."""
    source = {
        "type": "citation", "label": "made_up_nails", "display": "A made-up guideline",
        "url": "https://example.org/nails",
    }  # fmt: skip
    questionnaire = {
        "resourceType": "Questionnaire",
        "language": "en",
        "status": "draft",
        "item": [
            {
                "linkId": "nail_red",
                "type": "boolean",
                **both("Is the skin around the nail red?", "Är huden runt nageln röd?"),
                "extension": [{"url": names.DANGER, "valueBoolean": True}],
            },
            {
                "linkId": "nail_colour",
                "type": "choice",
                **both("Which colour is the nail?", "Vilken färg har nageln?"),
                "enableWhen": [{"question": "nail_red", "operator": "=", "answerBoolean": True}],
                "answerOption": [
                    {"valueCoding": {"code": "black", **both("Black", "Svart", "display")}},
                    {"valueCoding": {"code": "yellow", **both("Yellow", "Gul", "display")}},
                ],
            },
            {
                "linkId": "nail_weeks",
                "type": "quantity",
                **both("For how long?", "Hur länge?"),
            },
        ],
    }
    plan = {
        "resourceType": "PlanDefinition",
        "id": "nail-trouble",
        "language": "en",
        "version": "1.0.0",
        "status": "draft",
        **both("Nail trouble", "Nagelbesvär", "title"),
        "extension": [advice(names.SEEK_AGAIN)],
        "action": [
            {
                "title": "When there is danger",
                "action": [
                    action("red_and_black", "nail_red and nail_colour = black", "day", documentation=[source])
                ],
            },
            action("long", "nail_weeks >= 4w", "book", priority="routine"),
            action("otherwise", None, "selfcare"),
        ],
    }
    entries = [{"resource": questionnaire}, {"resource": plan}]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def test_what_others_have_written_is_read() -> None:
    found = read.read(foreign(), library())
    checked = held.held(found)
    assert checked.notes == ("0 golden cases. Write at least 6: two red, two middle, one mild, one unknown.",)
    assert found.protocol.name == "protocols/nail_trouble.yaml"
    protocol, _problems = place.read(found.protocol.text, "")
    assert protocol["title"] == {"sv": "Nagelbesvär", "en": "Nail trouble"}
    assert protocol["ask"] == ["nail_red", {"concept": "nail_colour", "if": "nail_red"}, "nail_weeks"]
    assert [rule["id"] for rule in protocol["rules"]] == ["red_and_black", "long"]
    assert (protocol["rules"][0]["urgency"], protocol["rules"][0]["source"]) == (3, "made_up_nails")
    assert protocol["default"]["care"] == "selfcare"
    assert found.concepts and found.sources
    concepts, _problems = place.read(found.concepts.text, "")
    assert concepts["nail_red"]["danger"] is True
    assert concepts["nail_colour"]["options"][0] == {"id": "black", "sv": "Svart", "en": "Black"}
    assert concepts["nail_weeks"]["kind"] == "duration"
    sources, _problems = place.read(found.sources.text, "")
    assert sources["made_up_nails"]["url"] == "https://example.org/nails"


def said(whole: Json) -> str:
    with pytest.raises(BadBundle) as caught:
        held.held(read.read(whole, library()))
    return str(caught.value)


Q, P = "entry[0].resource", "entry[1].resource"


def change(where: str, what: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def done(whole: Json) -> None:
        found: Any = whole
        for step in where.replace("[", ".[").split("."):
            found = found[int(step[1:-1])] if step.startswith("[") else found[step]
        what(found)

    return done


FAULTS: list[tuple[Callable[[Any], Any], str, str]] = [
    # FHIR itself
    (change(Q, lambda one: one.pop("status")), f"{Q}.status", "Add status."),
    (change(Q, lambda one: one.update(items=[])), f"{Q}.items", "Do you mean item?"),
    (change(f"{Q}.item[0]", lambda one: one.update(type="bool")), f"{Q}.item[0].type", "Known: group"),
    (change(f"{Q}.item[0]", lambda one: one.update(text=7)), f"{Q}.item[0].text", "Write it as FHIR R4"),
    (change(f"{Q}.item[2]", lambda one: one.update(linkId="nail_red")), f"{Q}.item[2].linkId", "id of its own"),
    (change(f"{P}.action[1].condition[0]", lambda one: one.update(kind="if")), "condition[0].kind", "applicability"),
    (change(P, lambda one: one["extension"][0].update(valueString="x")), f"{P}.extension[0]", "Keep one"),
    (change("entry[0]", lambda one: one.update(resource=[])), "entry[0].resource", "must not be a list"),
    # what is asked
    (change(f"{Q}.item[0]", lambda one: one.update(linkId="1.1")), f"{Q}.item[0].linkId", "small letters"),
    (change(f"{Q}.item[0]", lambda one: one.pop("_text")), f"{Q}.item[0].text", "Add it as a translation to sv"),
    (change(f"{Q}.item[0]", lambda one: one.update(type="date")), f"{Q}.item[0].type", "Use quantity"),
    (change(f"{Q}.item[0]", lambda one: one.update(required=True)), f"{Q}.item[0].required", "do not know"),
    (change(f"{Q}.item[0]", lambda one: one.update(linkId="stridor")), f"{Q}.item[0]", "give this one another"),
    (change(f"{Q}.item[0]", lambda one: one.update(repeats=True)), f"{Q}.item[0].repeats", "Take repeats away"),
    (
        change(f"{Q}.item[1].answerOption[0].valueCoding", lambda one: one.update(code="26-1")),
        f"{Q}.item[1].answerOption[0]",
        "small letters",
    ),
    (
        change(f"{Q}.item[1].enableWhen[0]", lambda one: one.update(operator="exists")),
        f"{Q}.item[1].enableWhen",
        "in our language too",
    ),
    (
        change(f"{Q}.item[1]", lambda one: one.update(enableWhen=[{"question": "gone", "operator": "=",
                                                                   "answerBoolean": True}])),
        f"{Q}.item[1]",
        "There is no concept “gone”",
    ),  # fmt: skip
    (
        change(f"{Q}.item[0].extension[0]", lambda one: one.update(url=names.OWN + "dangr")),
        f"{Q}.item[0].extension[0].url",
        "Do you mean",
    ),
    (
        change(f"{Q}.item[2]", lambda one: one.update(item=[{"linkId": "x", "type": "boolean", "text": "X?"}])),
        f"{Q}.item[2].item[0]",
        "Put it after this one",
    ),
    # the rules
    (change(f"{P}.action[2]", lambda one: one.pop("code")), f"{P}.action[2].code", "Add a coding of"),
    (change(f"{P}.action[1]", lambda one: one.update(priority="stat")), f"{P}.action[1].priority", "Write routine"),
    (change(f"{P}.action[1]", lambda one: one.pop("condition")), f"{P}.action[2]", "Add a condition"),
    (change(P, lambda one: one["action"].pop()), f"{P}.action", "what holds when no rule does"),
    (change(f"{P}.action[1]", lambda one: one.pop("_description")), f"{P}.action[1].description", "translation"),
    (change(f"{P}.action[1]", lambda one: one.update(timingAge={})), f"{P}.action[1].timingAge", "Take it away"),
    (change(f"{P}.action[1]", lambda one: one.pop("id")), f"{P}.action[1].id", "Add id"),
    (
        change(f"{P}.action[1].condition[0].expression", lambda one: one.update(language="text/cql")),
        f"{P}.action[1].condition[0].expression.language",
        f'language "{LINE}"',
    ),
    (
        change(f"{P}.action[1].condition[0].expression", lambda one: one.update(expression="nail_weeks >=")),
        f"{P}.action[1].condition[0].expression",
        "cannot be compared",
    ),
    (
        change(f"{P}.action[1].condition[0].expression", lambda one: one.update(expression="nail_week >= 4w")),
        f"{P}.action[1]",
        "Do you mean nail_weeks?",
    ),
    (
        change(f"{P}.action[1].condition[0].expression", lambda one: one.update(expression="not nail_red")),
        f"{P}.action[1]",
        "would lower the urgency",
    ),
    (
        change(f"{P}.action[0].action[0].documentation[0]", lambda one: one.pop("label")),
        f"{P}.action[0].action[0].documentation[0].label",
        "short id",
    ),
    (
        change(f"{P}.action[0].action[0].documentation[0]", lambda one: one.update(label="nice_ng84")),
        f"{P}.action[0].action[0].documentation[0].url",
        "another label",
    ),
    (change(P, lambda one: one.update(version="2")), f"{P}.version", "three numbers"),
    (change(P, lambda one: one.pop("extension")), P, "seek_again"),
    (change(P, lambda one: one.update(language="de")), f"{P}.language", "sv or en"),
    # the whole
    (change("entry", lambda one: one.pop()), "entry", "the one with the rules"),
    (change("entry", lambda one: one.append(one[1])), "entry[2].resource", "one Questionnaire in a file"),
    (
        change("entry", lambda one: one.append({"resource": {"resourceType": "Library", "status": "draft"}})),
        "entry[2].resource",
        "Take it out",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "path", "cure"), FAULTS)
def test_a_fault_is_told_with_path_and_cure(spoil: Callable[[Any], Any], path: str, cure: str) -> None:
    whole = copy.deepcopy(foreign())
    spoil(whole)
    told = [one for one in said(whole).splitlines() if path in one and cure in one]
    assert told, said(whole)


def test_all_faults_are_told_at_once() -> None:
    whole = foreign()
    for spoil, _path, _cure in FAULTS[9:11]:
        spoil(whole)
    part(whole, "PlanDefinition")["version"] = ""
    assert len(said(whole).splitlines()) == 1  # not FHIR: the rest waits
    part(whole, "PlanDefinition").pop("version")
    assert len(said(whole).splitlines()) >= 3


@pytest.mark.parametrize("content", [None, [], "x", 1, {}, {"resourceType": 3}, {"resourceType": "Patient"}])
def test_what_is_no_bundle_is_refused(content: Any) -> None:
    with pytest.raises(BadBundle):
        read.read(content, library())


def test_an_edit_in_a_form_tool_must_be_whole() -> None:
    whole = bundle("halsont")
    questionnaire = part(whole, "Questionnaire")
    temp = next(one for one in items(questionnaire) if one["linkId"] == "temp")
    temp["text"] = "Hur varm är du?"
    assert "The text and its template say different things" in said(whole)
    whole = bundle("halsont")
    surgery = next(one for one in items(part(whole, "Questionnaire")) if one["linkId"] == "travel_tropics_3m")
    surgery["enableWhen"][0]["question"] = "cough"
    assert "enableWhen does not say the same" in said(whole)


def test_a_changed_rule_changes_the_hash() -> None:
    whole = bundle("halsont")
    rule = next(one for one in part(whole, "PlanDefinition")["action"] if one["id"] == "long")
    rule["condition"][0]["expression"]["expression"] = "duration >= 3w"
    found = read.read(whole, library())
    checked = held.held(found)
    assert found.sha256 == library().sha256("halsont") != checked.sha256


def test_hostile_json_is_refused_not_followed() -> None:
    deep: Any = {"linkId": "a", "type": "group"}
    for _ in range(200):
        deep = {"linkId": "a", "type": "group", "item": [deep]}
    whole = foreign()
    part(whole, "Questionnaire")["item"] = [deep]
    assert "nested too deep" in said(whole)
    for id in ("../../etc/passwd", "a/b", "A", "", "x\n"):
        whole = foreign()
        part(whole, "PlanDefinition")["id"] = id
        assert P in said(whole)


def places(node: Any) -> list[tuple[Any, Any]]:
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [found for key, one in pairs for found in ((node, key), *places(one))]


@pytest.mark.parametrize("seed", range(300))
def test_nothing_but_faults_comes_of_broken_bundles(seed: int) -> None:
    rng = random.Random(seed)
    whole = foreign() if seed % 3 else bundle("screening")
    odd = [None, True, -1, 10**400, "", "x", "{du}", [], {}, [None], {"a": 1}, "((", "age >= 5", float("inf")]
    for _ in range(rng.choice([1, 1, 2])):
        holder, key = rng.choice(places(whole))
        if rng.random() < 0.4:
            del holder[key]
        else:
            holder[key] = rng.choice(odd)
    try:
        found = read.read(whole, library())
    except BadBundle as fault:
        assert all(one.what and one.cure for one in fault.faults)
    else:
        assert place.read(found.protocol.text, "")[1] == []


# --- YAML ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "no",
        "1.0",
        "3:30",
        "2026-11-02",
        "~",
        "null",
        "a: b",
        "# x",
        "å\u0085\u2028",
        "😀",
        "- a",
        "\t",
    ],
)
def test_texts_survive_yaml(text: str) -> None:
    tree = {
        "id": text,
        "selfcare": {"sv": [text]},
        "golden": [{"given": {"age": 1.5, "yes": True, "no": None}}],
    }
    back, problems = place.read(yaml_text.write(tree), "")
    assert (back, problems) == (tree, [])


# --- the command ---------------------------------------------------------------------------------


def test_export_and_import_by_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["triage", "export", "halsont", "screening", "--to", str(tmp_path / "out")]) == 0
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == ["halsont.json", "screening.json"]
    capsys.readouterr()
    assert cli.main(["triage", "import", str(tmp_path / "out" / "halsont.json")]) == 0
    out, err = capsys.readouterr()
    assert load.library_with({"halsont": out}).sha256("halsont") == library().sha256("halsont")
    assert err == ""


def test_import_writes_content_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "nails.json"
    file.write_text(json.dumps(foreign()), encoding="utf-8")
    folder = tmp_path / "content"
    assert command.main(["import", str(file), "--to", str(folder)]) == 0
    out, err = capsys.readouterr()
    assert out.split() == [
        "protocols/nail_trouble.yaml",
        "concepts/nail_trouble.yaml",
        "sources/nail_trouble.yaml",
    ]
    assert "0 golden cases" in err
    assert command.main(["import", str(file), "--to", str(folder)]) == 1
    assert "--replace" in capsys.readouterr().err
    assert command.main(["import", str(file), "--to", str(folder), "--replace"]) == 0
    for part_of in ("concepts", "sources"):
        shutil.copytree(load.CONTENT / part_of, folder / part_of, dirs_exist_ok=True)
    for one in ("reasons.json", "screening.yaml", "general.yaml"):
        shutil.copy(load.CONTENT / one, folder / one)
    loaded = load.load(folder)
    assert loaded.problems == []
    assert loaded.library and "nail_trouble" in loaded.library.protocols


def test_import_tells_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = foreign()
    part(whole, "PlanDefinition")["action"][1].pop("id")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(whole).encode())))
    assert command.main(["import", "-"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert f"{P}.action[1].id" in err and "nothing was imported" in err
    for content in (b"{", b"\xff\xfe\x00", b"[" * 100_000):
        (tmp_path / "bad.json").write_bytes(content)
        assert command.main(["import", str(tmp_path / "bad.json")]) == 1
        assert "Save it as JSON" in capsys.readouterr().err
    assert command.main(["import", str(tmp_path / "none.json")]) == 1
    assert "Name another file" in capsys.readouterr().err


def test_export_of_what_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["export", "nothing", "--to", str(tmp_path)]) == 1
    assert "There is no protocol nothing" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert command.main(["export", "halsont", "--to", str(tmp_path / "file")]) == 1
    assert "Name another folder" in capsys.readouterr().err


def test_interview_and_check_are_reached(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert cli.main(["triage", "interview"]) == 0
    assert capsys.readouterr().out == ""
    assert cli.main(["triage", "check", "halsont"]) == 0
    assert "1 protocols" in capsys.readouterr().out
