"""What the log says in plain words: (kind, verb) -> what somebody did. `%(title)s` is the object's own name.

A part may add its own through `audit.queries.say`; what is here covers the floors above too, so
that no act stands in the log without words.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PHRASES: dict[tuple[str, str], str | Promise] = {
    ("case", "open"): _("skickade ärendet %(title)s"),
    ("case", "read"): _("läste ärendet %(title)s"),
    ("case", "read_new"): _("läste ärendet %(title)s"),
    ("case", "read_history"): _("läste historiken i ärendet %(title)s"),
    ("case", "open_protected"): _("angav ett skäl för att öppna ärendet %(title)s"),
    ("case", "copy"): _("kopierade ärendet %(title)s till journalen"),
    ("case", "remind"): _("påminde dig om ärendet %(title)s"),
    ("case", "read_contact"): _("tog fram adress och telefon i ärendet %(title)s"),
    ("case", "read_file"): _("öppnade en fil i ärendet %(title)s"),
    ("case", "read_receipt"): _("läste kvittot på ärendet %(title)s"),
    ("case", "save_copy"): _("sparade en kopia av ärendet %(title)s"),
    ("case", "distribute"): _("fördelade ärendet %(title)s"),
    ("case", "take"): _("tog ärendet %(title)s"),
    ("case", "give_back"): _("lämnade tillbaka ärendet %(title)s"),
    ("case", "reply"): _("svarade i ärendet %(title)s"),
    ("case", "partial"): _("gav ett delsvar i ärendet %(title)s"),
    ("case", "ask"): _("ställde en fråga i ärendet %(title)s"),
    ("case", "write"): _("skrev i ärendet %(title)s"),
    ("case", "note"): _("skrev en anteckning för personalen i ärendet %(title)s"),
    ("case", "close"): _("avslutade ärendet %(title)s"),
    ("case", "close_without_reply"): _("avslutade ärendet %(title)s utan svar"),
    ("case", "withdraw"): _("återtog ärendet %(title)s"),
    ("case", "reopen"): _("öppnade ärendet %(title)s igen"),
    ("case", "move"): _("flyttade ärendet %(title)s till en annan mottagning"),
    ("case", "urgency"): _("ändrade hur bråttom det är med ärendet %(title)s"),
    ("case", "undo"): _("ångrade en åtgärd i ärendet %(title)s"),
    ("case", "unread"): _("markerade ärendet %(title)s som oläst"),
    ("case", "rate"): _("gav omdöme om ärendet %(title)s"),
    ("case", "group_gone"): _("gav ärendet %(title)s till en annan grupp"),
    ("cases", "list"): _("såg listan över dina ärenden"),
    ("session", "login"): _("loggade in"),
    ("session", "logout"): _("loggade ut"),
    ("session", "logout_everywhere"): _("loggade ut överallt"),
    ("session", "act_for"): _("började göra ärenden åt dig"),
    ("draft", "start"): _("började fylla i ett formulär"),
    ("draft", "discard"): _("tog bort ett påbörjat formulär"),
    ("response", "answer"): _("fyllde i ett formulär"),
    ("inbox_item", "mark_read"): _("läste ett meddelande i inkorgen"),
    ("inbox_item", "mark_unread"): _("markerade ett meddelande i inkorgen som oläst"),
    ("inbox_item", "mark_reached"): _("noterade ett samtal eller brev till dig om ett oläst svar"),
    ("delivery", "send_again"): _("skickade en avisering igen"),
    ("contact_settings", "verify_address"): _("bekräftade en adress för aviseringar"),
    ("contact_settings", "forget_address"): _("tog bort en adress för aviseringar"),
    ("contact_settings", "save_notice_settings"): _("ändrade hur aviseringar skickas"),
    ("terms", "accept_terms"): _("godkände villkor"),
    ("person", "change_number"): _("bytte ditt personnummer efter besked från folkbokföringen"),
    ("person", "register"): _("hämtade uppgifter från folkbokföringen"),
    ("log", "read"): _("läste loggen"),
}
BY_VERB: dict[str, str | Promise] = {
    "read": _("läste uppgifter om dig"),
    "read_file": _("öppnade en fil"),
    "search": _("sökte fram uppgifter om dig"),
    "list": _("såg ditt ärende i kön"),
    "lookup": _("sökte på ditt personnummer"),
}
OTHERWISE = _("hanterade uppgifter om dig")
UNTITLED = _("(utan namn)")
