"""Keeping evidence and scripts: whole or not at all, readable by their owner only."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from mnverify.errors import NotStorable, UsageError
from mnverify.evidence import TRAP, Evidence
from mnverify.text import Text
from mnverify.values.terms import Domain, Role

if TYPE_CHECKING:
    from mnverify.readers import Script

_NOT_KEPT = Text(
    "The evidence was not kept: {path}: {why}. Choose another place and read again.",
    "証拠データを保存できませんでした（{path}: {why}）。保存先を変えて読み直してください。",
)
_NOT_RECORDED = Text(
    "The script was not kept: {path}: {why}. Choose another place and read again.",
    "スクリプトを保存できませんでした（{path}: {why}）。保存先を変えて読み直してください。",
)
_NO_PLACE = Text(
    "Nothing can be kept at {path}: its folder does not exist, or it is a folder itself. Nothing was sent to the card; "
    "choose another place.",
    "{path} には保存できません（フォルダーがないか、それ自体がフォルダーです）。カードには何も送っていません。"
    "保存先を変えてください。",
)


def refuse_unstorable(domain: Domain, role: Role) -> None:
    """Refuse before the card is touched what could not be kept afterwards ("The trap" in the docs).

    Raises:
        NotStorable: input-assist in role ``general``.
    """
    if domain is Domain.INPUT_ASSIST and role is Role.GENERAL:
        raise NotStorable(TRAP)


def refuse_unwritable(*paths: str | None) -> None:
    """Refuse before the card is touched a place where nothing could be kept afterwards. ``None`` is no place.

    Raises:
        UsageError: there is no such folder, or the path is a folder.
    """
    for path in paths:
        if path is not None and (Path(path).is_dir() or not Path(path).parent.is_dir()):
            raise UsageError(_NO_PLACE.fill(path=path))


def write_evidence(path: str, evidence: Evidence) -> None:
    """Write evidence to a file: into a new one beside it, mode 0600, then renamed.

    Raises:
        NotStorable: the evidence must not leave memory.
        UsageError: the file cannot be written; nothing is left behind.
    """
    _write(path, evidence.to_json(), _NOT_KEPT)


def write_script(path: str, script: Script) -> None:
    """Write the script of a reading, in the same way.

    Raises:
        UsageError: the file cannot be written; nothing is left behind.
    """
    _write(path, script.to_json(), _NOT_RECORDED)


def _write(path: str, text: str, failure: Text) -> None:
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
        raise UsageError(failure.fill(path=path, why=why)) from None
