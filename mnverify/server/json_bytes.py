"""JSON as the service writes it: compact, in UTF-8, members in the order given."""

from __future__ import annotations

from typing import Any

import orjson

_STRICT = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME


def to_json(document: dict[str, Any]) -> bytes:
    """A document of objects, arrays, texts, numbers, truth values and ``None``.

    Raises:
        TypeError: it holds something else, or text that UTF-8 does not have.
    """
    return orjson.dumps(document, option=_STRICT)
