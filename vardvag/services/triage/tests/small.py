"""A small library in a folder, for tests of loading and of rules."""

from pathlib import Path

from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.load import load
from vardvag.services.triage.engine.reader import Loaded

CONCEPTS = """
red: {danger: true, text: {sv: "Röd?", en: "Red?"}, label: {sv: Röd, en: Red}}
sure: {danger: true, on_unknown: danger, text: {sv: "Säker?", en: "Sure?"}, label: {sv: Säker, en: Sure}}
amber: {danger: true, text: {sv: "Gul?", en: "Amber?"}, label: {sv: Gul, en: Amber}}
mild: {text: {sv: "Lindrig?", en: "Mild?"}, label: {sv: Lindrig, en: Mild}}
cough: {text: {sv: "Hosta?", en: "Cough?"}, label: {sv: Hosta, en: Cough}}
later: {danger: true, unless: "not amber", text: {sv: "Sedan?", en: "Later?"}, label: {sv: Sedan, en: Later}}
temp: {kind: temp, text: {sv: "Temp?", en: "Temp?"}}
hot: {derive: "temp >= 38 or feels_hot"}
feels_hot: {text: {sv: "Varm?", en: "Warm?"}, label: {sv: Varm, en: Warm}}
days: {kind: duration, text: {sv: "Hur länge?", en: "How long?"}}
colour:
  kind: choice
  text: {sv: "Färg?", en: "Colour?"}
  options: [{id: blue, sv: Blå, en: Blue}, {id: black, sv: Svart, en: Black, danger: true}]
tried: {kind: text, text: {sv: "Provat?", en: "Tried?"}}
s_dying: {danger: true, on_unknown: danger, text: {sv: "Dör?", en: "Dying?"}, label: {sv: Dör, en: Dying}}
s_bleeding:
  {danger: true, on_unknown: danger, text: {sv: "Blöder?", en: "Bleeding?"}, label: {sv: Blöder, en: Bleeding}}
"""
BECAUSE = 'because: {sv: "Därför.", en: "Because."}'
SCREENING = f"""
id: screening
version: 1.0.0
title: {{sv: S, en: S}}
ask: [{{screen: [s_dying, s_bleeding]}}]
rules:
  - {{id: dying, when: "s_dying or s_bleeding", urgency: 1, care: ambulance, {BECAUSE}}}
default: {{urgency: 5, care: selfcare, {BECAUSE}}}
seek_again: {{sv: [A], en: [A]}}
"""
GENERAL = f"""
id: allmant
version: 1.0.0
title: {{sv: A, en: A}}
ask: [red, mild]
everywhere:
  - {{id: hot_and_red, when: "hot and red", urgency: 1, care: emergency, {BECAUSE}}}
rules:
  - {{id: general_red, when: red, urgency: 2, care: hours, {BECAUSE}}}
default: {{urgency: 4, care: book, {BECAUSE}}}
floor_incomplete: 3
seek_again: {{sv: [A], en: [A]}}
"""
PROTOCOL = f"""
id: prov
version: 1.0.0
title: {{sv: Prov, en: Trial}}
danger_rank: 20
ask:
  - days
  - screen: [red, sure, amber, later]
  - temp
  - {{concept: feels_hot, if: "not mild"}}
  - screen: [mild, cough]
  - colour
  - {{concept: tried, keep: true}}
scores:
  points: {{"temp >= 38.5": 1, amber: 1, "not cough": 1}}
rules:
  - {{id: red, when: red, urgency: 1, care: ambulance, {BECAUSE}}}
  - {{id: sure, when: sure, urgency: 2, care: hours, {BECAUSE}}}
  - {{id: amber, when: "amber and hot", urgency: 3, care: day, refer: bvc, {BECAUSE}}}
  - {{id: later, when: later, urgency: 2, care: hours, {BECAUSE}}}
  - {{id: three, when: "score points >= 3", urgency: 3, care: day, {BECAUSE}}}
  - {{id: black, when: "colour = black", urgency: 2, care: hours, {BECAUSE}}}
default: {{urgency: 4, care: book, {BECAUSE}}}
reassure:
  - {{id: short, when: "days < 3d and mild and not amber", urgency: 5, care: selfcare, {BECAUSE}}}
floor_incomplete: 3
selfcare: {{sv: [Vila], en: [Rest]}}
seek_again: {{sv: [Igen], en: [Again]}}
"""


def write(folder: Path, **files: str) -> Path:
    """A folder of content; `files` replace: concepts, screening, general, prov."""
    for name in ("concepts", "protocols", "sources"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "concepts" / "some.yaml").write_text(files.get("concepts", CONCEPTS), encoding="utf-8")
    (folder / "sources" / "some.yaml").write_text('book: {title: B, url: "https://x.se"}\n', encoding="utf-8")
    (folder / "screening.yaml").write_text(files.get("screening", SCREENING), encoding="utf-8")
    (folder / "general.yaml").write_text(files.get("general", GENERAL), encoding="utf-8")
    (folder / "protocols" / "prov.yaml").write_text(files.get("prov", PROTOCOL), encoding="utf-8")
    (folder / "reasons.json").write_text("[]", encoding="utf-8")
    return folder


def read(folder: Path, **files: str) -> Loaded:
    return load(write(folder, **files))


def library(folder: Path, **files: str) -> Library:
    loaded = read(folder, **files)
    assert [str(problem) for problem in loaded.problems] == []
    assert loaded.library is not None
    return loaded.library
