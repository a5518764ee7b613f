"""What stands in an address or an id by chance is no leak; what stands alone is one."""

from __future__ import annotations

import pytest

from tests.support.by_chance import stands_in, without_addresses


@pytest.mark.parametrize(
    ("content", "there"),
    [
        (b"470930", True),
        (b"\x06470930\x00", True),
        (b'{"birth": "470930"}', True),
        (b"1470930 and 470930", True),
        (b"93994709301234", False),
        (b"a470930", False),
        (b"470930f", False),
        (b"", False),
    ],
)
def test_few_digits_count_where_they_stand_alone(content: bytes, there: bool) -> None:
    assert stands_in(b"470930", content) is there


def test_anything_longer_and_any_text_counts_wherever_it_stands() -> None:
    assert stands_in(b"47093020345561", b"1470930203455619")
    assert stands_in("花子".encode(), "佐藤花子さん".encode())


def test_addresses_are_left_out_and_nothing_else() -> None:
    shown = f"{object()!r} <unlocked RLock owner=140470930123456 count=0> b'470930' 0x470930"
    told = without_addresses(shown)
    assert told == "<object object at > <unlocked RLock owner= count=0> b'470930' 0x470930"
