"""The kiosk as tests use it: the process, the page in a browser, the hands at both, and what must not be left of a visit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests
from playwright.sync_api import Page

from mnverify import Evidence, Image, Presence, TrustStore, verify
from mnverify.virtual import Persona, VirtualAuthority, persona
from samples.nfc_kiosk.typed import GREGORIAN
from tests.support.host import CardHost
from tests.support.pcsc_service import PcscService
from tests.support.reading_process import files_of, search

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 90.0
CHROMIUM = "/usr/bin/chromium"
_WRITTEN = (
    "name",
    "name again 0",
    "name again 1",
    "address",
    "printed address",
    "birth",
    "birth of the chip",
    "number B",
    "number",
)
ERAS = {"令和": "reiwa", "平成": "heisei", "昭和": "showa", "大正": "taisho"}


class KioskProcess:
    """A running kiosk.

    Args:
        folder: for its history, its log, and its temporary files.
        settings: what differs from a plain one.
        program: the module to run.
    """

    def __init__(self, folder: Path, program: str = "tests.samples.nfc_kiosk.machine_room", **settings: Any) -> None:
        self.folder = folder
        self.log = folder / "kiosk.log"
        temporary = folder / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        asked = {"port": 0, "history": str(folder / "history.csv"), "modes": ["face", "age"], **settings}
        options = [word for name, value in settings.items() for word in (f"--{name.replace('_', '-')}", str(value))]
        arguments = [json.dumps(asked)] if program.startswith("tests.") else options
        self._log = self.log.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", program, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=ROOT,
            text=True,
            env={**os.environ, "TMPDIR": str(temporary)},
            start_new_session=True,
        )
        assert self._process.stdout is not None
        first = self._process.stdout.readline()
        if not first:
            self.close()
            raise RuntimeError(self.log.read_text("utf-8"))
        self.url: str = json.loads(first)["url"]
        self.base = self.url.partition("/open")[0]

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def ask(self, do: str, **more: Any) -> dict[str, Any]:
        """One order."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **more}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def found(self, wanted: Mapping[str, bytes]) -> dict[str, list[str]]:
        """What of a person is in the memory, the log and the files of the process."""
        assert self.ask("alive")["count"] > 1000
        found: dict[str, list[str]] = self.ask(
            "search", wanted={name: datum.hex() for name, datum in wanted.items() if len(datum) > 4}
        )
        places = {"files": files_of(str(self.folder))}
        return {**found, **search(places, {name: datum for name, datum in wanted.items() if len(datum) > 4})}

    def end(self) -> float:
        """Tell it to end, as systemd does; the seconds that it took."""
        begun = time.monotonic()
        self._process.terminate()
        self._process.wait(PATIENCE)
        return time.monotonic() - begun

    def close(self) -> None:
        """End it."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


class Hands:
    """Who stands at the kiosk, and whose card it is. One reader of the service, one page of a browser."""

    def __init__(self, page: Page, host: CardHost, service: PcscService) -> None:
        self.page, self.host = page, host
        self.name = "kiosk"
        self._has_card = False
        host.plug(self.name, "pcsc", service.ports[0])

    def card(self, persona_id: str = "sato-hanako", flaws: tuple[str, ...] = (), **limits: Any) -> Persona:
        """A new card, in the hand."""
        self.host.card(self.name, persona_id, flaws=flaws, **limits)
        self._has_card = True
        return persona(persona_id)

    def put(self) -> None:
        """On the reader."""
        self.host.insert(self.name)

    def take(self) -> None:
        """Off the reader."""
        self.host.remove(self.name)

    def leave(self) -> None:
        """With the card."""
        if self._has_card:
            self.host.remove(self.name)

    def tries(self, key: str = "face-check/0012") -> int:
        """What is left on the card."""
        left: int = self.host.state(self.name)["retries"][key]
        return left

    def at(self, state: str, outcome: str | None = None) -> None:
        """Wait until the kiosk is there."""
        more = f'[data-outcome="{outcome}"]' if outcome else ""
        self.page.wait_for_selector(f'body[data-state="{state}"]{more}', timeout=PATIENCE * 1000)

    def do(self, action: str) -> None:
        """Press a button."""
        self.page.locator(f'#screen [data-do="{action}"]').click()

    def begin(self, mode: str = "face") -> None:
        """From the start screen."""
        self.at("idle")
        self.page.locator(f'.mode:has([data-word="mode.{mode}.heading"])').click()

    def type(self, holder: Persona, **other: str) -> None:
        """What is printed."""
        for name, value in {**typed(holder), **other}.items():
            if name == "era":
                self.page.locator(f'input[name="era"][value="{value}"]').check(force=True)
            elif self.page.locator(f'input[name="{name}"]').is_visible():
                self.page.locator(f'input[name="{name}"]').fill(value)

    def to_the_card(self, holder: Persona, **other: str) -> None:
        """From the start screen until the card is asked for."""
        self.begin()
        self.at("printed")
        self.type(holder, **other)
        self.page.locator("#next").click()
        self.at("confirm")
        self.do("confirm")

    def heading(self) -> str:
        """What the screen says, largest."""
        return self.page.locator("#screen h1").inner_text()

    def text(self) -> str:
        """All that is written on the page."""
        return self.page.locator("body").inner_text()

    def finish(self) -> None:
        """The visit is over."""
        self.do("finish")
        self.at("idle")


def typed(holder: Persona) -> dict[str, str]:
    """What a person would type of a print."""
    digits, born = holder.birth_digits, holder.birth_printed
    era = ERAS.get(born[:2], GREGORIAN)
    month, day = (part if part != "00" else "" for part in (digits[2:4], digits[4:6]))
    return {
        "era": era,
        "year": str(holder.birth.year) if era == GREGORIAN else str(int(digits[:2])),
        "month": month.lstrip("0"),
        "day": day.lstrip("0"),
        "expiry_year": str(holder.expiry.year),
        "security_code": holder.security_code,
    }


def traces(holder: Persona) -> dict[str, bytes]:
    """What must not be left of a person."""
    pictures, age = _pictures(holder.id)
    found = {
        "name": holder.name.encode(),
        "address": holder.address.encode(),
        "printed address": holder.main_address.encode(),
        "birth": holder.birth_printed.encode(),
        "birth of the chip": holder.birth_compact.encode(),
        "a date": b"date " + holder.birth.isoformat().encode(),
        "number B": holder.verification_number_b.encode(),
        "number": holder.my_number.reveal().encode(),
        "age record": age,
        **pictures,
    }
    for number, between in enumerate(("", " ")):  # as a machine may have read it
        found[f"name again {number}"] = holder.name.replace("\u3000", between).encode()
    return {name: datum for name, datum in found.items() if name not in _WRITTEN or not _is_an_example(datum.decode())}


@cache
def _is_an_example(text: str) -> bool:
    """Whether the package itself says it, in a docstring or a sentence."""
    return text in _sources()


@cache
def _sources() -> str:
    return "\n".join(path.read_text("utf-8") for path in (ROOT / "mnverify").rglob("*.py"))


@cache
def _pictures(persona_id: str) -> tuple[dict[str, bytes], bytes]:
    """A piece of each picture of the chip, as the chip has it and as a page shows it; and of the age record."""
    authority = VirtualAuthority.laboratory()
    card = authority.issue(persona(persona_id))
    files = card.files("face-check")
    evidence = Evidence(
        domain="face-check",
        role="general",
        credential="verification-number-b",
        files={name: files[name] for name in ("0002", "0004")},
        presence=Presence(bytes(32), card.sign("face-check", bytes(32))),
    )
    trust = TrustStore.from_json(json.dumps(authority.trust_anchors()))
    valid = datetime(2017, 1, 1, tzinfo=UTC)
    fields = verify(evidence, trust=trust, at=valid).fields
    found: dict[str, bytes] = {}
    for name in ("name", "address"):
        value = fields[f"{name}_image"].value
        assert isinstance(value, Image)
        found[f"{name} picture"] = bytes(value.data)[-90:-20]
    photo = fields["photo"].value if "photo" in fields else None
    if not isinstance(photo, Image):
        return found, bytes(files["0001"])[40:140]
    return found | {"photo": bytes(photo.to_png())[400:500], "photo of the chip": bytes(photo.data)[400:500]}, bytes(
        files["0001"]
    )[40:140]


def left_on(page: Page, holder: Persona) -> list[str]:
    """What the page and its storage still hold of a person."""
    whole = page.content() + page.evaluate(
        """async () => JSON.stringify([
            {...localStorage}, {...sessionStorage}, document.cookie, location.href, history.length,
            performance.getEntries().map((one) => one.name),
            [...document.querySelectorAll("input")].map((one) => one.value),
            await caches.keys(), (await indexedDB.databases()).map((one) => one.name),
        ])"""
    )
    texts = {name: datum.decode() for name, datum in traces(holder).items() if name in _WRITTEN}
    texts |= {"code": f">{holder.security_code}<", "a picture": 'src="/pictures'}
    return [name for name, text in texts.items() if text in whole]


def wait_until(true: Callable[[], bool], what: str) -> None:
    """Wait for a condition."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.02)


