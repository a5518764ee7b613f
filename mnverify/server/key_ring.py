"""API keys and shares of their rates that a process knows for a moment, so that not every request has to ask the database."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from hmac import compare_digest

from mnverify.server.problems import KeyRefused, RateExceeded
from mnverify.server.requests import presented_key
from mnverify.server.secret import ServiceSecret
from mnverify.server.storage.api_keys import ApiKey, find_key
from mnverify.server.storage.database import Database
from mnverify.server.storage.rates import take

_MOST_KNOWN = 10_000
_SHARE_SECONDS = 1.0  # a share of the rate that was not used by then is lost
_TURNS = 64


@dataclass(slots=True)
class _Share:
    """Requests that this process took from a key's rate beforehand.

    Attributes:
        size: how many it took.
        left: how many of them are left.
        until: when they are lost.
    """

    size: int = 0
    left: int = 0
    until: float = 0.0

    def spend(self) -> bool:
        """Use one, if there is one."""
        if self.left <= 0 or time.monotonic() >= self.until:
            return False
        self.left -= 1
        return True

    @property
    def next_size(self) -> int:
        """Twice as many as were used, so that little is lost where little is asked."""
        return max(1, (self.size - self.left) * 2)


class KeyRing:
    """What this process knows of API keys.

    Args:
        secret: of the service.
        database: asked for what is not known, or no longer.
        stays: seconds that a key is known for.
    """

    def __init__(self, secret: ServiceSecret, database: Database, stays: float) -> None:
        self._secret = secret
        self._database = database
        self._stays = stays
        self._lock = threading.Lock()
        self._known: dict[str, tuple[ApiKey, float]] = {}
        self._shares: dict[str, _Share] = {}
        self._turns = [threading.Lock() for _ in range(_TURNS)]

    def admit(self, authorization: str | None, now: int) -> ApiKey:
        """The API key of a request, with one request taken from its rate.

        Args:
            authorization: the header.
            now: milliseconds.

        Raises:
            KeyRefused: there is none, or it is unknown, revoked or over.
            RateExceeded: its rate is used up.
            DatabaseUnavailable: it is not known here, and the database does not answer.
        """
        presented, key_id = presented_key(authorization)
        hashed = self._secret.api_key(presented)
        key = self._known_key(key_id) or self._look_up(key_id)
        if key is None or not compare_digest(key.key_hash, hashed) or not key.in_force(now):
            raise KeyRefused
        self._take(key, now / 1000)
        return key

    def _known_key(self, key_id: str) -> ApiKey | None:
        with self._lock:
            key, until = self._known.get(key_id, (None, 0.0))
        return key if time.monotonic() < until else None

    def _look_up(self, key_id: str) -> ApiKey | None:
        with self._database.read() as connection:
            key = find_key(connection, key_id)
        if key is not None:
            with self._lock:
                if len(self._known) >= _MOST_KNOWN:
                    self._known.clear()
                self._known[key_id] = (key, time.monotonic() + self._stays)
        return key

    def _take(self, key: ApiKey, now: float) -> None:
        if self._spend(key.family):
            return
        with self._turns[hash(key.family) % _TURNS]:  # one thread asks the database, the others use what it got
            if self._spend(key.family):
                return
            size = self._shares[key.family].next_size if key.family in self._shares else 1
            with self._database.begin() as connection:  # committed where nothing was taken, too: see `rates`
                taken = take(connection, key.family, key.rate_per_minute, now, size)
            if taken.requests == 0:
                raise RateExceeded(retry_after=taken.wait)
            share = _Share(taken.requests, taken.requests - 1, time.monotonic() + _SHARE_SECONDS)
            with self._lock:
                if len(self._shares) >= _MOST_KNOWN:
                    self._shares.clear()
                self._shares[key.family] = share

    def _spend(self, family: str) -> bool:
        with self._lock:
            share = self._shares.get(family)
            return share is not None and share.spend()
