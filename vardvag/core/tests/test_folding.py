"""A folded template says what Django's own says, in each language, and escapes what it escapes."""

import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Engine, engines
from django.template.loaders import app_directories
from django.utils import translation
from django.utils.safestring import SafeString

from vardvag.core.addresses import address
from vardvag.core.folding import Constant, fold
from vardvag.core.markup import escaped, fill

NASTY = "<script>alert('å')</script>&\"{0}{x}%s{{ y }}"
ID = uuid.UUID("11111111-2222-3333-4444-555555555555")
OPTIONS = {"builtins": settings.TEMPLATES[0]["OPTIONS"]["builtins"]}
SOURCES = [
    "<p>{% translate 'Stäng' %} {% url 'core/public/help' %} {% static 'core/app.css' %}</p>",
    "{% if a %}<b>{% translate 'Stäng' %}</b>{% elif b %}{{ b }}{% else %}–{% translate 'Kö' %}{% endif %}",
    "{% for one in many %}{% translate 'Kö' %}: {{ one }}{% empty %}{% translate 'Stäng' %}{% endfor %}",
    "{{ a }} {{ a|upper }} {{ a|safe }} {{ n }} {{ day }} {{ nothing.there }} {{ lazy }}",
    "{% url 'cases/staff/case' id %} {% url 'cases/staff/case' text %}",
    "{% autoescape off %}{{ a }}{% endautoescape %}{% with x=a %}{{ x }}{% endwith %}",
    "{% blocktranslate %}Stäng{% endblocktranslate %} {% blocktranslate with n=n %}Sida {{ n }}{% endblocktranslate %}",
    "{% url 'core/public/help' as there %}[{{ there }}]{% translate 'Stäng' as word %}[{{ word }}]",
    "{% card %}<i>{% translate 'Stäng' %}</i>{{ a }}{% endcard %}{% translate a %}",
]


def values():
    return {
        "a": NASTY, "b": SafeString("<i>ok</i>"), "many": ["<1>", 2], "n": 12345, "day": settings.TIME_ZONE, "id": ID,
        "text": str(ID), "lazy": translation.gettext_lazy("Stäng"),
    }  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
def test_the_same_text_as_djangos_own(source):
    plain, folded = (Engine(**OPTIONS).from_string(source) for _ in range(2))
    fold(folded.nodelist)
    for language in ("sv", "en", "sv"):
        with translation.override(language):
            assert folded.render(Context(values())) == plain.render(Context(values()))
            if "id" not in source:
                assert folded.render(Context({})) == plain.render(Context({}))


def test_what_is_constant_becomes_one_node():
    template = Engine(**OPTIONS).from_string(SOURCES[0])
    fold(template.nodelist)
    assert [type(node) for node in template.nodelist] == [Constant]


def test_a_template_in_which_the_language_changes_is_refused():
    template = Engine(**OPTIONS).from_string("{% language 'en' %}{% translate 'Kö' %}{% endlanguage %}")
    with pytest.raises(TypeError, match="one language"):
        fold(template.nodelist)


def test_every_template_of_the_house_can_be_folded():
    engine = engines["django"].engine
    for folder in app_directories.Loader(engine).get_dirs():
        if settings.PACKAGE in Path(folder).parents:
            for path in Path(folder).rglob("*.html"):
                engine.get_template(str(path.relative_to(folder)))


@pytest.mark.parametrize(
    "value", [NASTY, "lugnt", SafeString("<b>"), 7, None, translation.gettext_lazy("Kö")]
)
def test_values_are_escaped_as_djangos(value):
    from django.utils.html import conditional_escape, format_html  # noqa: PLC0415 - what is compared with

    assert escaped(value) == conditional_escape(value)
    assert fill('<a title="{}">{}</a>', value, "x") == format_html('<a title="{}">{}</a>', value, "x")
    assert isinstance(fill("{}", value), SafeString)


def test_an_address_holds_ids_only():
    assert address("cases/staff/case", ID) == f"/personal/arenden/{ID}/"
    assert address("core/public/help").startswith("/")
    with pytest.raises(TypeError):
        address("cases/staff/case", "x/../../")  # type: ignore[arg-type]