class Visitor:
    """Somebody who talks to the service without a browser, as a page would."""

    def __init__(self, kiosk: KioskProcess) -> None:
        self.base = kiosk.base
        self.session = requests.Session()
        self.session.trust_env = False
        opened = self.session.get(kiosk.url, timeout=PATIENCE)
        assert opened.status_code == 200
        self.csrf = opened.text.partition('name="csrf" content="')[2].partition('"')[0]

    def post(self, path: str, body: Any = None, **headers: str) -> requests.Response:
        """As the page's script does it."""
        data = body if isinstance(body, bytes) else json.dumps(body or {})
        return self.session.post(
            self.base + path, data=data, headers={"x-nfc-kiosk": self.csrf, **headers}, timeout=PATIENCE
        )

    def get(self, path: str, **headers: str) -> requests.Response:
        """An address."""
        return self.session.get(self.base + path, headers=headers, timeout=PATIENCE)

    def state(self) -> dict[str, Any]:
        """The first event of a stream."""
        with self.session.get(self.base + "/events", stream=True, timeout=PATIENCE) as stream:
            for line in stream.iter_lines():
                if line.startswith(b"data: "):
                    told: dict[str, Any] = json.loads(line[6:])
                    return told
        raise AssertionError("the stream ended without a state")

    def until(self, state: str) -> dict[str, Any]:
        """Listen until the kiosk is there."""
        with self.session.get(self.base + "/events", stream=True, timeout=PATIENCE) as stream:
            for line in stream.iter_lines():
                if line.startswith(b"data: ") and (told := json.loads(line[6:]))["state"] == state:
                    found: dict[str, Any] = told
                    return found
        raise AssertionError(f"the stream ended before {state}")

    def close(self) -> None:
        """Go."""
        self.session.close()
