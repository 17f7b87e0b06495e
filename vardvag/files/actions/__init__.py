"""What can happen to a file: uploaded, sent with a message, taken back, removed, scanned again, forgotten."""

from vardvag.files.actions.drafts import adopt, keep_draft, release, remove, remove_draft, remove_from_draft
from vardvag.files.actions.keeping import forget, rewrap, scan_waiting, sweep
from vardvag.files.actions.uploading import Received, upload, upload_all
from vardvag.files.facts import Busy, Gone, Infected, NoRoom, NotYours, Refused, TooMany, TooMuch

__all__ = [
    "Busy",
    "Gone",
    "Infected",
    "NoRoom",
    "NotYours",
    "Received",
    "Refused",
    "TooMany",
    "TooMuch",
    "adopt",
    "forget",
    "keep_draft",
    "release",
    "remove",
    "remove_draft",
    "remove_from_draft",
    "rewrap",
    "scan_waiting",
    "sweep",
    "upload",
    "upload_all",
]
