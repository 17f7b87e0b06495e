"""A file's name as people see it: theirs, made harmless, with the ending of what the file is."""

import re
import unicodedata

_ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}
_UNSAFE = re.compile(r'[<>:"|?*%&;`$\\/]+')
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")
_WINDOWS = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)$", re.IGNORECASE)
_LONGEST = 80


def clean(name: str, content_type: str) -> str:
    """No path, no control or direction characters, no hidden file, at most 80 characters and the ending."""
    text = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    text = "".join(
        c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    )
    text = _ENDING.sub("", _UNSAFE.sub("_", text).strip(" ._-"))
    text = " ".join(text.split()).strip(" ._-")[:_LONGEST].rstrip()
    if not text or _WINDOWS.match(text):
        text = "dokument" if content_type == "application/pdf" else "bild"
    return text + _ENDINGS[content_type]


def shown(name: str) -> str:
    """A refused file's own name, as far as it can be shown."""
    text = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    text = "".join(c for c in text if unicodedata.category(c)[0] not in "C" and c not in "\u2028\u2029")
    return " ".join(text.split())[: _LONGEST + 10] or "?"
