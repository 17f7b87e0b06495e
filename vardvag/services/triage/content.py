"""The content in use: the shipped files, with the versions that staff have made active in their place."""

import logging

from vardvag.organisation.queries import keep
from vardvag.services.triage import region
from vardvag.services.triage.engine import load
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import file_of
from vardvag.services.triage.engine.place import BadContent
from vardvag.services.triage.models import ProtocolVersion

_log = logging.getLogger(__name__)
_made: dict[tuple[object, ...], Library] = {}


def library() -> Library:
    """Made once for each set of active versions and own texts; which they are is asked every few seconds."""
    active, texts = keep(("triage content",), _active), keep(("triage texts",), region.own)
    key = (*((one, sha256) for one, sha256, _content in active), id(texts))
    found = _made.get(key)
    if found is None:
        found = _with({one: content for one, _sha256, content in active})
        try:
            found = region.applied(found, texts)
        except BadContent as fault:
            _log.error("The region's own words are not used: %s", fault)
        _made.clear()
        _made[key] = found
    return found


def _with(replaced: dict[str, str]) -> Library:
    """A version that this release cannot read any more, because its concepts have changed, is not used: the shipped
    protocol is, and nobody's interview stops."""
    while replaced:
        try:
            return load.library_with(replaced)
        except BadContent as fault:
            files = {one.file for one in fault.problems}
            kept = {one: text for one, text in replaced.items() if file_of(one) not in files}
            if len(kept) == len(replaced):
                raise
            _log.error("Protocol versions that cannot be read are not used: %s", fault)
            replaced = kept
    return load.library()


def _active() -> list[tuple[str, str, str]]:
    rows = ProtocolVersion.objects.filter(state=ProtocolVersion.State.ACTIVE).order_by("protocol_id")
    return list(rows.values_list("protocol_id", "sha256", "content"))


def unsigned(found: Library) -> list[str]:
    """Protocols that no two clinicians have signed as they stand: a release can change the concepts they use."""
    signed = {one: sha256 for one, sha256, _content in keep(("triage content",), _active)}
    return [
        one.id
        for one in found.every
        if signed.get(one.id) != found.sha256(one.id)
        and not (
            one.signoff.signed
            and len(one.signoff.reviewers) >= 2
            and one.signoff.sha256 == found.sha256(one.id)
        )
    ]
