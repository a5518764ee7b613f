"""Vectors that are no evidence: what cannot be read, is of another generation, or is not for the role."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

from mnverify.values import Role
from mnverify.virtual.encoding import tlv
from tests.support import forgery
from tests.support.forgery import ASSIST, FACE
from tools.vector import Vector

CARD = forgery.card()
FORM = "docs/reference/evidence.md"
STRUCTURE = "docs/reference/evidence.md, structure of a file"
ERROR, UNSUPPORTED, ROLE = "EvidenceError", "UnsupportedCard", "RoleError"
OF_ANOTHER_LAYOUT = {"tlv-unknown-object", "tlv-unknown-tag", "tlv-order", "tlv-missing", "value-date-length"}


def vectors() -> Iterator[Vector]:
    """All of them."""
    yield from _texts()
    yield from _members()
    yield from _objects()
    yield from _values()
    yield from _generations()
    yield from _roles()


def _document(*names: str, **replaced: bytes) -> dict[str, Any]:
    made = forgery.parts(CARD, FACE, *(names or ("0001", "0004")))
    files = made["files"] | {name[1:]: data for name, data in replaced.items()}
    return {
        "format": "mnverify.evidence/1",
        "domain": "face-check",
        "role": "general",
        "credential": "verification-number-b",
        "files": {name: base64.b64encode(data).decode() for name, data in files.items()},
    }


def _assist(*names: str, **replaced: bytes) -> dict[str, Any]:
    files = {name: CARD.files(ASSIST)[name] for name in names} | {n[1:]: data for n, data in replaced.items()}
    return {
        **_document(),
        "domain": "input-assist",
        "role": "my-number-office",
        "credential": "pin",
        "files": {name: base64.b64encode(data).decode() for name, data in files.items()},
    }


def _texts() -> Iterator[Vector]:
    good = json.dumps(_document())
    for name, text, reason in (
        ("json-truncated", good[:-1], "The text ends inside the object."),
        ("json-two-objects", good + good, "A second object after the first."),
        (
            "json-duplicate-key",
            good.replace('"role": ', '"role": "my-number-office", "role": ', 1),
            "Which would count?",
        ),
        ("json-duplicate-file", good.replace('"0001": ', '"0001": "", "0001": ', 1), "Which would count?"),
        (
            "json-duplicate-key-escaped",
            good.replace('"role": ', '"\\u0072ole": "my-number-office", "role": ', 1),
            "The same key, written with an escape.",
        ),
        ("json-too-deep", good[:-1] + ', "reader": [[[[0]]]]}', "Nested deeper than the form ever is."),
        ("json-number", good[:-1] + ', "reader": 1}', "The form holds no numbers."),
        ("json-too-large", good + " " * (64 * 1024), "More than 64 KiB, though only of blanks."),
    ):
        yield Vector(name=name, reason=reason, source=FORM, evidence=text, verdict=ERROR, where="evidence")


def _members() -> Iterator[Vector]:
    good = _document()
    file = good["files"]["0001"]
    lighter = json.loads(forgery.evidence(CARD, FACE, "0002", "0004").without_segments(2, 3).to_json())
    for name, document, where, reason in (
        ("form-other-version", {**good, "format": "mnverify.evidence/2"}, "format", "A form of another version."),
        ("form-unknown-key", {**good, "comment": ""}, "evidence", "An unknown key may mean something elsewhere."),
        ("form-unknown-domain", {**good, "domain": "jpki"}, "domain", "A domain that is not permitted."),
        ("form-no-files", {**good, "files": {}}, "files", "Evidence of nothing."),
        ("form-file-id", {**good, "files": {"1": file}}, "files", "A file id has four hex digits."),
        ("form-other-file", {**good, "files": {"0006": file}}, "files", "A file that is never read."),
        ("form-base64-bits", _files("0001", file[:-2] + "9="), "files.0001", "The unused bits are not zero."),
        (
            "form-base64-padding",
            {**good, "presence": {"challenge": "AAAA=", "signature": "AAAA"}},
            "presence.challenge",
            "Padding where none is due, which lax and even some strict decoders pass over.",
        ),
        ("form-base64-url", _files("0001", "_" + file[1:]), "files.0001", "Another alphabet."),
        ("form-base64-newline", _files("0001", file + "\n"), "files.0001", "A character that is not of the alphabet."),
        ("form-credential", {**good, "credential": "pin"}, "credential", "A credential of the other domain."),
        ("form-moment", {**good, "read_at": "2026-11-22T10:00:00"}, "read_at", "A moment without a time zone."),
        ("form-reader", {**good, "reader": "\u001b[2J"}, "reader", "A terminal's control characters."),
        ("form-presence-half", {**good, "presence": {"challenge": "AA=="}}, "presence", "A challenge without answer."),
        ("form-segment-digest", {**lighter, "segments": {"2": "00", "3": "00"}}, "segments.2", "No SHA-256."),
        ("form-segment-one", {**lighter, "segments": {"1": "00" * 32}}, "segments", "Segment 1 is never dropped."),
        (
            "form-segment-not-named",
            {**lighter, "segments": {"3": lighter["segments"]["3"]}},
            "files.0002 tag DF25 offset 311",
            "Objects are missing that are not named as dropped.",
        ),
    ):
        yield Vector(name=name, reason=reason, source=FORM, evidence=document, verdict=ERROR, where=where)


def _files(name: str, text: str) -> dict[str, Any]:
    return {**_document(), "files": {name: text}}


def _objects() -> Iterator[Vector]:
    file = forgery.plain(CARD.files(FACE)["0001"])
    born, key = forgery.whole(file, 0xDF11), forgery.whole(file, 0xDF12)
    signature = forgery.whole(file, 0xDF13)
    whole = "files.0001 tag FF10 offset 0"
    long_birth = b"\xdf\x11\x83\x00\x00\x08" + born[3:]
    for name, data, where, reason in (
        ("tlv-truncated", file[:-1], whole, "The file ends inside the object."),
        ("tlv-trailing-byte", file + b"\x00", f"files.0001 offset {len(file)}", "A byte that is not filler."),
        (
            "tlv-filler",
            file + b"\xff\xff\xfe\xff",
            f"files.0001 offset {len(file) + 2}",
            "Filler is FF and nothing else.",
        ),
        ("tlv-indefinite", b"\xff\x10\x80" + file[5:] + bytes(2), whole, "An indefinite length."),
        ("tlv-length-too-long", b"\xff\x10\x83\x00" + file[3:], whole, "Three bytes of length."),
        (
            "tlv-inner-length",
            tlv(0xFF10, long_birth, key, signature),
            "files.0001 tag DF11 offset 5",
            "Three bytes of length, two of which would do.",
        ),
        (
            "tlv-unknown-object",
            tlv(0xFF10, born, key, signature, tlv(0xDF14, b"")),
            f"files.0001 tag DF14 offset {len(file)}",
            "An object that does not belong there.",
        ),
        (
            "tlv-unknown-tag",
            tlv(0xFF10, born, key, signature, tlv(0x5A, b"")),
            f"files.0001 offset {len(file)}",
            "An object whose tag is none of the card's: it may be content, so it is not named.",
        ),
        (
            "tlv-twice",
            tlv(0xFF10, born, born, key, signature),
            f"files.0001 tag DF11 offset {5 + len(born)}",
            "Which birth date would count?",
        ),
        (
            "tlv-order",
            tlv(0xFF10, key, born, signature),
            "files.0001 tag DF12 offset 5",
            "Objects in another order than they are signed in.",
        ),
        ("tlv-missing", tlv(0xFF10, born, key), "files.0001 tag DF13 offset 286", "A record without a signature."),
        ("tlv-empty-file", b"\xff" * 32, "files.0001 offset 0", "Nothing but filler."),
    ):
        yield Vector(
            name=name,
            reason=reason,
            source=f"{STRUCTURE}; ISO/IEC 7816-4 §6.3",
            evidence=_document(f0001=data),
            verdict=UNSUPPORTED if name in OF_ANOTHER_LAYOUT else ERROR,
            where=where,
        )


def _values() -> Iterator[Vector]:
    age = CARD.files(FACE)["0001"]
    face = CARD.files(FACE)["0002"]
    number = CARD.files(ASSIST)["0001"]
    attributes = CARD.files(ASSIST)["0002"]
    born = "files.0001 tag DF11 offset 5"
    no_day = forgery.rebuilt(age, {0xDF11: b"19850230"})
    digits = forgery.rebuilt(age, {0xDF11: "１９".encode() + b"85"})
    no_month = forgery.rebuilt(age, {0xDF11: b"19850003"})
    sex = forgery.rebuilt(face, {0xDF23: b"3"})
    name = forgery.rebuilt(attributes, {0xDF22: b"\xff\xfe"})
    wrong_digit = number[:14] + bytes([number[14] ^ 1]) + number[15:]
    for title, document, where, reason in (
        ("value-no-such-day", _document(f0001=no_day), born, "The thirtieth of February."),
        ("value-day-without-month", _document(f0001=no_month), born, "A day is known, and its month is not."),
        ("value-date-length", _document(f0001=digits), born, "Eight bytes that are not eight ASCII digits."),
        (
            "value-sex",
            _document("0004", f0002=sex),
            f"files.0002 tag DF23 offset {forgery.child(sex, 0xDF23).start}",
            "A digit that JIS X 0303 does not have.",
        ),
        (
            "value-not-utf-8",
            _assist("0003", "0004", f0002=name),
            f"files.0002 tag DF22 offset {forgery.child(name, 0xDF22).start}",
            "A name that is not UTF-8.",
        ),
        (
            "value-check-digit",
            _assist("0003", "0004", f0001=wrong_digit),
            "files.0001 tag FF10 offset 0",
            "A number whose check digit is wrong; no message holds a digit of it.",
        ),
        (
            "value-number-filler",
            _assist("0003", "0004", f0001=number[:15]),
            "files.0001",
            "The digest covers the filler.",
        ),
    ):
        yield Vector(
            name=title,
            reason=reason,
            source="values of both domains",
            evidence=document,
            verdict=UNSUPPORTED if title in OF_ANOTHER_LAYOUT else ERROR,
            where=where,
        )


def _generations() -> Iterator[Vector]:
    face, certificate = CARD.files(FACE)["0002"], CARD.files(FACE)["0004"]
    body = forgery.value(certificate, 0x5F4E)
    elliptic = tlv(0x5F4E, body[:32], tlv(0x86, bytes(97)))
    short = tlv(0x7F21, tlv(0x5F4E, body), tlv(0x5F37, bytes(96)))
    for name, document, where, reason in (
        (
            "generation-two-bytes",
            _document("0004", f0002=b"\x00\x00" + face),
            "files.0002 offset 0",
            "Bytes before FF20.",
        ),
        ("generation-other-tag", _document(f0001=tlv(0xFF11, b"")), "files.0001 offset 0", "An unknown layout."),
        (
            "generation-elliptic-key",
            _document("0001", f0004=tlv(0x7F21, elliptic, tlv(0x5F37, bytes(256)))),
            "files.0004 tag 5F4E offset 5",
            "A key that is not RSA.",
        ),
        (
            "generation-signature-length",
            _document("0001", f0004=short),
            f"files.0004 tag 5F37 offset {forgery.child(short, 0x5F37).start}",
            "A signature of another length.",
        ),
    ):
        yield Vector(
            name=name,
            reason=f"{reason} A card of another generation is unsupported; it is not called forged.",
            source="card generations that are not known",
            evidence=document,
            verdict=UNSUPPORTED,
            where=where,
        )


def _roles() -> Iterator[Vector]:
    general = Role.GENERAL.value
    number_a = "verification-number-a"
    for name, document, where, reason in (
        ("role-number-image", _document("0004", "0005"), "files.0005", "It shows the 個人番号."),
        ("role-number-a", {**_document(), "credential": number_a}, "credential", "Number A is the 個人番号."),
        ("role-number", {**_assist("0001", "0003", "0004"), "role": general}, "files.0001", "It holds the 個人番号."),
        ("role-claimed-number", _assist("0001", "0003", "0004"), "role", "It says it is for an office; we are none."),
        (
            "role-claimed-attributes",
            _assist("0002", "0003", "0004"),
            "role",
            "Its signed digests lead back to the 個人番号; a sender's claim does not make them storable.",
        ),
    ):
        yield Vector(
            name=name,
            reason=f"{reason} It is not for role general, whoever sends it.",
            source="docs/explanation/roles.md; the standard's 第3の2(7)ウ",
            role=general,
            evidence=document,
            verdict=ROLE,
            where=where,
        )
