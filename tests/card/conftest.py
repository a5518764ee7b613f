"""Virtual cards for the tests of sessions and gate."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mnverify.virtual import Limits, VirtualAuthority, VirtualCard, persona

from .links import WAYS, CardLink

Issue = Callable[..., VirtualCard]


@pytest.fixture(scope="session")
def authority() -> VirtualAuthority:
    """The laboratory's authority, whose keys are fixed."""
    return VirtualAuthority.laboratory()


@pytest.fixture
def issue(authority: VirtualAuthority) -> Issue:
    """Makes a card: ``issue(persona_id, extended=False, …)`` with the fields of ``Limits``."""

    def make(persona_id: str = "sato-hanako", **limits: object) -> VirtualCard:
        return authority.issue(persona(persona_id), limits=Limits(**limits))  # type: ignore[arg-type]

    return make


@pytest.fixture
def card(issue: Issue) -> VirtualCard:
    """A card without limits."""
    return issue()


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a third party has put between link and card."""
    name: str = request.param
    monkeypatch.setattr(CardLink, "way", staticmethod(WAYS[name]))
    return name
