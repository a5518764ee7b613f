"""What no gate lets through, whatever a profile says: written down here a second time, apart from the profile.

The profile is data that grows with card generations. This is the floor under it: the standard's clauses on what a system for
one application may never touch (第6の1, 第7の1, 第5, 第8, 第9), and the My Number Act's on who may touch the 個人番号.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mnverify.card import apdu
from mnverify.card.apdu import Command
from mnverify.text import Text
from mnverify.values.terms import Domain, Role


class _Bounds(NamedTuple):
    """What is never touched in one application.

    Attributes:
        aid: the one full AID that is ever selected.
        number: files and keys of the 個人番号, for role ``my-number-office`` alone.
        nobody: files and keys for no role.
    """

    aid: bytes
    number: frozenset[int]
    nobody: frozenset[int]


_BOUNDS: Mapping[Domain, _Bounds] = {
    Domain.FACE_CHECK: _Bounds(
        bytes.fromhex("D3921000310001010402"), number=frozenset({0x0005, 0x0013}), nobody=frozenset({0x0006})
    ),
    Domain.INPUT_ASSIST: _Bounds(
        bytes.fromhex("D3921000310001010408"), number=frozenset({0x0001, 0x0014}), nobody=frozenset({0x0012})
    ),
}
_INSTRUCTIONS = frozenset(
    {apdu.SELECT, apdu.READ_BINARY, apdu.VERIFY, apdu.SIGN, apdu.GET_RESPONSE, apdu.SET_SESSION_KEY}
)

_UNKNOWN = Text("the instruction is never sent", "送信してはならない命令です")
_AID = Text("only the full AID of the domain is ever selected", "この領域の完全なAID以外は選択できません")
_NEVER = Text("nobody may touch this file or key", "だれも触れてはならないファイルまたは鍵です")
_NUMBER = Text("the role may not touch what holds the My Number", "この役割では個人番号を含むものに触れられません")


def forbidden(command: Command, domain: Domain, role: Role, current: int | None) -> Text | None:
    """Why a command is never sent, in whatever form; ``None`` where the profile's allow-list decides.

    Args:
        command: the command.
        domain, role: of the gate.
        current: the current EF, as far as it is sure.
    """
    bounds = _BOUNDS[domain]
    if command.ins not in _INSTRUCTIONS:
        return _UNKNOWN
    if command.ins == apdu.SELECT and command.p1 != 0x02:
        return None if command.data == bounds.aid else _AID
    touched = _touched(command, current)
    if touched in bounds.nobody:
        return _NEVER
    if touched in bounds.number and role is not Role.MY_NUMBER_OFFICE:
        return _NUMBER
    return None


def _touched(command: Command, current: int | None) -> int | None:
    """The file or key that a command is about."""
    if command.ins == apdu.SELECT:
        return int.from_bytes(command.data)
    if command.ins == apdu.READ_BINARY and command.p1 & 0x80:
        return command.p1 & 0x1F
    if command.ins == apdu.VERIFY and command.p2 & 0x1F:
        return command.p2 & 0x1F
    return current if command.ins in (apdu.READ_BINARY, apdu.VERIFY) else None
