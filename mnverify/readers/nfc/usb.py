"""NFC readers on USB: which are here, what they are called, and which of them nfcpy cannot drive."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections import Counter

from mnverify.errors import LinkError, MissingExtra, ReaderUnsuitable
from mnverify.readers.model import ReaderInfo, ReaderKind
from mnverify.readers.nfc.api import Frontend, UsbPlace, usb_devices
from mnverify.readers.nfc.errors import NO_TYPE_B
from mnverify.readers.usb_models import USB_MODELS, UsbModel
from mnverify.text import Text

_OVER_PCSC = Text(
    "This reader works over PC/SC only. Install its driver (Linux: pcscd and libccid), and use it by its PC/SC name.",
    "この読み取り機は PC/SC だけで使えます。ドライバー（Linux では pcscd と libccid）を入れ、PC/SC の名前で指定してください。",
)
_NO_RIGHTS = Text(
    "This user may not open it. Allow it by a udev rule, and plug the reader in again.",
    "開く権限がありません。udev ルールで許可し、挿し直してください。",
)
_LONGEST_NAME = 128


def nfc_readers() -> list[ReaderInfo]:
    """The NFC readers on USB, in the order of their places. None is opened.

    A reader that is there but of no use over nfcpy is listed with a note.

    Raises:
        MissingExtra: nfcpy is not installed.
        LinkError: USB cannot be asked.
    """
    places = sorted(
        (place for place in usb_devices() if _model(place) is not None), key=lambda place: (place.bus, place.device)
    )
    alike = Counter((place.vendor, place.product) for place in places)
    return [_info(place, unique=alike[place.vendor, place.product] == 1) for place in places]


def reader_name(frontend: Frontend) -> str:
    """The name of an open device: the same that `nfc_readers` gives it, where it is listed."""
    own = f"{frontend.vendor} {frontend.product}".strip()
    place = re.fullmatch(r"usb:(\d+):(\d+)", frontend.path, re.ASCII)
    if place is not None:
        at = (int(place[1]), int(place[2]))
        with contextlib.suppress(LinkError):  # it has a name of its own
            own = next((_name(one) for one in usb_devices() if (one.bus, one.device) == at), None) or own
    return _called(own or frontend.chipset or "NFC", frontend.path)


def refuse_unsuitable(path: str) -> None:
    """Say so where a path on USB means a reader that is there, but that nfcpy has no driver for.

    Raises:
        ReaderUnsuitable: it does.
    """
    try:
        places = usb_devices() if path.startswith("usb") else []
    except (LinkError, MissingExtra):
        return
    for place in places:
        model = _model(place)
        if model is not None and model.pcsc and not model.nfc and _means(path, place):
            raise ReaderUnsuitable(_OVER_PCSC)


def _info(place: UsbPlace, *, unique: bool) -> ReaderInfo:
    path = f"usb:{place.bus:03}:{place.device:03}"
    note = _note(place)
    return ReaderInfo(
        name=_called(_name(place) or "NFC", path),
        kind=ReaderKind.NFC,
        selector=f"usb:{place.vendor:04x}:{place.product:04x}" if unique else path,
        contactless=True,
        usable=note is None,
        note=note,
    )


def _note(place: UsbPlace) -> Text | None:
    """Why it cannot be used."""
    model = _model(place)
    if model is not None and not model.nfc:
        return _OVER_PCSC if model.pcsc else NO_TYPE_B
    node = f"/dev/bus/usb/{place.bus:03}/{place.device:03}"
    if sys.platform.startswith("linux") and not os.access(node, os.R_OK | os.W_OK):
        return _NO_RIGHTS
    return None


def _model(place: UsbPlace) -> UsbModel | None:
    return USB_MODELS.get((place.vendor, place.product))


def _name(place: UsbPlace) -> str | None:
    model = _model(place)
    return None if model is None else model.name


def _means(path: str, place: UsbPlace) -> bool:
    """Whether a path of nfcpy means a place: ids have four digits, places at most three."""
    words = path.split(":")[1:]
    if words and len(words[0]) == 4:
        return [f"{place.vendor:04x}", f"{place.product:04x}"][: len(words)] == [word.lower() for word in words]
    return [place.bus, place.device][: len(words)] == [int(word) for word in words]


def _called(name: str, path: str) -> str:
    return f"{name[: _LONGEST_NAME - len(path) - 3]} ({path})"
