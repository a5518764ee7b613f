"""A private PC/SC service, virtual cards in another process, and how hypothesis looks for examples, for all tests."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support.host import CardHost
from tests.support.pcsc_service import PcscService

# In CI the same examples in each run: whoever broke something sees it, and nobody else does. On a desk new ones, remembered
# where they failed. Time is no reason to fail in either: the machine has others to serve. Tests may ask for more examples.
_IN_ANY_TIME: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("ci", derandomize=True, max_examples=100, print_blob=True, **_IN_ANY_TIME)
settings.register_profile("dev", max_examples=100, **_IN_ANY_TIME)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

# A shell has what it starts in the background ignore interrupts, and so would the commands that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# From here on no test can reach a real reader of this machine. The client library asks once for each process where the service
# is, so this has to come before the first test.
_SERVICE = PcscService()


@pytest.fixture(scope="session")
def service() -> Iterator[PcscService]:
    """pcscd with two virtual readers."""
    with _SERVICE:
        yield _SERVICE


def pytest_unconfigure() -> None:
    """Remove its files."""
    _SERVICE.close()


@pytest.fixture(autouse=True)
def running_again(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whoever stops the service need not start it again."""
    yield
    if "service" in request.fixturenames:
        service: PcscService = request.getfixturevalue("service")
        if not service.running:
            service.start()


@pytest.fixture(scope="session")
def host() -> Iterator[CardHost]:
    """Virtual cards in another process."""
    with CardHost() as running:
        yield running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that take longest begin first, so that no process is left alone with them at the end."""
    longest = ("test_soak.py", "test_faults.py", "test_hard_times.py", "test_once.py", "test_run.py")
    items.sort(key=lambda item: longest.index(item.path.name) if item.path.name in longest else len(longest))
