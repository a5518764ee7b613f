"""Trust anchors: the CA keys that a relying party has decided to trust, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from mnverify.errors import EvidenceError, TrustError, UnsupportedCard
from mnverify.files.certificate import Certificate, encode_certificate, parse_certificate
from mnverify.masked import MaskedDict
from mnverify.profile import PRESENT_CARD, SignatureScheme
from mnverify.signatures import acceptable
from mnverify.strict_json import Limits, StrictJson, read_file
from mnverify.text import Text
from mnverify.values.key_id import KEY_ID_LENGTH, KeyId
from mnverify.values.terms import Domain
from mnverify.verification.laboratory import is_laboratory_key
from mnverify.verification.words import PROVENANCE_JA

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = "mnverify.trust-anchors/1"
MAX_BYTES = 1024 * 1024
MAX_ANCHORS = 1000
_SHIPPED = ("production", "test")
_KEYS = ("name", "key_id", "domain", "environment", "algorithm", "modulus", "exponent")
_MAX_NAME, _MAX_ENVIRONMENT, _MAX_PROVENANCE = 128, 64, 4096  # characters
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){1,1024}", re.ASCII)
_ENVIRONMENT = re.compile("[\\x20-*,-~\u3000-\u30ff\u3400-\u9fff\uff01-\uff0a\uff0c-\uff9f]+")
"""No letter of another script, which may look like a Latin one, and no mark on top; ``+`` joins the environments of a store."""
_IN_HEX = Text("bytes in hex", "16進数のバイト列")


class TrustAnchor(NamedTuple):
    """A CA public key.

    Attributes:
        name: for people, as ``5000023/001``.
        key_id: the sixteen bytes that certificates name it by.
        domain: the domain whose certificates it signs.
        environment: ``production``, ``test``, or any other word; repeated in every result.
        modulus: RSA modulus, big-endian.
        exponent: 65537.
        provenance: where the key comes from; in Japanese too for what ships with the package, else as the file says it.
    """

    name: str
    key_id: KeyId
    domain: Domain
    environment: str
    modulus: bytes
    exponent: int
    provenance: Text


class TrustStore:
    """An explicit, immutable set of anchors. An empty one verifies nothing.

    Args:
        anchors: the anchors.
        certificates: certificates of intermediate authorities (EF ``0004`` form). They are not trusted: each has to
            be signed by an anchor or by another of them.

    Raises:
        TrustError: one key id with two keys in a domain, a key weaker than the card's scheme asks for, or a key of the public
            laboratory that calls itself ``production`` or ``test``.
    """

    __slots__ = ("_by_id", "anchors", "certificates")

    anchors: tuple[TrustAnchor, ...]
    certificates: Mapping[bytes, Certificate]
    _by_id: Mapping[tuple[Domain, bytes], TrustAnchor]

    def __init__(self, anchors: Iterable[TrustAnchor], certificates: Iterable[bytes | Certificate] = ()) -> None:
        by_id: dict[tuple[Domain, bytes], TrustAnchor] = {}
        keys: dict[bytes, bytes] = {}
        for anchor in anchors:
            _check_anchor(anchor, PRESENT_CARD.scheme)
            name = anchor.key_id.name
            if keys.setdefault(anchor.key_id, anchor.modulus) != anchor.modulus:
                raise _error(
                    "anchors", Text(f"key id {name} stands for two different keys", f"鍵ID {name} に二つの鍵があります")
                )
            known = by_id.setdefault((anchor.domain, anchor.key_id), anchor)
            if known.environment != anchor.environment:
                raise _error(
                    "anchors", Text(f"key id {name} is in two environments", f"鍵ID {name} が二つの環境にあります")
                )
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
            UnreadableFile: it cannot be opened or read.
            TrustError: too large, or not of that format.
        """
        return cls.from_json(read_file(path, MAX_BYTES))

    @classmethod
    def from_json(cls, data: str | bytes) -> TrustStore:
        """Anchors in JSON text (``mnverify.trust-anchors/1``).

        Raises:
            TrustError: too large, or not of that format.
        """
        return cls(_anchors(ANCHORS.load(data)))

    @classmethod
    def from_object(cls, document: Mapping[str, object]) -> TrustStore:
        """The same of an object that is parsed already.

        Raises:
            TrustError: too large, or not of that format.
        """
        return cls(_anchors(ANCHORS.adopt(document)))

    def with_certificates(self, *certificates: bytes) -> TrustStore:
        """The same store with further intermediate certificates, for chains longer than one link.

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

    def __reduce__(self) -> tuple[type[TrustStore], tuple[tuple[TrustAnchor, ...], tuple[bytes, ...]]]:
        """Public keys alone: who verifies in several processes sends it to them. It is checked again where it arrives."""
        return TrustStore, (self.anchors, tuple(encode_certificate(one) for one in self.certificates.values()))

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
    return TrustStore(anchor for anchor in _anchors(ANCHORS.load(data)) if anchor.environment == environment)


def is_shipped(anchor: TrustAnchor) -> bool:
    """Whether it is one of the keys that were recovered from cards, as shipped, rather than one from J-LIS."""
    return anchor.environment in _SHIPPED and anchor in _shipped(anchor.environment).anchors


def _error(where: str, why: Text) -> TrustError:
    return TrustError(
        Text(
            f"These trust anchors cannot be used: {where}: {why.en}. No anchor was taken; correct the file.",
            f"トラストアンカーを使えません（{where}: {why.ja}）。一つも採用していません。ファイルを直してください。",
        )
    )


ANCHORS = StrictJson("anchors", _error, Limits(MAX_BYTES, max_depth=3, longest_number=10))


def _anchors(document: MaskedDict) -> list[TrustAnchor]:
    ANCHORS.keys(document, "anchors", ("format", "anchors"), ("provenance",))
    ANCHORS.word(document["format"], "format", (FORMAT,))
    provenance = _provenance(document["provenance"], "provenance") if "provenance" in document else Text("", "")
    entries = ANCHORS.items(document["anchors"], "anchors", MAX_ANCHORS)
    return [_anchor(entry, f"anchors[{n}]", provenance) for n, entry in enumerate(entries)]


def _anchor(entry: object, where: str, provenance: Text) -> TrustAnchor:
    members = ANCHORS.keys(entry, where, _KEYS, ("provenance",))
    ANCHORS.word(members["algorithm"], f"{where}.algorithm", ("RSA",))
    key_id, modulus = (
        bytes.fromhex(ANCHORS.matching(members[name], f"{where}.{name}", _HEX, _IN_HEX))
        for name in ("key_id", "modulus")
    )
    if len(key_id) != KEY_ID_LENGTH:
        raise _error(
            f"{where}.key_id", Text(f"it has not {KEY_ID_LENGTH} bytes", f"{KEY_ID_LENGTH} バイトではありません")
        )
    return TrustAnchor(
        name=str(ANCHORS.text(members["name"], f"{where}.name", _MAX_NAME, 1)),
        key_id=KeyId(key_id),
        domain=Domain(ANCHORS.word(members["domain"], f"{where}.domain", Domain)),
        environment=str(ANCHORS.text(members["environment"], f"{where}.environment", _MAX_ENVIRONMENT, 1)),
        modulus=modulus,
        exponent=ANCHORS.whole(members["exponent"], f"{where}.exponent", 1, 1 << 32),
        provenance=_provenance(members["provenance"], f"{where}.provenance") if "provenance" in members else provenance,
    )


def _provenance(value: object, where: str) -> Text:
    text = str(ANCHORS.text(value, where, _MAX_PROVENANCE))
    return Text(text, PROVENANCE_JA.get(text, text))


def _check_anchor(anchor: TrustAnchor, scheme: SignatureScheme) -> None:
    if not isinstance(anchor, TrustAnchor):
        raise _error("anchors", Text("one is no TrustAnchor", "TrustAnchor でないものがあります"))
    if not acceptable(scheme, anchor.modulus, anchor.exponent):
        raise _error(
            anchor.name,
            Text(
                f"the key is weaker than RSA {scheme.key_bits} with e = {scheme.exponent}",
                f"鍵が RSA {scheme.key_bits} ビット、e = {scheme.exponent} より弱いものです",
            ),
        )
    if not _ENVIRONMENT.fullmatch(anchor.environment):
        raise _error(
            anchor.name,
            Text(
                "the environment has letters other than Latin and Japanese ones, or a '+'",
                "環境名には、英数字と日本語の文字以外（および +）を使えません",
            ),
        )
    word = _like_a_word_of_ours(anchor.environment)
    if word is not None and anchor.environment != word:
        raise _error(
            anchor.name,
            Text(f"an environment that looks like {word} and is not", f"環境名が {word} と紛らわしいものです"),
        )
    if word is not None and is_laboratory_key(anchor.modulus):
        raise _error(
            anchor.name,
            Text(
                f"a key of mnverify's laboratory, whose private half is public, calls itself {word}",
                f"mnverify の試験用の鍵（秘密鍵は公開されています）が {word} を名乗っています",
            ),
        )


def _like_a_word_of_ours(environment: str) -> str | None:
    """``production`` or ``test`` where a person would read that, whatever the case, the width, and what stands between."""
    if environment in _SHIPPED:
        return environment
    from unicodedata import normalize

    read = "".join(filter(str.isalnum, normalize("NFKC", environment).casefold()))
    return read if read in _SHIPPED else None


def _intermediates(certificates: Iterable[bytes | Certificate]) -> dict[bytes, Certificate]:
    try:
        parsed = {one if isinstance(one, Certificate) else parse_certificate(one) for one in certificates}
    except (EvidenceError, UnsupportedCard):
        raise _error("certificates", Text("one cannot be read", "読めないものがあります")) from None
    by_subject: dict[bytes, Certificate] = {certificate.subject: certificate for certificate in parsed}
    if len(by_subject) != len(parsed):
        raise _error("certificates", Text("two of them have one subject", "同じ主体の証明書が二つあります"))
    return by_subject
