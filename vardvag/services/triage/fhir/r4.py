"""The parts of FHIR R4 (4.0.1) that a protocol is written in, as tables.

`name:Type`, `*` many, `!` needed, `value[x]:A|B` a choice of types; `any` is an object that is not looked into.
"""

import re
from dataclasses import dataclass
from functools import cache

_ELEMENT = "id extension*:Extension"
_BACKBONE = f"{_ELEMENT} modifierExtension*:Extension"
_RESOURCE = "resourceType!:code id:id meta:Meta implicitRules:uri language:code"
_DOMAIN = f"{_RESOURCE} text:any contained*:any extension*:Extension modifierExtension*:Extension"
_PUBLISHED = """url:uri identifier*:Identifier version name title status!:code experimental:boolean date:dateTime
 publisher contact*:ContactDetail description:markdown useContext*:UsageContext jurisdiction*:CodeableConcept
 purpose:markdown copyright:markdown approvalDate:date lastReviewDate:date effectivePeriod:Period"""
_ANY_VALUE = """Base64Binary|Boolean|Canonical|Code|Date|DateTime|Decimal|Id|Instant|Integer|Markdown|Oid|PositiveInt|
String|Time|UnsignedInt|Uri|Url|Uuid|Address|Age|Annotation|Attachment|CodeableConcept|Coding|ContactPoint|Count|
Distance|Duration|HumanName|Identifier|Money|Period|Quantity|Range|Ratio|Reference|SampledData|Signature|Timing|
ContactDetail|Contributor|DataRequirement|Expression|ParameterDefinition|RelatedArtifact|TriggerDefinition|
UsageContext|Dosage|Meta""".replace("\n", "")

_TABLE = {
    "Bundle": f"""{_RESOURCE} identifier:Identifier type!:code timestamp:instant total:unsignedInt
        link*:Bundle.link entry*:Bundle.entry signature:any""",
    "Bundle.link": f"{_BACKBONE} relation! url!:uri",
    "Bundle.entry": f"""{_BACKBONE} link*:Bundle.link fullUrl:uri resource:Resource search:any request:any
        response:any""",
    "Questionnaire": f"""{_DOMAIN} {_PUBLISHED} derivedFrom*:canonical subjectType*:code code*:Coding
        item*:Questionnaire.item""",
    "Questionnaire.item": f"""{_BACKBONE} linkId! definition:uri code*:Coding prefix text type!:code
        enableWhen*:Questionnaire.item.enableWhen enableBehavior:code required:boolean repeats:boolean
        readOnly:boolean maxLength:integer answerValueSet:canonical answerOption*:Questionnaire.item.answerOption
        initial*:Questionnaire.item.initial item*:Questionnaire.item""",
    "Questionnaire.item.enableWhen": f"""{_BACKBONE} question! operator!:code
        answer[x]!:Boolean|Decimal|Integer|Date|DateTime|Time|String|Coding|Quantity|Reference""",
    "Questionnaire.item.answerOption": f"""{_BACKBONE} value[x]!:Integer|Date|Time|String|Coding|Reference
        initialSelected:boolean""",
    "Questionnaire.item.initial": f"""{_BACKBONE}
        value[x]!:Boolean|Decimal|Integer|Date|DateTime|Time|String|Uri|Attachment|Coding|Quantity|Reference""",
    "PlanDefinition": f"""{_DOMAIN} {_PUBLISHED} subtitle type:CodeableConcept subject[x]:CodeableConcept|Reference
        usage topic*:CodeableConcept author*:ContactDetail editor*:ContactDetail reviewer*:ContactDetail
        endorser*:ContactDetail relatedArtifact*:RelatedArtifact library*:canonical goal*:any
        action*:PlanDefinition.action""",
    "PlanDefinition.action": f"""{_BACKBONE} prefix title description textEquivalent priority:code
        code*:CodeableConcept reason*:CodeableConcept documentation*:RelatedArtifact goalId*:id
        subject[x]:CodeableConcept|Reference trigger*:any condition*:PlanDefinition.action.condition input*:any
        output*:any relatedAction*:any timing[x]:DateTime|Age|Period|Duration|Range|Timing participant*:any
        type:CodeableConcept groupingBehavior:code selectionBehavior:code requiredBehavior:code
        precheckBehavior:code cardinalityBehavior:code definition[x]:Canonical|Uri transform:canonical
        dynamicValue*:any action*:PlanDefinition.action""",
    "PlanDefinition.action.condition": f"{_BACKBONE} kind!:code expression:Expression",
    "Extension": f"{_ELEMENT} url!:uri value[x]:{_ANY_VALUE}",
    "Element": _ELEMENT,
    "Meta": f"""{_ELEMENT} versionId:id lastUpdated:instant source:uri profile*:canonical security*:Coding
        tag*:Coding""",
    "Identifier": f"{_ELEMENT} use:code type:CodeableConcept system:uri value period:Period assigner:any",
    "Coding": f"{_ELEMENT} system:uri version code:code display userSelected:boolean",
    "CodeableConcept": f"{_ELEMENT} coding*:Coding text",
    "ContactDetail": f"{_ELEMENT} name telecom*:any",
    "UsageContext": f"{_ELEMENT} code!:Coding value[x]!:CodeableConcept|Quantity|Range|Reference",
    "Quantity": f"{_ELEMENT} value:decimal comparator:code unit system:uri code:code",
    "Range": f"{_ELEMENT} low:Quantity high:Quantity",
    "Period": f"{_ELEMENT} start:dateTime end:dateTime",
    "RelatedArtifact": f"""{_ELEMENT} type!:code label display citation:markdown url:url document:any
        resource:canonical""",
    "Expression": f"{_ELEMENT} description name:id language!:code expression reference:uri",
}

