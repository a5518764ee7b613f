"""What is written to disk: whole or not at all, for its owner only, never in place of something that is no file."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mnverify.cli.files import refuse_existing, refuse_target, write_whole
from mnverify.cli.pictures import refuse_folder
from mnverify.errors import UsageError
from mnverify.text import Text
from mnverify.virtual import VirtualCard, persona
from tests.cli.conftest import Ran

Run = Callable[..., Ran]
READER = f"virtual:{persona().id}"
FAILED = Text("not kept: {path}: {why}", "保存できません: {path}: {why}")


@pytest.fixture(
    params=["device", "fifo", "socket", "link to a file", "link to nothing", "link to a device", "folder", "no folder"]
)
def no_file(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A path where something other than a file stands."""
    path = tmp_path / "x"
    (tmp_path / "file").write_text("precious", encoding="utf-8")
    kept: list[socket.socket] = []
    match request.param:
        case "device":
            path = Path("/dev/null")
        case "fifo":
            os.mkfifo(path)
        case "socket":
            kept.append(socket.socket(socket.AF_UNIX))
            os.chdir(tmp_path)  # a socket's path may be short only
            kept[0].bind("x")
        case "link to a file":
            path.symlink_to(tmp_path / "file")
        case "link to nothing":
            path.symlink_to(tmp_path / "nothing")
        case "link to a device":
            path.symlink_to("/dev/null")
        case "folder":
            path.mkdir()
        case "no folder":
            path = tmp_path / "none" / "x"
    here = Path(__file__).parents[2]
    yield path
    os.chdir(here)
    for one in kept:
        one.close()


def test_only_a_file_is_replaced(no_file: Path) -> None:
    before = os.lstat(no_file).st_mode if os.path.lexists(no_file) else None
    with pytest.raises(UsageError) as caught:
        refuse_target(str(no_file))
    with pytest.raises(UsageError):
        write_whole({str(no_file): b"new"}, FAILED)
    assert "Nothing was sent to the card" in str(caught.value)
    assert (os.lstat(no_file).st_mode if os.path.lexists(no_file) else None) == before
    assert [name for name in os.listdir(no_file.parent) if name.startswith(".x")] == [] if before else True


@pytest.mark.parametrize("option", ["-o", "--record", "--save-images"])
@pytest.mark.parametrize("place", ["/dev/null", "link", "fifo"])
def test_a_command_refuses_it_before_the_number_is_asked_for(run: Run, tmp_path: Path, option: str, place: str) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    path = place if place.startswith("/") else str(tmp_path / place)
    ran = run("read", "face-check", "--reader", READER, option, path, "--json", stdin="")
    assert (ran.status, ran.document["error"]["code"]) == (2, "usage")
    assert "Nothing was sent to the card" in ran.err
    assert stat.S_ISCHR(os.lstat("/dev/null").st_mode)


@pytest.mark.parametrize("name", ["a" * 300 + ".html", "a" * 300 + "/report.html", "a" * 6000])
def test_a_name_that_is_too_long_is_no_traceback(name: str, tmp_path: Path) -> None:
    for refuse in (refuse_existing, refuse_target):
        with pytest.raises(UsageError):
            refuse(str(tmp_path / name))
    with pytest.raises(UsageError):
        refuse_folder(str(tmp_path / name / "pictures"))


def test_a_file_is_replaced_and_is_its_owner_s_alone(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o644)
    write_whole({str(path): b"new"}, FAILED)
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["kept"]


def test_several_are_written_all_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = os.fsync, []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UsageError) as caught:
        write_whole({str(tmp_path / "a"): b"1", str(tmp_path / "b"): b"2"}, FAILED)
    assert os.listdir(tmp_path) == []
    assert "no space left" in caught.value.text.en and "空き容量" in caught.value.text.ja


WRITER = textwrap.dedent("""
    import os, signal, sys
    from mnverify.cli.files import write_whole
    from mnverify.text import Text

    if signal.getsignal(int(sys.argv[2])) is signal.SIG_IGN:  # as under nohup
        signal.signal(int(sys.argv[2]), signal.SIG_DFL)
    real = os.fsync
    def interrupted(handle):
        real(handle)
        signal.raise_signal(int(sys.argv[2]))  # in the middle of the writing
    os.fsync = interrupted
    write_whole({sys.argv[1] + "/a": b"1", sys.argv[1] + "/b": b"2"}, Text("{path}{why}", "{path}{why}"))
    print("went on")
""")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_in_mid_writing_leaves_no_temporary_file(tmp_path: Path, number: signal.Signals) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WRITER, tmp_path, str(int(number))], capture_output=True, text=True, check=False
    )
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]  # the writing ends first
    assert "went on" not in done.stdout  # and then the interrupt comes
    assert done.returncode in (-number, 1, 130)


def test_a_broken_writing_is_no_traceback(
    run: Run, card: VirtualCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    ran = run("read", "face-check", "--reader", READER, "--trust", "virtual", "--json", "-o", str(tmp_path / "e.json"),
              stdin=card.credentials["verification-number-b"])  # fmt: skip
    assert (ran.status, ran.document["error"]["code"]) == (2, "usage")
    assert os.listdir(tmp_path) == []
