"""Who may use a case type, and how a standard text is filled. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from vardvag.catalogue.definition import Content
from vardvag.core.facts import Fact

PLACEHOLDER = re.compile(r"\{([^{}\n]{1,40})\}")
CODE = re.compile(r"[a-z0-9-]{2,30}")
FILLED = ("fornamn", "mottagning", "telefon", "datum", "signatur")  # by the house; others by the writer


class NotYours(Fact):
    message = _("Mottagningens fraser ändras av chefen eller den som sköter texterna. Gör en egen i stället.")


class CodeTaken(Fact):
    message = _("Koden används redan av en annan fras här. Välj en annan kod.")


class CodeNotPlain(Fact):
    message = _("Koden får ha 2 till 30 tecken: små bokstäver a till z, siffror och bindestreck.")


class LooseBrace(Fact):
    message = _("En klammer saknar sin motsvarighet. Skriv en lucka så här: {datum}.")


class ChangedElsewhere(Fact):
    """`facts["text"]` is how it reads now."""

    message = _("Någon annan ändrade frasen samtidigt. Läs vad som står nu och spara igen om ditt ska gälla.")


class NotOffered(Fact):
    message = _("Mottagningen har inte den här tjänsten. Gå tillbaka och välj något annat, eller ring dem.")


class NotForThisAge(Fact):
    message = _("Det här går inte att skicka vid den här åldern. Ring mottagningen, så hjälper de till.")


class NotByGuardian(Fact):
    message = _("Det här kan du bara skicka för dig själv. Ring mottagningen om det gäller ett barn.")


class NotTakingCases(Fact):
    message = _("Mottagningen tar inte emot ärenden här just nu. Ring dem. Det du har skrivit är sparat.")


class TermsNotAccepted(Fact):
    message = _("Läs hur vi hanterar dina uppgifter och godkänn det. Sedan kan du skicka.")


def fits_age(content: Content, age: int) -> bool:
    return (content.min_age is None or age >= content.min_age) and (
        content.max_age is None or age <= content.max_age
    )


def check_person(content: Content, *, age: int, represented: bool) -> None:
    """Raises NotForThisAge or NotByGuardian."""
    if not fits_age(content, age):
        raise NotForThisAge()
    if represented and not content.guardians_allowed:
        raise NotByGuardian()


@dataclass(frozen=True, slots=True)
class Filled:
    text: str
    unfilled: tuple[str, ...]  # names the writer has to put words in place of


def fill(text: str, context: Mapping[str, str]) -> Filled:
    """A placeholder with no value, or an empty one, stays and is told."""
    filled = PLACEHOLDER.sub(lambda found: context.get(found[1].strip()) or found[0], text)
    known = {name for name, value in context.items() if value}
    left = (one.strip() for one in PLACEHOLDER.findall(text))
    return Filled(filled, tuple(dict.fromkeys(one for one in left if one not in known)))


def unfilled(text: str) -> tuple[str, ...]:
    """Placeholders still in a text that is about to be sent."""
    return tuple(dict.fromkeys(one.strip() for one in PLACEHOLDER.findall(text)))


def check_text(*, code: str, body: str) -> None:
    """Raises CodeNotPlain, LooseBrace."""
    if not CODE.fullmatch(code):
        raise CodeNotPlain()
    rest = PLACEHOLDER.sub("", body)
    if "{" in rest or "}" in rest:
        raise LooseBrace()
