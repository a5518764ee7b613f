"""Everything that the kiosk knows of a person: in memory, for one visit, and all in this one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Never

from mnverify import MyNumber
from mnverify.masked import MaskedBytes
from mnverify.printed import PrintedData
from samples.nfc_kiosk.typed import Birth, Print

if TYPE_CHECKING:
    from samples.nfc_kiosk.findings import Findings


class Visit:
    """What was typed, seen and read.

    Attributes:
        birth: date of birth as printed, at the age gate.
        printed: what number B is made of.
        number: the 個人番号 that was typed or decoded, at the counter for it.
        number_from_code: whether that came from the QR code.
        scanned: what was read from the picture of the card.
        findings: what the card said, beside the print.
        age_code: why the age is as it is; a word of the SDK, nothing of a person.
        pictures: PNG by name: those of the chip (``photo``, …) and those cut from the camera's (``print-photo``, …).
    """

    __slots__ = ("age_code", "birth", "findings", "number", "number_from_code", "pictures", "printed", "scanned")

    birth: Birth | None
    printed: Print | None
    number: MyNumber | None
    number_from_code: bool
    scanned: PrintedData | None
    findings: Findings | None
    age_code: str | None
    pictures: dict[str, MaskedBytes]

    def __init__(self) -> None:
        self.pictures = {}
        self.wipe()

    def wipe(self) -> None:
        """Forget all of it."""
        self.birth = self.printed = self.number = self.scanned = self.findings = self.age_code = None
        self.number_from_code = False
        self.pictures.clear()

    def forget_scan(self) -> None:
        """What the camera read; its pictures too."""
        self.scanned = None
        for name in [name for name in self.pictures if name.startswith("print-")]:
            del self.pictures[name]

    def __repr__(self) -> str:
        return "Visit()"

    def __reduce_ex__(self, protocol: object) -> Never:
        raise TypeError("a visit is not pickled or copied")
