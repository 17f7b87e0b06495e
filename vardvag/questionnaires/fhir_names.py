"""Addresses and names of FHIR R4 and SDC that our forms use."""

CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
OWN = "https://vardvag.example/fhir/StructureDefinition/"

TRANSLATION = CORE + "translation"
ITEM_CONTROL = CORE + "questionnaire-itemControl"
ITEM_CONTROL_SYSTEM = "http://hl7.org/fhir/questionnaire-item-control"
UNIT = CORE + "questionnaire-unit"
MIN_VALUE = CORE + "minValue"
MAX_VALUE = CORE + "maxValue"
CALCULATED = CORE + "cqf-calculatedValue"
MAX_OCCURS = CORE + "questionnaire-maxOccurs"
MAX_SIZE = CORE + "maxSize"
MIME_TYPE = CORE + "mimeType"
ENTRY_FORMAT = CORE + "entryFormat"
EXCLUSIVE = CORE + "questionnaire-optionExclusive"
KEYBOARD = SDC + "sdc-questionnaire-keyboard"
KEYBOARD_SYSTEM = "http://hl7.org/fhir/uv/sdc/CodeSystem/keyboardType"
TONE = OWN + "tone"

HEAD = {
    *("resourceType", "id", "meta", "implicitRules", "language", "text", "extension", "modifierExtension"),
    *(
        "url",
        "identifier",
        "version",
        "name",
        "title",
        "derivedFrom",
        "status",
        "experimental",
        "subjectType",
    ),
    *(
        "subjectType",
        "date",
        "publisher",
        "contact",
        "description",
        "useContext",
        "jurisdiction",
        "purpose",
        "copyright",
    ),
    *("approvalDate", "lastReviewDate", "effectivePeriod", "code", "item"),
}
ITEM = {
    *("id", "extension", "linkId", "definition", "code", "prefix", "text", "type", "enableWhen"),
    *("enableBehavior", "required", "repeats", "maxLength", "answerOption", "initial", "item"),
}
KEPT = ("id", "definition", "code", "prefix")  # carried along, not acted on

# FHIR item types we do not read, and what to write instead.
INSTEAD = {
    "dateTime": "date",
    "time": "string",
    "url": "string",
    "reference": "string",
    "quantity": "decimal",
    "question": "string",
}
VALUE_OF = {  # value[x], answer[x] and initial[x] by kind of item
    "string": "String",
    "text": "String",
    "phone": "String",
    "choice": "Coding",
    "open-choice": "Coding",
    "boolean": "Boolean",
    "date": "Date",
    "integer": "Integer",
    "decimal": "Decimal",
    "attachment": "Attachment",
}
