"""NFC readers on USB, by nfcpy's own drivers over chips that are not there."""

from __future__ import annotations

import errno
from collections.abc import Callable

import pytest

from mnverify.errors import (
    CardLost,
    LinkError,
    MissingExtra,
    NoCard,
    NoReader,
    NotAllowed,
    ReaderInUse,
    ReaderUnsuitable,
)
from mnverify.readers import discovery
from mnverify.readers.model import ReaderInfo, ReaderKind
from mnverify.readers.nfc import usb as nfc_usb
from mnverify.readers.nfc.reader import NfcReader, nfc_readers
from mnverify.readers.nfc.usb import refuse_unsuitable
from mnverify.readers.usb_models import USB_MODELS
from mnverify.virtual import Extensions, Picc, VirtualAuthority, VirtualCard, persona
from tests.readers.nfc_chips import PN531, PN533, RCS300, RCS380, Chip, Pn531, Pn533, Port100, UsbBus
from tests.readers.readings import READINGS, Reading, nothing_left_behind
from tests.support.sending import send

KEYBOARD = (0x046D, 0xC31C)
CHIPS = [(RCS380, Port100, "Sony RC-S380/P (usb:001:001)"), (PN533, Pn533, "NXP PN533 (usb:001:001)")]


def virtual_card() -> VirtualCard:
    return VirtualAuthority.laboratory().issue(persona())


class TestList:
    def test_nothing_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        UsbBus(monkeypatch, (KEYBOARD, errno.EBUSY))
        assert nfc_readers() == []

    def test_what_nfcpy_can_drive_and_what_it_cannot(self, monkeypatch: pytest.MonkeyPatch) -> None:
        UsbBus(
            monkeypatch,
            (KEYBOARD, errno.EBUSY),
            (RCS380, errno.EBUSY),
            (RCS300, errno.EBUSY),
            (PN531, errno.EBUSY),
            (RCS380, errno.EBUSY),
            (PN533, errno.EBUSY),
        )
        found = nfc_readers()
        assert [(info.name, info.selector, info.usable) for info in found] == [
            ("Sony RC-S380/P (usb:001:002)", "usb:001:002", True),
            ("Sony RC-S300 (usb:001:003)", "usb:054c:0dc8", False),
            ("Sony PN531 (usb:001:004)", "usb:054c:0193", False),
            ("Sony RC-S380/P (usb:001:005)", "usb:001:005", True),
            ("NXP PN533 (usb:001:006)", "usb:04cc:2533", True),
        ]
        assert {(info.kind, info.contactless, info.card_present) for info in found} == {(ReaderKind.NFC, True, None)}
        notes = {info.name.split(" (")[0]: info.note.en if info.note else "" for info in found}
        assert "PC/SC" in notes["Sony RC-S300"]
        assert "Type B" in notes["Sony PN531"]
        assert notes["NXP PN533"] == ""
        assert all(info.note is None or info.note.ja for info in found)
        assert all(discovery.is_nfc_path(info.selector) for info in found)

    def test_a_reader_that_this_user_may_not_open(self, monkeypatch: pytest.MonkeyPatch) -> None:
        bus = UsbBus(monkeypatch, (RCS380, errno.EACCES))
        bus.rights = False
        (info,) = nfc_readers()
        assert not info.usable
        assert info.note is not None and "udev" in info.note.en

    def test_names_are_short_and_plain(self, monkeypatch: pytest.MonkeyPatch) -> None:
        UsbBus(monkeypatch, *((ids, errno.EBUSY) for ids in USB_MODELS))
        names = [info.name for info in nfc_readers()]
        assert len(names) == len(USB_MODELS)
        assert all(name.isascii() and name.isprintable() and len(name) <= 128 for name in names)

    def test_every_reader_that_nfcpy_knows_has_a_name(self) -> None:
        from nfc.clf.device import usb_device_map

        assert set(usb_device_map) == {ids for ids, model in USB_MODELS.items() if model.nfc or not model.pcsc}


