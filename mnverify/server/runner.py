"""Running the service: the socket, the processes, the signals. Says in one line when it is ready."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import cast

import uvicorn
from uvicorn.supervisors.multiprocess import Multiprocess

from mnverify.errors import UsageError
from mnverify.server.app import AppFactory
from mnverify.server.config import ServerConfig, unusable
from mnverify.server.log import FOREIGN_LOGS
from mnverify.server.metrics import forget_process
from mnverify.server.opening import open_service
from mnverify.server.protocol import bounded_protocol
from mnverify.server.storing import Tell
from mnverify.server.tls import TlsSettings, check_certificate
from mnverify.server.trust_file import LoadTrust, load_trust
from mnverify.text import Text

Ready = Callable[[str, str], None]
_SPARE_FILES = 64
_START_SECONDS = 60.0


def check_service(config: ServerConfig, *, load: LoadTrust = load_trust, tell: Tell = lambda _: None) -> str:
    """Open everything once and close it again.

    Returns:
        The environment of the anchors.

    Raises:
        MnverifyError: what could not be opened.
    """
    check_certificate(config)
    service = open_service(config, load=load, tell=tell)
    try:
        return service.anchors.store.environment
    finally:
        service.close()


def run_service(
    config: ServerConfig, *, ready: Ready, load: LoadTrust = load_trust, tell: Tell = lambda _: None
) -> bool:
    """Serve until SIGTERM or SIGINT; requests under way are finished first.

    Args:
        config: of the service.
        ready: is called with URL and environment when requests are served.
        load: finds the anchors; a plain function, since processes have to be able to get it.
        tell: is told of keys that were made.

    Returns:
        Whether it ran: ``False`` where a process could not start.

    Raises:
        MnverifyError: what could not be opened. Nothing was served.
    """
    config.check()
    environment = check_service(config, load=load, tell=tell)
    listener = _listen(config)
    port = listener.getsockname()[1]
    url = f"{'https' if config.tls_certificate else 'http'}://{f'[{config.host}]' if ':' in config.host else config.host}:{port}"
    config = replace(config, port=port, issuer=config.issuer or url)
    with listener:
        return _serve(config, load, listener, lambda: ready(url, environment))


def _serve(config: ServerConfig, load: LoadTrust, listener: socket.socket, ready: Callable[[], None]) -> bool:
    files = _raise_file_limit()
    most = min(config.max_connections, max(16, files - _SPARE_FILES - config.threads))
    settings = TlsSettings(
        AppFactory(config, load),
        factory=True,
        loop="auto",
        http=cast("type[asyncio.Protocol]", _Protocol(config.header_seconds, config.body_seconds, most)),
        ws="none",
        lifespan="on",
        log_config=FOREIGN_LOGS,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=config.keep_alive_seconds,
        timeout_graceful_shutdown=config.stop_seconds,
        workers=config.workers,
        ssl_certfile=config.tls_certificate,
        ssl_keyfile=config.tls_key,
        handshake_seconds=config.header_seconds,
    )
    if config.workers == 1:
        server = _Server(settings, ready)
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listener])
        return server.started
    with _metrics_folder() as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        try:
            processes = _Processes(settings, [listener], ready)
            processes.run()
        finally:
            del os.environ["PROMETHEUS_MULTIPROC_DIR"]
    return processes.were_ready


def _metrics_folder() -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="mnverify-metrics-")
    except OSError:
        raise unusable(
            "workers: several processes tell their metrics in a temporary folder, and none can be made (see TMPDIR)"
        ) from None


class _Server(uvicorn.Server):
    """One process."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Say when it is ready."""
        await super().startup(sockets=sockets)
        if self.started:
            self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Having stopped as it was told to is an end like any other: the signal is not raised a second time."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()


class _Processes(Multiprocess):
    """Several processes on one socket; one that dies is replaced."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], ready: Callable[[], None]) -> None:
        super().__init__(config, sockets)
        self._ready = ready
        self.were_ready = False

    def init_processes(self) -> None:
        """Say when all are ready."""
        super().init_processes()
        self.were_ready = all(process.wait_until_ready(_START_SECONDS) for process in self.processes)
        if self.were_ready:
            self._ready()
        else:
            self.should_exit.set()

    def keep_subprocess_alive(self) -> None:
        """A process that is replaced has no requests under way any more."""
        before = {process.pid for process in self.processes}
        super().keep_subprocess_alive()
        for pid in before - {process.pid for process in self.processes}:
            if pid is not None:
                forget_process(pid)


class _Protocol:
    """The bounded protocol by its bounds: a class made at run time does not get into another process, this does."""

    def __init__(self, head_seconds: float, answer_seconds: float, most: int) -> None:
        self._bounds = (head_seconds, answer_seconds, most)

    def __call__(self, **arguments: object) -> object:
        return bounded_protocol(*self._bounds)(**arguments)  # type: ignore[arg-type]


def _listen(config: ServerConfig) -> socket.socket:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((config.host, config.port))
        listener.listen(2048)
        listener.setblocking(False)
        listener.set_inheritable(True)
    except (OSError, ValueError, TypeError) as error:  # TypeError: a name that cannot be encoded
        listener.close()
        why = error.strerror or error if isinstance(error, OSError) else "it is not an address"
        raise UsageError(_NO_PLACE.fill(host=config.host, port=config.port, why=why)) from None
    return listener


def _raise_file_limit() -> int:
    """As many open files as the system permits; connections are files."""
    if sys.platform == "win32":
        return 512
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
    return soft


_NO_PLACE = Text(
    "{host} port {port} cannot be listened on: {why}. Nothing was started; choose another port, or 0 for any.",
    "{host} のポート {port} で待ち受けできません（{why}）。起動していません。別のポートか、空きを使う 0 を指定してください。",
)
