"""The audit trail as a file of JSON lines, and what finds a removed or changed line in it.

The first line says where the chain begins, the last where it ends; both are authenticated, and every line between carries the keyed
hash that chains it to the one before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from hmac import compare_digest
from typing import Any, NamedTuple

from mnverify.server.secret import ServiceSecret
from mnverify.server.storage.audit import Head, Line

FORMAT = "mnverify.audit/1"


class Finding(NamedTuple):
    """Something that is not as it was written.

    Attributes:
        line: number of the line in the file, from 1; of the entry, where the database itself is judged.
        code: ``unreadable``, ``changed``, ``removed``, ``head-changed``, ``end-missing``.
    """

    line: int
    code: str


def export_lines(head: Head, mac: str, lines: Iterable[Line]) -> Iterator[str]:
    """The lines of an export."""
    yield _text({"format": FORMAT, **head._asdict(), "mac": mac})
    for line in lines:
        yield _text({"seq": line.seq, "entry": line.entry, "hash": line.hash})


def check_export(texts: Iterable[str], secret: ServiceSecret) -> list[Finding]:
    """What is wrong in an export; nothing where it is whole and as it was written."""
    numbered = enumerate(texts, start=1)
    first = next(numbered, (1, ""))[1]
    try:
        document = json.loads(first)
        head = Head(*(document[name] for name in Head._fields))
        mac = document["mac"]
        if document["format"] != FORMAT or not isinstance(mac, str):
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        return [Finding(1, "unreadable")]
    return check_lines(head, mac, ((number, _read(text)) for number, text in numbered), secret)


def check_lines(head: Head, mac: str, lines: Iterable[tuple[int, Line | None]], secret: ServiceSecret) -> list[Finding]:
    """What is wrong in a chain.

    Args:
        head: where it begins and ends.
        mac: what authenticates that.
        lines: the entries with their place; ``None`` for one that cannot be read.
        secret: of the service.
    """
    findings = [] if compare_digest(head.mac(secret), mac) else [Finding(1, "head-changed")]
    seq, previous, place = head.base_seq, head.base_hash, 1
    for place, line in lines:
        if line is None:
            findings.append(Finding(place, "unreadable"))
            seq, previous = seq + 1, ""
            continue
        if line.seq != seq + 1:
            findings.append(Finding(place, "removed"))
        elif previous and not compare_digest(secret.audit(previous, line.entry), line.hash):
            findings.append(Finding(place, "changed"))
        seq, previous = line.seq, line.hash
    if seq != head.seq or (previous and not compare_digest(previous, head.hash)):
        findings.append(Finding(place, "end-missing"))
    return findings


def _read(text: str) -> Line | None:
    try:
        document: dict[str, Any] = json.loads(text)
        line = Line(document["seq"], document["entry"], document["hash"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return line if type(line.seq) is int and isinstance(line.entry, str) and isinstance(line.hash, str) else None


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=True, separators=(",", ":"))
