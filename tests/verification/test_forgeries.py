"""RSA forgeries. Every block is signed with the right private key, so that only the look at the block can refuse it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Any, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from mnverify.errors import EvidenceError, TrustError, UnsupportedCard
from mnverify.evidence import Evidence, Presence
from mnverify.profile import PRESENT_CARD
from mnverify.signatures import signature_holds
from mnverify.values import Domain, Role
from mnverify.verification import TrustStore, VerificationResult, verify
from mnverify.virtual.encoding import digest_info, key_id, tlv, with_offset_table
from mnverify.virtual.keys import public_key_bytes
from tests.support import forgery
from tests.support.forgery import ASSIST, AT, CHALLENGE, FACE, MUNICIPALITY, padded, raw_sign, sha256

CARD = forgery.card()
OID_SHA1 = bytes.fromhex("06052b0e03021a")
OID_SHA256 = bytes.fromhex("0609608648016503040201")
OID_SHA384 = bytes.fromhex("0609608648016503040202")
NULL = b"\x05\x00"


def municipality(domain: Domain) -> rsa.RSAPrivateKey:
    return forgery.private_key(f"municipality/{MUNICIPALITY}/{domain}")


def signed_bytes(domain: Domain, name: str) -> bytes:
    """What the signature of a file covers, whole."""
    file = CARD.files(domain)[name]
    if name == "0004":
        return forgery.value(file, 0x5F4E)
    return forgery.whole(file, *[one.tag for one in forgery.children(file)][:-1])


class Target(NamedTuple):
    """A signature to forge.

    Attributes:
        digests: the octets that the honest DigestInfo holds.
        key: the key that signs it.
        put: evidence in which a signature was put.
    """

    digests: bytes
    key: rsa.RSAPrivateKey
    put: Callable[[bytes], dict[str, Any]]


def _in_file(domain: Domain, name: str, tag: int, *beside: str) -> Callable[[bytes], dict[str, Any]]:
    file = CARD.files(domain)[name]

    def put(signature: bytes) -> dict[str, Any]:
        changed = forgery.rebuilt(file, {tag: signature})
        role = Role.MY_NUMBER_OFFICE
        return forgery.parts(CARD, domain, *beside, role=role, replaced={name: changed})

    return put


def _answer(signature: bytes) -> dict[str, Any]:
    return {**forgery.parts(CARD, FACE, "0002", "0004"), "presence": Presence(CHALLENGE, signature)}


TARGETS = {
    "face": Target(
        b"".join(forgery.segment_digests(CARD.files(FACE)["0002"])),
        municipality(FACE),
        _in_file(FACE, "0002", 0xDF28, "0004"),
    ),
    "age": Target(sha256(signed_bytes(FACE, "0001")), municipality(FACE), _in_file(FACE, "0001", 0xDF13, "0004")),
    "number": Target(sha256(signed_bytes(FACE, "0005")), municipality(FACE), _in_file(FACE, "0005", 0xDF43, "0004")),
    "integrity": Target(
        sha256(signed_bytes(ASSIST, "0003")), municipality(ASSIST), _in_file(ASSIST, "0003", 0xDF33, "0002", "0004")
    ),
    "card-key": Target(
        sha256(signed_bytes(ASSIST, "0007")),
        municipality(ASSIST),
        _in_file(ASSIST, "0007", 0xDF52, "0002", "0003", "0004"),
    ),
    "certificate": Target(
        sha256(signed_bytes(FACE, "0004")),
        forgery.private_key("ca/face-check"),
        _in_file(FACE, "0004", 0x5F37, "0002"),
    ),
    "presence": Target(sha256(CHALLENGE), forgery.private_key(f"card/{forgery.ONE}/0/face-check"), _answer),
}


def judge(arguments: dict[str, Any], trust: TrustStore | None = None) -> VerificationResult | None:
    try:
        evidence = Evidence(**arguments)
    except (EvidenceError, UnsupportedCard):
        return None
    return verify(evidence, trust=trust or forgery.trust(), at=AT)


def refused(arguments: dict[str, Any], trust: TrustStore | None = None) -> bool:
    result = judge(arguments, trust)
    return result is None or not result.verified


def false_infos(digests: bytes) -> Iterator[tuple[str, bytes]]:
    """DigestInfos that are not the one of these digests."""
    octets = tlv(0x04, digests)
    algorithm = tlv(0x30, OID_SHA256, NULL)
    yield "sha-1 oid", tlv(0x30, tlv(0x30, OID_SHA1, NULL), octets)
    yield "sha-1", tlv(0x30, tlv(0x30, OID_SHA1, NULL), tlv(0x04, hashlib.sha1(digests).digest()))
    yield "sha-384 oid", tlv(0x30, tlv(0x30, OID_SHA384, NULL), octets)
    yield "no NULL", tlv(0x30, tlv(0x30, OID_SHA256), octets)
    yield "NULL of two bytes", tlv(0x30, tlv(0x30, OID_SHA256, b"\x05\x02\x00\x00"), octets)
    yield "garbage in the parameters", tlv(0x30, tlv(0x30, OID_SHA256, NULL, tlv(0x04, b"garbage")), octets)
    yield "parameters an octet string", tlv(0x30, tlv(0x30, OID_SHA256, tlv(0x04, b"")), octets)
    yield "garbage after the digest", tlv(0x30, algorithm, octets, tlv(0x04, b"garbage"))
    yield "garbage before the algorithm", tlv(0x30, tlv(0x04, b"garbage"), algorithm, octets)
    yield "trailing byte", digest_info(digests) + b"\x00"
    yield "no DigestInfo", digests
    yield "no sequence", algorithm + octets
    yield "bit string", tlv(0x30, algorithm, tlv(0x03, digests))
    body = algorithm + octets
    yield "outer length in BER", b"\x30\x81" + bytes([len(body)]) + body
    yield "outer length in three bytes", b"\x30\x82\x00" + bytes([len(body)]) + body
    yield "inner length in BER", tlv(0x30, algorithm, b"\x04\x81" + bytes([len(digests)]) + digests)
    yield "algorithm length in BER", tlv(0x30, b"\x30\x81\x0d" + OID_SHA256 + NULL, octets)
    yield "indefinite length", b"\x30\x80" + body + b"\x00\x00"
    yield "empty digest", digest_info(b"")
    for length in (1, 20, 31, 32, 64, 95):
        if length < len(digests):
            yield f"truncated to {length}", digest_info(digests[:length])
    yield "one byte longer", digest_info(digests + b"\x00")
    yield "doubled", digest_info(digests + digests) if len(digests) < 64 else digest_info(digests + digests[:32])
    yield "hashed once more", digest_info(sha256(digests))
    yield "other digest", digest_info(bytes(len(digests)))


def false_paddings(info: bytes) -> Iterator[tuple[str, bytes]]:
    """Blocks of 256 bytes around the right DigestInfo that are not its one padding."""
    good = padded(info)
    for at in range(256 - len(info)):
        for other in {good[at] ^ 0x01, 0x00, 0xFF} - {good[at]}:
            yield f"padding byte {at} is {other:02x}", good[:at] + bytes([other]) + good[at + 1 :]
    yield "block type 2", b"\x00\x02" + good[2:]
    yield "block type 0", b"\x00\x00" + b"\x00" * (len(good) - len(info) - 2) + info
    head = b"\x00\x01" + b"\xff" * 8 + b"\x00"
    room = 256 - len(head) - len(info)
    yield "short padding, garbage after", head + info + b"\xaa" * room
    yield "short padding, zeros after", head + info + bytes(room)
    yield "short padding, garbage between", head + b"\xaa" * room + info
    yield "short padding, zeros between", head + bytes(room) + info
    yield "no padding", b"\x00\x01\x00" + info + bytes(253 - len(info))
    yield "two separators", padded(b"\x00" + info)
    yield "shifted by one", good[1:] + b"\x00"
    yield "no leading zero", b"\x01" + b"\xff" * (254 - len(info)) + b"\x00" + info


@pytest.mark.parametrize("name", TARGETS)
def test_the_bench_itself_makes_signatures_that_hold(name: str) -> None:
    target = TARGETS[name]
    result = judge(target.put(raw_sign(target.key, padded(digest_info(target.digests)))))
    assert result is not None and result.verified


@pytest.mark.parametrize("name", TARGETS)
def test_false_digest_infos(name: str) -> None:
    target = TARGETS[name]
    for what, info in false_infos(target.digests):
        assert refused(target.put(raw_sign(target.key, padded(info)))), what


@pytest.mark.parametrize("name", ["face", "certificate", "presence"])
def test_false_paddings(name: str) -> None:
    target = TARGETS[name]
    for what, block in false_paddings(digest_info(target.digests)):
        assert len(block) == 256
        assert refused(target.put(raw_sign(target.key, block))), what


@pytest.mark.parametrize("name", TARGETS)
def test_numbers_that_are_no_signatures(name: str) -> None:
    target = TARGETS[name]
    n = forgery.modulus(target.key)
    honest = int.from_bytes(raw_sign(target.key, padded(digest_info(target.digests))))
    for number in (0, 1, 2, n - 1, n, n + 1, n - honest, (1 << 2048) - 1):
        assert refused(target.put(number.to_bytes(256))), number.bit_length()
    longer = honest + n  # the same residue; it fits in 256 bytes only for a small signature
    assert refused(target.put(longer.to_bytes(256 + (longer >> 2048 > 0))))
    assert refused(target.put(b"\x00" + honest.to_bytes(256)))
    assert refused(target.put(honest.to_bytes(256)[1:]))


def test_a_signature_above_the_modulus_that_fits_is_refused() -> None:
    """Of some records the signature is small enough for signature + n to have 256 bytes."""
    tried = 0
    scheme = PRESENT_CARD.scheme
    key = municipality(FACE)
    for count in range(12):
        message = b"record %d" % count
        honest = int.from_bytes(forgery.sign(key, message))
        assert signature_holds(scheme, key.public_key(), honest.to_bytes(256), message)
        if honest + forgery.modulus(key) < 1 << 2048:
            tried += 1
            above = (honest + forgery.modulus(key)).to_bytes(256)
            assert not signature_holds(scheme, key.public_key(), above, message)
    assert tried


@pytest.mark.parametrize("length", [0, 1, 128, 255, 257, 384, 512])
def test_a_presence_signature_of_another_length(length: int) -> None:
    if length:
        assert refused(_answer(b"\x01" * length))
    else:
        with pytest.raises(EvidenceError):
            Evidence(**_answer(b""))


def test_segments_of_the_card_face_in_another_order() -> None:
    target = TARGETS["face"]
    digests = forgery.segment_digests(CARD.files(FACE)["0002"])
    for order in permutations(digests):
        signature = raw_sign(target.key, padded(digest_info(b"".join(order))))
        assert refused(target.put(signature)) is (list(order) != digests)
    for some in (digests[:2], digests[1:], digests[:1], [*digests, digests[0]]):
        assert refused(target.put(raw_sign(target.key, padded(digest_info(b"".join(some))))))


def test_the_segments_as_one_message_are_not_what_is_signed() -> None:
    file = CARD.files(FACE)["0002"]
    message = forgery.whole(file, *range(0xDF22, 0xDF28))
    target = TARGETS["face"]
    assert refused(target.put(forgery.sign(target.key, message)))
    assert refused(target.put(forgery.sign(target.key, target.digests)))


def test_objects_moved_across_the_segment_bounds() -> None:
    """The same bytes in a row, cut elsewhere or in another order, have other digests or another layout."""
    file = CARD.files(FACE)["0002"]
    orders = [
        (*range(0xDF22, 0xDF25), 0xDF26, 0xDF25, *range(0xDF27, 0xDF2B)),
        (0xDF23, 0xDF22, *range(0xDF24, 0xDF2B)),
        (*range(0xDF22, 0xDF28), 0xDF29, 0xDF28, 0xDF2A),
    ]
    for order in orders:
        assert refused(forgery.parts(CARD, FACE, "0004", f0002=forgery.rebuilt(file, {}, order)))
    swapped = {0xDF25: forgery.value(file, 0xDF26), 0xDF26: forgery.value(file, 0xDF25)}
    assert refused(forgery.parts(CARD, FACE, "0004", f0002=forgery.rebuilt(file, swapped)))


def test_a_record_with_the_signature_of_another_record() -> None:
    files = CARD.files(FACE)
    other = {
        "0001": (0xDF13, forgery.value(files["0005"], 0xDF43)),
        "0002": (0xDF28, forgery.value(files["0001"], 0xDF13)),
    }
    for name, (tag, signature) in other.items():
        changed = forgery.rebuilt(files[name], {tag: signature})
        assert refused(forgery.parts(CARD, FACE, "0004", replaced={name: changed}))


# keys ------------------------------------------------------------------------------------------------


def weak_keys() -> Iterator[tuple[str, bytes]]:
    """Public keys that a sound authority would not certify."""
    n = forgery.modulus(municipality(FACE))
    yield "e = 3", forgery.public_bytes(n, 3)
    yield "e = 1", forgery.public_bytes(n, 1)
    yield "e = 0", forgery.public_bytes(n, 0)
    yield "e = 65539", forgery.public_bytes(n, 65539)
    yield "e even", forgery.public_bytes(n, 65536)
    yield "e in one byte", tlv(0x90, b"\x03") + tlv(0x91, n.to_bytes(256))
    yield "1024 bits in 256 bytes", forgery.public_bytes(n >> 1024 | 1)
    yield "2047 bits", forgery.public_bytes(n >> 1 | 1)
    yield "even", forgery.public_bytes(n - 1)
    yield "zero", forgery.public_bytes(0)
    yield "one", forgery.public_bytes(1)
    yield "1024 bits in 128 bytes", tlv(0x90, b"\x01\x00\x01") + tlv(0x91, (n >> 1024 | 1).to_bytes(128))
    yield "modulus first", tlv(0x91, n.to_bytes(256)) + tlv(0x90, b"\x01\x00\x01")
    yield "twice", forgery.public_bytes(n) * 2


@pytest.mark.parametrize(("what", "key"), list(weak_keys()), ids=[what for what, _ in weak_keys()])
def test_weak_keys_in_a_certificate_that_the_authority_signed(what: str, key: bytes) -> None:
    ca = forgery.private_key("ca/face-check")
    subject = key_id("9920123", padding=b"\0\0\0\x01")
    arguments = forgery.parts(CARD, FACE, "0002", f0004=forgery.certificate(ca, forgery.CA_IDS[FACE], subject, key))
    result = judge(arguments)
    assert result is None or (result.check("chain").code == "weak-key" and not result.verified), what


def test_bleichenbachers_cube_roots_against_a_certified_key_with_exponent_three() -> None:
    n = forgery.modulus(municipality(FACE))
    ca = forgery.private_key("ca/face-check")
    certificate = forgery.certificate(ca, forgery.CA_IDS[FACE], key_id("9920123"), forgery.public_bytes(n, 3))
    file = CARD.files(FACE)["0001"]
    root = forgery.cube_root_forgery(digest_info(sha256(signed_bytes(FACE, "0001"))))
    changed = forgery.rebuilt(file, {0xDF13: root})
    result = judge(forgery.parts(CARD, FACE, f0001=changed, f0004=certificate))
    assert result is not None and not result.verified
    assert result.check("chain").code == "weak-key"
    assert result.check("record-signature").outcome == "not-performed"


def test_cube_roots_against_the_layer_below_with_exponent_three() -> None:
    """Even if such a key came through, the whole padding is looked at."""
    n, scheme = forgery.modulus(municipality(FACE)), PRESENT_CARD.scheme
    key = rsa.RSAPublicNumbers(3, n).public_key()
    assert not signature_holds(scheme, key, forgery.cube_root_forgery(digest_info(sha256(b"m"))), b"m")
    with pytest.raises(ValueError, match="too long"):  # three digests leave a cube root no room
        forgery.cube_root_forgery(digest_info(bytes(96)))


@pytest.mark.parametrize(("what", "key"), list(weak_keys()), ids=[what for what, _ in weak_keys()])
def test_weak_card_keys_are_refused_even_where_they_were_signed(what: str, key: bytes) -> None:
    """The municipality signed a record with a weak card key; whoever breaks it could answer any challenge."""
    signed = forgery.whole(CARD.files(FACE)["0001"], 0xDF11) + tlv(0xDF12, key)
    record = tlv(0xFF10, signed, tlv(0xDF13, forgery.sign(municipality(FACE), signed)))
    root = forgery.cube_root_forgery(digest_info(sha256(CHALLENGE)))
    for answer in (root, padded(digest_info(sha256(CHALLENGE))), CARD.sign(FACE, CHALLENGE)):
        arguments = {**forgery.parts(CARD, FACE, "0004", f0001=record), "presence": Presence(CHALLENGE, answer)}
        result = judge(arguments)
        if result is not None:
            assert result.check("structure").code == "weak-card-key", what
            assert result.check("presence").outcome != "pass"
            assert not result.verified


def test_weak_anchors_are_no_anchors() -> None:
    import json

    for what, exponent, shift in (("e = 3", 3, 0), ("e = 1", 1, 0), ("short", 65537, 1024), ("2047 bits", 65537, 1)):
        document = forgery.anchors()
        anchor = document["anchors"][0]
        anchor["exponent"] = exponent
        anchor["modulus"] = f"{int(anchor['modulus'], 16) >> shift | 1:0512x}"
        with pytest.raises(TrustError):
            TrustStore.from_json(json.dumps(document))
        assert what


def test_an_impostor_cannot_use_the_anchors_own_key_as_a_certificate() -> None:
    """A certificate that certifies itself, or names itself as issuer, leads nowhere."""
    own = forgery.private_key("foreign-municipality/face-check")
    for issuer, subject in (
        (forgery.CA_IDS[FACE], forgery.CA_IDS[FACE]),
        (key_id("9920123"), key_id("9920123")),
        (forgery.CA_IDS[FACE], key_id("9920123")),
    ):
        certificate = forgery.certificate(own, issuer, subject, public_key_bytes(own))
        signed = signed_bytes(FACE, "0001")
        record = tlv(0xFF10, signed, tlv(0xDF13, forgery.sign(own, signed)))
        arguments = forgery.parts(CARD, FACE, f0001=record, f0004=certificate)
        assert refused(arguments)
        assert refused(arguments, forgery.trust().with_certificates(certificate))


def test_an_offset_table_that_lies_is_no_way_to_point_elsewhere() -> None:
    file = CARD.files(FACE)["0002"]
    objects = [forgery.whole(file, tag) for tag in range(0xDF22, 0xDF2B)]
    for shift in (-1, 1, 24, 0x100):
        result = judge(forgery.parts(CARD, FACE, "0004", f0002=with_offset_table(0xFF20, 0xDF21, objects, shift)))
        assert result is not None and result.check("structure").code == "offset-table" and not result.verified
