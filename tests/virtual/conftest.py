"""The PC/SC service, for the plugs."""

from __future__ import annotations

import pytest

from tests.support.pcsc_service import PcscService


@pytest.fixture
def pcsc(service: PcscService) -> PcscService:
    """The service, running."""
    return service
