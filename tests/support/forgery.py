"""What somebody with a laboratory can make of cards: the bench on which tests and vectors are forged.

It encodes for itself and shares nothing with the readers of ``mnverify.files``. All keys are the public laboratory keys of
``mnverify.virtual``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric import rsa

from mnverify.evidence import Evidence, Presence
from mnverify.values import CredentialKind, Domain, Role
from mnverify.verification import TrustStore
from mnverify.virtual import Flaw, VirtualAuthority, VirtualCard, persona
from mnverify.virtual.encoding import digest_info, key_id, tlv, with_offset_table
from mnverify.virtual.keys import laboratory_keys

JAPAN = timezone(timedelta(hours=9))
AT = datetime(2026, 11, 22, 10, 0, tzinfo=JAPAN)
CHALLENGE = bytes(range(32))
FACE, ASSIST = Domain.FACE_CHECK, Domain.INPUT_ASSIST
MODULUS_BYTES = 256

ONE, OTHER = "sato-hanako", "yoshida-takatsugu"  # two cards of one municipality
STRANGER = "heisei-gannen"  # a card of another municipality
CA_IDS = {FACE: key_id("9000023"), ASSIST: key_id("9000033")}
MUNICIPALITY = "99201"

_WITH_OFFSETS = 0xDF21


class Child(NamedTuple):
    """One object of a file."""

    tag: int
    start: int
    value_start: int
    end: int


# cards and evidence --------------------------------------------------------------------------------


@cache
def card(persona_id: str = ONE, *flaws: Flaw) -> VirtualCard:
    """A laboratory card; read its files, do not spend its tries."""
    return VirtualAuthority.laboratory().issue(persona(persona_id), flaws=flaws)


def anchors() -> dict[str, Any]:
    """The laboratory's trust anchors."""
    return VirtualAuthority.laboratory().trust_anchors()


@cache
def trust() -> TrustStore:
    """A store of the laboratory's trust anchors."""
    import json

    return TrustStore.from_json(json.dumps(anchors()))


def plain(file: bytes) -> bytes:
    """A file without its filler."""
    _, _, value_start, length = _header(file, 0)
    return file[: value_start + length]


def parts(
    source: VirtualCard,
    domain: Domain,
    *ids: str,
    role: Role = Role.GENERAL,
    credential: CredentialKind | None = None,
    answered: VirtualCard | None = None,
    challenge: bytes = CHALLENGE,
    replaced: Mapping[str, bytes] | None = None,
    **single: bytes,
) -> dict[str, Any]:
    """Constructor arguments of evidence.

    Args:
        source: the card whose files are taken.
        domain: the domain.
        ids: the file ids.
        role: the declared role.
        credential: default: what opens these files.
        answered: the card that answers the challenge; none by default.
        challenge: what it answers.
        replaced: files of another make, by file id.
        single: the same one by one, as ``f0002=…``.
    """
    files = {name: source.files(domain)[name] for name in ids}
    files |= {**(replaced or {}), **{name[1:]: data for name, data in single.items()}}
    if credential is None:
        usual = CredentialKind.VERIFICATION_NUMBER_B if domain is FACE else CredentialKind.PIN
        office = role is Role.MY_NUMBER_OFFICE and domain is FACE
        credential = CredentialKind.VERIFICATION_NUMBER_A if office else usual
    presence = Presence(challenge, answered.sign(domain, challenge)) if answered else None
    return {"domain": domain, "role": role, "credential": credential, "files": files, "presence": presence}


def evidence(source: VirtualCard, domain: Domain, *ids: str, **more: Any) -> Evidence:
    """Evidence as from outside, of the arguments of ``parts``."""
    return Evidence(**parts(source, domain, *ids, **more))


# files -----------------------------------------------------------------------------------------------


def children(file: bytes) -> list[Child]:
    """The objects of a file; it has to be a good one."""
    _, _, at, length = _header(file, 0)
    end, found = at + length, []
    while at < end:
        tag, start, value_start, size = _header(file, at)
        at = value_start + size
        found.append(Child(tag, start, value_start, at))
    return found


def child(file: bytes, tag: int) -> Child:
    """The object of that tag."""
    return next(one for one in children(file) if one.tag == tag)


