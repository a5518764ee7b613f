"""Readers of cards: PC/SC and NFC behind one link, found by name, and kept through faults.

::

    with open_reader() as reader:
        if reader.wait_for_card(timeout=30):
            with reader.connect() as link:
                checked = check_card(link, Domain.FACE_CHECK, credential, trust=trust)

Neither pyscard nor nfcpy is loaded before a reader is listed or opened.
"""

from typing import TYPE_CHECKING

from mnverify.readers.discovery import Survey, list_readers, open_reader, survey, watch_cards
from mnverify.readers.model import (
    EXCHANGE_SECONDS,
    POWER_SECONDS,
    CardEvent,
    CardEventKind,
    CardLink,
    CardWatch,
    Reader,
    ReaderInfo,
    ReaderKind,
)

if TYPE_CHECKING:
    from mnverify.readers.scripts.observer import ObservedLink
    from mnverify.readers.scripts.replay import ReplayLink
    from mnverify.readers.scripts.script import Script

__all__ = [
    "EXCHANGE_SECONDS",
    "POWER_SECONDS",
    "CardEvent",
    "CardEventKind",
    "CardLink",
    "CardWatch",
    "ObservedLink",
    "Reader",
    "ReaderInfo",
    "ReaderKind",
    "ReplayLink",
    "Script",
    "Survey",
    "list_readers",
    "open_reader",
    "survey",
    "watch_cards",
]


def __getattr__(name: str) -> object:
    """Recorder and replay, loaded when they are first asked for."""
    if name not in ("ObservedLink", "ReplayLink", "Script"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mnverify.readers import scripts

    loaded: object = getattr(scripts, name)
    globals()[name] = loaded
    return loaded
