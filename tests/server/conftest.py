"""Databases, running services and keys for the tests of the endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.endpoint import Endpoint, Key, add_key
from tests.server.postgres import Postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """PostgreSQL, of these tests alone."""
    with Postgres() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'service.db'}"
    running: Postgres = request.getfixturevalue("postgres")
    return running.new_database()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the tests of one file."""
    return tmp_path_factory.mktemp("service")


@pytest.fixture(scope="module")
def endpoint(place: Path) -> Iterator[Endpoint]:
    """One running service with an embedded database, for the tests of one file."""
    url = f"sqlite:///{place / 'service.db'}"
    with Endpoint(url, folder=place) as running:
        yield running


@pytest.fixture(scope="module")
def key(endpoint: Endpoint) -> Key:
    """A key of role general."""
    return add_key(endpoint.database)


@pytest.fixture(scope="module")
def office(endpoint: Endpoint) -> Key:
    """A key of role my-number-office."""
    return add_key(endpoint.database, "example-office", "my-number-office")
