"""A stand-in of a resident's e-ID (Freja, the national connector), with a page where one plays its holder."""

from hashlib import sha256

from vardvag.core.personal_number import NotAPersonalNumber, normalise
from vardvag.outside.eid.port import CLAIMS, LEVELS
from vardvag.outside.journal import Journal
from vardvag.outside.local_server import Reply, Request
from vardvag.outside.oidc.chooser import LISTED, Choice, Look, chooser
from vardvag.outside.oidc.standin import Provider, Who
from vardvag.outside.people import People
from vardvag.outside.standin_page import language

LOW = "http://id.elegnamnden.se/loa/1.0/loa2"
_CLAIM = CLAIMS.split()[0]
_TEXT = {
    "sv": {
        "title": "Låtsas-{}: vem är du?",
        "about": "Här spelar du den som har e-legitimationen. I verkligheten öppnas appen i mobilen.",
        "search": "Sök på namn, personnummer eller beskrivning",
        "typed": "Eller skriv ett personnummer",
        "not_one": "Det är inget personnummer. Det skrivs som 19900114-2380.",
        "how": "Hur ska det gå?",
        "well": "Som vanligt",
        "low": "För låg tillitsnivå",
        "nameless": "Utan personnummer",
    },
    "en": {
        "title": "Pretend {}: who are you?",
        "about": "Here you play the holder of the e-ID. In real life the app opens on the phone.",
        "search": "Search by name, personal number or description",
        "typed": "Or type a personal number",
        "not_one": "That is no personal number. It is written like 19900114-2380.",
        "how": "How should it go?",
        "well": "As usual",
        "low": "Too low level of assurance",
        "nameless": "Without a personal number",
    },
}


class StandIn(Provider):
    """`name`: what the e-ID is called on its page and in the journal."""

    system = "eid"
    levels = tuple(LEVELS.split())
    chosen = "number"

    def __init__(
        self,
        journal: Journal,
        *,
        name: str = "Freja+",
        port: int = 0,
        people: People | None = None,
        client_secret: str = "demo",  # noqa: S107 - a stand-in
    ) -> None:
        super().__init__(journal, port=port, people=people, client_secret=client_secret)
        self.name = name

    def place(self) -> dict[str, str]:
        return {**super().place(), "name": self.name}

    def _page(self, request: Request, *, wrong: bool = False) -> Reply:
        words = _TEXT[language(request)]
        ways = "".join(f'<option value="{how}">{words[how]}</option>' for how in ("well", "low", "nameless"))
        look = Look(
            {**words, "title": words["title"].format(self.name)},
            f"{self.name} (demo)",
            self.chosen,
            extra=f'<label for="how">{words["how"]}</label><div class="row"><select id="how" name="how">{ways}'
            "</select></div>",
        )
        found = [
            Choice(
                one.personal_number,
                one.name,
                one.note,
                f"{one.personal_number[:8]}-{one.personal_number[8:]}",
            )
            for one in self.people.residents(request.query.get("q", ""), LISTED + 1)
        ]
        return chooser(request, look, found, wrong=wrong)

    def _who(self, written: str, form: dict[str, str]) -> Who | None:
        try:
            who = self.people.resident(normalise(written))
        except NotAPersonalNumber:
            return None
        how = form.get("how", "well")
        claims = {
            "sub": sha256(f"{self.issuer} {who.personal_number}".encode()).hexdigest()[:32],
            _CLAIM: None if how == "nameless" else who.personal_number,
            "given_name": who.given_name,
            "family_name": who.surname,
            "acr": LOW if how == "low" else self.levels[0],
        }
        return Who(
            claims, f"{who.name} legitimerade sig med {self.name}", {"personal_number": who.personal_number}
        )
