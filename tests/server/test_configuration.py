"""Configurations and certificates that cannot be: refused in one line with status 2, by ``serve --check`` as by ``serve``."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from mnverify.cli import main
from mnverify.errors import UsageError
from mnverify.server.config import ServerConfig
from tests.server.certificates import certificate_files
from tests.server.endpoint import Endpoint, until


def serve(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command with an embedded database; it is not asked for a password."""
    command = [sys.executable, "-m", "mnverify", "serve", "--port", "0", "--trust", "virtual"]
    command += ["--database", f"sqlite:///{folder / 'service.db'}", *words]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def refused(done: subprocess.CompletedProcess[str], word: str) -> None:
    """One line, no traceback, nothing made."""
    assert done.returncode == 2, done.stderr
    assert word in done.stderr and "Traceback" not in done.stderr and len(done.stderr.splitlines()) <= 2
    assert done.stdout == ""


@pytest.mark.parametrize("check", [["--check"], []], ids=["check", "serve"])
@pytest.mark.parametrize("what", ["missing", "garbage", "locked", "another's", "swapped", "a folder"])
def test_a_certificate_that_cannot_be_used_is_refused(tmp_path: Path, what: str, check: list[str]) -> None:
    certificate, key = certificate_files(tmp_path / "one", b"secret" if what == "locked" else None)
    if what == "missing":
        key.unlink()
    elif what == "garbage":
        certificate.write_text("-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n")
    elif what == "another's":
        _, key = certificate_files(tmp_path / "other")
    elif what == "swapped":
        certificate, key = key, certificate
    elif what == "a folder":
        certificate = tmp_path
    refused(serve(tmp_path, "--tls-certificate", str(certificate), "--tls-key", str(key), *check), "tls_")
    assert not (tmp_path / "service.db").exists()


def test_a_certificate_that_can_be_used_is_taken(tmp_path: Path) -> None:
    certificate, key = certificate_files(tmp_path)
    assert serve(tmp_path, "--tls-certificate", str(certificate), "--tls-key", str(key), "--check").returncode == 0


TOML = {
    "nested too deep": "x = " + "[" * 20_000,
    "tables nested too deep": "x = " + "{a = " * 8000,
    "a number too long": "port = " + "9" * 5000,
    "NUL in host": 'host = "127.0.0.1\\u0000"',
    "NUL in database": 'database = "sqlite:///a\\u0000b"',
    "NUL in database_file": 'database_file = "a\\u0000b"',
    "NUL in trust": 'trust = "a\\u0000b"',
    "NUL in keys_folder": 'keys_folder = "a\\u0000b"',
    "NUL in tls_key": 'tls_key = "a\\u0000b"\ntls_certificate = "a"',
    "an issuer that is no URL": 'issuer = "not a url"',
}


@pytest.mark.parametrize("name", list(TOML))
def test_a_file_that_cannot_be_read_as_a_configuration_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "service.toml"
    path.write_text(TOML[name])
    with pytest.raises(UsageError):
        ServerConfig.from_file(path)


def test_what_is_refused_ends_in_one_line(tmp_path: Path) -> None:
    for text in (TOML["nested too deep"], TOML["a number too long"], TOML["NUL in host"]):
        (tmp_path / "service.toml").write_text(text)
        refused(serve(tmp_path, "--config", str(tmp_path / "service.toml")), "cannot be used")
    (tmp_path / "url").write_text("sqlite:///a\0b")
    (tmp_path / "service.toml").write_text(f'database_file = "{tmp_path / "url"}"')
    command = [sys.executable, "-m", "mnverify", "serve", "--check", "--config", str(tmp_path / "service.toml")]
    refused(subprocess.run(command, capture_output=True, text=True, check=False, timeout=120), "database_file")


@pytest.mark.parametrize("host", ["あ" * 70, "no such host"])
def test_a_host_that_is_none_is_refused(tmp_path: Path, host: str) -> None:
    done = serve(tmp_path, "--behind-proxy", "--host", host)
    assert done.returncode == 2 and done.stdout == ""
    assert "cannot be listened on" in done.stderr.splitlines()[-1] and "Traceback" not in done.stderr


@pytest.mark.parametrize("option", ["timeout=soon", "check_same_thread=maybe"])
def test_an_option_of_the_database_that_cannot_be_is_refused(tmp_path: Path, option: str) -> None:
    refused(
        serve(tmp_path, "--check", "--database", f"sqlite:///{tmp_path / 'x.db'}?{option}"), "not one that the service"
    )


@pytest.mark.parametrize("option", ["nonsense=1", "host=a&host=b&port=1", "port=x"])
def test_an_option_of_a_database_server_that_cannot_be_is_refused(tmp_path: Path, option: str) -> None:
    refused(
        serve(tmp_path, "--check", "--database", f"postgresql://a@127.0.0.1/b?{option}"), "not one that the service"
    )


