"""Keys for receipts in files: one file a key, in a folder that only the endpoint can read. None is made by itself.

``next`` is published and signs nothing yet, so that whoever keeps the endpoint's keys has it before it is needed; ``active``
signs; ``retired`` is published, so that old receipts stay verifiable, and has lost its private part.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mnverify.masked import MaskedBytes
from mnverify.receipts import jose
from mnverify.receipts.errors import ReceiptKeyError, WrongForm
from mnverify.receipts.key import KeyState, ReceiptKey, key_error
from mnverify.strict_json import Limits, StrictJson
from mnverify.text import Text

FORMAT = "mnverify.receipt-key/1"
PREFIX = "receipt-key-"
SUFFIX = ".json"
MAX_BYTES = 4096
MAX_KEYS = 100
_NO_MOMENT = Text("created: it is not a moment with a time zone", "created が時間帯つきの時刻ではありません")


def read_folder(folder: str | Path) -> list[ReceiptKey]:
    """Every key in a folder, oldest first; files of other names are none of them.

    Raises:
        ReceiptKeyError: the folder or a file cannot be read, is no key, or others can read it.
    """
    try:
        names = sorted(name for name in os.listdir(folder) if name.startswith(PREFIX) and name.endswith(SUFFIX))
    except OSError as error:
        why = error.strerror or "it cannot be read"
        raise key_error(folder, why) from None
    if len(names) > MAX_KEYS:
        raise key_error(folder, Text(f"more than {MAX_KEYS} keys", f"鍵が{MAX_KEYS}個を超えています"))
    return sorted((_read(Path(folder, name)) for name in names), key=lambda key: (key.created, key.kid))


def make_key(folder: str | Path, *, at: datetime | None = None) -> ReceiptKey:
    """Make a key in a folder: active where it is the first, else next. The folder is made where it is missing.

    Raises:
        ReceiptKeyError: the folder is unusable, or a key waits there already.
    """
    try:
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        why = error.strerror or "it cannot be made"
        raise key_error(folder, why) from None
    present = {key.state for key in read_folder(folder)}
    if KeyState.NEXT in present:
        raise key_error(folder, Text("a key that is next is there already", "次に使う鍵がすでにあります"))
    public, private = jose.new_key()
    key = ReceiptKey(
        kid=jose.key_id(public),
        state=KeyState.NEXT if KeyState.ACTIVE in present else KeyState.ACTIVE,
        created=(at or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0),
        public=public,
        private=private,
    )
    _write(folder, key)
    return key


def activate_key(folder: str | Path, kid: str) -> ReceiptKey:
    """Let a key sign, and retire the one that did. Asked again after an interruption, it ends what was begun.

    Raises:
        ReceiptKeyError: there is no such key, or its private part is gone.
    """
    keys = read_folder(folder)
    chosen = _named(folder, keys, kid)
    if chosen.private is None:
        raise key_error(folder, Text("a retired key does not come back", "引退した鍵は再び使えません"))
    chosen = replace(chosen, state=KeyState.ACTIVE)
    _write(folder, chosen)
    for key in keys:
        if key.state is KeyState.ACTIVE and key.kid != kid:
            _write(folder, replace(key, state=KeyState.RETIRED, private=None))
    return chosen


def retire_key(folder: str | Path, kid: str) -> ReceiptKey:
    """Take a key's private part away for good; it stays published.

    Raises:
        ReceiptKeyError: there is no such key, or it is the active one.
    """
    key = _named(folder, read_folder(folder), kid)
    if key.state is KeyState.ACTIVE:
        raise key_error(
            folder,
            Text("it is the active key; activate another first", "使用中の鍵です。先に別の鍵を使用中にしてください"),
        )
    retired = replace(key, state=KeyState.RETIRED, private=None)
    _write(folder, retired)
    return retired


def _named(folder: str | Path, keys: list[ReceiptKey], kid: str) -> ReceiptKey:
    for key in keys:
        if key.kid == kid:
            return key
    raise key_error(folder, Text("there is no key of that name", "その名前の鍵はありません"))


def _read(path: Path) -> ReceiptKey:
    def refuse(why: Text | str) -> ReceiptKeyError:
        why = Text.of(why)
        return key_error(path.parent, Text(f"{path.name}: {why.en}", f"{path.name}: {why.ja}"))

    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            data = MaskedBytes(file.read(MAX_BYTES + 1))
    except OSError as error:
        raise refuse(error.strerror or "it cannot be read") from None
    document = StrictJson(path.name, lambda _, why: refuse(why), Limits(MAX_BYTES, max_depth=2)).load(data)
    try:
        key = _parse(document)
        if path.name != f"{PREFIX}{key.kid}{SUFFIX}":
            raise WrongForm(Text("it is not named after its key", "ファイル名が鍵の名前と違います"))
    except WrongForm as error:
        raise refuse(error.why) from None
    mode = f"{stat.S_IMODE(status.st_mode):04o}"
    if key.private is not None and _open_to_others(status):
        raise key_error(
            path.parent,
            Text(
                f"{path.name} can be read or changed by others (mode {mode}; chmod 600 it)",
                f"{path.name} を他の利用者が読み書きできます（モード {mode}。chmod 600 にしてください）",
            ),
        )
    return key


def _open_to_others(status: os.stat_result) -> bool:
    """A group may read where the file is root's and we are not: so orchestrators hand secrets to a process."""
    if os.name != "posix":
        return False
    handed = status.st_uid == 0 and os.geteuid() != 0
    return bool(stat.S_IMODE(status.st_mode) & (0o037 if handed else 0o077))


