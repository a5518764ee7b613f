"""What the gate decides, command by command: ``gate-decisions.json``.

Each sweep is a list of commands that every language can make by itself; of its decisions only those that are no plain refusal are
written, as runs of equal ones, so that a list of what may pass is at hand too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mnverify.card.apdu import Command
from mnverify.card.forbidden import forbidden
from mnverify.card.gate import Gate
from mnverify.errors import GateError, RoleError
from mnverify.masked import MaskedBytes
from mnverify.profile import PRESENT_CARD
from mnverify.text import Text
from mnverify.values.terms import Domain, Role

FORMAT = "mnverify.gate-decisions/1"
REFUSED, ALLOWED, NOT_FOR_ROLE = ".", "+", "r"
_DIGEST_INFO = "3031300d060960864801650304020105000420" + "00" * 32
_WHOLE_FILE = "000005" + "9603000000" + "0000"  # extended Lc, the object, extended Le
_KEYS = {Domain.FACE_CHECK: (0x11, 0x12), Domain.INPUT_ASSIST: (0x11, 0x15)}  # of role general, with their digits:
_DIGITS = {Domain.FACE_CHECK: (6, 14), Domain.INPUT_ASSIST: (4, 14)}


class ScriptedLink:
    """Answers what it is told, whatever it is sent."""

    def __init__(self) -> None:
        self.answer = b"\x90\x00"

    def transmit(self, command: bytes) -> bytes:
        return self.answer

    def reset(self) -> None:
        pass


def states(domain: Domain) -> dict[str, list[tuple[str, str]]]:
    """The states of a gate by name: what was sent and answered before."""
    aid = PRESENT_CARD.domains[domain].aid.hex()
    select = (f"00a4040c0a{aid}", "9000")
    first, second = _KEYS[domain]
    few, _ = _DIGITS[domain]
    asked = (f"002000{0x80 | first:02x}", "63c3")
    presented = (f"002000{0x80 | first:02x}{few:02x}" + "31" * few, "9000")
    found = {
        "new": [],
        "selected": [select],
        "select-refused": [(select[0], "6a82")],
        "file-selected": [select, ("00a4020c020002", "9000")],
        "file-refused": [select, ("00a4020c020002", "6a82")],
        "read-by-sfi": [select, ("00b0820010", "00" * 16 + "9000")],
        "read-to-its-end": [select, ("00b0820010", "6282")],
        "key-selected": [select, (f"00a4020c02{second:04x}", "9000")],
        "more-data": [select, ("00b0820000", "6100")],
        "asked": [select, asked],
        "asked-last-try": [select, (asked[0], "63c1")],
        "asked-blocked": [select, (asked[0], "63c0")],
        "asked-no-limit": [select, (asked[0], "6300")],
        "asked-refused": [select, (asked[0], "6a88")],
        "asked-other": [select, (f"002000{0x80 | second:02x}", "63ca")],
        "presented": [select, asked, presented],
        "wrong": [select, asked, (presented[0], "63c2")],
    }
    if domain is Domain.INPUT_ASSIST:
        key = ("80ae0000000100" + "00" * 256, "9000")
        secure = [select, asked, presented, key]
        found |= {
            "secure": secure,
            "secure-refused": [*secure[:3], (key[0], "6985")],
            "secure-asked": [*secure, (f"002000{0x80 | second:02x}", "63ca")],
            "secure-gone": [*secure, (f"08b08200{_WHOLE_FILE}", "6988")],
        }
    return found


def sweeps(domain: Domain) -> Iterator[tuple[str, str, list[str]]]:
    """State, form and the forms' commands: ``CLA INS`` and the like in a form stand for all values of those bytes."""
    few, _ = _DIGITS[domain]
    everything = [*states(domain)]
    for state in ("selected", "secure"):
        if state in everything:
            yield state, "****820000", []
    yield "selected", f"****00{0x80 | _KEYS[domain][0]:02x}", []
    yield "selected", f"****000033{_DIGEST_INFO}00", []
    yield "selected", "00a4020c02****", []
    yield "selected", "00a4****020002", []
    yield "selected", f"802a****33{_DIGEST_INFO}00", []
    yield "more-data", "00c0****00", []
    yield "file-selected", "00b0****00", []
    yield "key-selected", "0020****", []
    yield "asked", f"0020****{few:02x}" + "31" * few, []
    if domain is Domain.INPUT_ASSIST:
        yield "secure", f"08b0****{_WHOLE_FILE}", []
        yield "secure-asked", "0820****13861101" + "00" * 16, []
        yield "presented", "80ae****000100" + "00" * 256, []
    listed = list(dict.fromkeys(_listed(domain)))
    for state in everything:
        yield state, "", listed


def _listed(domain: Domain) -> Iterator[str]:
    """Commands of every form, right ones and those beside them."""
    aid = PRESENT_CARD.domains[domain].aid.hex()
    aids = [rules.aid.hex() for rules in PRESENT_CARD.domains.values()]
    aids += ["d3921000310001010401", "d3921000310001010100", "d392f000260100000001", "a0000001510000"]
    aids += [aid[: 2 * n] for n in range(10)] + [aid + "00", aid[:-2] + "ff"]
    for one in aids:
        for p2 in (0x00, 0x0C):
            yield f"00a404{p2:02x}" + (f"{len(one) // 2:02x}{one}" if one else "")
        yield f"00a4040c{len(one) // 2:02x}{one}00" if one else "00a4040c00"
        yield f"00a4040c00{len(one) // 2:04x}{one}" if one else "00a4040c000000"
    for ef in range(0x20):
        yield from _about(ef)
    yield from _others()


