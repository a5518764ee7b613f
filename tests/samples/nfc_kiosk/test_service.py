"""The service without a browser: who may talk to it, what its answers carry, its streams, its bounds, and how it ends."""

from __future__ import annotations

import concurrent.futures
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from mnverify.virtual import persona
from samples.nfc_kiosk.hub import MOST_PAGES
from tests.samples.nfc_kiosk.bench import PATIENCE, KioskProcess, Visitor, traces, typed, wait_until
from tests.support.host import CardHost
from tests.support.pcsc_service import PcscService

SHORT: dict[str, Any] = {"wipe_after": 15, "warn_before": 10}  # a touch comes within ten seconds, also here
CARD = "nagai-jusho"


@pytest.fixture
def visitor(kiosk: KioskProcess) -> Iterator[Visitor]:
    visitor = Visitor(kiosk)
    yield visitor
    visitor.post("/do/finish")
    visitor.until("idle")
    visitor.close()


def port_of(kiosk: KioskProcess) -> int:
    return int(kiosk.base.rpartition(":")[2])


PATHS = ["/", "/events", "/settings", "/page/kiosk.js", "/pictures/1/photo", "/number", "/history", "/history.csv"]


@pytest.mark.parametrize("path", PATHS)
def test_nobody_enters_without_the_token(path: str, kiosk: KioskProcess) -> None:
    for cookie in ("", "nfc_kiosk=", "nfc_kiosk=wrong", "nfc_kiosk=" + "a" * 32):
        answer = requests.get(kiosk.base + path, headers={"Cookie": cookie}, timeout=PATIENCE)
        assert (answer.status_code, answer.content) == (401, b"")


