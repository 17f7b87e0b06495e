"""YAML as the content is written: short things on one line, texts in quotes, yes and no."""

import re
from typing import Any

import yaml
from yaml.representer import SafeRepresenter

_PLAIN = re.compile(r"[A-Za-z0-9_][\w.]*", re.ASCII)
_BLOCKS = ("selfcare", "seek_again")  # a line for each advice
_WIDE = 1_000_000


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)  # lists stand two steps in


def write(tree: dict[str, Any]) -> str:
    text: str = yaml.serialize(_node(tree, ()), Dumper=_Dumper, width=_WIDE, allow_unicode=True)
    return text


def _node(value: Any, place: tuple[Any, ...]) -> yaml.Node:
    if isinstance(value, dict):
        pairs = [(_scalar(str(key)), _node(one, (*place, key))) for key, one in value.items()]
        return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=_short(value.values(), place))
    if isinstance(value, list):
        some = [_node(one, (*place, number)) for number, one in enumerate(value)]
        return yaml.SequenceNode("tag:yaml.org,2002:seq", some, flow_style=_short(value, place))
    return _scalar(value)


def _short(parts: Any, place: tuple[Any, ...]) -> bool:
    if not place or place[0] in _BLOCKS:
        return False
    if place[0] == "golden":
        return len(place) > 1
    return not any(isinstance(one, (dict, list)) for one in parts)


def _scalar(value: Any) -> yaml.ScalarNode:
    if isinstance(value, bool):
        return yaml.ScalarNode("tag:yaml.org,2002:bool", "yes" if value else "no")
    if isinstance(value, str):
        style = None if _PLAIN.fullmatch(value) else '"'
        return yaml.ScalarNode("tag:yaml.org,2002:str", value, style=style)
    node = SafeRepresenter().represent_data(value)
    assert isinstance(node, yaml.ScalarNode)
    return node
