"""The trust anchors in force, and the file that they come from, which may be replaced while the service runs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from mnverify.errors import MnverifyError
from mnverify.verification import TrustStore

LoadTrust = Callable[[str], TrustStore]
Look = Literal["same", "replaced", "refused"]


def load_trust(word: str) -> TrustStore:
    """The anchors that ``production``, ``test`` or a file's name stands for.

    Raises:
        TrustError: the file is unreadable or not of that format.
    """
    if word == "production":
        return TrustStore.production()
    if word == "test":
        return TrustStore.test()
    return TrustStore.from_file(word)


class AnchorsInForce:
    """The anchors of this process.

    Args:
        word: what ``trust`` of the configuration says.
        load: finds the anchors of it.

    Raises:
        TrustError: they cannot be loaded at start.
    """

    def __init__(self, word: str, load: LoadTrust = load_trust) -> None:
        self._word = word
        self._load = load
        self._is_file = os.path.isfile(word)
        self._seen = self._stamp()
        self._refused: bytes | None = None
        self.store = load(word)

    def look(self) -> Look:
        """Load the file again where it changed. A file that cannot be used changes nothing: the anchors before stay in force."""
        if not self._is_file:
            return "same"
        stamp = self._stamp()
        if stamp in (self._seen, self._refused):
            return "same"
        try:
            self.store = self._load(self._word)
        except MnverifyError:
            self._refused = stamp
            return "refused"
        self._seen, self._refused = stamp, None
        return "replaced"

    def _stamp(self) -> bytes | None:
        """What tells one content of the file from another."""
        if not self._is_file:
            return None
        try:
            return hashlib.sha256(Path(self._word).read_bytes()).digest()
        except OSError:
            return b"unreadable"
