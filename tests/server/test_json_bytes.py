"""What the service writes is what the standard library would, and nothing that is no JSON slips in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnverify.server.json_bytes import to_json

_TEXTS = st.text(st.characters(codec="utf-8"))
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(_TEXTS, _VALUES, max_size=4))
def test_as_the_standard_library_writes_it(document: dict[str, Any]) -> None:
    assert to_json(document) == json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass
class _Person:
    name: str


@pytest.mark.parametrize("value", [_Person("x"), datetime.now(UTC), b"x", {1}, object(), "\ud800"])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        to_json({"value": value})
