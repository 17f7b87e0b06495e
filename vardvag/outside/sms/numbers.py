"""Mobile numbers as people write them, to E.164."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

_CAN_GET_SMS = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.PAGER}


class NotANumber(ValueError):
    """Cannot be a phone number at all."""


class NotMobile(ValueError):
    """A phone number, but one that cannot get SMS."""


def normalise(written: str, *, country: str = "SE") -> str:
    """'070-174 06 05' -> '+46701740605'. Numbers from other countries need their '+' or '00'."""
    try:
        number = phonenumbers.parse(written[:40], country)
    except NumberParseException as error:
        raise NotANumber(written) from error
    if not phonenumbers.is_valid_number(number):
        raise NotANumber(written)
    if phonenumbers.number_type(number) not in _CAN_GET_SMS:
        raise NotMobile(written)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def pretty(e164: str) -> str:
    """'+46701740605' -> '070-174 06 05' (Swedish numbers nationally, others internationally)."""
    try:
        number = phonenumbers.parse(e164, "SE")
    except NumberParseException:
        return e164
    national = number.country_code == 46
    shape = phonenumbers.PhoneNumberFormat
    return str(phonenumbers.format_number(number, shape.NATIONAL if national else shape.INTERNATIONAL))


def masked(e164: str) -> str:
    """For screens and the delivery log: only the last two digits are shown."""
    return "•••" + e164[-2:] if e164 else ""
