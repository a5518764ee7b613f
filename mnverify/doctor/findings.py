"""What a check of the diagnosis is given, and what it yields."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mnverify.doctor.machine import Machine, UsbDevice
from mnverify.readers.model import ReaderInfo
from mnverify.text import Text


class FindingOutcome(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    NOT_PERFORMED = "not-performed"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check of the diagnosis found.

    Attributes:
        id: the check; stable, and not unique where a check looks at several readers.
        outcome: ``fail`` stops reading; ``warn`` may, or stops one of two ways.
        what: what was found.
        remedy: what to do about it, with the commands; ``None`` where there is nothing to do.
        code: the cause in one stable word.
        reader: the reader it is about, as the SDK names it.
    """

    id: str
    outcome: FindingOutcome
    what: Text
    remedy: Text | None = None
    code: str = "ok"
    reader: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a stack said when it was asked for its readers.

    Attributes:
        readers: what it listed.
        problem: why it did not.
        late: it had not come back in time.
    """

    readers: tuple[ReaderInfo, ...] = ()
    problem: Exception | None = None
    late: bool = False

    @property
    def given(self) -> bool:
        """Whether there was an answer, even if of no reader."""
        return self.problem is None and not self.late


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that the checks look at.

    Attributes:
        machine: the computer.
        pcsc: the answer of the PC/SC stack.
        nfc: the answer of the NFC stack.
        usb: the USB devices; ``None`` where they cannot be listed.
    """

    machine: Machine
    pcsc: Answer
    nfc: Answer
    usb: tuple[UsbDevice, ...] | None

    @property
    def readers(self) -> tuple[ReaderInfo, ...]:
        """Readers of both stacks."""
        return self.pcsc.readers + self.nfc.readers

    @property
    def in_wsl(self) -> bool:
        """Whether this is Linux inside Windows."""
        return "microsoft" in self.machine.read_text("/proc/version").lower()

    @property
    def in_container(self) -> bool:
        """Whether this is a container of Docker or Podman."""
        return self.machine.exists("/.dockerenv") or self.machine.exists("/run/.containerenv")

    @property
    def has_systemd(self) -> bool:
        """Whether systemd starts the services."""
        return self.machine.exists("/run/systemd/system")


def ok(check: str, what: Text, *, reader: str | None = None) -> Finding:
    """A check that found nothing wrong."""
    return Finding(check, FindingOutcome.OK, what, reader=reader)


def warn(check: str, code: str, what: Text, remedy: Text | None, *, reader: str | None = None) -> Finding:
    """A check that found what may be wrong."""
    return Finding(check, FindingOutcome.WARN, what, remedy, code, reader)


def fail(check: str, code: str, what: Text, remedy: Text, *, reader: str | None = None) -> Finding:
    """A check that found what stops reading."""
    return Finding(check, FindingOutcome.FAIL, what, remedy, code, reader)


def skipped(check: str, code: str, what: Text) -> Finding:
    """A check that could not be made, or had no reason to be."""
    return Finding(check, FindingOutcome.NOT_PERFORMED, what, None, code)
