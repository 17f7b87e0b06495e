"""What to say for each hint and error of BankID, in both languages."""

from typing import Literal

from vardvag.outside.words import Words

Mode = Literal["qr", "same"]  # code scanned with another device, or the app on this device

_START_QR = Words(
    "Öppna BankID-appen i din mobil och läs av QR-koden.",
    "Open the BankID app on your phone and scan the QR code.",
)
_START_SAME = Words("BankID-appen öppnas.", "Opening the BankID app.")
_STARTED_QR = Words(
    "Koden är avläst. Appen letar efter ditt BankID. Händer inget på en stund saknas BankID i appen: "
    "skaffa ett hos din bank.",
    "The code has been scanned. The app is looking for your BankID. If nothing happens, there is no BankID "
    "in the app: your bank can issue one.",
)
_STARTED_SAME = Words(
    "Appen letar efter ditt BankID. Händer inget på en stund saknas BankID på den här enheten: använd en "
    "annan enhet eller skaffa BankID hos din bank.",
    "The app is looking for your BankID. If nothing happens, there is no BankID on this device: use another "
    "device, or get a BankID from your bank.",
)

PENDING = {
    "userSign": Words(
        "Skriv din säkerhetskod i BankID-appen och godkänn.",
        "Enter your security code in the BankID app and approve.",
    ),
    "userMrtd": Words(
        "BankID-appen vill läsa av ditt pass eller nationella id-kort. Följ stegen i appen.",
        "The BankID app wants to read your passport or national ID card. Follow the steps in the app.",
    ),
    "userCallConfirm": Words(
        "Bekräfta i BankID-appen att det är du som talar med oss i telefon.",
        "Confirm in the BankID app that you are the one speaking with us on the phone.",
    ),
    "processing": Words("Ett ögonblick, det är snart klart.", "One moment, almost done."),
}
_PENDING_OTHER = Words(
    "BankID arbetar. Följ stegen i appen.", "BankID is working. Follow the steps in the app."
)

_NO_APP_QR = Words(
    "QR-koden blev inte avläst i tid. Öppna BankID-appen, välj att läsa av en QR-kod och försök igen.",
    "The QR code was not scanned in time. Open the BankID app, choose to scan a QR code, and try again.",
)
_NO_APP_SAME = Words(
    "BankID-appen öppnades inte. Installera appen och skaffa BankID hos din bank, eller logga in med "
    "BankID på en annan enhet.",
    "The BankID app did not open. Install the app and get a BankID from your bank, or log in with BankID on "
    "another device.",
)

FAILED = {
    "expiredTransaction": Words(
        "Tiden gick ut. Kontrollera att BankID-appen är öppen och att du har internet, och försök igen.",
        "Time ran out. Check that the BankID app is open and that you are online, and try again.",
    ),
    "certificateErr": Words(
        "Ditt BankID är spärrat eller har gått ut. Välj ett annat, eller skaffa ett nytt hos din bank.",
        "Your BankID has been blocked or has expired. Choose another, or get a new one from your bank.",
    ),
    "userCancel": Words("Du avbröt i BankID-appen.", "You cancelled in the BankID app."),
    "cancelled": Words(
        "Inloggningen avbröts eftersom en ny startades. Försök igen.",
        "This was stopped because a new one was started. Try again.",
    ),
    "userDeclinedCall": Words(
        "Du svarade i BankID-appen att du inte talar med oss i telefon.",
        "You answered in the BankID app that you are not on the phone with us.",
    ),
    "notSupportedByUserApp": Words(
        "BankID-appen är för gammal. Uppdatera appen och försök igen.",
        "The BankID app is too old. Update the app and try again.",
    ),
    "transactionRiskBlocked": Words(
        "BankID sa nej av säkerhetsskäl. Försök igen från din egen enhet, eller kontakta din bank.",
        "BankID stopped this for security reasons. Try again from your own device, or contact your bank.",
    ),
}
_FAILED_OTHER = Words(
    "Något gick fel i BankID. Försök igen.",
    "Something went wrong in BankID. Try again.",
)

_TECHNICAL = Words(
    "BankID har tekniska problem just nu. Vänta några minuter och försök igen.",
    "BankID has technical problems right now. Wait a few minutes and try again.",
)
_OURS = Words(
    "Inloggning med BankID fungerar inte just nu, och felet är vårt. Försök igen om en stund. Ring 1177 om "
    "du behöver vård nu.",
    "Login with BankID is not working right now, and the fault is ours. Try again in a while. Call 1177 if "
    "you need care now.",
)

ERRORS = {
    "alreadyInProgress": Words(
        "En annan inloggning eller underskrift pågick för dig. Nu är båda stoppade. Försök igen. Startade du "
        "inte den andra själv: avbryt i BankID-appen.",
        "Another login or signature was going on for you. Both are stopped now. Try again. If you did not "
        "start the other one: cancel in the BankID app.",
    ),
    "noSuchOrder": Words(
        "Inloggningen gäller inte längre. Börja om.", "This login is no longer valid. Start again."
    ),
    "requestTimeout": _TECHNICAL,
    "internalError": _TECHNICAL,
    "maintenance": Words(
        "BankID har underhåll just nu. Vänta några minuter och försök igen.",
        "BankID is down for maintenance. Wait a few minutes and try again.",
    ),
    "tooManyRequests": Words(
        "Många försöker logga in just nu. Vänta en halv minut och försök igen.",
        "Many people are logging in right now. Wait half a minute and try again.",
    ),
    "noAnswer": Words(
        "Vi får inget svar från BankID. Försök igen om en stund.",
        "We are getting no answer from BankID. Try again in a while.",
    ),
    "invalidParameters": _OURS,
    "unauthorized": _OURS,
    "notFound": _OURS,
    "methodNotAllowed": _OURS,
    "unsupportedMediaType": _OURS,
    "certificate": _OURS,
}


def pending(hint: str, mode: Mode) -> Words:
    if hint in ("outstandingTransaction", "noClient"):
        return _START_QR if mode == "qr" else _START_SAME
    if hint == "started":
        return _STARTED_QR if mode == "qr" else _STARTED_SAME
    return PENDING.get(hint, _PENDING_OTHER)


def failed(hint: str, mode: Mode) -> Words:
    if hint == "startFailed":
        return _NO_APP_QR if mode == "qr" else _NO_APP_SAME
    return FAILED.get(hint, _FAILED_OTHER)


def error(code: str) -> Words:
    return ERRORS.get(code, _FAILED_OTHER)
