"""From the text of a condition to its tree: and, or, not, brackets, comparisons, count(...), score."""

import re
from dataclasses import dataclass
from functools import lru_cache

from vardvag.services.triage.engine import values
from vardvag.services.triage.engine.conditions import (
    And,
    Compare,
    Condition,
    Count,
    Is,
    Not,
    Or,
    Score,
    Sex,
    Yes,
)


class BadCondition(ValueError):
    """`str()` says column, what is wrong and the cure."""

    def __init__(self, column: int, what: str, cure: str) -> None:
        super().__init__(f"Column {column} of the condition: {what} {cure}")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # word | number | sign | end
    text: str
    column: int


_WORDS = re.compile(
    r"\s*(?:(?P<number>\d+(?:[.,]\d+)?\s?[a-zA-Z]?(?![a-zA-Z0-9_]))|(?P<word>[^\W\d]\w*)|(?P<sign>>=|<=|!=|==|[><=(),])|(?P<bad>\S))"
)
_SIGNS = (">=", "<=", ">", "<", "=", "!=", "==")
DEEPEST = 40
_RESERVED = {"and", "or", "not", "in", "count", "score"}


def _tokens(text: str) -> list[_Token]:
    found = []
    for one in _WORDS.finditer(text):
        kind = one.lastgroup
        if kind is None:
            continue
        column = one.start(kind) + 1
        if kind == "bad":
            raise BadCondition(
                column, f"“{one[kind]}” has no meaning here.", "Write and, or, not, brackets or a comparison."
            )
        found.append(_Token(kind, one[kind], column))
    found.append(_Token("end", "the end", len(text) + 1))
    return found


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.at = 0
        self.depth = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def word(self, text: str) -> bool:
        if self.next.kind == "word" and self.next.text == text:
            self.at += 1
            return True
        return False

    def sign(self, text: str) -> bool:
        if self.next.kind == "sign" and self.next.text == text:
            self.at += 1
            return True
        return False

    def need(self, text: str) -> None:
        if not self.sign(text):
            raise BadCondition(
                self.next.column, f"“{self.next.text}” where “{text}” is needed.", f"Put “{text}” before it."
            )

    def whole(self) -> Condition:
        tree = self.either()
        if self.next.kind != "end":
            cure = "Put and or or between them."
            if self.next.text in _SIGNS:
                cure = "Compare twice, with and between: age >= 11 and age <= 55."
            raise BadCondition(
                self.next.column, f"“{self.next.text}” comes without a link to what stands before.", cure
            )
        return tree

    def either(self) -> Condition:
        found = [self.both()]
        while self.word("or"):
            found.append(self.both())
        return found[0] if len(found) == 1 else Or(tuple(found))

    def both(self) -> Condition:
        found = [self.denied()]
        while self.word("and"):
            found.append(self.denied())
        return found[0] if len(found) == 1 else And(tuple(found))

    def denied(self) -> Condition:
        self.depth += 1
        if self.depth > DEEPEST:
            raise BadCondition(self.next.column, "Brackets and nots are nested too deep.", "Divide the rule.")
        tree = Not(self.denied()) if self.word("not") else self.one()
        self.depth -= 1
        return tree

    def one(self) -> Condition:
        if self.sign("("):
            tree = self.either()
            self.need(")")
            return tree
        token = self.take()
        if token.kind != "word":
            raise BadCondition(
                token.column,
                f"“{token.text}” where a concept is needed.",
                "Begin with the name of a concept.",
            )
        if token.text in ("female", "male"):
            return Sex("F" if token.text == "female" else "M")
        if token.text == "count":
            return self.count()
        if token.text == "score":
            return self.score()
        if token.text in _RESERVED:
            raise BadCondition(
                token.column,
                f"“{token.text}” where a concept is needed.",
                "Take the word away, or name a concept first.",
            )
        return self.named(token.text)

    def named(self, concept: str) -> Condition:
        if self.word("in"):
            return Is(concept, frozenset(self.list_of_names()))
        if not (self.next.kind == "sign" and self.next.text in _SIGNS):
            return Yes(concept)
        operator = self.operator()
        token = self.take()
        if token.kind == "number":
            length = values.hours(token.text)
            plain = values.number(token.text)
            if length is None and plain is None:
                raise BadCondition(
                    token.column,
                    f"“{token.text}” is neither a number nor a duration.",
                    "Write 6h, 3d, 2w, 3m or 1y.",
                )
            return Compare(
                concept, operator, length if length is not None else plain or 0.0, length is not None
            )
        if token.kind == "word" and operator in ("=", "!="):
            if concept == "sex" and token.text in ("F", "M"):
                chosen: Condition = Sex(token.text)
            else:
                chosen = Is(concept, frozenset({token.text}))
            return chosen if operator == "=" else Not(chosen)
        raise BadCondition(
            token.column,
            f"“{token.text}” cannot be compared by {operator}.",
            "Compare with a number, a duration (3d), or = with an option.",
        )

    def operator(self) -> str:
        text = self.take().text
        return "=" if text == "==" else text

    def list_of_names(self) -> list[str]:
        self.need("(")
        found = []
        while True:
            token = self.take()
            if token.kind != "word":
                raise BadCondition(
                    token.column,
                    f"“{token.text}” in a list of options.",
                    "Write the ids of options with commas between.",
                )
            found.append(token.text)
            if not self.sign(","):
                break
        self.need(")")
        return found

    def count(self) -> Condition:
        self.need("(")
        found = [self.either()]
        while self.sign(","):
            found.append(self.either())
        self.need(")")
        operator, number = self.compared("count(...)")
        return Count(tuple(found), operator, number)

    def score(self) -> Condition:
        token = self.take()
        if token.kind != "word":
            raise BadCondition(token.column, "A score without a name.", "Write: score centor >= 3.")
        operator, number = self.compared(f"score {token.text}")
        return Score(token.text, operator, number)

    def compared(self, what: str) -> tuple[str, float]:
        if not (self.next.kind == "sign" and self.next.text in _SIGNS):
            raise BadCondition(
                self.next.column, f"{what} is not compared with anything.", f"Write: {what} >= 2."
            )
        operator = self.operator()
        token = self.take()
        value = values.number(token.text) if token.kind == "number" else None
        if value is None:
            raise BadCondition(token.column, f"“{token.text}” is not a number.", f"Write: {what} >= 2.")
        return operator, value


@lru_cache(maxsize=20_000)
def parse(text: str) -> Condition:
    if len(text) > 2_000:
        raise BadCondition(1, "The condition is longer than 2,000 characters.", "Divide the rule.")
    return _Parser(text).whole()
