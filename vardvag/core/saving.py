"""Which page saves what is typed in it, and in what order: a saving that was slow on its way comes after later ones."""

from dataclasses import dataclass

from django.http import QueryDict


@dataclass(frozen=True, slots=True)
class Saving:
    """`sheet`: a page as it stands in one window, '' without script; `nth`: rises with whatever that page sends;
    `revision`: of the draft, when the page last heard of it."""

    sheet: str = ""
    nth: int = 0
    revision: int = 0

    def same_page(self, sheet: str) -> bool:
        return self.sheet != "" and self.sheet == sheet

    def overtaken(self, sheet: str, nth: int) -> bool:
        """Whether what is stored, from `sheet` as its `nth`, was typed later in this very page."""
        return self.same_page(sheet) and self.nth <= nth


NO_PAGE = Saving()


def saving(data: QueryDict) -> Saving:
    """As drafts.js says it; what is no number counts as none."""
    return Saving(data.get("sheet", "")[:40], _number(data.get("nth", "")), _number(data.get("revision", "")))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
