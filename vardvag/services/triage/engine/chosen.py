"""Which protocols take part: the screening, those that were chosen, and the general rules that always hold."""

from dataclasses import dataclass

from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import Protocol, Rule


@dataclass(frozen=True, slots=True)
class Chosen:
    screening: Protocol
    own: tuple[Protocol, ...]  # by danger; their questions are put and their defaults count
    general: Protocol

    @property
    def asking(self) -> tuple[Protocol, ...]:
        return (self.screening, *self.own)

    @property
    def all(self) -> tuple[Protocol, ...]:
        return self.asking if self.general in self.own else (*self.asking, self.general)

    def rules(self, protocol: Protocol) -> tuple[Rule, ...]:
        """Those that hold here: of the general protocol all only where it was chosen."""
        if protocol is not self.general:
            return protocol.rules
        return (*protocol.everywhere, *protocol.rules) if protocol in self.own else protocol.everywhere


def chosen(library: Library, ids: tuple[str, ...]) -> Chosen:
    """Reasons without a protocol of their own, or none at all, are asked by the general one."""
    found = {one.id: one for id in ids if (one := library.protocol(id)) is not library.screening}
    own = tuple(sorted(found.values(), key=lambda one: (one.danger_rank, one.id)))
    return Chosen(library.screening, own or (library.general,), library.general)
