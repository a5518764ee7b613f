"""Models of readers that are known by their USB ids, and over which stack each of them reads a My Number Card (Type B).

The one table of the project: the list of NFC readers, the refusal of unsuitable ones and the doctor all read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class UsbModel(NamedTuple):
    """A model of reader.

    Attributes:
        name: for people.
        words: lower-case words of which its name has one, in whatever stack lists it.
        pcsc: the free CCID driver of Linux carries it.
        nfc: nfcpy reads Type B cards with it. Where neither holds it is known to read none.
    """

    name: str
    words: tuple[str, ...]
    pcsc: bool = False
    nfc: bool = False


_RCS300, _RCS380, _PN531 = ("rc-s300",), ("s380",), ("pn531",)
_PN533 = ("pn533", "scl371")  # PC/SC and nfcpy name boards by the chip or by the maker

USB_MODELS: Mapping[tuple[int, int], UsbModel] = MappingProxyType(
    {
        (0x04CC, 0x0531): UsbModel("Philips PN531", _PN531),
        (0x04CC, 0x2533): UsbModel("NXP PN533", _PN533, nfc=True),
        (0x04E6, 0x5591): UsbModel("SCM SCL3711", _PN533, nfc=True),
        (0x04E6, 0x5593): UsbModel("SCM SCL3712", _PN533, nfc=True),
        (0x054C, 0x0193): UsbModel("Sony PN531", _PN531),
        (0x054C, 0x02E1): UsbModel("Sony RC-S330/360/370", ("s330", "s360", "s370"), nfc=True),
        (0x054C, 0x06C1): UsbModel("Sony RC-S380/S", _RCS380, nfc=True),
        (0x054C, 0x06C3): UsbModel("Sony RC-S380/P", _RCS380, nfc=True),
        (0x054C, 0x0D8F): UsbModel("Sony RC-S660/U", ("rc-s660",), pcsc=True),
        (0x054C, 0x0DC8): UsbModel("Sony RC-S300", _RCS300, pcsc=True),
        (0x054C, 0x0DC9): UsbModel("Sony RC-S300", _RCS300, pcsc=True),
        (0x072F, 0x2200): UsbModel("ACS ACR122U", ("acr122",), pcsc=True, nfc=True),
    }
)
"""By vendor and product id."""