def value(file: bytes, tag: int) -> bytes:
    """The value of the object of that tag."""
    one = child(file, tag)
    return file[one.value_start : one.end]


def whole(file: bytes, *tags: int) -> bytes:
    """The objects of those tags, headers included, in a row."""
    return b"".join(file[one.start : one.end] for one in (child(file, tag) for tag in tags))


def rebuilt(file: bytes, values: Mapping[int, bytes], order: Iterable[int] | None = None) -> bytes:
    """A file with other values for some objects, its offset table made anew, without filler.

    Args:
        file: the file.
        values: by tag; a tag that is not there yet is new. What is not named keeps its bytes, header included.
        order: the tags that the file shall have, in that order; default as it is.
    """
    outer = _header(file, 0)[0]
    have = {one.tag: file[one.start : one.end] for one in children(file)}
    have |= {tag: tlv(tag, new) for tag, new in values.items()}
    objects = [have[tag] for tag in (order or have) if tag != _WITH_OFFSETS]
    if _WITH_OFFSETS in have and _WITH_OFFSETS not in values:
        return with_offset_table(outer, _WITH_OFFSETS, objects)
    table = [have[_WITH_OFFSETS]] if _WITH_OFFSETS in have else []
    return tlv(outer, *table, *objects)


def spelled(file: bytes, octets: int) -> bytes:
    """A file whose objects all write their lengths in so many bytes (0: as short as can be), the outer one too, its offset
    table true, with as much filler as before."""
    objects = [_spelled(one.tag, file[one.value_start : one.end], octets) for one in children(file)]
    outer, _, start, length = _header(file, 0)
    if objects and children(file)[0].tag == _WITH_OFFSETS:
        body = sum(map(len, objects))
        at = len(_spelled(outer, bytes(body), octets)) - body + len(objects[0])
        starts = []
        for one in objects[1:]:
            starts.append(at.to_bytes(2))
            at += len(one)
        objects[0] = _spelled(_WITH_OFFSETS, b"".join(starts), octets)
    return _spelled(outer, b"".join(objects), octets) + file[start + length :]


def spelled_files(source: VirtualCard, domain: Domain, octets: int) -> dict[str, bytes]:
    """A card's files with every length written in so many bytes, those inside the keys too, and signed anew."""
    signer = private_key(f"municipality/{MUNICIPALITY}/{domain}")
    files = dict(source.files(domain))
    body = value(files["0004"], 0x5F4E)
    body = body[:32] + _spelled_key(body[32:], octets)
    certified: dict[int, bytes] = {0x5F4E: body, 0x5F37: sign(private_key(f"ca/{domain}"), body)}
    made = {"0004": spelled(rebuilt(files["0004"], certified), octets)}
    if domain is FACE:
        made["0001"] = _signed_anew(files["0001"], (0xDF11, 0xDF12), 0xDF13, signer, octets)
        made["0005"] = _signed_anew(files["0005"], (0xDF41, 0xDF42), 0xDF43, signer, octets)
        face = spelled(rebuilt(files["0002"], {0xDF24: _spelled_key(value(files["0002"], 0xDF24), octets)}), octets)
        block = padded(digest_info(b"".join(segment_digests(face))))
        return made | {"0002": spelled(rebuilt(face, {0xDF28: raw_sign(signer, block)}), octets)}
    made["0001"] = _spelled(0xFF10, files["0001"][3:15], octets) + b"\xff\xff"
    made["0002"] = spelled(files["0002"], octets)
    digests: dict[int, bytes] = {
        0xDF31: sha256(made["0001"]),
        0xDF32: sha256(whole(made["0002"], 0xDF22, 0xDF23, 0xDF24, 0xDF25)),
    }
    made["0003"] = _signed_anew(rebuilt(files["0003"], digests), (0xDF31, 0xDF32), 0xDF33, signer, octets)
    made["0007"] = _signed_anew(files["0007"], (0xDF51,), 0xDF52, signer, octets)
    return made


def _signed_anew(file: bytes, tags: tuple[int, ...], signature: int, key: rsa.RSAPrivateKey, octets: int) -> bytes:
    keys: dict[int, bytes] = {
        tag: _spelled_key(value(file, tag), octets) for tag in (0xDF12, 0xDF42, 0xDF51) if tag in tags
    }
    file = spelled(rebuilt(file, keys), octets)
    return spelled(rebuilt(file, {signature: sign(key, whole(file, *tags))}), octets)


