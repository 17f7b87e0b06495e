"""What can happen to a file: uploaded, sent with a message, taken back, removed, scanned again, forgotten."""

from vardvag.files.actions.drafts import adopt, keep_draft, release, remove, remove_draft, remove_from_draft
from vardvag.files.actions.keeping import forget, on_withdrawn, rewrap, scan_waiting, sweep
from vardvag.files.actions.pieces import Taken, call_off, take_piece
from vardvag.files.actions.unfinished import forget_pieces
from vardvag.files.actions.uploading import Received, upload, upload_all
from vardvag.files.facts import BadPiece, Busy, Gone, Infected, NoRoom, NotYours, Refused, TooMany, TooMuch

__all__ = [
    "BadPiece",
    "Busy",
    "Gone",
    "Infected",
    "NoRoom",
    "NotYours",
    "Received",
    "Refused",
    "Taken",
    "TooMany",
    "TooMuch",
    "adopt",
    "call_off",
    "forget",
    "forget_pieces",
    "keep_draft",
    "on_withdrawn",
    "release",
    "remove",
    "remove_draft",
    "remove_from_draft",
    "rewrap",
    "scan_waiting",
    "sweep",
    "take_piece",
    "upload",
    "upload_all",
]
