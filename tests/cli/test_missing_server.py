"""Without the extra ``server``, the endpoint's commands say what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import util

import pytest

from tests.cli.conftest import Ran


@pytest.mark.parametrize(
    "words",
    [
        ("serve",),
        ("migrate",),
        ("purge",),
        ("keys", "add", "bank"),
        ("keys", "list"),
        ("keys", "rotate", "87rtepjjtenp"),
        ("keys", "revoke", "87rtepjjtenp"),
        ("audit", "export"),
        ("audit", "verify"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("package", ["fastapi", "sqlalchemy", "uvicorn"])
def test_what_is_missing_is_named(
    run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], package: str
) -> None:
    found = util.find_spec
    monkeypatch.setattr("mnverify.cli.service.find_spec", lambda name: None if name == package else found(name))
    ran = run(*words, "--json")
    error = json.loads(ran.out)["error"]
    assert (error["code"], error["package"], error["extra"]) == ("missing-package", package, "server")
