"""The service's secret: 32 random bytes in a file, and the keys that are derived from it, one for each use.

What is stored of an API key is a keyed hash: whoever has the database alone cannot try keys against it.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import secrets
from pathlib import Path
from typing import Never

from mnverify.errors import UsageError
from mnverify.text import Text

SECRET_BYTES = 32
_USES = ("api-key", "audit", "idempotency", "fingerprint")


class ServiceSecret:
    """The derived keys. Shows nothing, and is not pickled or copied.

    Args:
        raw: the 32 bytes.
    """

    __slots__ = ("_keys",)

    def __init__(self, raw: bytes) -> None:
        self._keys = {use: hmac.digest(raw, b"mnverify.server/1 " + use.encode(), "sha256") for use in _USES}

    @classmethod
    def from_file(cls, path: Path) -> ServiceSecret:
        """Read the file.

        Raises:
            UsageError: there is none, or it is not 32 bytes in base64.
        """
        try:
            with path.open("rb") as file:
                raw = binascii.a2b_base64(file.read(1024).strip(), strict_mode=True)
        except OSError as error:
            raise _error(path, error.strerror or "it cannot be read") from None
        except (binascii.Error, ValueError):
            raise _error(path, "it is not base64") from None
        if len(raw) != SECRET_BYTES:
            raise _error(path, f"it does not hold {SECRET_BYTES} bytes")
        return cls(raw)

    @staticmethod
    def create(path: Path) -> None:
        """Make the file, readable by its owner alone.

        Raises:
            UsageError: it exists, or cannot be written.
        """
        text = base64.b64encode(secrets.token_bytes(SECRET_BYTES)) + b"\n"
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise _error(path, error.strerror or "it cannot be written") from None

    @property
    def fingerprint(self) -> str:
        """What the database keeps, to know the secret again."""
        return self._keyed("fingerprint", b"mnverify.server/1")

    def api_key(self, key: str) -> str:
        """The keyed hash of an API key."""
        return self._keyed("api-key", key.encode())

    def audit(self, previous: str, entry: str) -> str:
        """The hash that chains an audit entry to the one before."""
        return self._keyed("audit", f"{previous}\n{entry}".encode())

    def idempotency(self, *parts: bytes) -> str:
        """The keyed hash of an Idempotency-Key, or of a request."""
        return self._keyed("idempotency", b"".join(len(part).to_bytes(4) + part for part in parts))

    def _keyed(self, use: str, message: bytes) -> str:
        return hmac.digest(self._keys[use], message, "sha256").hex()

    def __repr__(self) -> str:
        return "ServiceSecret()"

    def __reduce__(self) -> Never:
        raise TypeError("the service's secret is not pickled or copied")


def _error(path: Path, why: str) -> UsageError:
    return UsageError(
        Text(
            f"The service's secret cannot be used: {path}: {why}. Nothing was started; give the file that the database was "
            "made with.",
            f"サーバーの秘密鍵ファイルを使えません（{path}: {why}）。起動していません。"
            "データベースを作ったときのファイルを指定してください。",
        )
    )