CODES = {  # where FHIR binds an element to a set of codes
    "Bundle.type": """document message transaction transaction-response batch batch-response history searchset
        collection""",
    "Questionnaire.status": "draft active retired unknown",
    "PlanDefinition.status": "draft active retired unknown",
    "Questionnaire.item.type": """group display boolean decimal integer date dateTime time string text url choice
        open-choice attachment reference quantity""",
    "Questionnaire.item.enableBehavior": "all any",
    "Questionnaire.item.enableWhen.operator": "exists = != > < >= <=",
    "PlanDefinition.action.priority": "routine urgent asap stat",
    "PlanDefinition.action.condition.kind": "applicability start stop",
    "PlanDefinition.action.groupingBehavior": "visual-group logical-group sentence-group",
    "PlanDefinition.action.selectionBehavior": "any all all-or-none exactly-one at-most-one one-or-more",
    "PlanDefinition.action.requiredBehavior": "must could must-unless-documented",
    "PlanDefinition.action.precheckBehavior": "yes no",
    "PlanDefinition.action.cardinalityBehavior": "single multiple",
    "RelatedArtifact.type": """documentation justification citation predecessor successor derived-from depends-on
        composed-of""",
    "Quantity.comparator": "< <= >= >",
}

_TIME = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?"
_ZONE = r"(Z|[+-](0\d|1[0-4]):[0-5]\d)"
_DATE = r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"
PRIMITIVES = {  # those that are text in JSON
    "string": r"[ \r\n\t\S]+",
    "markdown": r"[ \r\n\t\S]+",
    "code": r"\S+(\s\S+)*",
    "id": r"[A-Za-z0-9\-.]{1,64}",
    "uri": r"\S+",
    "url": r"\S+",
    "canonical": r"\S+",
    "oid": r"urn:oid:[0-2](\.(0|[1-9]\d*))+",
    "uuid": r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "date": _DATE,
    "dateTime": rf"{_DATE}(T{_TIME}{_ZONE})?",
    "instant": rf"\d{{4}}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T{_TIME}{_ZONE}",
    "time": _TIME,
    "base64Binary": r"[A-Za-z0-9+/=\s]+",
}
NUMBERS = {
    "integer": (-(2**31), 2**31 - 1),
    "unsignedInt": (0, 2**31 - 1),
    "positiveInt": (1, 2**31 - 1),
}


@dataclass(frozen=True, slots=True)
class Part:
    """An element: its type, and whether it is a list, needed, and one of a choice."""

    type: str
    many: bool = False
    needed: bool = False
    choice: str = ""


@cache
def parts(type: str) -> dict[str, Part] | None:
    """The elements of a type by name; None for a type that is not looked into."""
    if type not in _TABLE:
        return None
    found: dict[str, Part] = {}
    for word in _TABLE[type].split():
        name, _, kind = word.partition(":")
        many, needed = "*" in name, "!" in name
        name = name.rstrip("*!")
        if name.endswith("[x]"):
            stem = name.removesuffix("[x]")
            for one in kind.split("|"):
                lower = one[0].lower() + one[1:]
                is_text = lower in PRIMITIVES or lower in NUMBERS or lower in ("boolean", "decimal")
                found[stem + one] = Part(lower if is_text else one, choice=stem + ("!" if needed else ""))
        else:
            found[name] = Part(kind or "string", many, needed)
    return found


@cache
def pattern(type: str) -> re.Pattern[str]:
    return re.compile(PRIMITIVES[type])
