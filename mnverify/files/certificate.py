"""The issuer certificate in EF ``0004`` of both domains."""

from __future__ import annotations

from typing import NamedTuple

from mnverify.errors import UnsupportedCard
from mnverify.files import reasons, tags
from mnverify.files.card_key import CardKey, parse_card_key
from mnverify.files.fields import check_tags, signature
from mnverify.files.tlv import read_file_object
from mnverify.masked import MaskedBytes, masked, not_copied
from mnverify.profile import PRESENT_CARD, SignatureScheme
from mnverify.values.key_id import KEY_ID_LENGTH, KeyId


@not_copied
class Certificate(NamedTuple):
    """A card-verifiable certificate. It holds no dates, no usages, no revocation.

    Attributes:
        issuer: id of the key that signed it.
        subject: id of the certified key.
        key: the certified key.
        signed: the bytes that are signed: both ids and the key (297 bytes).
        signature: the issuer's signature (256 bytes).
    """

    issuer: KeyId
    subject: KeyId
    key: CardKey
    signed: MaskedBytes
    signature: MaskedBytes

    def __repr__(self) -> str:
        return f"Certificate(issuer {self.issuer.name})"  # the subject tells the holder's municipality


def parse_certificate(data: bytes, file_id: str = "0004", scheme: SignatureScheme = PRESENT_CARD.scheme) -> Certificate:
    """Read ``7F21 { 5F4E body, 5F37 signature }``.

    Args:
        data: the file, with or without filler.
        file_id: for errors.
        scheme: how this card generation signs.

    Raises:
        EvidenceError: malformed objects; names tag and offset.
        UnsupportedCard: another layout, key structure or signature size.
    """
    data, where = masked(data), f"files.{file_id}"
    children = read_file_object(data, where, tags.CERTIFICATE)
    check_tags(children, (tags.CERTIFICATE_BODY, tags.CERTIFICATE_SIGNATURE), where, len(data))
    body, signed_by = children
    if body.length < 2 * KEY_ID_LENGTH:
        raise UnsupportedCard(body.place(where), reasons.SHORT_CERTIFICATE.fill(found=body.length))
    middle, key_start = body.value_start + KEY_ID_LENGTH, body.value_start + 2 * KEY_ID_LENGTH
    return Certificate(
        issuer=KeyId(data[body.value_start : middle]),
        subject=KeyId(data[middle:key_start]),
        key=parse_card_key(data, key_start, body.end, where, body.place(where)),
        signed=body.value,
        signature=signature(signed_by, where, scheme.signature_length),
    )


def encode_certificate(certificate: Certificate) -> bytes:
    """The bytes of a certificate, as a card would hold it; ``parse_certificate`` gives the same one back."""
    parts = ((tags.CERTIFICATE_BODY, certificate.signed), (tags.CERTIFICATE_SIGNATURE, certificate.signature))
    inside = b"".join(tag.to_bytes(2) + b"\x82" + len(value).to_bytes(2) + value for tag, value in parts)
    return bytes(tags.CERTIFICATE.to_bytes(2) + b"\x82" + len(inside).to_bytes(2) + inside)
