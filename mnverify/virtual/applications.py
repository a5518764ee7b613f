"""The applications on the card: elementary files, key files, who opens what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cryptography.hazmat.primitives.asymmetric import rsa

from mnverify.values import Domain

FACE_CHECK_AID = bytes.fromhex("D3921000310001010402")
INPUT_ASSIST_AID = bytes.fromhex("D3921000310001010408")

FACE_CHECK_TRIES = MappingProxyType({0x11: 10, 0x12: 10, 0x13: 10})
INPUT_ASSIST_TRIES = MappingProxyType({0x11: 3, 0x12: 0, 0x14: 10, 0x15: 10})


@dataclass(slots=True)
class KeyFile:
    """A key EF.

    Attributes:
        digits: the right credential; None for a key that nothing opens.
        most: tries after a right presentation.
        left: tries left; None for a key without a counter.
        verified: the credential was presented in this session.
    """

    digits: bytes | None = field(repr=False)
    most: int
    left: int | None
    verified: bool = False

    def present(self, digits: bytes) -> bool:
        """Compare, and count. A credential of the wrong length spends a try like any wrong one."""
        self.verified = self.digits is not None and digits == self.digits
        if self.verified:
            self.left = None if self.left is None else self.most
        elif self.left is not None:
            self.left -= 1
        return self.verified


@dataclass(frozen=True, slots=True)
class Application:
    """A DF of the card.

    Attributes:
        name: what it is called in a touch.
        aid: its application identifier.
        domain: which permitted domain it is; None for a forbidden one, a tripwire.
        files: elementary files by id (and short id).
        keys: key files by id (and short id).
        access: by file id the keys of which one opens it; None for a free file, an empty set for one that never opens.
        signing_key: answers COMPUTE DIGITAL SIGNATURE.
        transport_key: unwraps a session key.
        number_files: files that hold the 個人番号.
        number_keys: keys whose credential is the 個人番号.
        untouchable: files and keys that no program has a reason to touch.
    """

    name: str
    aid: bytes
    domain: Domain | None = None
    files: Mapping[int, bytes] = field(default_factory=dict)
    keys: Mapping[int, KeyFile] = field(default_factory=dict)
    access: Mapping[int, frozenset[int] | None] = field(default_factory=dict)
    signing_key: rsa.RSAPrivateKey | None = None
    transport_key: rsa.RSAPrivateKey | None = None
    number_files: frozenset[int] = frozenset()
    number_keys: frozenset[int] = frozenset()
    untouchable: frozenset[int] = frozenset()

    def opens(self, file_id: int) -> bool:
        """Whether the file can be read now."""
        keys = self.access[file_id]
        return keys is None or any(self.keys[key].verified for key in keys)

    def forget(self) -> None:
        """Forget what was verified: another application was selected, or the power was cut."""
        for key in self.keys.values():
            key.verified = False


def face_check(
    files: Mapping[int, bytes], credentials: Mapping[int, str], tries: Mapping[int, int | None], key: rsa.RSAPrivateKey
) -> Application:
    """券面事項確認AP with the files, credentials and tries left by file id."""
    either = frozenset({0x12, 0x13})
    return Application(
        name="face-check",
        aid=FACE_CHECK_AID,
        domain=Domain.FACE_CHECK,
        files=files,
        keys=_keys(FACE_CHECK_TRIES, credentials, tries),
        access={1: frozenset({0x11}), 2: either, 3: None, 4: None, 5: frozenset({0x13}), 6: frozenset()},
        signing_key=key,
        number_files=frozenset({0x05}),
        number_keys=frozenset({0x13}),
        untouchable=frozenset({0x06}),
    )


def input_assist(
    files: Mapping[int, bytes],
    credentials: Mapping[int, str],
    tries: Mapping[int, int | None],
    key: rsa.RSAPrivateKey,
    transport_key: rsa.RSAPrivateKey,
) -> Application:
    """券面事項入力補助AP with the files, credentials and tries left by file id."""
    pin, a, b = 0x11, 0x14, 0x15
    every = frozenset({pin, a, b})
    access = {1: frozenset({pin, a}), 2: frozenset({pin, b}), 3: every, 4: None, 5: None, 6: every, 7: every}
    return Application(
        name="input-assist",
        aid=INPUT_ASSIST_AID,
        domain=Domain.INPUT_ASSIST,
        files=files,
        keys=_keys(INPUT_ASSIST_TRIES, credentials, tries),
        access=access,
        signing_key=key,
        transport_key=transport_key,
        number_files=frozenset({0x01}),
        number_keys=frozenset({0x14}),
        untouchable=frozenset({0x12}),
    )


def _keys(
    most: Mapping[int, int], credentials: Mapping[int, str], tries: Mapping[int, int | None]
) -> dict[int, KeyFile]:
    out = {}
    for key_id, count in most.items():
        digits = credentials.get(key_id)
        out[key_id] = KeyFile(digits.encode("ascii") if digits else None, count, tries.get(key_id, count))
    return out
