"""Checks of the diagnosis on the way over PC/SC: package, library, service, rights."""

from __future__ import annotations

from collections.abc import Iterator

from mnverify.doctor import remedies
from mnverify.doctor.findings import Finding, Situation, fail, ok, skipped, warn
from mnverify.doctor.machine import SocketState
from mnverify.errors import MissingExtra, MnverifyError, NotAllowed, ServiceNotRunning
from mnverify.text import Text

SOCKET_VARIABLE = "PCSCLITE_CSOCK_NAME"
SOCKET = "/run/pcscd/pcscd.comm"
LIBRARY = "libpcsclite.so.1"
_WINDOWS_SERVICE = "SCardSvr"
_RUNNING = 4  # SERVICE_RUNNING of winsvc.h
_UNITS = ("/lib/systemd/system/pcscd.socket", "/usr/lib/systemd/system/pcscd.socket")
_ANSWERS = Text("The PC/SC service answers.", "PC/SC サービスは応答しています。")


def check_package(situation: Situation) -> Iterator[Finding]:
    """Is pyscard there, and can it be loaded?"""
    machine = situation.machine
    if not machine.find_module("smartcard"):
        yield fail(
            "pyscard",
            "missing",
            Text(
                "pyscard is not installed: no reader can be used over PC/SC.",
                "pyscard がないため、PC/SC が使えません。",
            ),
            _install_pyscard(situation),
        )
    elif isinstance(situation.pcsc.problem, ImportError) and (machine.platform != "linux" or machine.loads(LIBRARY)):
        yield fail(
            "pyscard",
            "broken",
            Text("pyscard is installed, but it cannot be loaded.", "pyscard は入っていますが、読み込めません。"),
            Text(
                "Build it again for this Python: pip install --force-reinstall --no-cache-dir pyscard",
                "この Python 用に入れ直してください: pip install --force-reinstall --no-cache-dir pyscard",
            ),
        )
    else:
        yield ok("pyscard", Text("pyscard is installed.", "pyscard が入っています。"))


def check_library(situation: Situation) -> Iterator[Finding]:
    """Is the library of pcsc-lite there? Windows and macOS bring their own."""
    machine = situation.machine
    if machine.platform != "linux":
        return
    if machine.loads(LIBRARY):
        yield ok("pcsc-library", Text(f"{LIBRARY} can be loaded.", f"{LIBRARY} を読み込めます。"))
        return
    command = remedies.install(machine, remedies.LIBRARY)
    yield fail(
        "pcsc-library",
        "missing",
        Text(f"{LIBRARY} is missing; pyscard cannot work without it.", f"{LIBRARY} がないため、pyscard が動きません。"),
        Text(f"Install it: {command}", f"インストールしてください: {command}"),
    )


def check_service(situation: Situation) -> Iterator[Finding]:
    """Is the PC/SC service installed, does it run, does it answer?"""
    if situation.pcsc.given or isinstance(situation.pcsc.problem, NotAllowed):
        yield ok("pcsc-service", _ANSWERS)
    elif situation.machine.platform not in ("win32", "darwin"):
        yield _linux_service(situation)
    elif not _is_silent(situation):
        yield _not_asked(situation)
    elif situation.machine.platform == "win32":
        yield _windows_service(situation)
    else:
        yield _macos_service()


