"""A stand-in of the staff's login provider, with a page to choose an employee from."""

from vardvag.outside.local_server import Reply, Request
from vardvag.outside.oidc.chooser import LISTED, Choice, Look, chooser
from vardvag.outside.oidc.standin import Provider, Who
from vardvag.outside.siths.claims import HSA_ID
from vardvag.outside.siths.port import LOA3
from vardvag.outside.standin_page import language

_TEXT = {
    "sv": {
        "title": "Låtsas-SITHS: vem är du?",
        "about": "Här loggar personal in i demon. I verkligheten visas e-legitimationen på tjänstekortet.",
        "search": "Sök på namn, yrke, enhet eller roll",
        "typed": "Eller skriv ett HSA-id",
        "not_one": "Det är inget HSA-id. Det skrivs som SE2321000131-1001.",
    },
    "en": {
        "title": "Pretend SITHS: who are you?",
        "about": "Staff log in here in the demo. In real life the e-ID is on the staff card.",
        "search": "Search by name, profession, unit or role",
        "typed": "Or type an HSA-id",
        "not_one": "That is no HSA-id. It is written like SE2321000131-1001.",
    },
}


class StandIn(Provider):
    system = "siths"
    levels = (LOA3,)
    chosen = "hsa_id"

    def _page(self, request: Request, *, wrong: bool = False) -> Reply:
        look = Look(_TEXT[language(request)], "SITHS (demo)", self.chosen)
        found = [
            Choice(one.hsa_id, one.name, " · ".join(p for p in (one.title, one.note) if p), one.hsa_id)
            for one in self.people.staff(request.query.get("q", ""), LISTED + 1)
        ]
        return chooser(request, look, found, wrong=wrong)

    def _who(self, written: str, form: dict[str, str]) -> Who | None:
        if not HSA_ID.match(written.upper()):
            return None
        who = self.people.staff_member(written)
        claims = {
            "sub": f"siths|{who.hsa_id}",
            "amr": ["http://id.sambi.se/loa/tls"],
            "employeeHsaId": who.hsa_id,
            "given_name": who.given_name,
            "family_name": who.surname,
            "title": who.title,
            "allCommissions": list(who.commissions) or None,
        }
        return Who(claims, f"{who.name} loggade in med SITHS", {"hsa_id": who.hsa_id, "title": who.title})
