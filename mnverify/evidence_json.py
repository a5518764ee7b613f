"""The JSON form of evidence, ``mnverify.evidence/1`` (``docs/reference/evidence.md``). Strict on the way in."""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mnverify.errors import EvidenceError
from mnverify.strict_json import load_object

FORMAT = "mnverify.evidence/1"
MAX_BYTES = 64 * 1024
MAX_DEPTH = 4

_REQUIRED = {"format", "domain", "role", "credential", "files"}
_OPTIONAL = {"segments", "presence", "read_at", "reader"}
_DOMAINS = ("face-check", "input-assist")
_ROLES = ("general", "my-number-office")
_CREDENTIALS = ("birth-date", "verification-number-b", "verification-number-a", "pin")
_HEX_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_FILE_ID = re.compile(r"[0-9A-F]{4}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)


def parse_evidence(data: str | bytes) -> dict[str, Any]:
    """The constructor arguments of ``Evidence`` in a JSON text.

    Raises:
        EvidenceError: not ``mnverify.evidence/1``; says where and why, without content.
    """
    document = load_object(
        data, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH, refuse=lambda why: EvidenceError("evidence", why)
    )
    _keys(document, "evidence", _REQUIRED, _REQUIRED | _OPTIONAL)
    if document["format"] != FORMAT:
        raise EvidenceError("format", f"it is not {FORMAT}")
    return {
        "domain": _one_of(document, "domain", _DOMAINS),
        "role": _one_of(document, "role", _ROLES),
        "credential": _one_of(document, "credential", _CREDENTIALS),
        "files": _files(document["files"]),
        "segments": _segments(document.get("segments", {})),
        "presence": _presence(document["presence"]) if "presence" in document else None,
        "read_at": _moment(document["read_at"]) if "read_at" in document else None,
        "reader": _reader(document["reader"]) if "reader" in document else None,
    }


def build_evidence(
    *,
    domain: str,
    role: str,
    credential: str,
    files: Mapping[str, bytes],
    segments: Mapping[int, bytes],
    presence: tuple[bytes, bytes] | None,
    read_at: datetime | None,
    reader: str | None,
) -> str:
    """The JSON text of the members of evidence. The caller has decided that it may exist.

    Raises:
        EvidenceError: more than 64 KiB, which nobody would read back.
    """
    document: dict[str, Any] = {
        "format": FORMAT,
        "domain": domain,
        "role": role,
        "credential": credential,
        "files": {name: _encode(content) for name, content in files.items()},
    }
    if segments:
        document["segments"] = {str(number): digest.hex() for number, digest in segments.items()}
    if presence is not None:
        document["presence"] = {"challenge": _encode(presence[0]), "signature": _encode(presence[1])}
    if read_at is not None:
        document["read_at"] = read_at.isoformat()
    if reader is not None:
        document["reader"] = reader
    text = json.dumps(document, ensure_ascii=False, indent=1)
    size = len(text.encode())
    if size > MAX_BYTES:
        raise EvidenceError("evidence", f"{size} bytes, more than {MAX_BYTES}")
    return text


def _keys(value: object, where: str, required: set[str], allowed: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise EvidenceError(where, "it is not an object")
    missing, unknown = required - value.keys(), value.keys() - allowed
    if missing:
        raise EvidenceError(where, f"missing: {', '.join(sorted(missing))}")
    if unknown:
        raise EvidenceError(where, f"unknown key {min(unknown)[:32]!a}")
    return value


def _one_of(document: dict[str, Any], key: str, words: tuple[str, ...]) -> str:
    word = document[key]
    if word not in words:
        raise EvidenceError(key, f"it is none of {', '.join(words)}")
    return str(word)


def _files(value: object) -> dict[str, bytes]:
    if not isinstance(value, dict):
        raise EvidenceError("files", "it is not an object")
    for name in value:
        if not _FILE_ID.fullmatch(name):
            raise EvidenceError("files", f"{name[:8]!a} is not a file id of four hex digits")
    return {name: _decode(text, f"files.{name}") for name, text in value.items()}


def _segments(value: object) -> dict[int, bytes]:
    digests = _keys(value, "segments", set(), {"2", "3"})
    for name, text in digests.items():
        if not isinstance(text, str) or not _HEX_DIGEST.fullmatch(text):
            raise EvidenceError(f"segments.{name}", "it is not a SHA-256 in lower-case hex")
    return {int(name): bytes.fromhex(text) for name, text in digests.items()}


def _presence(value: object) -> tuple[bytes, bytes]:
    fields = _keys(value, "presence", {"challenge", "signature"}, {"challenge", "signature"})
    return _decode(fields["challenge"], "presence.challenge"), _decode(fields["signature"], "presence.signature")


def _moment(value: object) -> datetime:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise EvidenceError("read_at", "it is not a moment of RFC 3339 with a time zone")
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise EvidenceError("read_at", "there is no such moment") from None


def _reader(value: object) -> str:
    if not isinstance(value, str):
        raise EvidenceError("reader", "it is not a text")
    return value


def _decode(value: object, where: str) -> bytes:
    if not isinstance(value, str):
        raise EvidenceError(where, "it is not a text in base64")
    try:
        raw = binascii.a2b_base64(value, strict_mode=True)
    except (binascii.Error, ValueError):
        raise EvidenceError(where, "it is not base64") from None
    if _encode(raw) != value:
        raise EvidenceError(where, "it is not canonical base64")
    return raw


def _encode(raw: bytes) -> str:
    return binascii.b2a_base64(raw, newline=False).decode()
