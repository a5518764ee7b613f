"""One HTTP exchange, over requests: bounded in time and size, no redirect followed, nothing taken from the environment."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from math import ceil
from typing import TYPE_CHECKING, NoReturn

from mnverify.client.heads import TimedAdapter, carrier_of, ended_after
from mnverify.client.pace import Pace
from mnverify.errors import MissingExtra
from mnverify.masked import MaskedBytes

try:
    import requests
    from urllib3.exceptions import HTTPError
    from urllib3.util import Retry
except ImportError:
    raise MissingExtra("requests", "client") from None

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

MAX_ANSWER = 1 << 20  # bytes
_PIECE = 1 << 14
_LEAST = 0.001  # seconds: a time limit of zero is none
_LONGEST_WAIT = 999_999  # seconds; more is no better
_DIGITS = 20
_MOMENT = re.compile(r"[A-Za-z]{3}, [0-9]{2} [A-Za-z]{3} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT")


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """What came back, whole.

    Attributes:
        status: of HTTP.
        media_type: without parameters, in lower case.
        retry_after: seconds, or ``None``.
        request_id: the endpoint's, or ``None``.
        body: at most ``MAX_ANSWER`` bytes.
    """

    status: int
    media_type: str
    retry_after: float | None
    request_id: str | None
    body: MaskedBytes

    def __repr__(self) -> str:
        return f"Answer({self.status}, {self.media_type!a}, {len(self.body)} bytes)"


class NoAnswer(Exception):
    """No whole answer came: refused, reset, cut short, or too slow."""


class TooMuch(Exception):
    """The answer is longer than any of this API."""


class _ApiKey(requests.auth.AuthBase):
    """The API key, in a place that no ``repr`` and no ``.netrc`` reaches."""

    def __init__(self, key: str) -> None:
        self._key = MaskedBytes(key.encode())

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key.decode()}"
        return request

    def __repr__(self) -> str:
        return "_ApiKey()"


class _Session(requests.Session):
    """A session that goes nowhere else: requests reads the whole body of a redirect even where it does not follow it."""

    def get_redirect_target(self, resp: Response) -> None:
        """No answer leads to another address."""


class Transport:
    """A session with one endpoint; may be used by several threads at once.

    Args:
        url: the endpoint's address, without a slash at the end.
        api_key: sent with every request that asks for it.
        ca_file: certificates to trust in place of the usual ones.
        proxy: the address of an HTTP proxy; none is taken from the environment.
        pool: connections that are kept.
    """

    def __init__(
        self, url: str, api_key: str, *, ca_file: str | None = None, proxy: str | None = None, pool: int = 16
    ) -> None:
        self._url = url
        self._auth = _ApiKey(api_key)
        self._session = _Session()
        self._session.trust_env = False
        self._session.headers.clear()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        if ca_file is not None:
            self._session.verify = ca_file
        if proxy is not None:
            self._session.proxies = {"http": proxy, "https": proxy}
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, TimedAdapter(pool_connections=1, pool_maxsize=pool, max_retries=Retry(0)))

    def exchange(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: MaskedBytes | None,
        pace: Pace,
        *,
        left: float,
        auth: bool,
    ) -> Answer:
        """Send one request and read the whole answer.

        Args:
            method: of HTTP.
            path: behind the endpoint's address, with its query.
            headers: besides the API key.
            body: of the request.
            pace: how long it may take.
            left: seconds that remain for the whole call.
            auth: send the API key.

        Raises:
            NoAnswer: none came, or not whole, or not in time.
            TooMuch: it is longer than any of this API.
        """
        seconds = max(_LEAST, min(pace.answer, left))
        until = time.monotonic() + seconds
        try:
            response = self._session.request(
                method,
                self._url + path,
                data=body,
                headers={"Accept-Encoding": "identity", **headers},
                auth=self._auth if auth else None,
                timeout=(min(pace.connect, seconds), seconds),
                allow_redirects=False,
                stream=True,
            )
            with response, ended_after(carrier_of(response), until - time.monotonic()):
                return _whole(response, until)
        except (requests.RequestException, HTTPError, OSError):
            pass
        raise NoAnswer  # outside of the handler: what requests raises carries the request, and with it the evidence

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def __repr__(self) -> str:
        return f"Transport({self._url})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a transport is not pickled or copied")


def _whole(response: Response, until: float) -> Answer:
    body = bytearray()
    while piece := response.raw.read1(_PIECE):
        body += piece
        if len(body) > MAX_ANSWER:
            raise TooMuch
        if time.monotonic() > until:
            raise NoAnswer
    return Answer(
        status=response.status_code,
        media_type=response.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
        retry_after=_seconds(response.headers.get("Retry-After")),
        request_id=response.headers.get("X-Request-Id"),
        body=MaskedBytes(body),
    )


def _seconds(text: str | None) -> float | None:
    """Retry-After (RFC 9110 §10.2.3): seconds, however many, or a moment, as proxies tell it; ``None`` where it is neither."""
    if text is None or not text.isascii():
        return None
    if text.isdigit():
        return float(min(int(text[:_DIGITS]), _LONGEST_WAIT))
    if not _MOMENT.fullmatch(text):
        return None
    try:
        wait = parsedate_to_datetime(text) - datetime.now(UTC)
    except ValueError:
        return None
    return float(max(0, min(ceil(wait.total_seconds()), _LONGEST_WAIT)))
