"""Holds virtual cards on virtual readers, and obeys: one JSON object a line on standard input, one line of answer each.

::

    {"do": "plug", "id": "a", "via": "pcsc", "port": 35963}        or "via": "nfc-udp"; options of the plug beside them
    {"do": "card", "id": "a", "persona": "sato-hanako", "limits": {"slow_at": {"3": 0.5}}}   or "stranger": "bank-card"
    {"do": "insert", "id": "a"}   {"do": "remove", "id": "a"}   {"do": "state", "id": "a"}   {"do": "quit"}

It answers ``{"ok": true}`` once when it is there, and ends with its standard input.
"""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mnverify.errors import LinkError, MnverifyError
from mnverify.readers.pcsc.context import look_once
from mnverify.virtual import (
    AnyCard,
    Extensions,
    Flaw,
    Limits,
    LongAnswer,
    Stranger,
    UdpPlug,
    VirtualAuthority,
    VirtualCard,
    VpcdPlug,
    persona,
)
from tests.support.pcsc_service import reader_at

_NOTICED_SECONDS = 0.45
_LATEST_SECONDS = 10.0

Plug = VpcdPlug | UdpPlug
_KEYS = (
    "face-check/0011",
    "face-check/0012",
    "face-check/0013",
    "input-assist/0011",
    "input-assist/0014",
    "input-assist/0015",
)


class Host:
    """The plugs, by their names, and what each holds."""

    def __init__(self) -> None:
        self._makers: dict[str, Callable[[AnyCard], Plug]] = {}
        self._plugs: dict[str, Plug] = {}
        self._out_since: dict[str, float] = {}
        self._in_since: dict[str, float] = {}
        self._readers: dict[str, str] = {}

    def plug(self, name: str, via: str, port: int, **options: Any) -> None:
        self._end(name)
        if via == "pcsc":
            self._makers[name] = lambda card: VpcdPlug(card, port, "127.0.0.1", **options)
            self._readers.pop(name, None)
            if (reader := reader_at(port)) is not None:
                self._readers[name] = reader
        elif via == "nfc-udp":
            if "wtx" in options:
                options["wtx"] = Extensions(**options["wtx"])
            twin = options.pop("twin", None)
            self._makers[name] = lambda card: UdpPlug(
                card, "127.0.0.1", port, twin=Stranger.named(twin) if twin else None, **options
            )
        else:
            raise ValueError(f"no such way to plug a card: {via}")

    def card(
        self,
        name: str,
        persona: str = "",
        limits: Mapping[str, Any] | None = None,
        stranger: str = "",
        flaws: Sequence[str] = (),
    ) -> None:
        make = self._makers[name]
        card = Stranger.named(stranger) if stranger else _issue(persona, limits or {}, flaws)
        self._end(name)
        self._plugs[name] = make(card)

    def insert(self, name: str, at_once: bool = False) -> None:
        """pcscd looks every 0.4 seconds, or later where the machine is busy: a card that is back sooner was never away for it, and
        its handles fail."""
        plug = self._plugs[name]
        if isinstance(plug, VpcdPlug) and not plug.inserted and not at_once:
            time.sleep(max(0.0, self._out_since.get(name, 0.0) + _NOTICED_SECONDS - time.monotonic()))
            _until_noticed(self._readers.get(name))
        plug.insert()
        self._in_since[name] = time.monotonic()

    def remove(self, name: str) -> None:
        self._take_out(name)

    def state(self, name: str) -> dict[str, Any]:
        plug = self._plugs[name]
        state: dict[str, Any] = {"inserted": plug.inserted}
        if isinstance(plug.card, VirtualCard):
            log = plug.card.log
            state |= {
                "exchanges": log.exchanges,
                "sent": log.sent,
                "received": log.received,
                "headers": [header.hex() for header in log.headers],
                "retries": {key: plug.card.retries(*key.split("/")) for key in _KEYS},
                "touches": [str(touch) for touch in plug.card.touches],
                "number_touches": [str(touch) for touch in plug.card.number_touches],
            }
        return state

    def close(self) -> None:
        for name in tuple(self._plugs):
            self._end(name)

    def _end(self, name: str) -> None:
        if name in self._plugs:
            self._take_out(name)
            self._plugs.pop(name).close()

    def _take_out(self, name: str) -> None:
        if self._plugs[name].inserted or self._in_since.get(name, 0.0) > self._out_since.get(name, 0.0):
            self._out_since[name] = time.monotonic()  # also where it left by itself, just before
        self._plugs[name].remove()


def _until_noticed(reader: str | None) -> None:
    """Wait until the service of the readers has seen that the last card left, where it runs."""
    end = time.monotonic() + _LATEST_SECONDS
    with contextlib.suppress(LinkError):
        while reader is not None and look_once(reader).present and time.monotonic() < end:
            time.sleep(0.02)


def limits_of(document: Mapping[str, Any]) -> Limits:
    """Limits from JSON: bytes in hex, commands' numbers as text where they are keys."""
    limits = dict(document)
    for key in ("slow_at", "status_at"):
        if key in limits:
            limits[key] = {int(number): value for number, value in limits[key].items()}
    if "garbage_at" in limits:
        limits["garbage_at"] = {int(number): bytes.fromhex(value) for number, value in limits["garbage_at"].items()}
    if "reset_at" in limits:
        limits["reset_at"] = frozenset(limits["reset_at"])
    if "long_answer" in limits:
        limits["long_answer"] = LongAnswer(limits["long_answer"])
    return Limits(**limits)


def _issue(persona_id: str, limits: Mapping[str, Any], flaws: Sequence[str]) -> VirtualCard:
    holder = persona(persona_id) if persona_id else persona()
    wrong = [Flaw(flaw) for flaw in flaws]
    return VirtualAuthority.laboratory().issue(holder, flaws=wrong, limits=limits_of(limits))


def _obey(host: Host, order: dict[str, Any]) -> dict[str, Any]:
    do, name = order.pop("do"), order.pop("id")
    if do not in ("plug", "card", "insert", "remove", "state"):
        raise ValueError(f"no such order: {do}")
    return getattr(host, do)(name, **order) or {}


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    host = Host()
    print('{"ok": true}', flush=True)
    try:
        for line in sys.stdin:
            order = json.loads(line)
            if order.get("do") == "quit":
                break
            try:
                answer = {"ok": True, **_obey(host, order)}
            except (MnverifyError, LookupError, TypeError, ValueError, OSError) as error:
                answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer), flush=True)
    finally:
        host.close()


if __name__ == "__main__":
    main()
