"""The page's script comes in one round over a slow network: what it imports is asked for at once, not in a row."""

import re
from pathlib import Path

from django.conf import settings

import vardvag.core
from vardvag.core.templatetags.ui import script_parts

HERE = Path(vardvag.core.__file__).parent
IMPORTED = re.compile(r'^import (?:.* from )?"\./(\w+\.js)";', re.M)


def needed(name: str) -> set[str]:
    found = set(IMPORTED.findall((HERE / "static" / "core" / name).read_text()))
    return found.union(*(needed(one) for one in found))


def test_all_that_the_page_imports_is_asked_for_at_once() -> None:
    asked = re.findall(r'<link rel="modulepreload" href="([^"]+)">', script_parts())
    assert set(asked) == {f"{settings.STATIC_URL}core/{name}" for name in needed("app.js")}