def check_rights(situation: Situation) -> Iterator[Finding]:
    """May this user talk to the service?"""
    machine, problem = situation.machine, situation.pcsc.problem
    if situation.pcsc.given:
        yield ok("pcsc-rights", Text("This user may use the service.", "このユーザーは PC/SC サービスを使えます。"))
    elif isinstance(problem, NotAllowed) and machine.is_superuser:
        yield fail("pcsc-rights", "hung-up", _REFUSED, remedies.in_container(remedies.start_service(situation)))
    elif isinstance(problem, NotAllowed) and machine.platform == "linux":
        remote = machine.environ("SSH_CONNECTION") is not None
        remedy = remedies.polkit_rule(remote)
        if "hidepid=" in machine.read_text("/proc/mounts"):
            remedy = Text(
                f"{remedy.en}\n/proc is mounted with hidepid: pcscd may be unable to look at its clients, and refuse them all.",
                f"{remedy.ja}\n/proc が hidepid 付きでマウントされています。pcscd がユーザーを確認できず、拒否することがあります。",
            )
        yield fail("pcsc-rights", "remote" if remote else "polkit", _REFUSED, remedy)
    elif isinstance(problem, NotAllowed):
        yield fail("pcsc-rights", "refused", _REFUSED, problem.text)
    else:
        yield skipped(
            "pcsc-rights",
            "no-service",
            Text(
                "Rights were not looked at: the service does not answer.",
                "サービスが応答しないため、権限は調べていません。",
            ),
        )


def check_remote(situation: Situation) -> Iterator[Finding]:
    """A remote desktop of Windows shows the readers of the other computer."""
    if situation.machine.platform == "win32" and (situation.machine.environ("SESSIONNAME") or "").startswith("RDP-"):
        yield warn(
            "remote-session",
            "remote-desktop",
            Text(
                "This is a remote desktop: Windows hands over the readers of the computer in front of you.",
                "リモートデスクトップです。Windows は手元のパソコンの読み取り機を使います。",
            ),
            Text(
                "Plug the reader into the computer in front of you and let smart cards through "
                "(Remote Desktop, Local Resources), or work at this computer itself.",
                "手元のパソコンに読み取り機をつなぎ、接続設定の「ローカル リソース」でスマート カードを有効にしてください。"
                "この端末に直接ログインしてもかまいません。",
            ),
        )


_REFUSED = Text("The PC/SC service does not let this user in.", "PC/SC サービスの利用が許可されていません。")


def _install_pyscard(situation: Situation) -> Text:
    command = "pip install pyscard"
    if situation.machine.platform != "linux":
        return Text(f"Install it: {command}", f"インストールしてください: {command}")
    headers = remedies.install(situation.machine, remedies.HEADERS)
    return Text(
        f"Install it: {command}\nIt is built from source; where that fails, first: {headers}",
        f"インストールしてください: {command}\nソースからビルドされます。失敗するときは先に: {headers}",
    )


def _linux_service(situation: Situation) -> Finding:
    machine = situation.machine
    named = machine.environ(SOCKET_VARIABLE)
    socket = named or SOCKET
    state = machine.socket_state(socket)
    if named is not None and state is SocketState.MISSING:
        return fail(
            "pcsc-service",
            "variable",
            Text(
                f"{SOCKET_VARIABLE} names {named}, which is not there.", f"{SOCKET_VARIABLE} の {named} がありません。"
            ),
            Text(
                f"Start the service that makes that socket, or go back to the usual one: unset {SOCKET_VARIABLE}",
                f"そのソケットを作るサービスを起動するか、標準に戻してください: unset {SOCKET_VARIABLE}",
            ),
        )
    installed = machine.which("pcscd") is not None or any(machine.exists(unit) for unit in _UNITS)
    if not installed and state is SocketState.MISSING:
        return _not_installed(situation)
    if state is SocketState.OPEN and (not _is_silent(situation) or not machine.loads(LIBRARY)):
        return _not_asked(situation)
    return _denied(socket) if state is SocketState.DENIED else _not_running(situation, socket, state)


def _is_silent(situation: Situation) -> bool:
    return situation.pcsc.late or isinstance(situation.pcsc.problem, ServiceNotRunning)


def _not_installed(situation: Situation) -> Finding:
    command = remedies.install(situation.machine, remedies.SERVICE)
    remedy = Text(f"Install and start it: {command}", f"インストールして起動してください: {command}")
    return fail(
        "pcsc-service",
        "not-installed",
        Text("The PC/SC service (pcscd) is not installed.", "PC/SC サービス（pcscd）が入っていません。"),
        remedies.in_container(remedy) if situation.in_container else remedy,
    )


