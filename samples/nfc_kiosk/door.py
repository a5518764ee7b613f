"""Every request passes here first: host, token, meaning; and every answer leaves with the headers that keep it here."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from samples.nfc_kiosk.security import COOKIE, Keys, headers, is_own_host

OPEN = "/open"


class Door:
    """ASGI middleware around the whole application.

    Args:
        app: what lies behind.
        keys: of this start.
        camera: whether the page takes the pictures.
    """

    def __init__(self, app: ASGIApp, *, keys: Keys, camera: bool) -> None:
        self._app, self._keys = app, keys
        self._headers = [(name.encode(), value.encode()) for name, value in headers(camera=camera).items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or refuse it with a bare status."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self._headers]
            await send(message)

        refused = self._refused(scope)
        if refused:
            await answer({"type": "http.response.start", "status": refused, "headers": [(b"content-length", b"0")]})
            await answer({"type": "http.response.body", "body": b""})
            return
        await self._app(scope, receive, answer)

    def _refused(self, scope: Scope) -> int | None:
        """The status of a refusal; ``None`` for who may enter."""
        given = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        port = scope["server"][1]
        if not is_own_host(given.get("host", ""), port):
            return 421
        if scope["path"] == OPEN:
            return None if scope["method"] == "GET" else 405
        if not self._keys.knows(_cookies(given.get("cookie", ""))):
            return 401
        if scope["method"] not in ("GET", "HEAD") and not self._keys.meant(given, port):
            return 403
        return None


def _cookies(header: str) -> dict[str, str]:
    try:
        found = SimpleCookie(header)
    except CookieError:
        return {}
    return {COOKIE: found[COOKIE].value} if COOKIE in found else {}
