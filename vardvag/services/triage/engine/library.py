"""All content together, and what is worked out from it once."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from vardvag.services.triage.engine.beside import beside, usual
from vardvag.services.triage.engine.conditions import Condition, names
from vardvag.services.triage.engine.model import INFANTS, SCREENING, Concept, Protocol, Reason, Source


@dataclass(frozen=True)
class Library:
    concepts: Mapping[str, Concept]
    protocols: Mapping[str, Protocol]
    sources: Mapping[str, Source]
    screening: Protocol
    general: Protocol
    infants: Protocol
    reasons: Mapping[str, Reason]
    concept_content: Mapping[str, str] = field(default_factory=dict, repr=False)
    _hashes: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    _deep: dict[Condition, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)
    _used: dict[str, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)
    _beside: dict[str, Protocol] = field(default_factory=dict, repr=False, compare=False)
    _usual: dict[str, int] = field(default_factory=dict, repr=False, compare=False)

    def protocol(self, id: str) -> Protocol:
        """Its own protocol, or the general one."""
        own = {SCREENING: self.screening, INFANTS: self.infants}
        return own.get(id) or self.protocols.get(id, self.general)

    @property
    def every(self) -> tuple[Protocol, ...]:
        return (self.screening, self.infants, self.general, *self.protocols.values())

    def beside(self, id: str) -> Protocol:
        """What counts of a reason that was not chosen: its signs of danger to tick, and its urgent rules."""
        if id not in self._beside:
            self._beside[id] = beside(self, self.protocols[id])
        return self._beside[id]

    def usual(self, sign: str) -> int:
        """How urgent a sign is by itself in most protocols that ask about it; 9: only with something else."""
        if not self._usual:
            self._usual.update(usual(self))
        return self._usual.get(sign, 9)

    def deep(self, condition: Condition) -> frozenset[str]:
        """The concepts a condition stands on, through derived ones and through what keeps one from being asked."""
        found = self._deep.get(condition)
        if found is None:
            seen: set[str] = set()
            above = list(names(condition))
            while above:
                name = above.pop()
                if name in seen:
                    continue
                seen.add(name)
                concept = self.concepts.get(name)
                if concept:
                    above += [one for tree in (concept.derive, concept.unless) if tree for one in names(tree)]
            found = self._deep[condition] = frozenset(seen)
        return found

    def asked(self, condition: Condition) -> frozenset[str]:
        """The concepts among those, without facts such as age."""
        return self.deep(condition) & self.concepts.keys()

    def used(self, protocol: Protocol) -> frozenset[str]:
        """Every concept that a protocol asks or reasons about."""
        if self.protocol(protocol.id) is not protocol:  # what stands beside has the same id
            return self._uses(protocol)
        if protocol.id not in self._used:
            self._used[protocol.id] = self._uses(protocol)
        return self._used[protocol.id]

    def _uses(self, protocol: Protocol) -> frozenset[str]:
        conditions = [rule.when for rule in (*protocol.rules, *protocol.everywhere, *protocol.reassure)] + [
            entry.when for entry in protocol.ask
        ]
        found = {name for entry in protocol.ask for name in entry.concepts} | set(protocol.implies)
        for condition in conditions:
            found |= self.deep(condition) if condition else frozenset()
        return frozenset(name for name in found if name in self.concepts)

    def sha256(self, id: str) -> str:
        """Over a protocol and the concepts it uses."""
        protocol = self.protocol(id)
        if protocol.id not in self._hashes:
            words = [protocol.content] + [
                f"{name} {self.concept_content.get(name, '')}" for name in sorted(self.used(protocol))
            ]
            self._hashes[protocol.id] = hashlib.sha256("\n".join(words).encode()).hexdigest()
        return self._hashes[protocol.id]

    def whole(self) -> str:
        """One hash over everything that can decide."""
        ids = sorted(one.id for one in self.every)
        return hashlib.sha256("\n".join(f"{id} {self.sha256(id)}" for id in ids).encode()).hexdigest()