def test_the_token_opens_the_page_and_leaves_its_address(kiosk: KioskProcess) -> None:
    answer = requests.get(kiosk.url, allow_redirects=False, timeout=PATIENCE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie
    token = kiosk.url.partition("token=")[2]
    assert token not in cookie and len(token) >= 32
    for wrong in ("", "x", token[:-1], token + "x"):
        assert requests.get(f"{kiosk.base}/open?token={wrong}", timeout=PATIENCE).status_code == 401


def test_each_start_has_its_own_token(kiosk: KioskProcess, tmp_path: Path) -> None:
    with KioskProcess(tmp_path) as other:
        assert other.url.partition("token=")[2] != kiosk.url.partition("token=")[2]
        visitor = Visitor(kiosk)
        answer = requests.get(other.base + "/", cookies=visitor.session.cookies.get_dict(), timeout=PATIENCE)
        assert answer.status_code == 401
        visitor.close()


def test_only_the_page_s_own_script_can_do_anything(kiosk: KioskProcess, visitor: Visitor) -> None:
    begin = {"mode": "face"}
    refused: list[dict[str, str]] = [
        {"x-nfc-kiosk": ""},
        {"x-nfc-kiosk": "wrong"},
        {"origin": "http://example.com"},
        {"origin": "null"},
        {"origin": f"http://127.0.0.1:{port_of(kiosk) + 1}"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ]
    for headers in refused:
        assert visitor.post("/do/begin", begin, **headers).status_code == 403
        assert visitor.state()["state"] == "idle"
    assert visitor.post("/do/begin", begin, origin=kiosk.base).status_code == 204
    assert visitor.state()["state"] == "printed"


def test_another_name_for_this_machine_is_refused(kiosk: KioskProcess, visitor: Visitor) -> None:
    for host in ("kiosk.example", f"evil.example:{port_of(kiosk)}", "127.0.0.1", f"127.0.0.1.:{port_of(kiosk)}"):
        assert visitor.get("/", host=host).status_code == 421
    cookie = f"nfc_kiosk={visitor.session.cookies['nfc_kiosk']}"
    assert visitor.get("/", host=f"localhost:{port_of(kiosk)}", cookie=cookie).status_code == 200


def test_it_listens_on_loopback_alone(kiosk: KioskProcess) -> None:
    lines = Path("/proc/net/tcp").read_text().splitlines() + Path("/proc/net/tcp6").read_text().splitlines()
    own = [line.split()[1] for line in lines if line.split()[1].endswith(f":{port_of(kiosk):04X}") and " 0A " in line]
    assert own == [f"0100007F:{port_of(kiosk):04X}"]


@pytest.mark.parametrize("path", [*PATHS, "/nothing", "/open?token=x", "/pictures/0/x", "/do/begin"])
def test_every_answer_has_the_headers(path: str, visitor: Visitor) -> None:
    with visitor.session.get(visitor.base + path, stream=True, timeout=PATIENCE) as answer:
        found = answer.headers
    assert found["cache-control"] == "no-store"
    assert found["x-content-type-options"] == "nosniff" and found["referrer-policy"] == "no-referrer"
    policy = dict(part.strip().split(" ", 1) for part in found["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'" and policy["require-trusted-types-for"] == "'script'"
    assert not any("unsafe" in value or "http" in value or "*" in value for value in policy.values())
    assert "camera=()" in found["permissions-policy"]
    assert "server" not in found


def test_the_page_loads_nothing_from_elsewhere(visitor: Visitor) -> None:
    page = visitor.get("/").text
    assert re.findall(r'(?:src|href)="(?!/|#)', page) == []
    for name in re.findall(r'(?:src|href)="(/[^"]+)"', page):
        if name != "/history.csv":
            text = visitor.get(name).text
            assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", text) == [], name
            assert re.findall(r"\bstyle=|\bon\w+=\"", page) == []


def test_what_was_typed_wrong_is_not_repeated(visitor: Visitor) -> None:
    visitor.post("/do/begin", {"mode": "face"})
    answer = visitor.post(
        "/do/print", {"era": "showa", "year": "77", "month": "13", "day": "99", "security_code": "12345"}
    )
    assert answer.status_code == 422
    assert answer.json() == {
        "fields": {"year": "no-such-day", "expiry_year": "expiry-year-form", "security_code": "security-code-form"}
    }


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422), (b"{", 400), (b"[]", 400), (b'"x"', 400), (b'{"mode": {"a": 1}}', 400), (b'{"mode": "x"}', 422),
        (b"[" * 3000, 400), (b" " * 5000, 413), (b"\xff", 400),
    ],
)  # fmt: skip
def test_bodies_are_bounded_and_plain(body: bytes, status: int, visitor: Visitor) -> None:
    answer = visitor.post("/do/begin", body)
    assert answer.status_code == status and len(answer.content) < 100
    assert visitor.post("/do/nothing", {}).status_code == 404


def test_a_page_that_comes_anew_has_the_whole_state(visitor: Visitor) -> None:
    visitor.post("/do/begin", {"mode": "face"})
    visitor.post("/do/print", typed(persona(CARD)))
    first, second = visitor.state(), visitor.state()
    assert first == second and first["state"] == "confirm"
    assert "".join(first["print"]["number_b"]) == persona(CARD).verification_number_b


def test_streams_are_few(visitor: Visitor, kiosk: KioskProcess) -> None:
    streams = [visitor.session.get(visitor.base + "/events", stream=True, timeout=PATIENCE) for _ in range(MOST_PAGES)]
    wait_until(lambda: kiosk.ask("pages")["pages"] == MOST_PAGES, "every stream is counted")
    assert visitor.get("/events").status_code == 503
    for stream in streams:
        stream.close()
    wait_until(lambda: kiosk.ask("pages")["pages"] == 0, "a stream that is closed is forgotten")


def test_a_page_that_does_not_listen_costs_nothing(visitor: Visitor, kiosk: KioskProcess) -> None:
    """A stream that nobody reads, while thousands of things happen: its queue is bounded, and the kiosk goes on."""
    with socket.create_connection(("127.0.0.1", port_of(kiosk)), timeout=PATIENCE) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        cookie = "; ".join(f"{name}={value}" for name, value in visitor.session.cookies.get_dict().items())
        host = f"127.0.0.1:{port_of(kiosk)}"
        deaf.sendall(f"GET /events HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n".encode())
        wait_until(lambda: kiosk.ask("pages")["pages"] == 1, "it listens")
        for _ in range(150):
            assert visitor.post("/do/begin", {"mode": "age"}).status_code == 204
            assert visitor.post("/do/finish").status_code == 204
        before = kiosk.ask("rss")["rss"]
        for _ in range(300):
            visitor.post("/do/begin", {"mode": "age"})
            visitor.post("/do/finish")
        assert kiosk.ask("rss")["rss"] - before < 8_000_000
        assert visitor.state()["state"] == "idle"


def test_silence_wipes_by_the_service_s_clock(service: PcscService, tmp_path: Path) -> None:
    """No page is needed for it: the warning comes, a touch extends, and then everything is forgotten."""
    holder = persona(CARD)
    with KioskProcess(tmp_path, reader=service.readers[0], **SHORT) as kiosk:
        visitor = Visitor(kiosk)
        visitor.post("/do/begin", {"mode": "face"})
        visitor.post("/do/print", typed(holder))
        with visitor.session.get(visitor.base + "/events", stream=True, timeout=PATIENCE) as stream:
            states = (json.loads(line[6:]) for line in stream.iter_lines() if line.startswith(b"data: "))
            assert next(told for told in states if told["silence"])["silence"]["seconds"] <= 10
            visitor.post("/do/touch")
            assert next(told for told in states if not told["silence"])["state"] == "confirm"
            assert next(told for told in states if told["silence"])["state"] == "confirm"
            assert next(told for told in states if told["state"] == "idle")["silence"] is None
        assert kiosk.found(traces(holder)) == {}
        visitor.close()


def test_it_ends_at_once_although_pages_listen(tmp_path: Path) -> None:
    """An open stream would hold a server up for ever."""
    with KioskProcess(tmp_path) as kiosk:
        visitor = Visitor(kiosk)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            listening = pool.submit(lambda: visitor.get("/events").content)
            wait_until(lambda: kiosk.ask("pages")["pages"] == 1, "it listens")
            kiosk.end()
            assert b"data: " in listening.result(PATIENCE)
        visitor.close()


def test_systemd_hears_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: PcscService) -> None:
    """Ready when it serves, a beat while loop and threads live, the page's beat as a file, and the address for the browser."""
    runtime = tmp_path / "run"
    runtime.mkdir()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(PATIENCE)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        with KioskProcess(tmp_path / "kiosk", runtime=str(runtime)) as kiosk:
            heard = {systemd.recv(100), systemd.recv(100)}
            assert heard == {b"READY=1", b"WATCHDOG=1"}
            assert (runtime / "address").read_text().strip() == kiosk.url
            assert (runtime / "address").stat().st_mode & 0o777 == 0o640
            visitor = Visitor(kiosk)
            assert not (runtime / "page-alive").exists()
            assert visitor.post("/alive").status_code == 204
            assert (runtime / "page-alive").read_bytes() == b""
            visitor.close()


