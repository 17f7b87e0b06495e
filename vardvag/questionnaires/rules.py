"""Which questions apply, how they are laid out on pages, and whether the answers will do. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from vardvag.questionnaires.answers import Answers, only, problem, values
from vardvag.questionnaires.definition import Condition, Definition, Item, Kind, Operator, walk

SHORT = 4  # questions that fit on one page


def enabled(definition: Definition, answers: Answers) -> frozenset[str]:
    """Link ids of the items that apply. Answers to questions that do not apply count for nothing."""
    found: dict[str, Item] = {}

    def visit(items: Iterable[Item]) -> None:
        for item in items:
            holds = (_holds(one, found, answers) for one in item.when)
            if not item.when or (any(holds) if item.any_of else all(holds)):
                found[item.link_id] = item
                visit(item.items)

    visit(definition.items)
    return frozenset(found)


def _holds(condition: Condition, applies: dict[str, Item], answers: Answers) -> bool:
    asked = applies.get(condition.question)
    answer = answers.get(condition.question) if asked else None
    given = values(asked, answer) if asked else ()
    match condition.operator:
        case Operator.EXISTS:
            return bool(given or answer) is condition.answer
        case Operator.EQUAL:
            return any(one == condition.answer for one in given)
        case Operator.NOT_EQUAL:
            said = bool(given) or isinstance(answer, list) and bool(answer)  # or own words beside the options
            return said and condition.answer not in given
        case Operator.GREATER:
            return any(one > condition.answer for one in given)  # type: ignore[operator]
        case Operator.LESS:
            return any(one < condition.answer for one in given)  # type: ignore[operator]
        case Operator.GREATER_OR_EQUAL:
            return any(one >= condition.answer for one in given)  # type: ignore[operator]
        case Operator.LESS_OR_EQUAL:
            return any(one <= condition.answer for one in given)  # type: ignore[operator]


def deciding(items: Iterable[Item], sections: tuple[Item, ...] = ()) -> dict[str, tuple[Item, ...]]:
    """By link id: the item and the sections around it, outermost first; an item applies when all of them do."""
    found: dict[str, tuple[Item, ...]] = {}
    for item in items:
        found[item.link_id] = (*sections, item)
        found |= deciding(item.items, found[item.link_id])
    return found


def elsewhere(definition: Definition, answers: Answers, item: Item, here: Iterable[str]) -> bool:
    """What the item's conditions on questions that are not `here` come to."""
    applies = enabled(definition, answers)
    asked = {one.link_id: one for one in definition.walk() if one.link_id in applies}
    on_page = set(here)
    rest = [_holds(one, asked, answers) for one in item.when if one.question not in on_page]
    return any(rest) if item.any_of else all(rest)