def _denied(socket: str) -> Finding:
    return fail(
        "pcsc-service",
        "socket-denied",
        Text(f"This user may not open the socket {socket}.", f"ソケット {socket} を開く権限がありません。"),
        Text(
            "Its mode is 0666 as pcsc-lite delivers it, and polkit decides who gets in. "
            "Set SocketMode=0666 again: sudo systemctl edit pcscd.socket",
            "pcsc-lite の標準ではモード 0666 で、利用の可否は polkit が決めます。"
            "SocketMode=0666 に戻してください: sudo systemctl edit pcscd.socket",
        ),
    )


def _not_running(situation: Situation, socket: str, state: SocketState) -> Finding:
    code, what = (
        "not-running",
        Text("The PC/SC service (pcscd) does not run.", "PC/SC サービス（pcscd）が動いていません。"),
    )
    if state is SocketState.REFUSED:
        code = "socket-stale"
        what = Text(
            f"The socket {socket} is left over: nobody listens on it.",
            f"ソケット {socket} は残骸です。応答するサービスがありません。",
        )
    elif state is SocketState.OPEN:
        code = "silent"
        what = Text(
            "The PC/SC service takes calls but does not answer them.",
            "PC/SC サービスにつながりますが、応答がありません。",
        )
    elif situation.machine.runs("pcscd"):
        code = "socket-missing"
        what = Text(
            f"pcscd runs, but its socket {socket} is missing.",
            f"pcscd は動いていますが、ソケット {socket} がありません。",
        )
    return fail("pcsc-service", code, what, _start(situation))


def _start(situation: Situation) -> Text:
    text = remedies.start_service(situation)
    return remedies.in_container(text) if situation.in_container else text


def _not_asked(situation: Situation) -> Finding:
    """The service was not reached, and not by its own fault."""
    problem = situation.pcsc.problem
    if isinstance(problem, MnverifyError) and not isinstance(problem, MissingExtra | ServiceNotRunning):
        return warn(
            "pcsc-service",
            "error",
            Text(
                "The PC/SC service did not list its readers.",
                "PC/SC サービスから読み取り機の一覧を得られませんでした。",
            ),
            problem.text,
        )
    return skipped(
        "pcsc-service",
        "not-asked",
        Text(
            "The PC/SC service could not be asked: see above for what is missing.",
            "不足しているもの（上を参照）があるため、PC/SC サービスは調べていません。",
        ),
    )


def _windows_service(situation: Situation) -> Finding:
    running = situation.machine.service_state(_WINDOWS_SERVICE) == _RUNNING
    return fail(
        "pcsc-service",
        "silent" if running else "not-running",
        Text("The Smart Card service of Windows does not answer.", "Windows の Smart Card サービスが応答しません。")
        if running
        else Text(
            "The Smart Card service of Windows does not run.", "Windows の Smart Card サービスが動いていません。"
        ),
        Text(
            "Windows starts it when a reader is plugged in: plug the reader in. If it is, look in the Device Manager whether it "
            'has a driver, and start "Smart Card" in services.msc.',
            "読み取り機をつなぐと Windows が自動で起動します。つないでいるのに動かないときは、デバイス マネージャーで"
            "ドライバーを確認し、services.msc で「Smart Card」を開始してください。",
        ),
    )


def _macos_service() -> Finding:
    return fail(
        "pcsc-service",
        "silent",
        Text("The smart-card service of macOS does not answer.", "macOS のスマートカードサービスが応答しません。"),
        Text(
            "macOS starts it by itself: unplug the reader and plug it in again; if that does not help, restart the computer.",
            "macOS が自動で起動します。読み取り機を挿し直し、だめなら再起動してください。",
        ),
    )
