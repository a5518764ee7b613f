"""An endpoint and a client of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from mnverify.client import Pace, VerificationClient
from tests.client.endpoint import API_KEY, Endpoint
from tests.receipts.support import PARTY, result

QUICK = Pace(connect=30, answer=30, total=120, attempts=4, first_wait=0.01, longest_wait=2)
"""Between attempts there is next to nothing; an answer is waited for as long as a busy machine may take."""


class MakeClient(Protocol):
    """Makes clients."""

    def __call__(self, **changes: Any) -> VerificationClient:
        """A client, with other arguments than the usual."""


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[Endpoint]:
    """An endpoint that works."""
    made = Endpoint(tmp_path / "keys")
    yield made
    made.close()


@pytest.fixture
def make_client(endpoint: Endpoint) -> Iterator[MakeClient]:
    """What makes clients of it."""
    made: list[VerificationClient] = []

    def make(**changes: Any) -> VerificationClient:
        usual = {
            "url": endpoint.url,
            "api_key": API_KEY,
            "relying_party": PARTY,
            "environment": result().environment,
            "pace": QUICK,
        }
        made.append(VerificationClient(**{**usual, **changes}))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: MakeClient) -> VerificationClient:
    """A client of it."""
    return make_client()
