"""What may stand in the way, in words for people."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from vardvag.core.facts import Fact


class Incomplete(Fact):
    """Questions to put right before sending: link id -> what to do; `page` is where the first one is."""

    message = _("Det finns något att rätta innan du kan skicka. Det du har skrivit är sparat.")

    def __init__(self, problems: Mapping[str, str], page: str) -> None:
        super().__init__(problems=problems, page=page)
        self.problems = problems
        self.page = page


class AlreadySent(Fact):
    message = _("Det här är redan skickat. Vill du lägga till något skriver du det i ärendet.")