def _about(ef: int) -> Iterator[str]:
    """Commands about one file or key."""
    yield f"00a4020c02{ef:04x}"
    yield f"00a4020c0200{ef:02x}00"
    yield f"00a4020c03{ef:06x}"
    yield f"00a4020c01{ef:02x}"
    for le in ("", "00", "e7", "000000", "000100"):
        yield f"00b0{0x80 | ef:02x}00{le}"
    yield f"00b0{0x80 | ef:02x}000100"
    yield f"08b0{0x80 | ef:02x}00{_WHOLE_FILE}"
    yield f"08b0{0x80 | ef:02x}0000000596030001000000"
    yield f"08b0{0x80 | ef:02x}000596030000" + "00"
    for length in range(17):
        yield f"002000{0x80 | ef:02x}" + (f"{length:02x}" + "31" * length if length else "")
    yield f"002000{0x80 | ef:02x}00"
    yield f"002000{0x80 | ef:02x}06" + "61" * 6
    yield f"002000{0x80 | ef:02x}04" + "b1" * 4
    yield f"082000{0x80 | ef:02x}13861101" + "00" * 16
    yield f"082000{0x80 | ef:02x}13861102" + "00" * 16
    yield f"082000{0x80 | ef:02x}23862101" + "00" * 32


def _others() -> Iterator[str]:
    """Commands about the current file, and those that name none."""
    for p1 in (0x00, 0x01, 0x7F):
        for le in ("", "00", "01", "e7", "000000", "00ffff"):
            yield f"00b0{p1:02x}00{le}"
    for data in (_DIGEST_INFO, _DIGEST_INFO[:-2], _DIGEST_INFO + "00", "00" * 51, "0420" + "00" * 32):
        length = len(data) // 2
        for cla in ("00", "80"):
            yield from (f"{cla}2a0000{length:02x}{data}{le}" for le in ("", "00", "ff"))
            yield from (f"{cla}2a000000{length:04x}{data}{le}" for le in ("", "0000", "0100", "00ff"))
    for le in ("", "00", "10", "000000"):
        yield f"00c00000{le}"
        yield f"80c00000{le}"
    for length in (255, 256, 257):
        yield f"80ae000000{length:04x}" + "00" * length
        yield f"80ae000000{length:04x}" + "00" * length + "0000"
        yield f"00ae000000{length:04x}" + "00" * length
    yield from (
        "",
        "00",
        "00a4",
        "00a404",
        "00a4040c",
        "00a4040c0a",
        "00b08200000000ff",
        "80ca9f7f00",
    )


def gate_document() -> dict[str, Any]:
    """Everything of ``gate-decisions.json``."""
    return {
        "format": FORMAT,
        "domains": {domain.value: _domain(domain) for domain in Domain},
    }


def _domain(domain: Domain) -> dict[str, Any]:
    swept = list(sweeps(domain))
    return {
        "listed": next(commands for _, form, commands in swept if not form),
        "states": {name: [list(step) for step in steps] for name, steps in states(domain).items()},
        "roles": {role.value: [_sweep(domain, role, *one) for one in swept] for role in Role},
    }


def _sweep(domain: Domain, role: Role, state: str, form: str, listed: list[str]) -> dict[str, Any]:
    gate = gate_in(domain, role, states(domain)[state])
    decisions = [
        quick_decision(gate, command) for command in (commands_of(form) if form else map(bytes.fromhex, listed))
    ]
    gate.close()
    return {"state": state, "form": form or None, "decisions": runs(decisions)}


def gate_in(domain: Domain, role: Role, steps: Iterable[tuple[str, str]]) -> Gate:
    """A gate that these commands have gone through."""
    link = ScriptedLink()
    gate = Gate(link, domain, role)
    for command, answer in steps:
        link.answer = bytes.fromhex(answer)
        gate.transmit(bytes.fromhex(command))
    return gate


def commands_of(form: str) -> Iterator[bytes]:
    """The 65536 commands of a form: ``****`` are its two bytes that take every value, in ascending order."""
    before, _, after = form.partition("****")
    head, tail = bytes.fromhex(before), bytes.fromhex(after)
    return (head + number.to_bytes(2) + tail for number in range(0x10000))


def decision(gate: Gate, command: bytes) -> str:
    """What the gate says to a command now; nothing is sent."""
    try:
        gate.judge(MaskedBytes(command))
    except RoleError:
        return NOT_FOR_ROLE
    except GateError:
        return REFUSED
    return ALLOWED


def quick_decision(gate: Gate, command: bytes) -> str:
    """The same without the audit and the sentences, for millions of commands; a test compares the two."""
    try:
        parsed = Command.parse(command)
    except ValueError:
        return REFUSED
    allowed = gate._allowed.judge(parsed, gate._state)
    if isinstance(allowed, Text):
        return REFUSED if isinstance(gate._office.judge(parsed, gate._state), Text) else NOT_FOR_ROLE
    reason = forbidden(parsed, gate.domain, gate.role, gate._state.current)
    reason = reason or gate._state.why_not_presented(allowed, allow_last_try=False)
    return ALLOWED if reason is None else REFUSED


def runs(decisions: list[str]) -> list[list[Any]]:
    """The decisions but plain refusals as ``[first, how many, which]``."""
    found: list[list[Any]] = []
    for at, one in enumerate(decisions):
        if found and found[-1][2] == one and found[-1][0] + found[-1][1] == at:
            found[-1][1] += 1
        elif one != REFUSED:
            found.append([at, 1, one])
    return found
