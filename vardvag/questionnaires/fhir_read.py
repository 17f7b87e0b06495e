"""FHIR R4 Questionnaire (parsed JSON) -> Definition. Every problem is told, with its path and its cure."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from vardvag.questionnaires import fhir_names as names
from vardvag.questionnaires.definition import (
    OTHER,
    SOURCE_LANGUAGE,
    BadDefinition,
    Bound,
    Condition,
    Definition,
    Help,
    Item,
    Kind,
    Operator,
    Option,
    Problem,
    Text,
    Unit,
    Value,
)
from vardvag.questionnaires.fhir_check import check_conditions, check_shape
from vardvag.questionnaires.fhir_write import canonical, write

LARGEST = 10**15  # of a number: more is not kept exactly, and JSON's 1e999 is infinite
LONGEST = {"id": 60, "url": 200}  # as they are stored
CODE = re.compile(r"[^\s]+( [^\s]+)*")
LINK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
Json = Mapping[str, Any]


def read(content: Any, *, published: bool = False) -> Definition:
    """Raises BadDefinition with every problem found. `published`: it was found good once, and what has been forbidden
    since is let be, so that what was answered can always be read."""
    return _Reader(published).definition(content)


class _Reader:
    def __init__(self, published: bool) -> None:
        self.published = published
        self.problems: list[Problem] = []
        self.seen: dict[str, str] = {}

    def wrong(self, path: str, what: str, cure: str) -> None:
        self.problems.append(Problem(path, what, cure))

    def wrong_in_new(self, path: str, what: str, cure: str) -> None:
        if not self.published:
            self.wrong(path, what, cure)

    def definition(self, content: Any) -> Definition:
        if not isinstance(content, dict) or content.get("resourceType") != "Questionnaire":
            self.wrong("resourceType", _("Det här är inte ett formulär."), _("Skriv Questionnaire."))
            raise BadDefinition(self.problems)
        for path, what, cure in check_shape(content):
            self.wrong(path, what, cure)
        if self.problems:
            raise BadDefinition(self.problems)
        for key in sorted(content):
            if key.removeprefix("_") not in names.HEAD:
                self.wrong(key, _("Fältet finns inte i FHIR R4 Questionnaire."), _("Ta bort det."))
        if content.get("modifierExtension"):
            self.wrong("modifierExtension", _("Vi kan inte följa sådana tillägg."), _("Ta bort dem."))
        if content.get("language") != SOURCE_LANGUAGE:
            self.wrong("language", _("Formulärets första språk ska vara svenska."), _('Skriv "sv".'))
        for key in ("url", "version", "status", "title"):
            if not isinstance(content.get(key), str) or not content[key].strip():
                self.wrong(key, _("Värdet saknas."), _("Skriv en text."))
        for key, most in LONGEST.items():
            if len(str(content.get(key, ""))) > most:
                self.wrong(key, _("Texten är för lång."), _("Högst %(most)s tecken.") % {"most": most})
        items = self.items(content.get("item"), "")
        if not items:
            self.wrong("item", _("Formuläret har inga frågor."), _("Lägg till minst en fråga."))
        definition = Definition(
            url=str(content.get("url", "")),
            version=str(content.get("version", "")),
            title=self.text(content, "title", ""),
            items=items,
            head={key: value for key, value in content.items() if key != "item"},
        )
        for extra in [item for item in definition.questions() if item.kind is Kind.FILE][1:]:
            self.wrong(
                f"{self.seen.get(extra.link_id, extra.link_id)}.type",
                _("Formuläret har mer än en fråga om filer."),
                _("Slå ihop dem till en fråga."),
            )
        for path, what, cure in check_conditions(definition, self.seen):
            self.wrong(path, what, cure)
        if not self.problems and canonical(write(definition)) != canonical(content):
            self.wrong(
                "item",
                _("Något i formuläret skulle inte följa med när det hämtas ut igen."),
                _("Ta bort tomma listor och värden som bara upprepar FHIR:s standardval."),
            )
        if self.problems:
            raise BadDefinition(self.problems)
        return definition

    def items(self, raw: Any, under: str) -> tuple[Item, ...]:
        found = [self.item(one, f"{under}item[{place}]") for place, one in enumerate(raw or [])]
        return tuple(item for item in found if item)

    def item(self, raw: Json, path: str) -> Item | None:
        for key in sorted(raw):
            if key not in names.ITEM and key != "_text":
                self.wrong(
                    f"{path}.{key}",
                    _("Vi kan inte använda fältet."),
                    _("Ta bort det."),
                )
        link_id = self.link_id(raw.get("linkId"), f"{path}.linkId")
        extensions = self.extensions(raw, path)
        kind = self.kind(raw.get("type"), extensions, path)
        if kind is None:
            return None
        text = self.text(raw, "text", path)
        if not text and kind is not Kind.SECTION:
            self.wrong(f"{path}.text", _("Texten saknas."), _("Skriv frågan som den ska läsas."))
        help_text, children = self.children(raw.get("item"), kind, path)
        item = Item(
            link_id=link_id,
            kind=kind,
            text=text,
            help=help_text,
            required=self.flag(raw, "required", path),
            repeats=self.flag(raw, "repeats", path),
            max_length=self.count(raw.get("maxLength"), f"{path}.maxLength"),
            minimum=self.bound(extensions.pop(names.MIN_VALUE, None), kind, f"{path} minValue"),
            maximum=self.bound(extensions.pop(names.MAX_VALUE, None), kind, f"{path} maxValue"),
            unit=_unit(extensions.pop(names.UNIT, None)),
            options=self.options(raw.get("answerOption"), kind, f"{path}.answerOption"),
            initial=self.initial(raw.get("initial"), kind, f"{path}.initial"),
            when=self.conditions(raw.get("enableWhen"), f"{path}.enableWhen"),
            any_of=raw.get("enableBehavior") == "any",
            enable_behavior=str(raw.get("enableBehavior", "")),
            control=_control(extensions.pop(names.ITEM_CONTROL, None)),
            entry_format=str(_one(extensions.pop(names.ENTRY_FORMAT, None), "valueString") or ""),
            max_count=self.count(
                _one(extensions.pop(names.MAX_OCCURS, None), "valueInteger"), f"{path} maxOccurs"
            ),
            max_megabytes=self.megabytes(
                _one(extensions.pop(names.MAX_SIZE, None), "valueDecimal"), f"{path} maxSize"
            ),
            mime_types=tuple(str(one.get("valueCode", "")) for one in extensions.pop(names.MIME_TYPE, [])),
            tone=str(_one(extensions.pop(names.TONE, None), "valueCode") or ""),
            items=children,
            kept=self.kept(raw, extensions),
        )
        self.check(item, path)
        return item

    def link_id(self, raw: Any, path: str) -> str:
        if not isinstance(raw, str) or not LINK_ID.fullmatch(raw):
            self.wrong(
                path,
                _("Frågans id saknas eller har tecken som inte går att använda."),
                _("Använd bokstäver a till z, siffror, punkt och bindestreck, högst 64 tecken."),
            )
            return ""
        if raw in self.seen:
            self.wrong(
                path,
                _('Id "%(id)s" finns redan på %(where)s.') % {"id": raw, "where": self.seen[raw]},
                _("Ge frågan ett eget id."),
            )
        self.seen.setdefault(raw, path.removesuffix(".linkId"))
        return raw

    def extensions(self, raw: Json, path: str) -> dict[str, list[Json]]:
        """By address; those we act on are taken out by the caller, the rest are kept."""
        found: dict[str, list[Json]] = {}
        for place, one in enumerate(raw.get("extension", [])):
            if not one.get("url"):
                self.wrong(f"{path}.extension[{place}]", _("Tillägget saknar adress."), _("Skriv url."))
                continue
            found.setdefault(one["url"], []).append(one)
        return found

    def kind(self, raw: Any, extensions: dict[str, list[Json]], path: str) -> Kind | None:
        keyboard = _one(extensions.get(names.KEYBOARD), "valueCoding") or {}
        if raw == "string" and keyboard.get("code") == "phone":
            extensions.pop(names.KEYBOARD)
            return Kind.PHONE
        if raw != "phone" and raw in set(Kind):
            return Kind(raw)
        instead = names.INSTEAD.get(str(raw), "string, text, choice, boolean, date, integer, decimal, group")
        self.wrong(
            f"{path}.type",
            _('Vi har ingen frågetyp som heter "%(type)s".') % {"type": raw},
            _("Använd %(instead)s.") % {"instead": instead},
        )
        return None

    def text(self, raw: Json, key: str, path: str) -> Text:
        where = f"{path}.{key}" if path else key
        source = raw.get(key, "")
        if not isinstance(source, str):
            self.wrong(where, _("Värdet ska vara en text."), _("Sätt citattecken om det."))
            return Text("")
        found: list[tuple[str, str]] = []
        for one in (raw.get(f"_{key}") or {}).get("extension", []):
            if one.get("url") != names.TRANSLATION:
                continue
            parts = {part.get("url"): part for part in one.get("extension", [])}
            language = parts.get("lang", {}).get("valueCode")
            content = parts.get("content", {}).get("valueString")
            if not language or not content:
                self.wrong(where, _("En översättning saknar språk eller text."), _("Skriv lang och content."))
                continue
            found.append((language, content))
        return Text(source, tuple(found))

    def children(self, raw: Any, kind: Kind, path: str) -> tuple[Help | None, tuple[Item, ...]]:
        if kind is Kind.SECTION:
            return None, self.items(raw, f"{path}.")
        help_text = None
        for place, one in enumerate(raw or []):
            where = f"{path}.item[{place}]"
            control = _control([e for e in one.get("extension", []) if e.get("url") == names.ITEM_CONTROL])
            if one.get("type") == "display" and control == "help" and help_text is None and kind.is_question:
                link_id = self.link_id(one.get("linkId"), f"{where}.linkId")
                help_text = Help(link_id, self.text(one, "text", where))
            else:
                self.wrong(
                    where,
                    _("Under en fråga får det bara ligga en hjälptext."),
                    _("Flytta raden så att den kommer efter frågan, och styr den med enableWhen."),
                )
        return help_text, ()

    def flag(self, raw: Json, key: str, path: str) -> bool:
        value = raw.get(key, False)
        if not isinstance(value, bool):
            self.wrong(f"{path}.{key}", _("Värdet ska vara true eller false."), _("Skriv true eller false."))
            return False
        return value

    def count(self, raw: Any, path: str) -> int | None:
        if raw is None or (isinstance(raw, int) and not isinstance(raw, bool) and raw > 0):
            return raw
        self.wrong(path, _("Värdet ska vara ett heltal större än noll."), _("Skriv till exempel 5."))
        return None

    def megabytes(self, raw: Any, path: str) -> Decimal | None:
        if raw is None:
            return None
        value = self.value("Decimal", raw, path)
        return value if isinstance(value, Decimal) else None

    def bound(self, raw: list[Json] | None, kind: Kind, path: str) -> Bound | None:
        if not raw:
            return None
        for inner in raw[0].get("_valueDate", {}).get("extension", []):
            if inner.get("url") == names.CALCULATED and inner.get("valueString") == "today()":
                return Bound(today=True)
        name = names.VALUE_OF.get(kind, "")
        if kind not in (Kind.DATE, Kind.INTEGER, Kind.DECIMAL) or f"value{name}" not in raw[0]:
            self.wrong(
                path,
                _("Gränsen passar inte frågan."),
                _("Använd valueDate, valueInteger eller valueDecimal, samma som frågans typ."),
            )
            return None
        value = self.value(name, raw[0][f"value{name}"], path)
        return None if value is None else Bound(value=value)  # type: ignore[arg-type]

    def value(self, name: str, raw: Any, path: str) -> Value | None:
        """A FHIR value[x] as ours; a Coding becomes its code."""
        match name, raw:
            case ("String", str()) if raw.strip():
                return str(raw)
            case ("Boolean", bool()):
                return raw
            case ("Integer", int()) if not isinstance(raw, bool):
                return raw
            case ("Decimal", int() | float()) if not isinstance(raw, bool) and abs(raw) < LARGEST:
                return Decimal(str(raw))
            case ("Coding", {"code": str(code)}):
                return str(code)
            case ("Date", str()):
                try:
                    return date.fromisoformat(raw)
                except ValueError:
                    pass
        self.wrong(path, _("Värdet har fel form."), _("Skriv ett värde av typen %(type)s.") % {"type": name})
        return None

    def options(self, raw: Any, kind: Kind, path: str) -> tuple[Option, ...]:
        if raw is None:
            return ()
        found: list[Option] = []
        for place, one in enumerate(raw):
            where = f"{path}[{place}]"
            coding = one.get("valueCoding") if isinstance(one, dict) else None
            if not isinstance(coding, dict) or not coding.get("code") or not coding.get("display"):
                self.wrong(
                    where, _("Valet saknar kod eller text."), _("Skriv valueCoding med code och display.")
                )
                continue
            if coding["code"] in {option.code for option in found}:
                self.wrong(
                    where,
                    _('Koden "%(code)s" finns på ett annat val i frågan.') % {"code": coding["code"]},
                    _("Ge valet en egen kod."),
                )
            own_words = kind is Kind.OPEN_CHOICE and coding["code"] == OTHER
            if own_words or not CODE.fullmatch(coding["code"]):
                self.wrong_in_new(
                    where, _("Koden går inte att använda."), _("Skriv en annan kod, utan mellanslag.")
                )
            found.append(
                Option(
                    code=coding["code"],
                    text=self.text(coding, "display", where),
                    system=coding.get("system", ""),
                    initial=one.get("initialSelected") is True,
                    exclusive=any(
                        e.get("url") == names.EXCLUSIVE and e.get("valueBoolean") is True
                        for e in one.get("extension", [])
                    ),
                )
            )
        return tuple(found)

    def initial(self, raw: Any, kind: Kind, path: str) -> Value | None:
        if raw is None:
            return None
        name = names.VALUE_OF.get(kind, "")
        if kind in (Kind.CHOICE, Kind.OPEN_CHOICE, Kind.FILE) or not name or len(raw) != 1:
            self.wrong(
                path, _("Frågan kan inte ha det förvalda svaret."), _("Använd initialSelected på ett val.")
            )
            return None
        return self.value(name, raw[0].get(f"value{name}"), path)

    def conditions(self, raw: Any, path: str) -> tuple[Condition, ...]:
        found: list[Condition] = []
        for place, one in enumerate(raw or []):
            where = f"{path}[{place}]"
            answer = next((key for key in one if key.startswith("answer")), "")
            if one.get("operator") not in set(Operator) or not answer or not one.get("question"):
                self.wrong(
                    where,
                    _("Villkoret är inte helt."),
                    _("Skriv question, operator (exists, =, !=, >, <, >=, <=) och ett svar (answer...)."),
                )
                continue
            name = answer.removeprefix("answer")
            value = self.value(name, one[answer], where)
            if value is not None:
                system = one[answer].get("system", "") if name == "Coding" else ""
                found.append(Condition(one["question"], Operator(one["operator"]), value, name, system))
        return tuple(found)

    def kept(self, raw: Json, extensions: dict[str, list[Json]]) -> dict[str, Any]:
        kept = {key: raw[key] for key in names.KEPT if key in raw}
        if rest := [one for several in extensions.values() for one in several]:
            kept["extension"] = rest
        others = [
            e for e in (raw.get("_text") or {}).get("extension", []) if e.get("url") != names.TRANSLATION
        ]
        if others:
            kept["_text"] = others
        return kept

    def check(self, item: Item, path: str) -> None:
        """What one item must hold together by itself."""
        if item.kind is Kind.SECTION and not item.items:
            self.wrong_in_new(
                f"{path}.item", _("Delen är tom."), _("Lägg till minst en fråga, eller ta bort den.")
            )
        choice = item.kind in (Kind.CHOICE, Kind.OPEN_CHOICE)
        if choice and not item.options:
            self.wrong(f"{path}.answerOption", _("Frågan har inga val."), _("Lägg till minst ett val."))
        if item.options and not choice:
            self.wrong(f"{path}.answerOption", _("Bara valfrågor har val."), _("Byt typ till choice."))
        if item.repeats and not item.several:
            self.wrong(
                f"{path}.repeats",
                _("Frågan kan bara ha ett svar."),
                _("Ta bort repeats, eller byt typ till choice."),
            )
        if item.required and not item.kind.is_question:
            self.wrong(f"{path}.required", _("Bara frågor kan vara obligatoriska."), _("Ta bort required."))
        if item.max_length and item.kind not in (Kind.STRING, Kind.TEXT, Kind.PHONE, Kind.OPEN_CHOICE):
            self.wrong(f"{path}.maxLength", _("Bara textsvar har en längsta längd."), _("Ta bort maxLength."))
        if len(item.when) > 1 and item.enable_behavior not in ("all", "any"):
            self.wrong(
                f"{path}.enableBehavior",
                _("Det framgår inte om alla villkor ska gälla eller om ett räcker."),
                _("Skriv all eller any."),
            )
        if item.tone not in ("", "info", "warning", "danger"):
            self.wrong(f"{path} tone", _("Tonen finns inte."), _("Skriv info, warning eller danger."))


def _one(extensions: list[Json] | None, key: str) -> Any:
    return extensions[0].get(key) if extensions else None


def _control(extensions: list[Json] | None) -> str:
    codings = (_one(extensions, "valueCodeableConcept") or {}).get("coding", [])
    return str(codings[0].get("code", "")) if codings else ""


def _unit(extensions: list[Json] | None) -> Unit | None:
    coding = _one(extensions, "valueCoding")
    if not coding:
        return None
    return Unit(text=coding.get("display", ""), code=coding.get("code", ""), system=coding.get("system", ""))
