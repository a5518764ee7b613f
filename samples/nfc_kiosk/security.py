"""Who may talk to the service: this machine's page, opened with the token of this start, and nobody else."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping

COOKIE = "nfc_kiosk"
CSRF_HEADER = "x-nfc-kiosk"
_HOSTS = ("127.0.0.1", "localhost")

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}
CONTENT_SECURITY_POLICY = "; ".join(f"{name} {value}" for name, value in _POLICY.items())


def headers(*, camera: bool) -> dict[str, str]:
    """Of every answer, errors too.

    Args:
        camera: whether the page itself takes the pictures.
    """
    return {
        "content-security-policy": CONTENT_SECURITY_POLICY,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": f"camera=({'self' if camera else ''}), microphone=(), geolocation=(), display-capture=()",
    }


class Keys:
    """The token that opens the page, the cookie of the page that it opened, and what its script adds to each request.

    All three are made anew at each start. The token is in the address that is printed once; the page's address has none.
    """

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(24)
        self.session = secrets.token_urlsafe(24)
        self.csrf = secrets.token_urlsafe(24)

    def opens(self, token: str) -> bool:
        """Whether it is the token of this start."""
        return _same(token, self.token)

    def knows(self, cookies: Mapping[str, str]) -> bool:
        """Whether a request comes from the page that was opened with the token."""
        return _same(cookies.get(COOKIE, ""), self.session)

    def meant(self, request_headers: Mapping[str, str], port: int) -> bool:
        """Whether the page's own script sent it, not another page that made the browser do so."""
        origin = request_headers.get("origin")
        own = origin is None or origin in {f"http://{host}:{port}" for host in _HOSTS}
        site = request_headers.get("sec-fetch-site", "same-origin")
        return own and site in ("same-origin", "none") and _same(request_headers.get(CSRF_HEADER, ""), self.csrf)


def is_own_host(host: str, port: int) -> bool:
    """Whether a ``Host`` header names this service: a foreign name that was made to point here is refused."""
    return host in {f"{name}:{port}" for name in _HOSTS}


def _same(given: str, own: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), own.encode())
