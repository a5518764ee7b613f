"""Files that are written whole or not at all, readable by their owner only, and never in place of something else."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from mnverify.errors import UsageError, os_reason
from mnverify.text import Text

_NO_PLACE = Text(
    "Nothing can be kept at {path}: {why}. Nothing was sent to the card; choose another place.",
    "{path} には保存できません（{why}）。カードには何も送っていません。保存先を変えてください。",
)
_NOT_OVER = Text(
    "{path} exists already, and is not written over. Nothing was done; choose another name, or move it away.",
    "{path} はすでにあります。上書きはしません。何も実行していません。別の名前にするか、そのファイルを移動してください。",
)
_NO_FOLDER = Text("its folder does not exist", "保存先のフォルダーがありません")
_FOLDER = Text("it is a folder", "フォルダーです")
_LINK = Text(
    "it is a symbolic link; give the file that it leads to",
    "シンボリックリンクです。リンク先のファイルを指定してください",
)
_NO_FILE = Text("it is no regular file", "通常のファイルではありません")
_STOP_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)


def refuse_target(path: str) -> None:
    """Refuse a place where nothing could be kept, or where something other than a file would be replaced.

    Raises:
        UsageError: no such folder; or a folder, device, pipe, socket or symbolic link stands there.
    """
    target = Path(path)
    why: Text | None = None
    try:
        mode = target.lstat().st_mode
    except OSError as error:
        if not os.path.isdir(target.absolute().parent):  # of a name that is too long Path.is_dir raises
            why = _NO_FOLDER
        elif not isinstance(error, FileNotFoundError):
            why = os_reason(error)
    else:
        kinds = {stat.S_IFREG: None, stat.S_IFDIR: _FOLDER, stat.S_IFLNK: _LINK}
        why = kinds.get(stat.S_IFMT(mode), _NO_FILE)
    if why is not None:
        raise UsageError(_NO_PLACE.fill(path=path, why=why))


def refuse_existing(path: str) -> None:
    """Refuse a place where something stands already: what a person keeps is not written over.

    Raises:
        UsageError: a file stands there, or nothing could be kept there.
    """
    if os.path.isfile(path) and not os.path.islink(path):
        raise UsageError(_NOT_OVER.fill(path=path))
    refuse_target(path)


def write_whole(contents: Mapping[str, bytes], failure: Text, *, folder: Path | None = None) -> None:
    """Write files: each into a new one beside it, mode 0600, and all of them renamed when all are there.

    An interrupt waits until that is done or undone.

    Args:
        contents: by path.
        failure: what is said where it fails, with ``{path}`` and ``{why}``.
        folder: is made, for its owner only, where it does not exist.

    Raises:
        UsageError: it cannot be written; no temporary file is left behind.
    """
    temporary: dict[str, str] = {}
    at = next(iter(contents), "")
    try:
        with _interrupts_wait():
            if folder is not None:
                folder.mkdir(mode=0o700, exist_ok=True)
            try:
                for at, data in contents.items():
                    refuse_target(at)
                    temporary[at] = _write_beside(Path(at), data)
                for at in contents:
                    os.replace(temporary[at], at)
                    del temporary[at]
            finally:
                for path in temporary.values():
                    with contextlib.suppress(OSError):
                        os.unlink(path)
    except OSError as error:
        raise UsageError(failure.fill(path=at, why=os_reason(error))) from None


def _write_beside(target: Path, data: bytes) -> str:
    handle, path = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(path)
        raise
    return path


@contextlib.contextmanager
def _interrupts_wait() -> Iterator[None]:
    """Signals that would end the process are raised again at the end. Only the main thread takes them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[int] = []

    before = [(number, signal.signal(number, lambda number, _: caught.append(number))) for number in _STOP_SIGNALS]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        for number in dict.fromkeys(caught):
            signal.raise_signal(number)
