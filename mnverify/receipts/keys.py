"""The keys of one endpoint: what signs its receipts, and what it publishes (RFC 7517)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from mnverify.receipts import jose
from mnverify.receipts.key import KeyState, ReceiptKey, key_error
from mnverify.receipts.key_files import make_key, read_folder
from mnverify.text import Text


class ReceiptKeys:
    """The keys of one endpoint.

    Args:
        keys: the keys, of which exactly one is active.

    Attributes:
        keys: all of them, oldest first.
        active_kid: names the one that signs.

    Raises:
        ReceiptKeyError: none is active or several are, or one stands twice.
    """

    __slots__ = ("_sign", "active_kid", "keys")

    keys: tuple[ReceiptKey, ...]
    active_kid: str

    def __init__(self, keys: Iterable[ReceiptKey], *, folder: str = "FOLDER") -> None:
        self.keys = tuple(sorted(keys, key=lambda key: (key.created, key.kid)))
        active = [key for key in self.keys if key.state is KeyState.ACTIVE]
        if len(active) != 1:
            raise key_error(
                folder,
                Text(
                    f"{len(active)} keys are active, and one has to be (make one with: mnverify receipt-keys make)",
                    f"使用中の鍵は一つでなければなりませんが、{len(active)}個あります（作るには mnverify receipt-keys make）",
                ),
            )
        if active[0].private is None:
            raise key_error(folder, Text("the active key has no private part", "使用中の鍵に秘密鍵がありません"))
        if len({key.kid for key in self.keys}) != len(self.keys):
            raise key_error(folder, Text("one key stands in two files", "同じ鍵が二つのファイルにあります"))
        self.active_kid = active[0].kid
        self._sign = jose.signer(active[0].public, active[0].private, self.active_kid)

    @classmethod
    def from_folder(cls, folder: str | Path) -> ReceiptKeys:
        """The keys in a folder. Nothing is made or changed.

        Raises:
            ReceiptKeyError: the folder or a file cannot be read, others can read it, or the keys contradict each other.
        """
        return cls(read_folder(folder), folder=str(folder))

    @classmethod
    def create_first(cls, folder: str | Path) -> str:
        """Make the first key of a new endpoint, and tell its name. Call it only where somebody asked for that.

        Raises:
            ReceiptKeyError: a key is there already, or the folder cannot be written.
        """
        if Path(folder).exists() and read_folder(folder):
            raise key_error(folder, Text("there are keys already", "すでに鍵があります"))
        return make_key(folder).kid

    def sign(self, payload: Mapping[str, Any]) -> str:
        """A compact JWS over a payload (``receipt_payload``), by the active key. The same payload gives the same bytes."""
        return self._sign(payload)

    def jwks(self) -> dict[str, Any]:
        """The document for ``/.well-known/jwks.json``: public parts, of all states."""
        return {"keys": [{**key.public, "kid": key.kid, "use": "sig", "alg": jose.ALGORITHM} for key in self.keys]}

    def __repr__(self) -> str:
        return f"ReceiptKeys({', '.join(f'{key.kid}: {key.state}' for key in self.keys)})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys that sign receipts are not pickled or copied")