def test_the_number_is_no_business_of_a_plain_kiosk(visitor: Visitor) -> None:
    assert visitor.post("/do/begin", {"mode": "number"}).status_code == 204
    assert visitor.state()["state"] == "idle"


def test_the_number_is_shown_while_it_is_held(service: PcscService, host: CardHost, tmp_path: Path) -> None:
    holder = persona(CARD)
    modes: dict[str, Any] = {"modes": ["number"], "role": "my-number-office"}
    with KioskProcess(tmp_path, reader=service.readers[1], **modes) as kiosk:
        visitor = Visitor(kiosk)
        host.plug("office", "pcsc", service.ports[1])
        host.card("office", CARD)
        visitor.post("/do/begin", {"mode": "number"})
        assert visitor.post("/do/print", {"my_number": "123456789012"}).status_code == 422
        visitor.post("/do/print", {"my_number": holder.my_number.reveal()})
        assert visitor.get("/number").status_code == 404
        visitor.post("/do/hold", {"down": True})
        assert visitor.get("/number").json() == {"number": holder.my_number.reveal()}
        visitor.post("/do/hold", {"down": False})
        visitor.post("/do/confirm")
        host.insert("office")
        told = visitor.until("verdict")
        assert told["outcome"] == "match"
        row = next(row for row in told["verdict"]["rows"] if row["field"] == "my_number")
        assert (row["outcome"], row["chip"], row["printed"]) == ("match", None, None)
        assert holder.my_number.reveal() not in json.dumps(told)
        picture = f"/pictures/{told['visit']}/my_number_image"
        assert visitor.get(picture).status_code == 404
        visitor.post("/do/hold", {"down": True})
        assert visitor.get(picture).content.startswith(b"\x89PNG")
        visitor.post("/do/finish")
        assert visitor.get(picture).status_code == 404 and visitor.get("/number").status_code == 404
        host.remove("office")
        visitor.until("idle")
        assert kiosk.found(traces(holder)) == {}
        visitor.close()


def test_pictures_are_those_of_this_visit(
    kiosk: KioskProcess, visitor: Visitor, service: PcscService, host: CardHost
) -> None:
    host.plug("pictures", "pcsc", service.ports[0])
    host.card("pictures", CARD)
    host.insert("pictures")
    visitor.post("/do/begin", {"mode": "face"})
    visitor.post("/do/print", typed(persona(CARD)))
    visitor.post("/do/confirm")
    told = visitor.until("verdict")
    assert visitor.get(f"/pictures/{told['visit']}/photo").content.startswith(b"\x89PNG")
    for wrong in (f"{told['visit'] - 1}/photo", f"{told['visit']}/nothing", f"{told['visit'] + 1}/photo"):
        assert visitor.get(f"/pictures/{wrong}").status_code == 404
    visitor.post("/do/finish")
    assert visitor.get(f"/pictures/{told['visit']}/photo").status_code == 404
    host.remove("pictures")


def test_progress_is_told(kiosk: KioskProcess, visitor: Visitor, service: PcscService, host: CardHost) -> None:
    """Each percent of a reading once, in order, between the card and the verdict."""
    host.plug("progress", "pcsc", service.ports[0])
    host.card("progress", CARD, extended=False)
    visitor.post("/do/begin", {"mode": "face"})
    visitor.post("/do/print", typed(persona(CARD)))
    visitor.post("/do/confirm")
    percents: list[int] = []
    with visitor.session.get(visitor.base + "/events", stream=True, timeout=PATIENCE) as stream:
        host.insert("progress")
        for line in stream.iter_lines():
            if line.startswith(b"data: "):
                told = json.loads(line[6:])
                percents += [told["reading"]["percent"]] if told["state"] == "reading" else []
                if told["state"] == "verdict":
                    break
    assert percents[0] == 0 and percents == sorted(percents) and len(set(percents)) >= 5
    host.remove("progress")
