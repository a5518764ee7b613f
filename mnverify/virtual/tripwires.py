"""Applications that nobody but public bodies and JPKI may use, as tripwires: they answer, and tell who came.

The standard's 第5, 第8, 第9. The virtual card is the judge in tests of a gate: a program that keeps to the
two permitted domains leaves no touch behind.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mnverify.virtual.applications import FACE_CHECK_AID, INPUT_ASSIST_AID, Application
from mnverify.virtual.command import Command

CARD_MANAGER = Application("card manager (ISD)", bytes.fromhex("A0000001510000"))
FORBIDDEN = (
    Application("basic registry (住基AP)", bytes.fromhex("D3921000310001010401")),
    Application("common card (共通カードAP)", bytes.fromhex("D3921000310001010100")),
    Application("JPKI (公的個人認証AP)", bytes.fromhex("D392F000260100000001")),
    Application("ordinance applet (条例等利用AP)", bytes.fromhex("D3921000310001019901")),
    CARD_MANAGER,
)
WATCHED_INSTRUCTIONS = {
    0x0E: "ERASE BINARY",
    0x24: "CHANGE REFERENCE DATA",
    0x2C: "RESET RETRY COUNTER",
    0xCA: "GET DATA",
    0xCB: "GET DATA",
    0xD0: "WRITE BINARY",
    0xD6: "UPDATE BINARY",
    0xDA: "PUT DATA",
    0xF2: "GET STATUS",
}


@dataclass(frozen=True, slots=True)
class Touch:
    """Something was touched.

    Attributes:
        what: the application, file, key or instruction.
        header: CLA INS P1 P2 of the command.
    """

    what: str
    header: bytes

    def __str__(self) -> str:
        return f"{self.what} by {self.header.hex(' ').upper()}"


@dataclass(slots=True)
class Tripwires:
    """Keeps the touches of a card.

    Attributes:
        touches: of what no program of this kind may touch.
        number_touches: of files that hold the 個人番号 and keys whose credential it is; right for one role only.
    """

    touches: list[Touch] = field(default_factory=list)
    number_touches: list[Touch] = field(default_factory=list)

    def instruction(self, command: Command, selected: Application | None) -> None:
        """Before a command is carried out: whom it goes to, and what it is."""
        header = _header(command)
        if selected is not None and selected.domain is None:
            self.touches.append(Touch(selected.name, header))
        elif command.ins in WATCHED_INSTRUCTIONS:
            self.touches.append(Touch(WATCHED_INSTRUCTIONS[command.ins], header))

    def select(self, command: Command, found: Application | None) -> None:
        """An application was selected, or would have been."""
        if command.data not in (FACE_CHECK_AID, INPUT_ASSIST_AID):
            what = found.name if found else "an application that is not on the card"
            self.touches.append(Touch(f"SELECT of {what}", _header(command)))

    def file(self, command: Command, application: Application, file_id: int) -> None:
        """A file or key of an application was named."""
        touch = Touch(f"{application.name} {file_id:04X}", _header(command))
        if file_id in application.number_files | application.number_keys:
            self.number_touches.append(touch)
        if file_id in application.untouchable:
            self.touches.append(touch)


def _header(command: Command) -> bytes:
    return bytes([command.cla, command.ins, command.p1, command.p2])
