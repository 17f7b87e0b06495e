"""Components: what people wrote is never markup, what is told by colour is told by a word too."""

import re
from html.parser import HTMLParser

import pytest
from django import forms
from django.template import Context, Template

from vardvag.core.templatetags import fields, matters

EVIL = "<script>alert(1)</script>\" onclick='x"


class Elements(HTMLParser):
    """The names of all elements and attributes, as a browser reads them."""

    def __init__(self):
        super().__init__()
        self.names, self.attributes = set(), set()

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes |= {name for name, _value in attrs}


def shown(text, **context):
    return Template(text).render(Context(context))


@pytest.mark.parametrize(
    "component",
    [
        "{% button evil key=evil name=evil value=evil %}",
        "{% link_button evil evil %}",
        "{% alert evil title=evil %}",
        "{% problem evil %}",
        "{% tag evil evil %}",
        "{% lateness evil evil %}",
        "{% presence evil %}",
        "{% patient_banner evil 4 written_by=evil %}",
        "{% empty_state evil link=evil href=evil %}",
        "{% views rows label=evil %}",
        "{% pager 2 before=evil after=evil %}",
        "{% progress evil 1 2 %}",
        "{% steps rows_of_steps %}",
        "{% kbd evil %}",
        "{% table label=evil %}{{ evil }}{% endtable %}",
        "{% details summary=evil %}{{ evil }}{% enddetails %}",
        "{% message side='note' who=evil when=evil mark=evil %}{{ evil }}{% endmessage %}",
        "{% receipt title=evil %}{{ evil }}{% endreceipt %}",
        "{% card %}{{ evil }}{% endcard %}",
    ],
)
def test_nothing_that_comes_in_is_markup(component):
    html = shown(
        component,
        evil=EVIL,
        rows=[(EVIL, EVIL, 1, True)],
        rows_of_steps=[{"done": True, "word": EVIL, "when": EVIL}],
    )
    assert "<script" not in html and "&lt;script" in html
    elements = Elements()
    elements.feed(html)
    assert "script" not in elements.names and "onclick" not in elements.attributes


def test_colour_never_stands_alone():
    assert "FÖRFALLET" in matters.lateness("late", "3 tim") and "Snart" in matters.lateness("soon", "40 min")
    for level in (1, 2, 3, 4, 5):
        assert matters._urgency_word(level) in matters.urgency(level) and f">{level}<" in matters.urgency(
            level
        )
    assert "Skyddade personuppgifter" in matters.patient_banner("Skyddad", 38, protected=True)
    assert "Skyddade personuppgifter" not in matters.patient_banner("Anna", 38)


def test_a_note_says_who_sees_it():
    note = shown("{% message side='note' who='Sara' when='10.05' %}Ringer Ek{% endmessage %}")
    assert "Bara personal ser det här" in note
    assert "Bara personal" not in shown(
        "{% message side='care' who='Sara' when='10.05' %}Hej{% endmessage %}"
    )


class Form(forms.Form):
    name = forms.CharField(label="Namn", help_text="Som i passet")
    worse = forms.ChoiceField(label="Sämre?", widget=forms.RadioSelect, choices=[("y", "Ja"), ("n", "Nej")])
    told = forms.CharField(label="Berätta", widget=forms.Textarea, required=False)


def test_a_field_ties_its_label_help_and_error_together():
    form = Form({})
    html = fields.field(form["name"])
    described = re.search(r'aria-describedby="([^"]+)"', html)
    assert described and set(described[1].split()) == {"id_name_helptext", "id_name_error"}
    for identity in described[1].split():
        assert f'id="{identity}"' in html
    assert '<label class="ds-label" for="id_name">Namn</label>' in html and 'aria-invalid="true"' in html


def test_choices_are_a_named_group():
    html = fields.field(Form()["worse"])
    assert html.count('type="radio"') == html.count('class="ds-input"') == 2
    assert '<legend class="ds-label">Sämre?</legend>' in html


def test_the_counter_is_in_our_language_and_kept_by_the_browser():
    html = fields.field(Form()["told"], count=3000)
    assert 'maxlength="3000"' in html and 'data-count-words="tecken kvar"' in html


def test_the_summary_counts_and_leads_to_each_fault():
    html = fields.error_summary(Form({}))
    assert "Det finns 2 saker att rätta" in html
    assert 'href="#id_name"' in html and "Namn: " in html
    assert fields.error_summary(Form({"name": "Anna", "worse": "y"})) == ""