@dataclass(frozen=True, slots=True)
class Block:
    """Items under one heading (or none)."""

    section: Item | None
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the form. `link_id` names it and stays the same while the form is filled in.

    `waiting` are items that may come to apply by an answer on this very page: they are on it, hidden.
    """

    link_id: str
    blocks: tuple[Block, ...]
    waiting: frozenset[str] = frozenset()

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for block in self.blocks for item in block.items)

    @property
    def shown(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.link_id not in self.waiting)

    @property
    def questions(self) -> tuple[Item, ...]:
        """Those that apply."""
        return tuple(item for item in self.shown if item.kind.is_question)


def is_short(definition: Definition) -> bool:
    """Counts every question, also those that may never apply, so that the layout never flips under way."""
    return sum(1 for _ in definition.questions()) <= SHORT


def pages(definition: Definition, answers: Answers) -> tuple[Page, ...]:
    """A short form is one page. In a longer one each top item is a page: a question, or a section of at most
    four questions (a longer section is one page per question). Information goes with what follows it;
    a warning in the tone "danger" stands alone."""
    applies = enabled(definition, answers)
    if is_short(definition):
        return _one_page(definition.items, applies, definition.items[0].link_id)
    decides = deciding(definition.items)
    found: list[Page] = []
    told: list[Item] = []  # information on its way to the next page
    for group in _groups(definition.items):
        told += [item for item in group.before if item.link_id in applies]
        if group.section and group.section.link_id not in applies:
            continue
        page = _page(group.link_id, ((group.section, group.items),), applies, decides)
        if page and told:
            page = replace(page, blocks=(Block(None, tuple(told)), *page.blocks))
        if page:
            found.append(page)
            told = []
    if told:
        found.append(Page(told[0].link_id, (Block(None, tuple(told)),)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Group:
    """Items that share a page, and the information before them."""

    link_id: str
    section: Item | None
    items: tuple[Item, ...]
    before: tuple[Item, ...] = ()


def _groups(items: tuple[Item, ...]) -> list[_Group]:
    found: list[_Group] = []
    before: list[Item] = []

    def close(link_id: str, section: Item | None, together: tuple[Item, ...]) -> None:
        found.append(_Group(link_id, section, together, tuple(before)))
        before.clear()

    def visit(some: tuple[Item, ...], section: Item | None) -> None:
        for item in some:
            if item.kind is Kind.SECTION:
                if sum(1 for one in walk(item.items) if one.kind.is_question) <= SHORT:
                    close(item.link_id, item, item.items)
                else:
                    visit(item.items, item)
            elif item.kind is Kind.INFORMATION and item.tone != "danger":
                before.append(item)
            else:
                close(item.link_id, section, (item,))

    visit(items, None)
    if before:
        close(before[0].link_id, None, ())
    return found


def _one_page(items: tuple[Item, ...], applies: frozenset[str], link_id: str) -> tuple[Page, ...]:
    runs: list[tuple[Item | None, tuple[Item, ...]]] = []
    for item in items:
        if item.kind is Kind.SECTION:
            if item.link_id in applies:
                runs.append((item, item.items))
        elif runs and runs[-1][0] is None:
            runs[-1] = (None, (*runs[-1][1], item))
        else:
            runs.append((None, (item,)))
    page = _page(link_id, tuple(runs), applies, deciding(items))
    return (page,) if page else ()


def _page(
    link_id: str,
    runs: tuple[tuple[Item | None, tuple[Item, ...]], ...],
    applies: frozenset[str],
    decides: Mapping[str, tuple[Item, ...]],
) -> Page | None:
    """The page, or None when nothing on it applies."""
    flat = [(section, _flat(items)) for section, items in runs]
    here = {item.link_id for _, items in flat for item in items}
    waiting = {
        item.link_id
        for _, items in flat
        for item in items
        if item.link_id not in applies
        and any(one.question in here for part in decides[item.link_id] for one in part.when)
    }
    there = applies | waiting
    blocks = [
        Block(section, tuple(item for item in items if item.link_id in there)) for section, items in flat
    ]
    page = Page(link_id, tuple(block for block in blocks if block.items), frozenset(waiting))
    return page if page.shown else None


def _flat(items: tuple[Item, ...]) -> list[Item]:
    """Sections inside a section on one page are read straight through."""
    found: list[Item] = []
    for item in items:
        found += _flat(item.items) if item.kind is Kind.SECTION else [item]
    return found


def page_at(plan: tuple[Page, ...], link_id: str) -> Page:
    """The page that is named or holds the link id, else the first."""
    for page in plan:
        if page.link_id == link_id or any(item.link_id == link_id for item in page.items):
            return page
    return plan[0]


def following(plan: tuple[Page, ...], page: Page) -> Page | None:
    return _beside(plan, page, 1)


def preceding(plan: tuple[Page, ...], page: Page) -> Page | None:
    return _beside(plan, page, -1)


def _beside(plan: tuple[Page, ...], page: Page, step: int) -> Page | None:
    names = [one.link_id for one in plan]
    at = (names.index(page.link_id) if page.link_id in names else 0) + step
    return plan[at] if 0 <= at < len(plan) else None


def problems(definition: Definition, answers: Answers, today: date, on: Page | None = None) -> dict[str, str]:
    """What to put right by link id, in reading order; on one page, or in the whole form."""
    applies = enabled(definition, answers)
    here = {item.link_id for item in on.questions} if on else applies
    found = {
        item.link_id: problem(item, answers.get(item.link_id), today)
        for item in definition.questions()
        if item.link_id in applies and item.link_id in here
    }
    return {link_id: told for link_id, told in found.items() if told}


def applying(definition: Definition, answers: Answers) -> dict[str, Any]:
    """The answers that are sent: those to questions that apply and can be understood."""
    applies = enabled(definition, answers)
    return only(answers, (item.link_id for item in definition.questions() if item.link_id in applies))


def initial(definition: Definition) -> dict[str, Any]:
    """What a new draft begins with."""
    found: dict[str, Any] = {}
    for item in definition.questions():
        chosen = [option.code for option in item.options if option.initial]
        if chosen:
            found[item.link_id] = chosen if item.several or item.kind is Kind.OPEN_CHOICE else chosen[0]
        elif item.initial is not None:
            found[item.link_id] = item.initial if isinstance(item.initial, (bool, int)) else str(item.initial)
    return found


def newly_shown(page: Page, seen: Iterable[str]) -> tuple[Item, ...]:
    """Items on the page that apply now but were not shown when it was sent (no JavaScript)."""
    there = set(seen)
    return tuple(item for item in page.shown if item.link_id not in there)
