"""The one table of readers on USB: what the list of NFC readers and the doctor say of a model does not differ."""

from __future__ import annotations

import errno

import pytest

from mnverify.doctor.machine import UsbDevice
from mnverify.errors import LinkError, ReaderUnsuitable
from mnverify.readers.nfc.reader import nfc_readers
from mnverify.readers.nfc.usb import refuse_unsuitable
from mnverify.readers.usb_models import USB_MODELS, UsbModel
from tests.doctor.cases import Fake, lists, look
from tests.readers.nfc_chips import UsbBus

MODELS = pytest.mark.parametrize(
    ("ids", "model"), USB_MODELS.items(), ids=[model.name + f" {ids[1]:04x}" for ids, model in USB_MODELS.items()]
)


@MODELS
def test_list_refusal_and_doctor_agree(monkeypatch: pytest.MonkeyPatch, ids: tuple[int, int], model: UsbModel) -> None:
    UsbBus(monkeypatch, (ids, errno.EBUSY))
    (info,) = nfc_readers()
    assert info.usable is model.nfc
    refused: type[LinkError] | None = None
    try:
        refuse_unsuitable(info.selector)
    except ReaderUnsuitable as error:
        refused = type(error)
        assert error.text == info.note
    assert (refused is not None) is (model.pcsc and not model.nfc)

    plugged_in = Fake(usb=(UsbDevice(*ids, node="/dev/bus/usb/001/001"),))
    codes = {finding.code for finding in look(plugged_in) if finding.id == "usb"}
    assert ("no-type-b" in codes) is not (model.pcsc or model.nfc)


@MODELS
def test_the_doctor_knows_a_listed_reader_by_its_name(
    monkeypatch: pytest.MonkeyPatch, ids: tuple[int, int], model: UsbModel
) -> None:
    if not model.nfc:
        assert model.words
        return
    UsbBus(monkeypatch, (ids, errno.EBUSY))
    plugged_in = Fake(usb=(UsbDevice(*ids),))
    (finding,) = (one for one in look(plugged_in, nfc=lists(*nfc_readers())) if one.id == "usb")
    assert (finding.code, model.name in finding.what.en) == ("ok", True)