class TestOpen:
    @pytest.mark.parametrize(
        ("number", "kind"),
        [
            (errno.EACCES, NotAllowed),
            (errno.EBUSY, ReaderInUse),
            (errno.ENODEV, NoReader),
            (errno.EIO, NoReader),
        ],
    )
    @pytest.mark.parametrize("path", ["usb", "usb:054c:06c3", "usb:001:002", "usb:054c", "usb:001"])
    def test_why_it_cannot_be_opened(
        self, monkeypatch: pytest.MonkeyPatch, path: str, number: int, kind: type[LinkError]
    ) -> None:
        bus = UsbBus(monkeypatch, (KEYBOARD, errno.EBUSY), (RCS380, number))
        bus.rights = number != errno.EACCES
        with NfcReader(path) as reader, pytest.raises(LinkError) as caught:
            reader.connect()
        assert type(caught.value) is kind

    @pytest.mark.parametrize("path", ["usb", "usb:054c", "usb:054c:06c3", "usb:001:001"])
    def test_no_reader_of_that_path(self, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
        UsbBus(monkeypatch, (KEYBOARD, errno.EBUSY))
        with NfcReader(path) as reader:
            with pytest.raises(NoReader):
                reader.connect()
            with pytest.raises(NoReader):
                reader.wait_for_card(0)
            assert reader.wait_for_removal(0)

    @pytest.mark.parametrize("path", ["usb", "usb:054C", "usb:054c:0dc8", "usb:001:002", "usb:001"])
    def test_a_reader_for_pcsc_only(self, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
        UsbBus(monkeypatch, (KEYBOARD, errno.EBUSY), (RCS300, errno.EBUSY))
        with NfcReader(path) as reader:
            for _ in range(2):
                with pytest.raises(ReaderUnsuitable, match="PC/SC"):
                    reader.connect()

    def test_but_only_where_it_is_meant(self, monkeypatch: pytest.MonkeyPatch) -> None:
        UsbBus(monkeypatch, (KEYBOARD, errno.EBUSY), (RCS300, errno.EBUSY))
        for path in ("usb:054c:06c3", "usb:001:001", "usb:002", "udp::41000", "tty:USB0:pn532"):
            refuse_unsuitable(path)

    def test_a_bus_that_cannot_be_asked_refuses_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for error in (NoReader(nfc_usb._NO_RIGHTS), MissingExtra("nfcpy", "nfc")):

            def fail(error: Exception = error) -> list[ReaderInfo]:
                raise error

            monkeypatch.setattr(nfc_usb, "usb_devices", fail)
            refuse_unsuitable("usb")

    def test_a_chip_without_type_b(self, monkeypatch: pytest.MonkeyPatch) -> None:
        chip = Pn531(None)
        UsbBus(monkeypatch, (PN531, chip))
        with NfcReader("usb") as reader:
            for _ in range(2):
                with pytest.raises(ReaderUnsuitable, match="Type B"):
                    reader.wait_for_card(0)
            with pytest.raises(ReaderUnsuitable):
                reader.connect()
        assert not chip.open


@pytest.mark.parametrize(("ids", "make", "name"), CHIPS)
class TestDrivers:
    @pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading.name)
    def test_every_reading(
        self,
        monkeypatch: pytest.MonkeyPatch,
        ids: tuple[int, int],
        make: Callable[[Picc], Chip],
        name: str,
        reading: Reading,
    ) -> None:
        card = virtual_card()
        chip = make(Picc(card, frame_size=64, wtx=Extensions(in_command=1, before_answer=1, in_chain=1)))
        UsbBus(monkeypatch, (ids, chip))
        with nothing_left_behind(), NfcReader("usb") as reader:
            assert reader.wait_for_card(30)
            with reader.connect() as link:
                found = reading.check(link)
            assert found.result.verified
            assert reader.info.name == link.reader_name == name
        assert card.log.exchanges <= reading.exchanges
        assert not chip.open

    def test_no_card(
        self, monkeypatch: pytest.MonkeyPatch, ids: tuple[int, int], make: Callable[[Picc | None], Chip], name: str
    ) -> None:
        UsbBus(monkeypatch, (ids, make(None)))
        with NfcReader("usb") as reader:
            assert not reader.wait_for_card(0.2)
            with pytest.raises(NoCard):
                reader.connect()
            assert reader.wait_for_removal(30)

    def test_the_field_goes_off_with_the_link(
        self, monkeypatch: pytest.MonkeyPatch, ids: tuple[int, int], make: Callable[[Picc], Chip], name: str
    ) -> None:
        card = virtual_card()
        resets = 0
        reset = card.reset

        def counted() -> None:
            nonlocal resets
            resets += 1
            reset()

        monkeypatch.setattr(card, "reset", counted)
        UsbBus(monkeypatch, (ids, make(Picc(card))))
        with NfcReader("usb") as reader:
            with reader.connect() as link:
                assert send(link) == b"\x90\x00"
                before = resets
                assert link.is_present()
                assert resets == before
            assert resets > before
            before = resets
            with reader.connect() as link:
                link.reset()
                assert resets > before

    @pytest.mark.parametrize("number", [errno.ENODEV, errno.EIO, errno.ETIMEDOUT])
    def test_a_reader_that_is_unplugged_in_mid_session(
        self,
        monkeypatch: pytest.MonkeyPatch,
        ids: tuple[int, int],
        make: Callable[[Picc], Chip],
        name: str,
        number: int,
    ) -> None:
        chip = make(Picc(virtual_card()))
        bus = UsbBus(monkeypatch, (ids, chip))
        with NfcReader("usb") as reader:
            with reader.connect() as link:
                assert send(link) == b"\x90\x00"
                chip.trouble = number
                bus.devices[0] = (ids, number)
                with pytest.raises(LinkError) as caught:
                    send(link)
                assert type(caught.value) in (NoReader, CardLost)
                sent = len(chip.frames)
                with pytest.raises(type(caught.value)):
                    send(link)
                assert len(chip.frames) == sent
                assert not link.is_present()
                with pytest.raises(NoReader):
                    link.reset()
                assert not chip.open
            with pytest.raises(NoReader):
                reader.connect()
            chip.trouble = 0
            bus.devices[0] = (ids, chip)
            with reader.connect() as link:
                assert READINGS[0].check(link).result.verified
        assert not chip.open

    def test_a_reader_that_was_plugged_in_again_between_two_readings(
        self, monkeypatch: pytest.MonkeyPatch, ids: tuple[int, int], make: Callable[[Picc], Chip], name: str
    ) -> None:
        old, new = make(Picc(virtual_card())), make(Picc(virtual_card()))
        bus = UsbBus(monkeypatch, (ids, old))
        with NfcReader("usb") as reader:
            assert reader.wait_for_card(0)
            old.trouble = errno.ENODEV
            bus.devices = [(KEYBOARD, errno.EBUSY), (ids, new)]
            with reader.connect() as link:
                assert READINGS[0].check(link).result.verified
                assert link.reader_name == name.replace("001:001", "001:002")

    def test_a_card_that_leaves(
        self, monkeypatch: pytest.MonkeyPatch, ids: tuple[int, int], make: Callable[[Picc], Chip], name: str
    ) -> None:
        chip = make(Picc(virtual_card()))
        UsbBus(monkeypatch, (ids, chip))
        with NfcReader("usb") as reader, reader.connect() as link:
            card, chip.picc = chip.picc, None
            with pytest.raises(CardLost):
                send(link)
            with pytest.raises(NoCard):
                link.reset()
            with pytest.raises(CardLost):
                send(link)
            chip.picc = card
            link.reset()
            assert READINGS[1].check(link).result.verified
