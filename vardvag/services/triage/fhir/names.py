"""Addresses and names of FHIR R4, of SDC, and our own."""

CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
BASE = "https://vardvag.example/fhir/"
OWN = BASE + "StructureDefinition/triage-"

CONDITION = "text/x-vardvag-condition"  # the language of ../content/README.md
FHIRPATH = "text/fhirpath"

TRANSLATION = CORE + "translation"
HIDDEN = CORE + "questionnaire-hidden"
ITEM_CONTROL = CORE + "questionnaire-itemControl"
UNIT = CORE + "questionnaire-unit"
UNIT_OPTION = CORE + "questionnaire-unitOption"
MIN_VALUE = CORE + "minValue"
MAX_VALUE = CORE + "maxValue"
SHORT_TEXT = SDC + "sdc-questionnaire-shortText"
ENABLE_WHEN = SDC + "sdc-questionnaire-enableWhenExpression"
CALCULATED = SDC + "sdc-questionnaire-calculatedExpression"

# Of an item: concepts, and how they are asked.
TEMPLATE = OWN + "template"  # the text with its {tokens}; the element itself says it to the patient
DANGER = OWN + "danger"  # also of an answerOption
ON_UNKNOWN = OWN + "on-unknown"
BACKGROUND = OWN + "background"
SAID = OWN + "said"
UNLESS = OWN + "unless"
DERIVE = OWN + "derive"
IF = OWN + "if"
KEEP = OWN + "keep"

# Of the PlanDefinition: what is not a rule.
SHA256 = OWN + "sha256"
SIGNED_SHA256 = OWN + "signed-sha256"
CHILDREN = OWN + "children"
DANGER_RANK = OWN + "danger-rank"
FLOOR = OWN + "floor-incomplete"
SELFCARE_AT = OWN + "selfcare-at"
SELFCARE = OWN + "selfcare"
SEEK_AGAIN = OWN + "seek-again"
MATCH = OWN + "match"
IMPLIES = OWN + "implies"
JOIN = OWN + "join"
SCORE = OWN + "score"
GOLDEN = OWN + "golden"
SPELLING = OWN + "spelling"
PUBLISHER = OWN + "publisher"  # of a source

OURS = (
    TEMPLATE, DANGER, ON_UNKNOWN, BACKGROUND, SAID, UNLESS, DERIVE, IF, KEEP, SHA256, SIGNED_SHA256, CHILDREN,
    DANGER_RANK, FLOOR, SELFCARE_AT, SELFCARE, SEEK_AGAIN, MATCH, IMPLIES, JOIN, SCORE, GOLDEN, SPELLING, PUBLISHER,
)  # fmt: skip

# Code systems.
PART = BASE + "CodeSystem/triage-part"  # rule | everywhere | reassure | default
URGENCY = BASE + "CodeSystem/triage-urgency"
CARE = BASE + "CodeSystem/triage-care"
REFER = BASE + "CodeSystem/triage-refer"
CONCEPT = BASE + "CodeSystem/triage-"  # with the id of the concept behind: its options
IDENTIFIER = BASE + "triage-protocol"
UCUM = "http://unitsofmeasure.org"
ICPC2 = "http://hl7.org/fhir/sid/icpc-2"
GENDER = "http://hl7.org/fhir/administrative-gender"
USAGE = "http://terminology.hl7.org/CodeSystem/usage-context-type"
PLAN_TYPE = "http://terminology.hl7.org/CodeSystem/plan-definition-type"
ITEM_CONTROLS = "http://hl7.org/fhir/questionnaire-item-control"

PARTS = ("rules", "everywhere", "reassure", "default")
PRIORITY = {1: "stat", 2: "asap", 3: "urgent", 4: "routine", 5: "routine"}
SEX = {"F": "female", "M": "male"}
FACTS = ("age", "sex")  # known before anything is asked
DURATIONS = {"h": "h", "d": "d", "w": "wk", "m": "mo", "y": "a"}  # ours to UCUM's


def resource_id(protocol_id: str) -> str:
    """FHIR has no underscore in ids, ours have no hyphen."""
    return protocol_id.replace("_", "-")


def protocol_id(resource_id: str) -> str:
    return resource_id.replace("-", "_")
