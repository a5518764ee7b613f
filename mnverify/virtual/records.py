"""The files of both domains, byte by byte."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256

from mnverify.virtual import pictures
from mnverify.virtual.encoding import digest_info, image_tlv, key_id, tlv, with_offset_table
from mnverify.virtual.personas import Persona

Octets = Callable[[str, int], bytes]
_STALE_SHIFT = 24
_REFERENCE_KEY = key_id("9000043")


@dataclass(frozen=True, slots=True)
class RecordSigner:
    """Who signs records: a municipality's key, and the certificate that goes with it.

    Attributes:
        key: signs the records.
        key_id: sixteen bytes, the certificate's subject.
        certificate: EF ``0004`` without filler.
    """

    key: rsa.RSAPrivateKey
    key_id: bytes
    certificate: bytes

    def sign(self, data: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256 over the data."""
        return self.key.sign(data, padding.PKCS1v15(), SHA256())

    def sign_digests(self, digests: bytes) -> bytes:
        """The same padding over one DigestInfo that holds several digests."""
        return self.key.sign(digest_info(digests), padding.PKCS1v15(), utils.NoDigestInfo())


@dataclass(frozen=True, slots=True)
class FaceContent:
    """What goes into the face-check files beside the holder's own data.

    Attributes:
        holder: whose face it is.
        card_key: the 265 bytes of the card's public key.
        shown_photo: the face in the file; it is another than the signed one where it was swapped.
        shown_expiry: eight digits in the file, whatever the holder's is.
        stale_offsets: the offset table belongs to another content.
    """

    holder: Persona
    card_key: bytes
    shown_photo: bytes
    shown_expiry: str
    stale_offsets: bool


def certificate(issuer: rsa.RSAPrivateKey, issuer_id: bytes, subject_id: bytes, subject_key: bytes) -> bytes:
    """A card-verifiable certificate, EF ``0004`` of both domains."""
    body = issuer_id + subject_id + subject_key
    signature = issuer.sign(body, padding.PKCS1v15(), SHA256())
    return tlv(0x7F21, tlv(0x5F4E, body), tlv(0x5F37, signature))


def face_check_files(content: FaceContent, signer: RecordSigner, octets: Octets) -> dict[int, bytes]:
    """The EFs of the face-check domain by file id, with filler."""
    return {
        0x0001: filled(_age_record(content, signer)),
        0x0002: filled(_face_record(content, signer)),
        0x0003: filled(_face_application(content.holder, signer, octets)),
        0x0004: filled(signer.certificate),
        0x0005: filled(_number_record(content, signer)),
        0x0006: b"\xff" * 16,
    }


def input_assist_files(
    holder: Persona, key_record: bytes, transport_key: bytes, signer: RecordSigner, octets: Octets, stale: bool = False
) -> dict[int, bytes]:
    """The EFs of the input-assist domain by file id, with filler.

    Args:
        holder: whose attributes they are.
        key_record: EF ``0007`` without filler, from `card_key_record`.
        transport_key: the 265 bytes of the key for session keys.
        signer: the municipality.
        octets: source of opaque bytes.
        stale: the offset table belongs to another content.
    """
    number = tlv(0xFF10, holder.my_number.reveal().encode("ascii")) + b"\xff\xff"
    attributes = [
        tlv(0xDF22, holder.name.encode()),
        tlv(0xDF23, holder.address.encode()),
        tlv(0xDF24, holder.birth_compact.encode("ascii")),
        image_tlv(0xDF25, holder.sex.digit.encode("ascii")),
    ]
    digests = tlv(0xDF31, _sha256(number)) + tlv(0xDF32, _sha256(b"".join(attributes)))
    information = tlv(0xDF41, bytes.fromhex("01030e01")) + tlv(0xDF42, signer.key_id)
    return {
        0x0001: number,
        0x0002: filled(with_offset_table(0xFF20, 0xDF21, attributes, _STALE_SHIFT if stale else 0)),
        0x0003: filled(tlv(0xFF30, digests, tlv(0xDF33, signer.sign(digests)))),
        0x0004: filled(signer.certificate),
        0x0005: filled(tlv(0xFF40, information, tlv(0xDF43, octets("input-application", 128)))),
        0x0006: filled(tlv(0xA1, transport_key)),
        0x0007: filled(key_record),
    }


def card_key_record(card_key: bytes, signer: RecordSigner) -> bytes:
    """EF ``0007`` of the input-assist domain: the card's public key, signed; without filler."""
    signed = tlv(0xDF51, card_key)
    return tlv(0xFF50, signed, tlv(0xDF52, signer.sign(signed)))


def filled(content: bytes) -> bytes:
    """An EF that is longer than its content: ``FF`` up to a multiple of 32 bytes, at least 16 of them."""
    return content + b"\xff" * (16 + -(len(content) + 16) % 32)


def _age_record(content: FaceContent, signer: RecordSigner) -> bytes:
    signed = tlv(0xDF11, content.holder.birth_compact.encode("ascii")) + tlv(0xDF12, content.card_key)
    return tlv(0xFF10, signed, tlv(0xDF13, signer.sign(signed)))


def _number_record(content: FaceContent, signer: RecordSigner) -> bytes:
    image = pictures.digits_image(content.holder.my_number.reveal())
    signed = image_tlv(0xDF41, image) + tlv(0xDF42, content.card_key)
    return tlv(0xFF40, signed, tlv(0xDF43, signer.sign(signed)))


def _face_record(content: FaceContent, signer: RecordSigner) -> bytes:
    holder = content.holder
    first = [
        tlv(0xDF22, holder.birth_compact.encode("ascii")),
        tlv(0xDF23, holder.sex.digit.encode("ascii")),
        tlv(0xDF24, content.card_key),
    ]
    second = [
        image_tlv(0xDF25, pictures.text_image(holder.name, pictures.NAME_CELLS)),
        image_tlv(0xDF26, pictures.text_image(holder.address, pictures.ADDRESS_CELLS)),
    ]
    signed_photo = tlv(0xDF27, pictures.photo(holder.photo))
    digests = _sha256(b"".join(first)) + _sha256(b"".join(second)) + _sha256(signed_photo)
    tail = [
        tlv(0xDF28, signer.sign_digests(digests)),
        tlv(0xDF29, content.shown_expiry.encode("ascii")),
        tlv(0xDF2A, pictures.digits_image(holder.security_code)),
    ]
    objects = [*first, *second, tlv(0xDF27, content.shown_photo), *tail]
    return with_offset_table(0xFF20, 0xDF21, objects, _STALE_SHIFT if content.stale_offsets else 0)


def _face_application(holder: Persona, signer: RecordSigner, octets: Octets) -> bytes:
    return tlv(
        0xFF30,
        tlv(0xDF31, bytes.fromhex("06030e01")),
        tlv(0xDF32, signer.key_id),
        tlv(0xDF33, b"\x01"),
        tlv(0xDF34, holder.municipality_code.encode("ascii")),
        tlv(0xDF35, _REFERENCE_KEY + octets("face-application", 256)),  # 16 of them in the form of a key id
    )


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
