"""Live: hints that something changed, over one WebSocket. Pages refetch; the record is always the database.

`tell(topic, kind, **ids)` is what actions call. Topics are opened by `topics.register`.
"""

from vardvag.core.live.telling import tell

__all__ = ["tell"]