def _parse(document: Mapping[str, Any]) -> ReceiptKey:
    if document.keys() != {"format", "kid", "state", "created", "key"} or document["format"] != FORMAT:
        raise WrongForm(Text(f"it is not {FORMAT}", f"{FORMAT} ではありません"))
    jwk, state = document["key"], document["state"]
    if not isinstance(jwk, dict) or jwk.keys() - {"kty", "crv", "x", "y", "d"}:
        raise WrongForm(
            Text("key: it is not a JWK of kty, crv, x, y and d", "key が kty、crv、x、y、d の JWK ではありません")
        )
    if state not in tuple(KeyState):
        raise WrongForm(
            Text(
                "state: it is none of next, active and retired", "state が next、active、retired のいずれでもありません"
            )
        )
    public = jose.public_part(jwk)
    if document["kid"] != jose.key_id(public):
        raise WrongForm(Text("kid: it does not name this key", "kid がこの鍵の名前ではありません"))
    private = _private_part(jwk, public)
    if (private is None) is not (state == KeyState.RETIRED):
        raise WrongForm(
            Text(
                "key: a retired key has no private part, and every other has one",
                "秘密鍵は retired の鍵にはなく、ほかの鍵にはあるはずです",
            )
        )
    try:
        created = datetime.fromisoformat(document["created"])
    except (TypeError, ValueError):
        raise WrongForm(_NO_MOMENT) from None
    if created.utcoffset() is None:
        raise WrongForm(_NO_MOMENT)
    return ReceiptKey(str(document["kid"]), KeyState(state), created, public, private)


def _private_part(jwk: Mapping[str, Any], public: Mapping[str, str]) -> MaskedBytes | None:
    if "d" not in jwk:
        return None
    if not isinstance(jwk["d"], str) or not jwk["d"].isascii():
        raise WrongForm(Text("key: d is not base64url", "key の d が base64url ではありません"))
    private = MaskedBytes(jwk["d"].encode())
    jose.check_private(public, private)
    return private


def _write(folder: str | Path, key: ReceiptKey) -> None:
    """Into a new file beside it, mode 0600, then renamed."""
    jwk = dict(key.public) if key.private is None else {**key.public, "d": key.private.decode()}
    document = {
        "format": FORMAT,
        "kid": key.kid,
        "state": key.state.value,
        "created": key.created.isoformat(),
        "key": jwk,
    }
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".receipt-key.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, Path(folder, f"{PREFIX}{key.kid}{SUFFIX}"))
    except OSError as error:
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)
        why = error.strerror or "it cannot be written"
        raise key_error(folder, why) from None
