"""What can be wrong with a print."""

from __future__ import annotations

from enum import StrEnum

from mnverify.virtual.print.model import Side


class PrintFlaw(StrEnum):
    """A flaw that is printed on request; several can be combined."""

    OTHER_FACE = "other-face"  # the face of another persona
    ALTERED_BIRTH = "altered-birth"  # a digit of the date of birth
    ALTERED_EXPIRY = "altered-expiry"  # a digit of the expiry
    ALTERED_CODE = "altered-code"  # a digit of the security code
    ALTERED_ADDRESS = "altered-address"  # a number of the address, else a character
    ALTERED_NAME = "altered-name"  # a character of the name, by one of another shape
    SWAPPED_VARIANT = "swapped-variant"  # a character of name or address by its variant: 髙 for 高
    ALTERED_NUMBER = "altered-number"  # the printed 個人番号 is another, with a right check digit; the QR code is not
    MISSING_CHIP = "missing-chip"  # no contacts
    ANOTHER_CODE = "another-code"  # the QR code holds another number
    CODE_WRONG_SIZE = "code-wrong-size"  # the QR code is 147 dots at 300 dpi, 12.45 mm
    TWO_CODES = "two-codes"  # a second QR code, of another number
    NO_CODE = "no-code"  # no QR code

    @property
    def side(self) -> Side:
        """The side that shows it (a name is on both; it is altered on the front)."""
        return Side.BACK if self in _BACK else Side.FRONT


_BACK = {
    PrintFlaw.ALTERED_NUMBER,
    PrintFlaw.MISSING_CHIP,
    PrintFlaw.ANOTHER_CODE,
    PrintFlaw.CODE_WRONG_SIZE,
    PrintFlaw.TWO_CODES,
    PrintFlaw.NO_CODE,
}
