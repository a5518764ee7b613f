"""A PostgreSQL server of one's own: Debian's binaries, an unprivileged user, a folder and a socket that nobody else uses."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from glob import glob
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_START_SECONDS = 60.0


def binaries() -> Path | None:
    """The folder of ``initdb`` and ``postgres``, the newest that is there."""
    found = sorted(glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[4]))
    if found:
        return Path(found[-1]).parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


class Postgres:
    """The server; its address is a socket in its folder.

    Raises:
        RuntimeError: PostgreSQL is not there, or does not start.
    """

    def __init__(self) -> None:
        where = binaries()
        if where is None:
            raise RuntimeError("PostgreSQL is not there (Debian: apt-get install postgresql)")
        self._bin = where
        self._user: dict[str, Any] = {}
        self.folder = Path(tempfile.mkdtemp(prefix="mnverify-pg-"))
        if os.geteuid() == 0:  # PostgreSQL does not run as root
            someone = pwd.getpwnam("postgres")
            self._user = {"user": someone.pw_uid, "group": someone.pw_gid, "extra_groups": []}
            os.chown(self.folder, someone.pw_uid, someone.pw_gid)
        self.folder.chmod(0o755)
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self._run("initdb", "-D", self._data, "-U", "mnverify", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    @property
    def log(self) -> str:
        """What it logged."""
        return (self.folder / "log").read_text("utf-8", "replace")

    def start(self) -> None:
        """Start, and wait until it answers."""
        log = (self.folder / "log").open("ab")
        command = [str(self._bin / "postgres"), "-D", self._data, "-k", str(self.folder), "-c", "listen_addresses="]
        command += [
            "-c",
            "max_connections=200",
            "-c",
            "log_min_messages=warning",
            "-c",
            "log_min_error_statement=warning",
        ]
        with log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, **self._user)
        until = time.monotonic() + _START_SECONDS
        while subprocess.run(
            [self._bin / "pg_isready", "-q", "-h", self.folder, "-U", "mnverify"], check=False
        ).returncode:
            if time.monotonic() > until or self._process.poll() is not None:
                raise RuntimeError(f"PostgreSQL does not start: {self.log}")
            time.sleep(0.05)

    def stop(self, *, at_once: bool = False) -> None:
        """Stop; ``at_once`` as a machine that loses its power."""
        if self._process is not None:
            self._process.send_signal(9 if at_once else 2)
            if at_once:
                subprocess.run(["pkill", "-9", "-g", str(self._process.pid)], check=False)
            self._process.wait(_START_SECONDS)
            self._process = None
            until = time.monotonic() + _START_SECONDS
            while self._has_processes():  # or the next one finds the memory of this one in use
                if time.monotonic() > until:
                    raise RuntimeError("processes of PostgreSQL do not end")
                time.sleep(0.02)

    def new_database(self) -> str:
        """The URL of a new, empty database."""
        self._databases += 1
        name = f"d{self._databases}"
        self._run("createdb", "-h", str(self.folder), "-U", "mnverify", name)
        return f"postgresql://mnverify@/{name}?host={self.folder}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _has_processes(self) -> bool:
        """Whether any still has its home in the folder: each has a session of its own, and sees the end of the first by itself."""
        for home in Path("/proc").glob("[0-9]*/cwd"):
            try:
                if os.readlink(home) == self._data:
                    return True
            except OSError:
                continue
        return False

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._bin / program, *arguments], capture_output=True, text=True, check=False, cwd="/", **self._user
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")
