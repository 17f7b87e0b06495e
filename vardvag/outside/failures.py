"""How a message to an outside system can fail. What may be done next depends on which of the three it was."""


class DeliveryFailure(Exception):
    """`detail` is for operators (no personal data, no address); it is kept with the delivery."""

    def __init__(self, detail: str) -> None:
        self.detail = detail[:300]
        super().__init__(self.detail)


class TryLater(DeliveryFailure):
    """Surely not accepted; the same message may be sent again after a while."""

    def __init__(self, detail: str, *, channel_down: bool = True) -> None:
        super().__init__(detail)
        self.channel_down = channel_down  # False: this one message was put off, others get through


class Refused(DeliveryFailure):
    """Surely not accepted, and the same message will never be (wrong number, no such mailbox)."""


class OutcomeUnknown(DeliveryFailure):
    """It may or may not have been accepted: find out before anything is sent again."""
