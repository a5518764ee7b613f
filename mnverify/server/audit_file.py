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
from mnverify.server.storage.audit import Head, Line, is_hash

FORMAT = "mnverify.audit/1"


class Finding(NamedTuple):
    """Something that is not as it was written.

    Attributes:
        line: number of the line in the file, from 1; of the entry, where the database itself is judged.
        code: ``unreadable``, ``changed``, ``removed``, ``head-changed``, ``end-missing``.
    """

    line: int
    code: str


def export_lines(headed: tuple[Head, str] | None, lines: Iterable[Line | None]) -> Iterator[str]:
    """The lines of an export. What has not its form in the database is no line of an audit trail in the export either.

    Args:
        headed: the head and what authenticates it.
        lines: the entries.
    """
    yield _text(None if headed is None else _head_document(*headed))
    for line in lines:
        yield _text(None if line is None else _line_document(line))


def check_export(texts: Iterable[str], secret: ServiceSecret) -> list[Finding]:
    """What is wrong in an export; nothing where it is whole and, to the letter, as it was written."""
    numbered = enumerate((text.removesuffix("\n") for text in texts), start=1)
    first = next(numbered, (1, ""))[1]
    headed = _read_head(first)
    if headed is None:
        return [Finding(1, "unreadable")]
    otherwise = [] if first == _text(_head_document(*headed)) else [Finding(1, "head-changed")]

    def read() -> Iterator[tuple[int, Line | None]]:
        for number, text in numbered:
            line = _read_line(text)
            if line is not None and text != _text(_line_document(line)):
                otherwise.append(Finding(number, "changed"))
            yield number, line

    findings = check_lines(*headed, read(), secret)
    return sorted({*findings, *otherwise})


def check_kept(headed: tuple[Head, str] | None, lines: Iterable[Line | None], secret: ServiceSecret) -> list[Finding]:
    """What is wrong in the database itself.

    Args:
        headed: the head and what authenticates it; ``None`` where it has not its form.
        lines: the entries; ``None`` for one that has not its form.
        secret: of the service.
    """
    if headed is None:
        return [Finding(1, "head-changed")]
    return check_lines(*headed, _numbered(headed[0], lines), secret)


def check_lines(head: Head, mac: str, lines: Iterable[tuple[int, Line | None]], secret: ServiceSecret) -> list[Finding]:
    """What is wrong in a chain.

    Args:
        head: where it begins and ends.
        mac: what authenticates that.
        lines: the entries with their place; ``None`` for one that cannot be read.
        secret: of the service.
    """
    findings = [] if head.is_authentic(mac, secret) else [Finding(1, "head-changed")]
    seq, previous, place = head.base_seq, head.base_hash, 1
    for place, line in lines:
        if line is None:
            findings.append(Finding(place, "unreadable"))
            seq, previous = seq + 1, ""
            continue
        if line.seq != seq + 1:
            findings.append(Finding(place, "removed"))
        elif (previous and not line.follows(previous, secret)) or not line.has_its_moment:
            findings.append(Finding(place, "changed"))
        seq, previous = line.seq, line.hash
    if seq != head.seq or (previous and not compare_digest(previous, head.hash)):
        findings.append(Finding(place, "end-missing"))
    return findings


def _numbered(head: Head, lines: Iterable[Line | None]) -> Iterator[tuple[int, Line | None]]:
    place = head.base_seq
    for line in lines:
        place = place + 1 if line is None else line.seq
        yield place, line


def _read_head(text: str) -> tuple[Head, str] | None:
    try:
        document: dict[str, Any] = json.loads(text)
        head, mac = Head.of([document[name] for name in Head._fields]), document["mac"]
        known = document["format"] == FORMAT
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return (head, mac) if known and head is not None and is_hash(mac) else None


def _read_line(text: str) -> Line | None:
    try:
        document: dict[str, Any] = json.loads(text)
        return Line.of([document["seq"], document["entry"], document["hash"]])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _head_document(head: Head, mac: str) -> dict[str, Any]:
    return {"format": FORMAT, **head._asdict(), "mac": mac}


def _line_document(line: Line) -> dict[str, Any]:
    return {"seq": line.seq, "entry": line.entry, "hash": line.hash}


def _text(document: dict[str, Any] | None) -> str:
    return json.dumps(document, ensure_ascii=True, separators=(",", ":"))
