"""Keeping evidence: whole or not at all, readable by its owner only."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from mnverify.errors import NotStorable, UsageError
from mnverify.evidence import TRAP, Evidence
from mnverify.text import Text
from mnverify.values.terms import Domain, Role


def refuse_unstorable(domain: Domain, role: Role) -> None:
    """Refuse before the card is touched what could not be kept afterwards (``rules.md``, "the trap").

    Raises:
        NotStorable: input-assist in role ``general``.
    """
    if domain is Domain.INPUT_ASSIST and role is Role.GENERAL:
        raise NotStorable(TRAP)


def write_evidence(path: str, evidence: Evidence) -> None:
    """Write evidence to a file: into a new one beside it, mode 0600, then renamed.

    Raises:
        NotStorable: the evidence must not leave memory.
        UsageError: the file cannot be written; nothing is left behind.
    """
    text = evidence.to_json()
    target = Path(path)
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        why = error.strerror or "it cannot be written"
        raise UsageError(
            Text(
                f"The evidence was not kept: {path}: {why}. Choose another place and read again.",
                f"証拠データを保存できませんでした（{path}: {why}）。保存先を変えて読み直してください。",
            )
        ) from None
