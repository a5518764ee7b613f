"""Keeping evidence and scripts: whole or not at all, readable by their owner only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnverify.cli.files import refuse_target, write_whole
from mnverify.errors import NotStorable
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
        UsageError: there is no such folder, or the path is something else than a regular file.
    """
    for path in paths:
        if path is not None:
            refuse_target(path)


def write_evidence(path: str, evidence: Evidence) -> None:
    """Write evidence to a file: into a new one beside it, mode 0600, then renamed.

    Raises:
        NotStorable: the evidence must not leave memory.
        UsageError: the file cannot be written; nothing is left behind.
    """
    write_whole({path: evidence.to_json().encode()}, _NOT_KEPT)


def write_script(path: str, script: Script) -> None:
    """Write the script of a reading, in the same way.

    Raises:
        UsageError: the file cannot be written; nothing is left behind.
    """
    write_whole({path: script.to_json().encode()}, _NOT_RECORDED)
