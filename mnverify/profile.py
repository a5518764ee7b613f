"""A card generation as data: AIDs, file map, access rules, credential rules, algorithms.

The next generation is a second object here, not an ``if`` somewhere else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from mnverify.values.terms import CredentialKind as Kind
from mnverify.values.terms import Domain, Purpose, Role


class FileRule(NamedTuple):
    """One EF.

    Attributes:
        file_id: four hex digits, as in evidence.
        layout: the name of the reader in ``mnverify.files`` that knows its bytes.
        opened_by: credentials that open it; empty where it is free.
        holds_number: it holds the 個人番号 itself (text or image), so that only role ``my-number-office`` may touch it.
        expected_length: usual length of the object in bytes, a hint for the first read; 0 where unknown.
        filler: bytes of ``FF`` after the object that belong to the file, because a digest covers them.
    """

    file_id: str
    layout: str
    opened_by: frozenset[Kind]
    holds_number: bool = False
    expected_length: int = 0
    filler: int = 0

    @property
    def sfi(self) -> int:
        """The short file identifier: equal to the file id on these cards."""
        return int(self.file_id, 16)


class KeyRule(NamedTuple):
    """One key EF: where a credential is presented.

    Attributes:
        key_id: four hex digits.
        kind: the credential.
        digits: its length in ASCII digits.
        is_number: presenting it means to know the 個人番号 (role ``my-number-office`` only).
    """

    key_id: str
    kind: Kind
    digits: int
    is_number: bool = False

    @property
    def sfi(self) -> int:
        """The short file identifier."""
        return int(self.key_id, 16)


class DomainProfile(NamedTuple):
    """One permitted application.

    Attributes:
        domain: which.
        aid: the full AID; no shorter one is ever sent.
        files: file rules by file id.
        keys: key rules by credential kind.
        purposes: the files each purpose asks for, in reading order.
    """

    domain: Domain
    aid: bytes
    files: Mapping[str, FileRule]
    keys: Mapping[Kind, KeyRule]
    purposes: Mapping[Purpose, tuple[str, ...]]

    def files_for(self, role: Role) -> frozenset[str]:
        """The file ids that a role may touch."""
        return frozenset(f.file_id for f in self.files.values() if role is Role.MY_NUMBER_OFFICE or not f.holds_number)

    def file_with(self, layout: str) -> FileRule:
        """The file that has a layout, as ``file_with("face-record").file_id``: no other code names file ids.

        Raises:
            KeyError: this domain of this generation has none.
        """
        for rule in self.files.values():
            if rule.layout == layout:
                return rule
        raise KeyError(layout)

    def keys_for(self, role: Role) -> Mapping[Kind, KeyRule]:
        """The key rules that a role may use or ask about."""
        return {k: r for k, r in self.keys.items() if role is Role.MY_NUMBER_OFFICE or not r.is_number}

    def purposes_for(self, role: Role, kind: Kind) -> tuple[Purpose, ...]:
        """The purposes that a role can reach with one credential, in the order of the profile."""
        allowed = self.files_for(role)
        return tuple(
            purpose
            for purpose, ids in self.purposes.items()
            if all(i in allowed and (not self.files[i].opened_by or kind in self.files[i].opened_by) for i in ids)
            and kind in self.keys_for(role)
        )


class SignatureScheme(NamedTuple):
    """The one place that names the algorithm of a generation.

    Attributes:
        name: ``rsa-pkcs1v15-sha256``; the signature layer looks its verifier up by this name.
        hash_name: digest of records, segments and challenges (``hashlib`` name).
        key_bits: smallest modulus accepted.
        exponent: the only public exponent accepted.
        signature_length: bytes.
    """

    name: str
    hash_name: str
    key_bits: int
    exponent: int
    signature_length: int

    @property
    def digest_length(self) -> int:
        """Bytes of a digest."""
        return hashlib.new(self.hash_name).digest_size


class CardProfile(NamedTuple):
    """A card generation.

    Attributes:
        name: shown in results.
        domains: the permitted applications.
        scheme: how records, certificates and challenges are signed.
        challenge_length: bytes of a fresh challenge.
    """

    name: str
    domains: Mapping[Domain, DomainProfile]
    scheme: SignatureScheme
    challenge_length: int


def _domain(
    domain: Domain,
    aid: str,
    files: tuple[FileRule, ...],
    keys: tuple[KeyRule, ...],
    purposes: dict[Purpose, tuple[str, ...]],
) -> DomainProfile:
    return DomainProfile(
        domain,
        bytes.fromhex(aid),
        MappingProxyType({f.file_id: f for f in files}),
        MappingProxyType({k.kind: k for k in keys}),
        MappingProxyType(purposes),
    )


_FREE: frozenset[Kind] = frozenset()
_B_OR_A = frozenset({Kind.VERIFICATION_NUMBER_B, Kind.VERIFICATION_NUMBER_A})
_PIN_OR_A = frozenset({Kind.PIN, Kind.VERIFICATION_NUMBER_A})
_PIN_OR_B = frozenset({Kind.PIN, Kind.VERIFICATION_NUMBER_B})
_ANY_OF_INPUT_ASSIST = _PIN_OR_A | _PIN_OR_B

_FACE_CHECK = _domain(
    Domain.FACE_CHECK,
    "D3921000310001010402",
    (
        FileRule("0001", "age-record", frozenset({Kind.BIRTH_DATE}), expected_length=547),
        FileRule("0002", "face-record", _B_OR_A),
        FileRule("0003", "face-application-information", _FREE),
        FileRule("0004", "certificate", _FREE, expected_length=568),
        FileRule("0005", "number-record", frozenset({Kind.VERIFICATION_NUMBER_A}), holds_number=True),
    ),
    (
        KeyRule("0011", Kind.BIRTH_DATE, 6),
        KeyRule("0012", Kind.VERIFICATION_NUMBER_B, 14),
        KeyRule("0013", Kind.VERIFICATION_NUMBER_A, 12, is_number=True),
    ),
    {
        Purpose.AGE: ("0001", "0004"),
        Purpose.FACE: ("0002", "0004"),
        Purpose.NUMBER: ("0005", "0004"),
    },
)

_INPUT_ASSIST = _domain(
    Domain.INPUT_ASSIST,
    "D3921000310001010408",
    (
        FileRule("0001", "my-number", _PIN_OR_A, holds_number=True, expected_length=15, filler=2),
        FileRule("0002", "attributes", _PIN_OR_B),
        FileRule("0003", "integrity-record", _ANY_OF_INPUT_ASSIST, expected_length=336),
        FileRule("0004", "certificate", _FREE, expected_length=568),
        FileRule("0005", "input-application-information", _FREE),
        FileRule("0006", "transport-key", _ANY_OF_INPUT_ASSIST, expected_length=269),
        FileRule("0007", "card-key-record", _ANY_OF_INPUT_ASSIST, expected_length=536),
    ),
    (
        KeyRule("0011", Kind.PIN, 4),
        KeyRule("0014", Kind.VERIFICATION_NUMBER_A, 12, is_number=True),
        KeyRule("0015", Kind.VERIFICATION_NUMBER_B, 14),
    ),
    {
        Purpose.ATTRIBUTES: ("0002", "0003", "0004", "0007"),
        Purpose.NUMBER: ("0001", "0003", "0004", "0007"),
    },
)

PRESENT_CARD = CardProfile(
    name="2016",
    domains=MappingProxyType({Domain.FACE_CHECK: _FACE_CHECK, Domain.INPUT_ASSIST: _INPUT_ASSIST}),
    scheme=SignatureScheme("rsa-pkcs1v15-sha256", "sha256", 2048, 65537, 256),
    challenge_length=32,
)
"""The card issued since 2016."""

KNOWN_PROFILES = (PRESENT_CARD,)
"""The generations that this version reads. A session takes one of these objects and no other."""
