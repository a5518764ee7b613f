"""``card serve``: a virtual card on a virtual reader, for other programs."""

from __future__ import annotations

import argparse
import json
import queue
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnverify.cli.arguments import Arguments
from mnverify.cli.command import Command
from mnverify.cli.commands.demo import PERSONA
from mnverify.cli.exit_status import DONE, USAGE
from mnverify.errors import UsageError
from mnverify.text import Text

if TYPE_CHECKING:
    from mnverify.virtual import Limits, UdpPlug, VirtualAuthority, VirtualCard, VpcdPlug

_LOOK_SECONDS = 0.5  # where a blocked thread does not take signals (Windows)
_NOTICED_SECONDS = 3.0  # in which a reader without another card on it asks for the card
_LONGEST_SECONDS = 86_400.0
_MOST_PORT = 0xFFFF
_FAULTS = "torn@N[:SECONDS], mute@N, slow@N:SECONDS, garbage@N[:HEX], reset@N, status@N:6985"
_LIMITS = "short, exact-le, max-response=N[:get-response|:cut|:empty], tries=DOMAIN/KEY:N"
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run(options: argparse.Namespace) -> int:
    """Plug a card in, say in one line of JSON what it is, serve until an interrupt."""
    from mnverify.virtual import Stranger, VirtualAuthority, persona

    limits, back_after = limits_of(options.fault, options.limit)
    where = _Place(options, back_after)
    authority = VirtualAuthority.laboratory()
    if options.stranger is not None:
        _refuse_beside_stranger(options)
        stranger = Stranger.named(options.stranger)
        return _serve(where.plug(stranger), authority, {**_nobody(where.reader), "stranger": stranger.word})
    card = authority.issue(persona(options.persona) if options.persona is not None else persona(), limits=limits)
    return _serve(where.plug(card), authority, _description(where.reader, card))


def limits_of(faults: list[str], limits: list[str]) -> tuple[Limits, float | None]:
    """Limits and faults from their words; and after how many seconds a card that was torn away is put back, None for never.

    Raises:
        UsageError: a word is none of them.
    """
    from mnverify.virtual import Limits

    found: dict[str, Any] = {}
    for words, read, known in ((limits, _read_limit, _LIMITS), (faults, _read_fault, _FAULTS)):
        for word in words:
            try:
                read(found, word)
            except (ValueError, KeyError, OverflowError):
                raise UsageError(_NOT_KNOWN.fill(word=word, known=known)) from None
    back_after: float | None = found.pop("back_after", None)
    return Limits(**found), back_after


def _read_fault(found: dict[str, Any], word: str) -> None:
    name, _, place = word.partition("@")
    number_text, given, value = place.partition(":")
    number = _number(number_text)
    if name == "torn":
        found["lost_at"] = number
        if given:
            found["back_after"] = _seconds(value)
    elif name == "mute" and not given:
        found["mute_at"] = number
    elif name == "reset" and not given:
        found["reset_at"] = found.get("reset_at", frozenset()) | {number}
    elif name == "slow" and given:
        found.setdefault("slow_at", {})[number] = _seconds(value)
    elif name == "status" and len(bytes.fromhex(value)) == 2:
        found.setdefault("status_at", {})[number] = int.from_bytes(bytes.fromhex(value))
    elif name == "garbage":
        found.setdefault("garbage_at", {})[number] = bytes.fromhex(value)
    else:
        raise ValueError


def _read_limit(found: dict[str, Any], word: str) -> None:
    from mnverify.virtual import LongAnswer

    name, _, value = word.partition("=")
    if word == "short":
        found["extended"] = False
    elif word == "exact-le":
        found["exact_le"] = True
    elif name == "max-response":
        most, given, kind = value.partition(":")
        found["max_response"] = _number(most)
        found["long_answer"] = LongAnswer(kind) if given else LongAnswer.GET_RESPONSE
    elif name == "tries":
        key, _, left = value.rpartition(":")
        if key.partition("/")[0] not in ("face-check", "input-assist") or len(key.partition("/")[2]) != 4:
            raise ValueError
        int(key.partition("/")[2], 16)
        found.setdefault("tries", {})[key] = _number(left)
    else:
        raise ValueError


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError
    return int(text)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= _LONGEST_SECONDS:
        raise ValueError
    return seconds


