"""Trust anchors: the CA keys that a relying party has decided to trust, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from mnverify.errors import EvidenceError, TrustError, UnsupportedCard
from mnverify.files.certificate import Certificate, parse_certificate
from mnverify.profile import PRESENT_CARD, SignatureScheme
from mnverify.signatures import acceptable
from mnverify.text import Text
from mnverify.values.key_id import KeyId
from mnverify.values.terms import Domain

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = "mnverify.trust-anchors/1"
MAX_BYTES = 1024 * 1024
MAX_ANCHORS = 1000
_SHIPPED = ("production", "test")
_KEYS = {"name", "key_id", "domain", "environment", "algorithm", "modulus", "exponent"}


class TrustAnchor(NamedTuple):
    """A CA public key.

    Attributes:
        name: for people, as ``5000023/001``.
        key_id: the sixteen bytes that certificates name it by.
        domain: the domain whose certificates it signs.
        environment: ``production``, ``test``, or any other word; repeated in every result.
        modulus: RSA modulus, big-endian.
        exponent: 65537.
        provenance: where the key comes from.
    """

    name: str
    key_id: KeyId
    domain: Domain
    environment: str
    modulus: bytes
    exponent: int
    provenance: str


class TrustStore:
    """An explicit, immutable set of anchors. An empty one verifies nothing.

    Args:
        anchors: the anchors.
        certificates: certificates of intermediate authorities (EF ``0004`` form). They are not trusted: each has to
            be signed by an anchor or by another of them.

    Raises:
        TrustError: one key id with two keys in a domain, or a key weaker than the card's scheme asks for.
    """

    __slots__ = ("_by_id", "anchors", "certificates")

    anchors: tuple[TrustAnchor, ...]
    certificates: Mapping[bytes, Certificate]
    _by_id: Mapping[tuple[Domain, bytes], TrustAnchor]

    def __init__(self, anchors: Iterable[TrustAnchor], certificates: Iterable[bytes | Certificate] = ()) -> None:
        by_id: dict[tuple[Domain, bytes], TrustAnchor] = {}
        keys: dict[bytes, bytes] = {}
        for anchor in anchors:
            _check_key(anchor, PRESENT_CARD.scheme)
            if keys.setdefault(anchor.key_id, anchor.modulus) != anchor.modulus:
                raise _error(f"anchors: key id {anchor.key_id.name} stands for two different keys")
            known = by_id.setdefault((anchor.domain, anchor.key_id), anchor)
            if known.environment != anchor.environment:
                raise _error(f"anchors: key id {anchor.key_id.name} is in two environments")
        object.__setattr__(self, "anchors", tuple(by_id.values()))
        object.__setattr__(self, "_by_id", MappingProxyType(by_id))
        object.__setattr__(self, "certificates", MappingProxyType(_intermediates(certificates)))

    @classmethod
    def production(cls) -> TrustStore:
        """The CA keys of cards in circulation (package data; provenance in each anchor)."""
        return _shipped("production")

    @classmethod
    def test(cls) -> TrustStore:
        """The CA keys of the JPKI test cards. Never for real customers."""
        return _shipped("test")

    @classmethod
    def from_file(cls, path: str | Path) -> TrustStore:
        """Anchors of a relying party's own file (``mnverify.trust-anchors/1``).

        Raises:
            TrustError: unreadable, too large, or not of that format.
        """
        try:
            with open(path, "rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise _error(f"{path}: {error.strerror or 'cannot be read'}") from None
        return cls.from_json(data)

    @classmethod
    def from_json(cls, data: str | bytes) -> TrustStore:
        """Anchors in JSON text (``mnverify.trust-anchors/1``).

        Raises:
            TrustError: too large, or not of that format.
        """
        return cls(_parse(data))

    def with_certificates(self, *certificates: bytes) -> TrustStore:
        """The same store with further intermediate certificates, for chains longer than one link (``card.md`` §5).

        Raises:
            TrustError: bytes that are no certificate, or two different ones with one subject.
        """
        return TrustStore(self.anchors, (*self.certificates.values(), *certificates))

    def find(self, domain: Domain, key_id: bytes) -> TrustAnchor | None:
        """The anchor that a certificate of this domain names as its issuer; all sixteen bytes count."""
        return self._by_id.get((domain, key_id))

    @property
    def environment(self) -> str:
        """The environment of the anchors; several are joined by ``+``, none is ``none``."""
        return "+".join(sorted({anchor.environment for anchor in self.anchors})) or "none"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a trust store is immutable")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a trust store is immutable")

    def __repr__(self) -> str:
        return f"TrustStore({self.environment}: {', '.join(anchor.name for anchor in self.anchors)})"


@lru_cache(maxsize=4)
def _shipped(environment: str) -> TrustStore:
    from importlib import resources  # a tenth of the time that mnverify takes to import

    data = (resources.files("mnverify.verification") / "data" / "trust-anchors.json").read_bytes()
    return TrustStore(anchor for anchor in _parse(data) if anchor.environment == environment)


def is_shipped(anchor: TrustAnchor) -> bool:
    """Whether it is one of the keys that were recovered from cards, as shipped, rather than one from J-LIS."""
    return anchor.environment in _SHIPPED and anchor in _shipped(anchor.environment).anchors


def _parse(data: str | bytes) -> list[TrustAnchor]:
    if len(data) > MAX_BYTES:
        raise _error(f"more than {MAX_BYTES} bytes")
    try:
        document = json.loads(data, object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError):
        raise _error("it is not JSON") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise _error(f"format: it is not {FORMAT}")
    if document.keys() - {"format", "provenance", "anchors"}:
        raise _error(f"unknown key {min(document.keys() - {'format', 'provenance', 'anchors'})[:32]!a}")
    anchors, provenance = document.get("anchors"), document.get("provenance", "")
    if not isinstance(anchors, list) or len(anchors) > MAX_ANCHORS or not isinstance(provenance, str):
        raise _error(f"anchors: it is not a list of at most {MAX_ANCHORS}, or provenance is not a text")
    return [_anchor(entry, f"anchors[{n}]", provenance) for n, entry in enumerate(anchors)]


def _anchor(entry: object, where: str, provenance: str) -> TrustAnchor:
    if not isinstance(entry, dict) or not _KEYS <= entry.keys() or entry.keys() - _KEYS - {"provenance"}:
        raise _error(f"{where}: its keys are not {', '.join(sorted(_KEYS))} and, if there is one, provenance")
    if any(not isinstance(value, str) for key, value in entry.items() if key != "exponent"):
        raise _error(f"{where}: a value is not a text")
    if entry["algorithm"] != "RSA" or type(entry["exponent"]) is not int:
        raise _error(f"{where}: the algorithm is not RSA with a whole number as exponent")
    if not entry["environment"] or not entry["environment"].isprintable() or len(entry["environment"]) > 64:
        raise _error(f"{where}: environment is not a short word")
    try:
        return TrustAnchor(
            name=entry["name"],
            key_id=KeyId(bytes.fromhex(entry["key_id"])),
            domain=Domain(entry["domain"]),
            environment=entry["environment"],
            modulus=bytes.fromhex(entry["modulus"]),
            exponent=entry["exponent"],
            provenance=entry.get("provenance", provenance),
        )
    except ValueError:
        raise _error(f"{where}: key_id, domain or modulus has not the documented form") from None


def _check_key(anchor: TrustAnchor, scheme: SignatureScheme) -> None:
    if not acceptable(scheme, anchor.modulus, anchor.exponent):
        raise _error(f"{anchor.name}: the key is weaker than RSA {scheme.key_bits} with e = {scheme.exponent}")


def _intermediates(certificates: Iterable[bytes | Certificate]) -> dict[bytes, Certificate]:
    try:
        parsed = {one if isinstance(one, Certificate) else parse_certificate(one) for one in certificates}
    except (EvidenceError, UnsupportedCard):
        raise _error("an intermediate certificate cannot be read") from None
    by_subject: dict[bytes, Certificate] = {certificate.subject: certificate for certificate in parsed}
    if len(by_subject) != len(parsed):
        raise _error("two intermediate certificates have one subject")
    return by_subject


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice")
    return result


def _error(why: str) -> TrustError:
    return TrustError(
        Text(
            f"These trust anchors cannot be used: {why}. No anchor was taken; correct the file.",
            f"トラストアンカーを使えません（{why}）。一つも採用していません。ファイルを直してください。",
        )
    )