def test_a_folder_of_another_programs_metrics_is_not_used(tmp_path: Path) -> None:
    elsewhere = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "none")}
    with Endpoint(f"sqlite:///{tmp_path / 'service.db'}", folder=tmp_path, environment=elsewhere) as endpoint:
        assert endpoint.get("/metrics").status_code == 200


def test_several_processes_without_a_temporary_folder_are_not_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    words = ["serve", "--workers", "2", "--port", "0", "--trust", "virtual"]
    assert main([*words, "--database", f"sqlite:///{tmp_path / 'service.db'}"]) == 2
    assert "TMPDIR" in capsys.readouterr().err


def test_a_user_without_a_home_is_asked_where_the_keys_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", lambda: Path("~nobody at all").expanduser())
    with pytest.raises(UsageError, match="keys_folder"):
        _ = ServerConfig(database="postgresql://a@127.0.0.1/b").secret_path


def test_a_file_too_large_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "service.toml").write_text("#" * 70_000)
    with pytest.raises(UsageError, match="more than"):
        ServerConfig.from_file(tmp_path / "service.toml")


@pytest.mark.parametrize(
    "issuer",
    [
        "",
        "x",
        "https://",
        "https:///a",
        "ftp://x.example",
        "https://u:p@x.example",
        "https://x.example?a",
        "https://x.example#a",
        "https://x.example/ ",
        "https://x.example\n",
        "https://検証.example",
        "https://x.example:0",
        "https://x.example:99999",
        "https://[::1",
        "https://[1.2]x",
    ],
)
def test_an_issuer_that_is_no_url_is_refused(issuer: str) -> None:
    with pytest.raises(UsageError):
        ServerConfig().with_values({"issuer": issuer})


@pytest.mark.parametrize(
    "issuer",
    [
        "https://verify.example.jp",
        "https://verify.example.jp/",
        "https://verify.example.jp:8443/tenant/1",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
        "http://localhost",
        "https://xn--fsq.example/a-b_c~d",
    ],
)
def test_an_issuer_is_a_url(issuer: str) -> None:
    assert ServerConfig().with_values({"issuer": issuer}).issuer == issuer


def doing_tls(folder: Path) -> tuple[Path, list[str], str]:
    """The certificate, options and database of a service that does TLS by itself, and waits two seconds for a handshake."""
    certificate, key = certificate_files(folder)
    options = ["--host", "localhost", "--tls-certificate", str(certificate), "--tls-key", str(key)]
    return certificate, [*options, "--header-seconds", "2"], f"sqlite:///{folder / 'service.db'}"


@pytest.mark.parametrize("workers", [1, 2])
def test_who_never_begins_the_handshake_is_left(tmp_path: Path, workers: int) -> None:
    certificate, options, database = doing_tls(tmp_path)
    with Endpoint(database, *options, "--workers", str(workers), folder=tmp_path) as endpoint, ExitStack() as stack:
        place = urlsplit(endpoint.url)
        mute = [stack.enter_context(socket.create_connection((place.hostname, place.port))) for _ in range(20)]
        mute[0].sendall(b"\x16\x03\x01")  # begun, and no further
        began = time.monotonic()
        for connection in mute:
            connection.settimeout(30)  # asyncio would have waited a minute
            assert _ended(connection)
        assert time.monotonic() - began < 30
        assert requests.get(f"{endpoint.url}/readyz", verify=str(certificate), timeout=30).status_code == 200


def _ended(connection: socket.socket) -> bool:
    try:
        return connection.recv(100) == b""
    except ConnectionError:
        return True


def test_connections_without_a_handshake_do_not_use_up_the_files_for_long(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    certificate, options, database = doing_tls(tmp_path)
    with Endpoint(database, *options, folder=tmp_path) as endpoint, ExitStack() as stack:
        if not hasattr(resource, "prlimit") or not os.path.isdir(f"/proc/{endpoint.process.pid}/fd"):
            pytest.skip("no limits of another process here")
        files = len(os.listdir(f"/proc/{endpoint.process.pid}/fd"))
        resource.prlimit(endpoint.process.pid, resource.RLIMIT_NOFILE, (files + 100, files + 100))
        place = urlsplit(endpoint.url)
        for _ in range(300):
            stack.enter_context(socket.create_connection((place.hostname, place.port), timeout=30))

        def served() -> bool:
            try:
                return requests.get(f"{endpoint.url}/readyz", verify=str(certificate), timeout=5).status_code == 200
            except requests.RequestException:
                return False

        assert until(served, 30)
