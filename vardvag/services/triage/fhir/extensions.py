"""Texts in two languages, lists of texts, and values of the YAML, as extensions and back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from vardvag.services.triage.engine.fields import nearest
from vardvag.services.triage.engine.text import LANGUAGES, Lines, Text
from vardvag.services.triage.fhir import names
from vardvag.services.triage.fhir.faults import Fault

Json = dict[str, Any]


def extension(url: str, value: Any) -> Json:
    """A value of the YAML: text, number, yes or no; a mapping by its keys; a list by 0, 1, 2. Empty ones fall out."""
    if isinstance(value, bool):
        return {"url": url, "valueBoolean": value}
    if isinstance(value, int):
        return {"url": url, "valueInteger": value}
    if isinstance(value, float):
        return {"url": url, "valueDecimal": value}
    if isinstance(value, str):
        return {"url": url, "valueString": value}
    pairs = value.items() if isinstance(value, Mapping) else enumerate(value)
    return {"url": url, "extension": [extension(str(key), one) for key, one in pairs if filled(one)]}


def filled(value: Any) -> bool:
    """Whether FHIR can hold it: nothing there is empty."""
    if isinstance(value, Mapping):
        return any(filled(one) for one in value.values())
    return any(filled(one) for one in value) if isinstance(value, (list, tuple)) else value not in (None, "")


def value_of(one: Json) -> Any:
    """What an extension made by `extension` holds."""
    if "extension" not in one:
        return next((value for name, value in one.items() if name.startswith("value")), None)
    if all(part["url"].isdecimal() for part in one["extension"]):
        return [value_of(part) for part in one["extension"]]
    return {part["url"]: value_of(part) for part in one["extension"]}


def texts(key: str, text: Text) -> Json:
    """An element with a text: Swedish as said to the patient, English as a translation, and both with their tokens."""
    if not text:
        return {}
    beside = []
    if text.en:
        parts = [{"url": "lang", "valueCode": "en"}, {"url": "content", "valueString": text.said("en")}]
        beside.append({"url": names.TRANSLATION, "extension": parts})
    if "{" in text.sv or "{" in text.en:
        beside.append(extension(names.TEMPLATE, {"sv": text.sv, "en": text.en}))
    return {key: text.said("sv"), **({f"_{key}": {"extension": beside}} if beside else {})}


def lines(url: str, some: Lines) -> Json:
    return extension(url, {"sv": list(some.sv), "en": list(some.en)})


@dataclass(frozen=True, slots=True)
class Extended:
    """The extensions of one element, by address."""

    holder: Json
    path: str
    faults: list[Fault] = field(default_factory=list)

    def each(self, url: str) -> Iterator[tuple[Json, str]]:
        for number, one in enumerate(self.holder.get("extension", [])):
            if one["url"] == url:
                yield one, f"{self.path}.extension[{number}]" if self.path else f"extension[{number}]"

    def one(self, url: str, name: str) -> Any:
        """The value of the extension; told when it is of another type, or there twice."""
        found = None
        for number, (one, path) in enumerate(self.each(url)):
            if number:
                self.faults.append(Fault(path, "This extension stands here twice.", "Keep one."))
            elif name not in one:
                self.faults.append(Fault(path, f"The extension lacks {name}.", f"Write {name}."))
            else:
                found = one[name]
        return found

    def whole(self, url: str) -> Any:
        """The value of an extension made by `extension`."""
        found = [(value_of(one), path) for one, path in self.each(url)]
        for _value, path in found[1:]:
            self.faults.append(Fault(path, "This extension stands here twice.", "Keep one."))
        return found[0][0] if found else None

    def line(self, url: str) -> str | None:
        """A condition in our language."""
        expression = self.one(url, "valueExpression")
        if expression is None:
            return None
        return condition(expression, f"{next(self.each(url))[1]}.valueExpression", self.faults)

    def strangers(self) -> None:
        """Extensions at our address that we do not have."""
        for number, one in enumerate(self.holder.get("extension", [])):
            url = one["url"]
            if url.startswith(names.OWN) and url not in names.OURS:
                path = f"{self.path}.extension[{number}].url".lstrip(".")
                self.faults.append(
                    Fault(path, "We have no such extension.", nearest(url, names.OURS) or "Take it away.")
                )


def expression(text: str, language: str = names.CONDITION) -> Json:
    return {"language": language, "expression": text}


def condition(raw: Json, path: str, faults: list[Fault]) -> str | None:
    """The line of an Expression in our language."""
    if raw.get("language") == names.CONDITION and "expression" in raw:
        return str(raw["expression"])
    cure = (
        f'Write the condition as in content/README.md, with language "{names.CONDITION}": fever and age < 5.'
    )
    faults.append(Fault(f"{path}.language", f"We cannot follow {raw.get('language')}.", cure))
    return None


def text_of(holder: Json, key: str, path: str, faults: list[Fault], language: str = "sv") -> Json | None:
    """{sv, en} of an element with a text, tokens in place. `language`: what the element itself is written in."""
    if key not in holder:
        return None
    where = f"{path}.{key}" if path else key
    beside = Extended(holder.get(f"_{key}") or {}, f"{path}._{key}".lstrip("."), faults)
    beside.strangers()
    said = {language: str(holder[key])}
    for one, inner in beside.each(names.TRANSLATION):
        parts = value_of(one)
        if not isinstance(parts, dict) or not {"lang", "content"} <= parts.keys():
            faults.append(Fault(inner, "The translation lacks lang or content.", "Write both."))
        else:
            said.setdefault(str(parts["lang"]).partition("-")[0], str(parts["content"]))
    found = {lang: said.get(lang, "") for lang in LANGUAGES}
    for lang in LANGUAGES:
        if not found[lang]:
            faults.append(
                Fault(where, f"The text is missing in “{lang}”.", f"Add it as a translation to {lang}.")
            )
    template = beside.whole(names.TEMPLATE)
    if template is None:
        return found
    if not isinstance(template, dict) or not all(isinstance(template.get(lang), str) for lang in LANGUAGES):
        faults.append(Fault(where, "The template lacks sv or en.", "Write both, or take it away."))
        return found
    whole = Text(template["sv"], template["en"])
    if any(whole.said(lang) != found[lang] for lang in LANGUAGES):
        cure = "Change both alike, or take the template away."
        faults.append(Fault(where, "The text and its template say different things.", cure))
    return template