class _Place:
    """Where the card is plugged in.

    Attributes:
        reader: the reader as programs see it.

    Raises:
        UsageError: the options contradict each other, or nfcpy cannot reach that place.
    """

    def __init__(self, options: argparse.Namespace, back_after: float | None) -> None:
        from mnverify.virtual import VPCD_PORT

        self._back_after = back_after
        self._udp: tuple[str, int] | None = None
        self._port = VPCD_PORT if options.port is None else options.port
        if options.nfc_udp is None:
            if not 1 <= self._port <= _MOST_PORT:
                raise UsageError(_BAD_PORT)
            self.reader = f"Virtual PCD 00 {1 if self._port == VPCD_PORT + 1 else 0:02d}"
        else:
            if options.port is not None:
                raise UsageError(_PORT_WITHOUT_PCSC)
            self._udp = _address(options.nfc_udp)
            self.reader = f"udp:{self._udp[0]}:{self._udp[1]}"

    def plug(self, card: Any) -> UdpPlug | VpcdPlug:
        """A plug with the card, not inserted yet."""
        from mnverify.virtual import UdpPlug, VpcdPlug

        if self._udp is None:
            return VpcdPlug(card, self._port, back_after=self._back_after)
        return UdpPlug(card, *self._udp, back_after=self._back_after)


def _address(text: str) -> tuple[str, int]:
    host, _, port_text = text.rpartition(":")
    if not host or not port_text.isascii() or not port_text.isdigit() or not 1 <= int(port_text) <= _MOST_PORT:
        raise UsageError(_BAD_ADDRESS)
    port = int(port_text)
    with suppress(OSError):
        raise UsageError(_NAMED_PORT.fill(port=port, name=socket.getservbyport(port)))
    return host, port


def _serve(plug: UdpPlug | VpcdPlug, authority: VirtualAuthority, description: dict[str, Any]) -> int:
    with _stop_signals() as stopped, tempfile.TemporaryDirectory(prefix="mnverify-") as folder:
        anchors = authority.write_trust_anchors(Path(folder) / "trust-anchors.json")
        with plug:
            print(json.dumps({**description, "anchors": str(anchors)}, ensure_ascii=False), flush=True)
            end = time.monotonic() + _NOTICED_SECONDS
            while not stopped(_LOOK_SECONDS):
                if time.monotonic() > end:
                    plug.require_noticed(0)
    return DONE


@contextmanager
def _stop_signals() -> Iterator[Callable[[float], bool]]:
    """Instead of ending the process, an interrupt makes the function that comes back tell ``True``."""
    caught: queue.SimpleQueue[int] = queue.SimpleQueue()  # its put is safe in a signal handler

    def stopped(seconds: float) -> bool:
        with suppress(queue.Empty):
            caught.get(timeout=seconds)
            return True
        return False

    before = [(number, signal.signal(number, lambda number, _: caught.put(number))) for number in _STOP_SIGNALS]
    try:
        yield stopped
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _description(reader: str, card: VirtualCard) -> dict[str, Any]:
    holder = card.persona
    return {
        "reader": reader,
        "persona": holder.id,
        "name": holder.name,
        "address": holder.address,
        "birth_date": holder.birth.isoformat(),
        "sex": holder.sex.value,
        "expiry": holder.expiry.isoformat(),
        "my_number": holder.my_number.reveal(),
        "credentials": dict(card.credentials),
    }


def _nobody(reader: str) -> dict[str, Any]:
    """The same keys for a card of nobody."""
    keys = ("persona", "name", "address", "birth_date", "sex", "expiry", "my_number")
    return {"reader": reader, **dict.fromkeys(keys), "credentials": {}}


def _refuse_beside_stranger(options: argparse.Namespace) -> None:
    if options.persona is not None or options.fault or options.limit:
        raise UsageError(_STRANGER_ALONE)


