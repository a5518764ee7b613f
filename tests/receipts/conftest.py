"""A folder with one active key."""

from __future__ import annotations

from pathlib import Path

import pytest

from mnverify.receipts import ReceiptKeys
from mnverify.receipts.key_files import make_key


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one active key."""
    make_key(tmp_path / "keys")
    return tmp_path / "keys"


@pytest.fixture
def keys(folder: Path) -> ReceiptKeys:
    """The keys in it."""
    return ReceiptKeys.from_folder(folder)
