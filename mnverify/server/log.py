"""Logs: one JSON object a line, made of an allow-list of types.

Never here: a body, a header, a query, a path as it was sent, an address of a client, a name, a number, a date of birth, a picture,
a credential, evidence, an API key, a reference, the message of an exception. What may stand in a line is what the fields of
`RequestServed`, `Happened` and `Foreign` allow: ids of this service, words that the operator set, numbers, closed lists.
"""

from __future__ import annotations

import json
import logging
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, NewType

from mnverify.server.words import Identifier

Route = Literal[
    "challenges",
    "verifications",
    "verification",
    "events",
    "trust-anchors",
    "jwks",
    "openapi",
    "healthz",
    "readyz",
    "metrics",
    "none",
]
Method = Literal["GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "other"]
Event = Literal[
    "started",
    "stopping",
    "anchors-replaced",
    "anchors-refused",
    "purged",
    "purge-failed",
    "audit-changed",
    "keys-made",
    "receipt-keys-replaced",
    "receipt-keys-refused",
    "failed",
]
Code = NewType("Code", str)
"""A stable code of the library or the service, out of a closed list."""

Place = NewType("Place", str)
"""Module and line of our own code, or the name of an exception's class."""


@dataclass(frozen=True, slots=True)
class RequestServed:
    """A request and its answer."""

    request_id: Identifier
    method: Method
    route: Route
    status: int
    milliseconds: float
    code: Code | None = None
    key_id: Identifier | None = None
    verification_id: Identifier | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that no request asked for, or that failed inside one."""

    event: Event
    code: Code | None = None
    kind: Place | None = None
    places: tuple[Place, ...] = ()
    counts: tuple[int, ...] = ()
    request_id: Identifier | None = None


@dataclass(frozen=True, slots=True)
class Foreign:
    """A line of another library: where it was logged and how bad it is, not what it said."""

    logger: Place
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
    at_line: Place
    kind: Place | None = None


Line = RequestServed | Happened | Foreign


_ENCODE = json.JSONEncoder(separators=(",", ":")).encode


def write(line: Line) -> None:
    """Write a line to standard error. A full disk behind it stops no request."""
    put(text(line))


def text(line: Line) -> str:
    """A line as it is written; its time is now."""
    document: dict[str, Any] = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "line": type(line).__name__,
    }
    for name in line.__slots__:
        value = getattr(line, name)
        if value is not None and value != ():
            document[name] = value
    return _ENCODE(document) + "\n"


def put(lines: str) -> None:
    """Write what `text` made, of one line or several, to standard error."""
    with suppress(OSError, ValueError):
        sys.stderr.write(lines)
        sys.stderr.flush()


def failed(error: BaseException, request_id: Identifier | None = None) -> Happened:
    """A failure of our own: the kind of the exception and the lines that it came through, never its message."""
    places = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(Place(f"{_module(code.co_filename)}:{trace.tb_lineno}"))
        trace = trace.tb_next
    return Happened("failed", kind=Place(type(error).__qualname__), places=tuple(places[-12:]), request_id=request_id)


class ForeignHandler(logging.Handler):
    """Takes what other libraries log, and says only that they did."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line."""
        level: Any = record.levelname
        kind = record.exc_info[0] if isinstance(record.exc_info, tuple) else None
        write(
            Foreign(
                logger=Place(record.name),
                level=level if level in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL") else "INFO",
                at_line=Place(f"{_module(record.pathname)}:{record.lineno}"),
                kind=Place(kind.__qualname__) if kind is not None else None,
            )
        )


CONNECTIONS = "uvicorn.error.connections"
"""What logs of connections. Its warnings are about what clients send, and the service's own lines tell that."""

FOREIGN_LOGS: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"foreign": {"class": "mnverify.server.log.ForeignHandler"}},
    "root": {"handlers": ["foreign"], "level": "WARNING"},
    "loggers": {
        "uvicorn": {"handlers": [], "level": "WARNING", "propagate": True},
        CONNECTIONS: {"handlers": [], "level": "ERROR", "propagate": True},
        "uvicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}
"""What ``logging.config.dictConfig`` takes, in every process of the service."""


def _module(filename: str) -> str:
    parts = filename.replace("\\", "/").split("/")
    return "/".join(parts[-2:])
