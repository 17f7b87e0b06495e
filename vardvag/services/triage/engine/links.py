"""What the parts of the content say about each other: names exist, comparisons fit, urgency only rises."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vardvag.services.triage.engine.conditions import Compare, Condition, Is, Yes, names, signs, walk
from vardvag.services.triage.engine.fields import nearest
from vardvag.services.triage.engine.model import Concept, Kind, Protocol, Rule, Source

Said = tuple[str, str]  # what is wrong, the cure
FACTS = frozenset({"age"})  # numbers that are known without being asked


@dataclass(frozen=True, slots=True)
class Links:
    concepts: Mapping[str, Concept]

    def fits(self, condition: Condition) -> Iterator[Said]:
        """Names and comparisons of a condition."""
        for leaf in walk(condition):
            match leaf:
                case Yes(name) | Is(name) | Compare(name):
                    if name not in self.concepts and not (name in FACTS and isinstance(leaf, Compare)):
                        cure = nearest(name, [*self.concepts, *FACTS]) or "Define it in concepts/."
                        yield f"There is no concept “{name}”.", cure
                    elif name in self.concepts:
                        yield from self._fits(leaf, self.concepts[name])

    def _fits(self, leaf: Yes | Is | Compare, concept: Concept) -> Iterator[Said]:
        kind = concept.kind
        match leaf:
            case Yes(name) if kind not in (Kind.YESNO, Kind.DERIVED):
                cure = f"Write {name} = option." if concept.options else f"Compare it: {name} >= …"
                yield f"{name} is a {kind}, not yes or no.", cure
            case Is(name) if not concept.options:
                yield (
                    f"{name} is a {kind} and has no options.",
                    f"Write {name} for yes, or compare with a number.",
                )
            case Is(name, options):
                for option in sorted(options):
                    if not concept.option(option):
                        known = ", ".join(one.id for one in concept.options)
                        yield f"{name} has no option “{option}”.", f"Known: {known}."
            case Compare(name, _, _, duration):
                if not kind.is_number:
                    yield (
                        f"{name} is a {kind} and cannot be compared with a number.",
                        f"Write {name} alone for yes.",
                    )
                elif duration != (kind is Kind.DURATION):
                    yield (
                        f"{name} is a {kind}.",
                        f"Compare with {'a duration such as 3d' if kind is Kind.DURATION else 'a plain number'}.",
                    )

    def deep(self, condition: Condition, seen: frozenset[str] = frozenset()) -> Iterator[str]:
        """The concepts it stands on, those they are derived from included."""
        for name in names(condition):
            if name in seen or name not in self.concepts:
                continue
            yield name
            derive = self.concepts[name].derive
            if derive:
                yield from self.deep(derive, seen | {name})

    def _leaves(
        self, condition: Condition, sign: int, seen: frozenset[str]
    ) -> Iterator[tuple[Condition, int, Concept]]:
        """Leaves down to what is asked, through derived concepts and through when a concept is not asked at all."""
        for leaf, direction in signs(condition, sign):
            if (
                not isinstance(leaf, (Yes, Is, Compare))
                or leaf.concept not in self.concepts
                or leaf.concept in seen
            ):
                continue
            concept = self.concepts[leaf.concept]
            yield leaf, direction, concept
            if concept.derive:
                yield from self._leaves(concept.derive, direction, seen | {concept.id})
            if concept.unless and direction:
                yield from self._leaves(concept.unless, -direction, seen | {concept.id})

    def lowers(self, condition: Condition, sign: int = 1) -> Iterator[Said]:
        """Whether a danger answer could count against `condition` (with sign -1: for it)."""
        for leaf, direction, concept in self._leaves(condition, sign, frozenset()):
            harmless = isinstance(leaf, Is) and concept.dangers and leaf.options - concept.dangers
            if harmless:
                option = sorted(harmless)[0]
                what = f"“{option}” is a harmless option of {concept.id}, which has dangerous ones."
                yield (
                    what,
                    "Name the dangerous options only, so that a more dangerous answer can never lower the urgency.",
                )
            elif concept.is_danger and direction < 1:
                against = (
                    "for reassurance only under not"
                    if sign < 0
                    else "never under not (nor in count or score with <)"
                )
                yield (
                    f"{concept.id} is dangerous and would lower the urgency here.",
                    f"A danger may stand {against}.",
                )

    def circles(self) -> Iterator[tuple[str, Said]]:
        for concept in self.concepts.values():
            above = [condition for condition in (concept.derive, concept.unless) if condition]
            seen: set[str] = set()
            while above:
                for name in names(above.pop()):
                    if name == concept.id:
                        yield (
                            concept.id,
                            (f"Concept {name} stands on itself.", "Take it out of its own derive or unless."),
                        )
                        return
                    if name not in seen and name in self.concepts:
                        seen.add(name)
                        other = self.concepts[name]
                        above += [condition for condition in (other.derive, other.unless) if condition]

    def concept(self, concept: Concept) -> Iterator[Said]:
        for condition in (concept.derive, concept.unless):
            if condition:
                yield from self.fits(condition)

    def rule(self, rule: Rule, sources: Mapping[str, Source], sign: int = 1) -> Iterator[Said]:
        if rule.when:
            yield from self.fits(rule.when)
            yield from self.lowers(rule.when, sign)
        for source in rule.sources:
            if source not in sources:
                yield (
                    f"There is no source “{source}”.",
                    nearest(source, sources) or "Add it to a file in sources/.",
                )

    def asked(self, protocol: Protocol) -> Iterator[tuple[str, Said]]:
        """Faults in what is asked, with the concept or the text they are about."""
        for name in protocol.implies:
            if name not in self.concepts or self.concepts[name].kind is not Kind.YESNO:
                yield (
                    name,
                    (
                        f"“implies” names {name}, which is no yes/no concept.",
                        nearest(name, self.concepts) or "Name one.",
                    ),
                )
        for entry in protocol.ask:
            for name in entry.concepts:
                concept = self.concepts.get(name)
                if concept is None:
                    yield (
                        name,
                        (
                            f"There is no concept “{name}” to ask.",
                            nearest(name, self.concepts) or "Define it in concepts/.",
                        ),
                    )
                elif concept.kind is Kind.DERIVED:
                    parts = ", ".join(sorted(self.deep(concept.derive))) if concept.derive else ""
                    yield (
                        name,
                        (
                            f"{name} follows from others and is never asked.",
                            f"Ask what it follows from: {parts}.",
                        ),
                    )
                elif entry.screen and concept.kind is not Kind.YESNO:
                    yield (
                        name,
                        (
                            f"{name} in a screen is a {concept.kind}.",
                            "A screen holds yes/no concepts; ask it by itself.",
                        ),
                    )
                elif entry.screen and not concept.label:
                    yield name, (f"{name} stands in a screen and has no label.", "Give the concept a label.")
            if entry.screen and len(entry.concepts) > 8:
                yield (
                    entry.concepts[0],
                    (
                        "A screen has more than eight lines.",
                        "Divide it in two; put the most dangerous first.",
                    ),
                )
            if entry.when:
                for said in (*self.fits(entry.when), *self.lowers(entry.when)):
                    yield entry.concepts[0] if entry.concepts else "", said

    def never_asked(self, protocol: Protocol) -> Iterator[str]:
        """What its rules stand on and nobody asks; of a derived concept one part is enough."""
        asked = {name for entry in protocol.ask for name in entry.concepts} | set(protocol.implies)
        for rule in (*protocol.rules, *protocol.reassure):
            for name in sorted(names(rule.when)) if rule.when else ():
                concept = self.concepts.get(name)
                if concept is None or name in asked:
                    continue
                if not (concept.derive and asked.intersection(self.deep(concept.derive))):
                    yield name
                asked.add(name)
