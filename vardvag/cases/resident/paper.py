"""A case on paper: PDF with the questions, answers and messages the resident can see."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from fpdf import FPDF

from vardvag.cases.templatetags.titles import public_title
from vardvag.core import dates

FONTS = Path(__file__).resolve().parent.parent / "data" / "fonts"


class Paper(FPDF):
    def footer(self) -> None:
        self.set_y(-14)
        self.set_font("text", size=9)
        self.cell(0, 6, _("Sida {n}").format(n=self.page_no()), align="R")


def as_pdf(thread: dict[str, Any], *, language: str, now: datetime) -> HttpResponse:
    """`thread` is what the page of the case shows."""
    case = thread["case"]
    paper = Paper(format="A4")
    paper.set_margin(20)
    paper.set_auto_page_break(auto=True, margin=20)
    paper.add_font("text", fname=FONTS / "text-regular.ttf")
    paper.add_font("text", style="B", fname=FONTS / "text-bold.ttf")
    paper.set_lang("sv-SE" if language == "sv" else "en-GB")
    paper.set_title(_("Ärende {number}").format(number=case.number))
    paper.add_page()
    _line(paper, public_title(case), size=18, bold=True)
    _line(paper, f"{case.unit.public_name} · {_('Ärendenummer')} {case.number}", size=11)
    _line(paper, _("Gäller {name}").format(name=case.patient_name), size=11)
    for step in thread["status"].steps:
        if step.when:
            _line(paper, f"{step.word}: {step.when}", size=11)
    _gap(paper)
    for row in thread["answers"]:
        _line(paper, row.question, size=11, bold=True)
        for said in row.answers:
            _line(paper, said, size=11)
    for message in thread["entries"]:
        if message.kind == "intake" and thread["answers"]:
            continue
        _gap(paper)
        sender = case.unit.public_name if message.author_kind == "staff" else message.author_name
        _line(paper, f"{sender} · {message.when}", size=10, bold=True)
        _line(paper, message.body, size=11)
    _gap(paper)
    _line(paper, _("Utskrivet {when}").format(when=dates.moment(now, now=now, language=language)), size=9)
    answer = HttpResponse(bytes(paper.output()), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="arende-{case.number}.pdf"'
    return answer


def _line(paper: FPDF, text: str, *, size: int, bold: bool = False) -> None:
    paper.set_font("text", style="B" if bold else "", size=size)
    paper.multi_cell(0, size * 0.55, text, new_x="LMARGIN", new_y="NEXT")


def _gap(paper: FPDF) -> None:
    paper.ln(5)
