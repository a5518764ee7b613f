"""What arrived, as use cases get it: no framework in it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import QueryParams
from starlette.types import Scope

from mnverify.server.door import Passing
from mnverify.server.problems import KeyRefused, RequestInvalid
from mnverify.server.words import API_KEY
from mnverify.text import Text


@dataclass(slots=True, repr=False)
class Head:
    """Of the head of a request, what counts; names are in lower case, as servers give them.

    Attributes:
        authorizations: every such header.
        idempotency_keys: every such header.
        content_length, content_type, content_encoding: the last such header; ``None`` for none.
    """

    authorizations: list[str]
    idempotency_keys: list[str]
    content_length: bytes | None = None
    content_type: bytes | None = None
    content_encoding: bytes | None = None

    @classmethod
    def of(cls, scope: Scope) -> Head:
        """The head of a request."""
        head = cls([], [])
        for name, value in scope["headers"]:
            if name == b"authorization":
                head.authorizations.append(value.decode("latin-1"))
            elif name == b"content-length":
                head.content_length = value
            elif name == b"content-type":
                head.content_type = value
            elif name == b"idempotency-key":
                head.idempotency_keys.append(value.decode("latin-1"))
            elif name == b"content-encoding":
                head.content_encoding = value
        return head

    @property
    def authorization(self) -> str | None:
        """The only such header.

        Raises:
            KeyRefused: there are two.
        """
        if len(self.authorizations) > 1:
            raise KeyRefused
        return self.authorizations[0] if self.authorizations else None


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
    def of(cls, scope: Scope, head: Head, body: bytes, passing: Passing) -> Arrived:
        """What of a request counts.

        Raises:
            RequestInvalid: there are two Idempotency-Keys.
        """
        if len(head.idempotency_keys) > 1:
            raise RequestInvalid("Idempotency-Key", Text("it stands twice", "二つあります"))
        path = scope.get("path_params")
        query = scope["query_string"]
        return cls(
            authorization=head.authorization,
            idempotency_key=head.idempotency_keys[0] if head.idempotency_keys else None,
            path_id=path.get("verification_id", "") if path else "",
            query=tuple(QueryParams(query).multi_items()) if query else (),
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
