"""A place for a card over NFC."""

from __future__ import annotations

import pytest

from tests.support.ports import udp_port as free_udp_port


@pytest.fixture
def udp_port() -> int:
    """A free UDP port."""
    return free_udp_port()
