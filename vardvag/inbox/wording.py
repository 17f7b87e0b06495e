"""Words of the inbox's own pages (behind login). What leaves the house stands in notices.py."""

from django.utils.translation import gettext_lazy as _

from vardvag.inbox.models import Channel, Delivery, InboxItem, ItemKind, Matter, StaffKind

_TITLES = {
    ItemKind.RECEIVED: _("%(unit)s har tagit emot ett ärende"),
    ItemKind.REPLY: _("Svar från %(unit)s"),
    ItemKind.PARTIAL: _("Svar från %(unit)s, mer kommer"),
    ItemKind.QUESTION: _("%(unit)s frågar dig om något"),
    ItemKind.PROMISE: _("Nytt svarsdatum från %(unit)s"),
    ItemKind.MOVED: _("Ärendet har flyttats till %(unit)s"),
    ItemKind.CLOSED: _("%(unit)s har avslutat ärendet"),
    ItemKind.REOPENED: _("%(unit)s har öppnat ärendet igen"),
    ItemKind.OUTGOING: _("Meddelande från %(unit)s"),
    ItemKind.REMINDER: _("Påminnelse från %(unit)s"),
}
# What the unit sent, as its own staff say it.
SENT = {
    ItemKind.REPLY: _("Svar"),
    ItemKind.PARTIAL: _("Delsvar"),
    ItemKind.QUESTION: _("Fråga"),
    ItemKind.OUTGOING: _("Meddelande"),
}
MATTERS = {
    Matter.ANSWERS: _("Svar, frågor och nya meddelanden"),
    Matter.REMINDERS: _("Påminnelser"),
}
STAFF_KINDS = {
    StaffKind.NEW: _("Nya ärenden till mottagningen"),
    StaffKind.ASSIGNED: _("Ärenden som fördelas till dig eller din grupp"),
    StaffKind.MESSAGE: _("Nya meddelanden i dina ärenden"),
    StaffKind.OVERDUE: _("Försenade ärenden"),
}
CHANNELS = {Channel.SMS: _("Sms"), Channel.MAIL: _("E-post")}
_STATES = {
    Delivery.State.FAILED: _("Kom inte fram"),
    Delivery.State.UNKNOWN: _("Osäkert om det kom fram"),
    Delivery.State.DEAD: _("Skickades aldrig"),
}
_CURES = {
    Delivery.State.FAILED: _("Adressen går inte att nå. Ring eller skicka brev om det är viktigt."),
    Delivery.State.UNKNOWN: _("Svaret från tjänsten uteblev. Skickar du igen kan det komma två."),
    Delivery.State.DEAD: _("Tjänsten var nere för länge. Skicka igen."),
}


def title(item: InboxItem) -> str:
    return str(_TITLES[ItemKind(item.kind)]) % {"unit": item.unit.public_name}


def state(delivery: Delivery) -> str:
    return str(_STATES[Delivery.State(delivery.state)])


def cure(delivery: Delivery) -> str:
    return str(_CURES[Delivery.State(delivery.state)])
