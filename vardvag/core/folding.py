"""Templates whose constant parts are made once in each language (decision 0016).

Two thirds of a page's nodes are text and `translate`, `static` and `url` of constants. What stands side by side of
these becomes one text per language the first time it is shown. What depends on the request stays Django's, with a
shorter way for the two commonest: a variable that holds text, and the address of something with an id.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.template import Context, Template
from django.template.base import FilterExpression, Node, NodeList, TextNode, Variable, VariableNode
from django.template.base import render_value_in_context as in_full
from django.template.defaulttags import CsrfTokenNode, IfNode, URLNode
from django.template.loaders import base, cached
from django.templatetags.i18n import BlockTranslateNode, LanguageNode, TranslateNode
from django.templatetags.static import StaticNode
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from vardvag.core.addresses import address
from vardvag.core.markup import escaped


class Constant(Node):
    """Neighbours that depend on the language alone."""

    child_nodelists = ()

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._nodes = list(nodes)
        self._made: dict[str | None, str] = {}

    def render(self, context: Context) -> SafeString:
        language = _language(context)
        if language not in self._made:
            self._made[language] = "".join(str(node.render(context)) for node in self._nodes)
        return SafeString(self._made[language])

    def render_annotated(self, context: Context) -> str:
        try:
            return self._made[context.language_made]  # type: ignore[attr-defined]
        except (AttributeError, KeyError):
            return self.render(context)


class Value(VariableNode):
    """A variable; most hold a text, which has nothing to localise."""

    def render(self, context: Context) -> str:
        found = self.filter_expression.resolve(context)
        if type(found) is SafeString:
            return found
        if type(found) is str and context.autoescape:
            return escaped(found)
        if type(found) is int:  # no language of ours groups digits where a page shows a number
            return str(found)
        return in_full(found, context)

    render_annotated = render


class Address(Node):
    """`{% url "name" id … %}`"""

    child_nodelists = ()

    def __init__(self, node: Any) -> None:
        self._node, self._name, self._ids = node, str(node.view_name.var), node.args

    def render(self, context: Context) -> str:
        ids = [one.resolve(context) for one in self._ids]
        if all(type(one) is UUID for one in ids):
            return address(self._name, *ids)
        return str(self._node.render(context))


class Named(Node):
    """`{% url "name" as word %}`"""

    child_nodelists = ()

    def __init__(self, node: Any) -> None:
        self._word, self._name = node.asvar, str(node.view_name.var)

    def render(self, context: Context) -> str:
        context[self._word] = address(self._name)
        return ""


class Csrf(Node):
    """`{% csrf_token %}`: made once for each page, however many forms it has."""

    child_nodelists = ()

    def __init__(self, node: Node) -> None:
        self._node = node

    def render(self, context: Context) -> str:
        kept = vars(context)
        if "csrf_made" not in kept:
            kept["csrf_made"] = self._node.render(context)
        return str(kept["csrf_made"])

    render_annotated = render


class _Folded(base.Loader):
    def get_template(self, template_name: str, skip: Any = None) -> Template:
        made: Template = super().get_template(template_name, skip)
        fold(made.nodelist)
        return made


class Loader(cached.Loader, _Folded):
    """Django's cached loader; what it keeps is folded before any thread shows it."""


def _language(context: Context) -> str | None:
    """Of the thread, asked once per page: no template changes it half-way."""
    try:
        return context.language_made  # type: ignore[attr-defined,no-any-return]
    except AttributeError:
        context.language_made = get_language()  # type: ignore[attr-defined]
        return context.language_made  # type: ignore[attr-defined,no-any-return]


def fold(nodes: NodeList) -> None:
    """In place, with all that stands inside."""
    folded: list[Node] = []
    run: list[Node] = []
    for node in [*nodes, None]:
        if node is not None and _constant(node):
            run.append(node)
            continue
        if run:
            folded.append(run[0] if len(run) == 1 and isinstance(run[0], TextNode) else Constant(run))
            run = []
        if node is not None:
            folded.append(_shorter(node))
    nodes[:] = folded


def _constant(node: Node) -> bool:
    match node:
        case TextNode():
            return True
        case TranslateNode():
            return not node.asvar and not node.message_context and _fixed(node.filter_expression)
        case StaticNode():
            return not node.varname and _fixed(node.path)
        case URLNode():
            return not (node.asvar or node.args or node.kwargs) and _fixed(node.view_name)
        case BlockTranslateNode():
            said = [*node.singular, *(node.plural or [])]
            return not (node.asvar or node.extra_context or node.countervar or node.message_context) and all(
                token.token_type.name == "TEXT" for token in said
            )
    return False


def _fixed(value: FilterExpression) -> bool:
    """A constant of the template's, without filters."""
    if value.filters:
        return False
    return value.var.literal is not None if isinstance(value.var, Variable) else isinstance(value.var, str)


def _shorter(node: Node) -> Node:
    if isinstance(node, LanguageNode):
        raise TypeError("A page has one language: `{% language %}` is not for templates that are folded.")
    if type(node) is VariableNode:
        return _placed(Value(node.filter_expression), node)
    if type(node) is CsrfTokenNode:
        return _placed(Csrf(node), node)
    if type(node) is URLNode and node.args and not (node.kwargs or node.asvar) and _fixed(node.view_name):
        return _placed(Address(node), node)
    if type(node) is URLNode and node.asvar and not (node.args or node.kwargs) and _fixed(node.view_name):
        return _placed(Named(node), node)
    if isinstance(node, IfNode):
        for _condition, inside in node.conditions_nodelists:
            fold(inside)
    else:
        for name in node.child_nodelists:
            if (held := getattr(node, name, None)) is not None:
                fold(held)
    return node


def _placed(new: Node, old: Node) -> Node:
    new.token, new.origin = old.token, old.origin
    return new
