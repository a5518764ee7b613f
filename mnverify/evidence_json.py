"""The JSON form of evidence, ``mnverify.evidence/1`` (``docs/reference/evidence.md``). Strict on the way in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from mnverify.errors import EvidenceError
from mnverify.masked import MaskedBytes, MaskedDict, Unseen
from mnverify.strict_json import Limits, StrictJson, to_base64
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Domain, Role

FORMAT = "mnverify.evidence/1"
MAX_BYTES = 64 * 1024
MAX_DEPTH = 4
DIGEST_LENGTH = 32

_REQUIRED = ("format", "domain", "role", "credential", "files")
_OPTIONAL = ("segments", "presence", "read_at", "reader")
_FILE_ID = re.compile(r"[0-9A-F]{4}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_A_MOMENT = Text("a moment of RFC 3339 with a time zone", "タイムゾーン付きの RFC 3339 の日時")

_DOMAINS = {term.value: term for term in Domain}
_ROLES = {term.value: term for term in Role}
_CREDENTIALS = {term.value: term for term in CredentialKind}

T = TypeVar("T")

EVIDENCE = StrictJson("evidence", EvidenceError, Limits(MAX_BYTES, MAX_DEPTH))


def parse_evidence(data: str | bytes) -> MaskedDict:
    """The constructor arguments of ``Evidence`` in a JSON text.

    Raises:
        EvidenceError: not ``mnverify.evidence/1``; says where and why, without content.
    """
    return _arguments(EVIDENCE.load(data))


def adopt_evidence(document: Unseen) -> MaskedDict:
    """The same of an object that is parsed already.

    Raises:
        EvidenceError: not ``mnverify.evidence/1``; says where and why, without content.
    """
    return _arguments(EVIDENCE.adopt(document))


def _arguments(document: MaskedDict) -> MaskedDict:
    EVIDENCE.keys(document, "evidence", _REQUIRED, _OPTIONAL)
    EVIDENCE.word(document["format"], "format", (FORMAT,))
    return MaskedDict(
        domain=_term(document, "domain", _DOMAINS),
        role=_term(document, "role", _ROLES),
        credential=_term(document, "credential", _CREDENTIALS),
        files=_files(document["files"]),
        segments=_segments(document["segments"]) if "segments" in document else {},
        presence=_presence(document["presence"]) if "presence" in document else None,
        read_at=_moment(document["read_at"]) if "read_at" in document else None,
        reader=EVIDENCE.text(document["reader"], "reader", MAX_BYTES) if "reader" in document else None,
    )


def _term(document: MaskedDict, name: str, terms: Mapping[str, T]) -> T:
    """One of the terms of the law, by its word. Looked up: to go through an enumeration takes ten times as long."""
    value = document[name]
    found = terms.get(value) if isinstance(value, str) else None
    return terms[EVIDENCE.word(value, name, terms)] if found is None else found


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
    document: dict[str, Any] = MaskedDict(
        format=FORMAT,
        domain=domain,
        role=role,
        credential=credential,
        files=MaskedDict((name, to_base64(content)) for name, content in files.items()),
    )
    if segments:
        document["segments"] = MaskedDict((str(number), digest.hex()) for number, digest in segments.items())
    if presence is not None:
        document["presence"] = MaskedDict(challenge=to_base64(presence[0]), signature=to_base64(presence[1]))
    if read_at is not None:
        document["read_at"] = read_at.isoformat()
    if reader is not None:
        document["reader"] = reader
    text = json.dumps(document, ensure_ascii=False, indent=1)
    size = len(text.encode())
    if size > MAX_BYTES:
        del text, document
        raise EvidenceError(
            "evidence",
            Text(f"{size} bytes, more than {MAX_BYTES}", f"{size} バイトで、上限 {MAX_BYTES} バイトを超えています"),
        )
    return text


def _files(value: object) -> dict[str, MaskedBytes]:
    files = EVIDENCE.keys(value, "files", (), None)
    if not all(map(_FILE_ID.fullmatch, files)):
        raise EvidenceError(
            "files",
            Text("a key that is not a file id of four hex digits", "16進4桁のファイルIDでないキーがあります"),
        )
    return {name: EVIDENCE.base64(text, f"files.{name}") for name, text in files.items()}


def _segments(value: object) -> dict[int, MaskedBytes]:
    digests = EVIDENCE.keys(value, "segments", (), ("2", "3"))
    return {
        int(name): EVIDENCE.hex(text, f"segments.{name}", DIGEST_LENGTH, DIGEST_LENGTH)
        for name, text in digests.items()
    }


def _presence(value: object) -> tuple[MaskedBytes, MaskedBytes]:
    fields = EVIDENCE.keys(value, "presence", ("challenge", "signature"))
    challenge, signature = (EVIDENCE.base64(fields[name], f"presence.{name}") for name in ("challenge", "signature"))
    return challenge, signature


def _moment(value: object) -> datetime:
    text = EVIDENCE.matching(value, "read_at", _MOMENT, _A_MOMENT)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise EvidenceError("read_at", Text("there is no such moment", "存在しない日時です")) from None
