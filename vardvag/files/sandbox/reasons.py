"""Why a file was not taken. The words for people are in files/facts.py."""

from enum import StrEnum


class Reason(StrEnum):
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNKNOWN = "unknown"  # none of the formats we take
    WEB = "web"  # SVG, HTML, XML, scripts
    OFFICE = "office"
    ARCHIVE = "archive"
    FILM = "film"
    SOUND = "sound"
    PROGRAM = "program"
    BROKEN_PICTURE = "broken_picture"
    TOO_MANY_PIXELS = "too_many_pixels"
    BROKEN_PDF = "broken_pdf"
    LOCKED_PDF = "locked_pdf"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_HARD = "too_hard"  # more time, memory or output than one file may take
    NO_SANDBOX = "no_sandbox"  # the process could not be confined: nothing is opened


class Rejected(Exception):
    def __init__(self, reason: Reason, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail  # for the log of operations: a type's name or a number, never content
        super().__init__(f"{reason} {detail}".strip())
