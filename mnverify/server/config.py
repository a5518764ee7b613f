"""The configuration: one immutable object, made by whoever starts the service. Nothing is read on import.

Every key of the TOML file is also an option of ``mnverify serve`` with hyphens for underscores; an option goes before the file.
"""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mnverify.errors import UsageError
from mnverify.server.words import PURPOSE
from mnverify.text import Text

DEFAULT_DATABASE = "sqlite:///mnverify.db"
DEFAULT_RETENTION_DAYS = 90
_MAX_FILE = 64 * 1024
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """What a service is started with.

    Attributes:
        host: address to listen on.
        port: port; 0 takes a free one.
        database: SQLAlchemy URL, ``sqlite:///…`` or ``postgresql://…``.
        database_file: a file that holds the URL, so that its password stands in no argument.
        trust: ``production``, ``test``, ``virtual`` or a trust-anchors file, which is read again when it changes.
        keys_folder: holds ``secret`` and ``receipt-keys``, unless those are named by themselves.
        secret_file: the service's secret, 32 bytes in base64.
        receipt_keys: folder of the keys that sign receipts.
        issuer: ``iss`` of receipts, a URL of the operator's, with HTTPS in earnest; default: the URL that is listened on.
        workers: processes.
        threads: threads of each process beside the one that evaluates: challenges, stored outcomes, readiness, metrics.
        migrate: bring the database's schema up to date at start; else refuse an old one.
        tls_certificate, tls_key: PEM files, where the service does TLS itself.
        behind_proxy: the switch that permits a public address without TLS: a proxy in front does it.
        max_connections: open connections of each process; further ones are closed at once.
        max_in_flight: requests of each process at a time; further ones get 503.
        header_seconds: what a client has for the TLS handshake, and for the head of a request.
        body_seconds: what it has to send the body, and to take an answer.
        database_seconds: the longest wait for the database.
        keep_alive_seconds: how long an idle connection stays.
        stop_seconds: how long requests under way may take after SIGTERM.
        purge_interval_seconds: between two purges; 0 never purges by itself.
        reload_seconds: between two looks at the trust-anchors file; 0 never looks.
        key_cache_seconds: how long a process may know an API key without asking; a revoked key evaluates nothing at once.
        retention_days: days that an outcome is kept, by purpose; ``default`` for all others.
        audit_days: days that audit entries are kept.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    database: str = DEFAULT_DATABASE
    database_file: str | None = None
    trust: str = "production"
    keys_folder: str | None = None
    secret_file: str | None = None
    receipt_keys: str | None = None
    issuer: str | None = None
    workers: int = 1
    threads: int = 8
    migrate: bool = True
    tls_certificate: str | None = None
    tls_key: str | None = None
    behind_proxy: bool = False
    max_connections: int = 2000
    max_in_flight: int = 256
    header_seconds: float = 10.0
    body_seconds: float = 20.0
    database_seconds: float = 5.0
    keep_alive_seconds: int = 15
    stop_seconds: int = 20
    purge_interval_seconds: float = 600.0
    reload_seconds: float = 5.0
    key_cache_seconds: float = 1.0
    retention_days: Mapping[str, int] = field(default_factory=dict)
    audit_days: int = 2_557

    @classmethod
    def from_file(cls, path: str | Path) -> ServerConfig:
        """Read a TOML file.

        Raises:
            UsageError: unreadable, not TOML, or a key or value that there is not.
        """
        try:
            with open(path, "rb") as file:
                data = file.read(_MAX_FILE + 1)
        except OSError as error:
            raise unusable(f"{path}: {error.strerror or 'it cannot be read'}") from None
        if len(data) > _MAX_FILE:
            raise unusable(f"{path}: more than {_MAX_FILE} bytes")
        try:
            document = tomllib.loads(data.decode())
        except (ValueError, RecursionError):  # not UTF-8, not TOML, a number or nesting that Python refuses
            raise unusable(f"{path}: it is not TOML") from None
        return cls().with_values(document)

    def with_values(self, values: Mapping[str, Any]) -> ServerConfig:
        """The same configuration with other values, checked.

        Raises:
            UsageError: a key that there is not, or a value of another type or out of its bounds.
        """
        known = {one.name: type(getattr(ServerConfig(), one.name)) for one in fields(self)}
        for key, value in values.items():
            if key not in known:
                raise unusable(f"{key}: there is no such key")
            _check_type(key, value, known[key])
        if "retention_days" in values:
            values = {**values, "retention_days": dict(values["retention_days"])}
        changed = replace(self, **values)
        changed.check()
        return changed

    def check(self) -> None:
        """Judge what can be judged without touching anything.

        Raises:
            UsageError: a value is out of its bounds, or the address is public and nobody does TLS.
        """
        for key, least, most in _BOUNDS:
            if not least <= getattr(self, key) <= most:
                raise unusable(f"{key}: it is not from {least} to {most}")
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, str) and "\0" in value:
                raise unusable(f"{one.name}: it holds a NUL character")
        if self.issuer is not None and not _is_url(self.issuer):
            raise unusable("issuer: it is not a URL as https://verify.example.jp, without user, query and fragment")
        for purpose, days in self.retention_days.items():
            if not PURPOSE.fullmatch(purpose) or not 0 < days <= 36_525:
                raise unusable(f"retention_days: {purpose[:64]!a} is no purpose with a number of days")
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise unusable("tls_certificate and tls_key belong together")
        if not is_loopback(self.host) and self.tls_certificate is None and not self.behind_proxy:
            raise UsageError(_PUBLIC.fill(host=self.host))

    @property
    def database_url(self) -> str:
        """The URL of the database, out of its file where there is one.

        Raises:
            UsageError: the file cannot be read.
        """
        if self.database_file is None:
            return self.database
        try:
            url = Path(self.database_file).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise unusable(f"database_file: {self.database_file} cannot be read") from None
        if "\0" in url:
            raise unusable(f"database_file: {self.database_file} holds a NUL character")
        return url

    @property
    def folder(self) -> Path:
        """Where secret and receipt keys are, where they are not named by themselves.

        Raises:
            UsageError: nobody said, and the user has no home folder.
        """
        if self.keys_folder is not None:
            return Path(self.keys_folder)
        url = self.database_url
        if url.startswith("sqlite:///"):
            return Path(f"{url.removeprefix('sqlite:///').partition('?')[0]}-keys")
        state = os.environ.get("XDG_STATE_HOME")
        try:
            return (Path(state) if state else Path.home() / ".local" / "state") / "mnverify" / "server"
        except RuntimeError:  # a user whom the system does not know
            raise unusable("keys_folder: it is not given, and this user has no home folder") from None

    @property
    def secret_path(self) -> Path:
        """The file of the secret."""
        return Path(self.secret_file) if self.secret_file is not None else self.folder / "secret"

    @property
    def receipt_keys_path(self) -> Path:
        """The folder of the receipt keys."""
        return Path(self.receipt_keys) if self.receipt_keys is not None else self.folder / "receipt-keys"

    @property
    def named_keys(self) -> bool:
        """Whether the operator said where the keys are: then they have to be there."""
        return any(value is not None for value in (self.keys_folder, self.secret_file, self.receipt_keys))

    def retention_seconds(self, purpose: str | None) -> int:
        """How long an outcome of that purpose is kept."""
        default = self.retention_days.get("default", DEFAULT_RETENTION_DAYS)
        return (self.retention_days.get(purpose, default) if purpose is not None else default) * _DAY


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_url(issuer: str) -> bool:
    """Whether receipts can be from there: what relying parties compare letter by letter, and may look up."""
    try:
        return _ISSUER.fullmatch(issuer) is not None and urlsplit(issuer).port != 0
    except ValueError:  # a port or an address in brackets that is none
        return False


_ISSUER = re.compile(
    r"https?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?"
)
_BOUNDS = (
    ("port", 0, 65_535),
    ("workers", 1, 256),
    ("threads", 1, 256),
    ("max_connections", 1, 1_000_000),
    ("max_in_flight", 1, 100_000),
    ("header_seconds", 0.05, 600),
    ("body_seconds", 0.05, 600),
    ("database_seconds", 0.1, 600),
    ("keep_alive_seconds", 1, 3600),
    ("stop_seconds", 1, 3600),
    ("purge_interval_seconds", 0, 86_400),
    ("reload_seconds", 0, 86_400),
    ("key_cache_seconds", 0, 60),
    ("audit_days", 1, 36_525),
)
_PUBLIC = Text(
    "{host} can be reached from other machines, and nobody does TLS. Nothing was started; give tls_certificate and tls_key, or "
    "say with behind_proxy that a proxy in front of it does TLS.",
    "{host} は他の機械から届くアドレスですが、TLSがありません。起動していません。tls_certificate と tls_key を指定するか、"
    "前段のプロキシがTLSを行う場合は behind_proxy を指定してください。",
)


def _check_type(key: str, value: object, kind: type) -> None:
    if key == "retention_days":
        right = isinstance(value, Mapping) and all(type(days) is int for days in value.values())
    elif kind is type(None):
        right = value is None or isinstance(value, str)
    elif kind is float:
        right = type(value) in (int, float)
    else:
        right = type(value) is kind
    if not right:
        raise unusable(f"{key}: it is not of the right type")


def unusable(why: str) -> UsageError:
    """The error for a configuration that cannot be used."""
    return UsageError(
        Text(
            f"This configuration cannot be used: {why}. Nothing was started; correct it.",
            f"設定を使えません（{why}）。起動していません。直してください。",
        )
    )