def _spelled_key(key: bytes, octets: int) -> bytes:
    return _spelled(0x90, key[2:5], octets) + _spelled(0x91, key[9:], octets)


def _spelled(tag: int, content: bytes, octets: int) -> bytes:
    if octets < 2 and len(content) >= 0x80:
        octets = 2 if len(content) >= 0x100 else 1
    length = len(content).to_bytes(max(octets, 1))
    return tag.to_bytes(1 + (tag > 0xFF)) + (bytes([0x80 | octets]) if octets else b"") + length + content


def segment_digests(face: bytes) -> list[bytes]:
    """The three digests that the signature of a card face covers."""
    segments = ((0xDF22, 0xDF23, 0xDF24), (0xDF25, 0xDF26), (0xDF27,))
    return [sha256(whole(face, *tags)) for tags in segments]


def sha256(data: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(data).digest()


def _header(data: bytes, at: int) -> tuple[int, int, int, int]:
    """Tag, start, start of the value, length of the value."""
    wide = data[at] & 0x1F == 0x1F
    tag = int.from_bytes(data[at : at + 1 + wide])
    pos = at + 1 + wide
    size = data[pos] & 0x7F if data[pos] >= 0x80 else 0
    length = int.from_bytes(data[pos + 1 : pos + 1 + size]) if size else data[pos]
    return tag, at, pos + 1 + size, length


# RSA -------------------------------------------------------------------------------------------------


def private_key(label: str) -> rsa.RSAPrivateKey:
    """A laboratory key, as ``municipality/99201/face-check``."""
    return laboratory_keys().key(label)


def modulus(key: rsa.RSAPrivateKey) -> int:
    """Its modulus."""
    return key.public_key().public_numbers().n


def padded(info: bytes, length: int = MODULUS_BYTES) -> bytes:
    """EMSA-PKCS1-v1_5: ``00 01 FF… 00`` and a DigestInfo."""
    return b"\x00\x01" + b"\xff" * (length - 3 - len(info)) + b"\x00" + info


def raw_sign(key: rsa.RSAPrivateKey, encoded: bytes) -> bytes:
    """The private operation on any block, with no look at what it holds."""
    numbers = key.private_numbers()
    block = int.from_bytes(encoded) % (numbers.p * numbers.q)
    m1, m2 = pow(block, numbers.dmp1, numbers.p), pow(block, numbers.dmq1, numbers.q)
    signature = m2 + numbers.q * ((m1 - m2) * numbers.iqmp % numbers.p)
    return signature.to_bytes(MODULUS_BYTES)


def sign(key: rsa.RSAPrivateKey, message: bytes) -> bytes:
    """An honest signature over a message."""
    return raw_sign(key, padded(digest_info(sha256(message))))


def cube_root_forgery(info: bytes) -> bytes:
    """A number whose cube begins ``00 01 FF×8 00 DigestInfo`` (Bleichenbacher, CRYPTO 2006): no private key needed for e = 3."""
    head = b"\x00\x01" + b"\xff" * 8 + b"\x00" + info
    aim = int.from_bytes(head + b"\xff" * (MODULUS_BYTES - len(head)))
    low, high = 0, 1 << 700
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**3 <= aim else (low, middle - 1)
    forged = (low**3).to_bytes(MODULUS_BYTES)
    if not forged.startswith(head):
        raise ValueError("the DigestInfo is too long for a cube root")
    return low.to_bytes(MODULUS_BYTES)


def public_bytes(number: int, exponent: int = 65537) -> bytes:
    """A public key as the card holds it, of any modulus below 2**2048 and exponent below 2**24."""
    return tlv(0x90, exponent.to_bytes(3)) + tlv(0x91, number.to_bytes(MODULUS_BYTES))


def certificate(
    issuer: rsa.RSAPrivateKey, issuer_id: bytes, subject_id: bytes, key: bytes, signature: bytes | None = None
) -> bytes:
    """A card-verifiable certificate of anything by anybody."""
    body = issuer_id + subject_id + key
    return tlv(0x7F21, tlv(0x5F4E, body), tlv(0x5F37, signature or sign(issuer, body)))
