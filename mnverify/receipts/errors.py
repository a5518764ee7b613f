"""What can be wrong with receipts and with the keys that sign them."""

from __future__ import annotations

from typing import ClassVar

from mnverify.errors import MnverifyError
from mnverify.text import Text


class ReceiptError(MnverifyError):
    """A receipt that cannot be relied on. Nothing of its content is given out.

    Args:
        reason: a stable word (``docs/reference/receipts.md``), as ``signature``.
        text: the message.
    """

    code: ClassVar[str] = "receipt-refused"

    def __init__(self, reason: str, text: Text) -> None:
        super().__init__(text)
        self.reason = reason

    def details(self) -> dict[str, str | int]:
        """The reason."""
        return {"reason": self.reason}


class ReceiptKeyError(MnverifyError):
    """The keys that sign receipts are missing, unreadable, readable by others, or contradict each other."""

    code: ClassVar[str] = "receipt-keys-unusable"


class WrongForm(ValueError):
    """A part of a receipt, a key or a key file has not its form; the message is made of it one room further up.

    Args:
        why: the place and the reason, with no content.
    """

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why
