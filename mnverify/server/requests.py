"""What arrived, as use cases get it: no framework in it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from mnverify.server.door import Passing
from mnverify.server.problems import KeyRefused, RequestInvalid
from mnverify.server.words import API_KEY
from mnverify.text import Text


@dataclass(frozen=True, slots=True, repr=False)
class Arrived:
    """A request, read to its end.

    Attributes:
        authorization: the header.
        idempotency_key: the header.
        path_id: the id in the path.
        query: of the address, name and value.
        body: its bytes.
        passing: what the door and the log may know of it.
    """

    authorization: str | None
    idempotency_key: str | None
    path_id: str
    query: tuple[tuple[str, str], ...]
    body: bytes
    passing: Passing

    @classmethod
    def of(cls, request: Request, body: bytes, passing: Passing) -> Arrived:
        """What of a request counts.

        Raises:
            RequestInvalid: there are two Idempotency-Keys.
            KeyRefused: there are two keys.
        """
        keys = request.headers.getlist("idempotency-key")
        if len(keys) > 1:
            raise RequestInvalid("Idempotency-Key", Text("it stands twice", "二つあります"))
        authorizations = request.headers.getlist("authorization")
        if len(authorizations) > 1:
            raise KeyRefused
        return cls(
            authorization=authorizations[0] if authorizations else None,
            idempotency_key=keys[0] if keys else None,
            path_id=request.path_params.get("verification_id", ""),
            query=tuple(request.query_params.multi_items()),
            body=body,
            passing=passing,
        )


def presented_key(authorization: str | None) -> tuple[str, str]:
    """The API key of a header, and its public part.

    Raises:
        KeyRefused: it has not the form of one.
    """
    scheme, _, key = (authorization or "").partition(" ")
    match = API_KEY.fullmatch(key.strip()) if scheme.lower() == "bearer" else None
    if match is None:
        raise KeyRefused
    return match[0], match["id"]


def check_authorization(authorization: str | None) -> None:
    """Refuse what cannot be a key before a body is read.

    Raises:
        KeyRefused: it has not the form of a key.
    """
    presented_key(authorization)


def no_query(arrived: Arrived) -> None:
    """Refuse a query where none belongs.

    Raises:
        RequestInvalid: there is one.
    """
    if arrived.query:
        raise RequestInvalid("query", Text("this address takes none", "このアドレスにはクエリを付けられません"))
