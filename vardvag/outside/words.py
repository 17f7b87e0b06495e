"""A text in both languages, for outside systems, which have no catalogue of translations of their own."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import get_language


@dataclass(frozen=True, slots=True)
class Words:
    """Shows itself in the language of the reader (`{{ words }}` in a template)."""

    sv: str
    en: str

    def __str__(self) -> str:
        english = settings.configured and (get_language() or "sv").startswith("en")
        return self.en if english else self.sv
