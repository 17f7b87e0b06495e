"""Whether a unit answers its phone now, in words."""

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from vardvag.core import clock, dates
from vardvag.organisation.queries import ContactCard

register = template.Library()


@register.filter
def opening_line(card: ContactCard) -> str:
    """Telefonen är öppen till 16.00 · Telefonen är stängd. Öppnar måndag 23 november kl. 08.00"""
    opening, now = card.phone_opening, clock.now()
    if opening.closes is not None:
        return _("Telefonen är öppen till kl. {clock}").format(clock=dates.clock(opening.closes))
    if opening.opens is not None:
        when = dates.moment(opening.opens, now=now, language=get_language() or "sv")
        return _("Telefonen är stängd. Öppnar {when}").format(when=when)
    return _("Telefontider saknas. Ring 1177 om du behöver råd.")
