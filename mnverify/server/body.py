"""The body of a request, counted as it arrives: neither a length that is claimed nor patience is relied on."""

from __future__ import annotations

import asyncio

from starlette.requests import Request

from mnverify.server.problems import BodyTooLarge, MediaTypeUnknown, RequestTimeout

JSON = "application/json"


async def read_body(request: Request, *, most: int, seconds: float) -> bytes:
    """The bytes of a JSON body.

    Args:
        request: whose body.
        most: bytes that it may have.
        seconds: that it may take.

    Raises:
        BodyTooLarge: it has more; it is not read to its end.
        RequestTimeout: it did not arrive in time.
        MediaTypeUnknown: it is something else than JSON, or encoded.
        starlette.requests.ClientDisconnect: the client went away in the middle of it.
    """
    _check_headers(request, most)
    chunks, size = [], 0
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if size > most:
                    raise BodyTooLarge
                chunks.append(chunk)
    except TimeoutError:
        raise RequestTimeout from None
    body = b"".join(chunks)
    if body and "content-type" in request.headers:
        _check_type(request.headers["content-type"])
    return body


def _check_headers(request: Request, most: int) -> None:
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and len(length) < 20 and int(length) > most:
        raise BodyTooLarge
    if request.headers.get("content-encoding", "identity").strip().lower() not in ("identity", ""):
        raise MediaTypeUnknown


def _check_type(content_type: str) -> None:
    media_type, _, parameters = content_type.partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if media_type.strip().lower() != JSON or charset not in ("", "charset=utf-8", "charset=utf8"):
        raise MediaTypeUnknown