_NOT_KNOWN = Text(
    "{word!r} cannot be played. No card was plugged in; there are: {known}.",
    "{word!r} は指定できません。カードは差し込まれていません。指定できるもの: {known}",
)
_STRANGER_ALONE = Text(
    "--stranger is a card of nobody and plays no faults. No card was plugged in; leave out --persona, --fault and --limit.",
    "--stranger は --persona、--fault、--limit と一緒に使えません。カードは差し込まれていません。",
)
_BAD_PORT = Text(
    "A port is a number from 1 to 65535. No card was plugged in.",
    "ポートは1から65535の数です。カードは差し込まれていません。",
)
_PORT_WITHOUT_PCSC = Text(
    "--port belongs to --pcsc. No card was plugged in; for NFC give the port in --nfc-udp HOST:PORT.",
    "--port は --pcsc と使います。カードは差し込まれていません。NFC では --nfc-udp HOST:PORT で指定してください。",
)
_BAD_ADDRESS = Text(
    "--nfc-udp takes a host of this machine and a port, as localhost:41001. No card was plugged in.",
    "--nfc-udp には localhost:41001 のように、この機械のホストとポートを指定してください。カードは差し込まれていません。",
)
_NAMED_PORT = Text(
    "UDP port {port} has a name in this system's list of services ({name}), and nfcpy cannot reach such ports. No card was "
    "plugged in; choose another port.",
    "UDP ポート {port} はサービス一覧に名前（{name}）があり、nfcpy から届きません。カードは差し込まれていません。"
    "別の番号を選んでください。",
)


def _add(arguments: Arguments) -> None:
    way = arguments.exclusive(required=True)
    way.option(
        "--pcsc",
        action="store_true",
        help=Text(
            "into a virtual PC/SC reader (pcscd with vsmartcard-vpcd)",
            "仮想の PC/SC 読み取り機（pcscd と vsmartcard-vpcd）に置く",
        ),
    )
    way.option(
        "--nfc-udp",
        metavar="HOST:PORT",
        help=Text("before nfcpy's simulated reader (udp:HOST:PORT)", "nfcpy の模擬読み取り機（udp:HOST:PORT）に置く"),
    )
    arguments.option(
        "--port",
        type=int,
        metavar="N",
        help=Text("with --pcsc: where vpcd listens (default: 35963)", "--pcsc で vpcd が待つポート（既定: 35963）"),
    )
    arguments.option("--persona", metavar="ID", help=PERSONA)
    arguments.option(
        "--stranger",
        metavar="WORD",
        help=Text("another card instead, as bank-card", "別のカードを置く（bank-card など）"),
    )
    arguments.option(
        "--fault",
        action="append",
        default=[],
        metavar="FAULT",
        help=Text(
            f"at the Nth command: {_FAULTS}; may be repeated", f"N番目のコマンドで起こす障害: {_FAULTS}。繰り返し指定可"
        ),
    )
    arguments.option(
        "--limit",
        action="append",
        default=[],
        metavar="LIMIT",
        help=Text(f"what it cannot do: {_LIMITS}; may be repeated", f"できないこと: {_LIMITS}。繰り返し指定可"),
    )


COMMAND = Command(
    "card serve",
    Text(
        "plug a virtual card into PC/SC or NFC for other programs",
        "ほかのプログラムのために、仮想カードを PC/SC や NFC に置く",
    ),
    run,
    _add,
    Text(
        "Plug a virtual card in, say in one line of JSON what it is, and serve it until an interrupt.",
        "仮想カードを置き、その内容を1行のJSONで示し、中断されるまで応答します。",
    ),
    examples=(
        ("mnverify card serve --pcsc", Text("on a virtual PC/SC reader", "仮想の PC/SC 読み取り機に置く")),
        (
            "mnverify card serve --nfc-udp localhost:41001 --persona sato-hanako --fault torn@5",
            Text("on NFC, torn away at the fifth command", "NFC に置き、5番目のコマンドで離す"),
        ),
    ),
    statuses=(DONE, USAGE),
)
