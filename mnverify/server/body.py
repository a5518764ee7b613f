"""The body of a request, counted as it arrives: neither a length that is claimed nor patience is relied on."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from mnverify.server.problems import BodyTooLarge, MediaTypeUnknown, RequestTimeout
from mnverify.server.requests import Head

JSON = b"application/json"


async def read_body(receive: Receive, head: Head, *, most: int, seconds: float) -> bytes:
    """The bytes of a JSON body.

    Args:
        receive: where it comes from.
        head: what the client says of it.
        most: bytes that it may have.
        seconds: that it may take.

    Raises:
        BodyTooLarge: it has more; it is not read to its end.
        RequestTimeout: it did not arrive in time.
        MediaTypeUnknown: it is something else than JSON, or encoded.
        starlette.requests.ClientDisconnect: the client went away in the middle of it.
    """
    _check_head(head, most)
    try:
        async with asyncio.timeout(seconds):
            body = await _read(receive, most)
    except TimeoutError:
        raise RequestTimeout from None
    if body and head.content_type is not None and head.content_type != JSON:
        _check_type(head.content_type.decode("latin-1"))
    return body


async def _read(receive: Receive, most: int) -> bytes:
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk, more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        if size > most:
            raise BodyTooLarge
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _check_head(head: Head, most: int) -> None:
    length = head.content_length
    if length is not None and length.isdigit() and len(length) < 20 and int(length) > most:
        raise BodyTooLarge
    encoding = head.content_encoding
    if encoding is not None and encoding.strip().lower() not in (b"identity", b""):
        raise MediaTypeUnknown


def _check_type(content_type: str) -> None:
    media_type, _, parameters = content_type.partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if media_type.strip().lower() != JSON.decode() or charset not in ("", "charset=utf-8", "charset=utf8"):
        raise MediaTypeUnknown
