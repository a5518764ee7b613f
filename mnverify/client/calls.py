"""One call: attempts that are repeated only where that is safe, until there is an answer of the API's own form."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from mnverify.client.errors import ClientError, EndpointBusy, EndpointUnreachable, UnexpectedAnswer, refusal, unexpected
from mnverify.client.inputs import idempotency_key
from mnverify.client.pace import Pace
from mnverify.client.transport import MAX_ANSWER, Answer, NoAnswer, TooMuch, Transport
from mnverify.errors import MnverifyError
from mnverify.masked import MaskedBytes
from mnverify.strict_json import Limits, StrictJson
from mnverify.text import Text

_T = TypeVar("_T")
_LOG = logging.getLogger("mnverify.client")
_JSON, _PROBLEM = "application/json", "application/problem+json"
_ACCEPT = {"Accept": f"{_JSON}, {_PROBLEM}"}
_PUT_OFF = (408, 429, 502, 503, 504)
_KEY_BYTES = 24

_UNREACHABLE = Text(
    "The endpoint gave no whole answer. Whether it did what was asked is not known; make the same call again with the same "
    "idempotency_key, and it is done once.",
    "検証サーバーから応答が得られません。処理されたかどうかは分かりません。同じ idempotency_key で同じ呼び出しをすれば、"
    "二重には処理されません。",
)
_BUSY = Text(
    "The endpoint put the call off in every attempt. Nothing counts as verified; make the same call again later.",
    "検証サーバーが混み合っているか停止しています。検証済みとは扱わないでください。しばらくして同じ呼び出しをしてください。",
)
_ANSWER = StrictJson(
    "answer",
    lambda _, why: unexpected(f"its JSON: {why.en}", f"JSON: {why.ja}"),
    Limits(MAX_ANSWER, max_depth=16, longest_number=24),
)


class Calls:
    """The calls of one client.

    Args:
        transport: carries them.
        pace: time limits, attempts, waits.
    """

    def __init__(self, transport: Transport, pace: Pace) -> None:
        self._transport = transport
        self._pace = pace

    def post(
        self, path: str, body: MaskedBytes, key: str | None, status: int, read: Callable[[str, dict[str, Any]], _T]
    ) -> _T:
        """Make a call that changes something: always with an Idempotency-Key, the same in all attempts.

        Args:
            path: the address.
            body: the request, in JSON.
            key: the caller's own key; ``None`` makes one.
            status: what a good answer has.
            read: makes something of the key and the answer's object.

        Raises:
            ClientError: see ``mnverify.client.errors``; it carries the key.
        """
        key = secrets.token_urlsafe(_KEY_BYTES) if key is None else idempotency_key(key)
        headers = {**_ACCEPT, "Content-Type": _JSON, "Idempotency-Key": key}
        try:
            answer = self._ask("POST", path, headers, body)
            return _without_frames(lambda: read(key, _document(answer, status)))
        except ClientError as error:
            error.idempotency_key = key
            raise

    def get(self, path: str, read: Callable[[dict[str, Any]], _T], *, auth: bool = True) -> _T:
        """Read something.

        Raises:
            ClientError: see ``mnverify.client.errors``.
        """
        answer = self._ask("GET", path, _ACCEPT, None, auth=auth)
        return _without_frames(lambda: read(_document(answer, 200)))

    def _ask(
        self, method: str, path: str, headers: Mapping[str, str], body: MaskedBytes | None, *, auth: bool = True
    ) -> Answer:
        until = time.monotonic() + self._pace.total
        attempt = 1
        while True:
            answer = self._attempt(method, path, headers, body, attempt, until - time.monotonic(), auth)
            if answer is not None and answer.status not in _PUT_OFF:
                return answer
            attempt += 1
            asked = answer.retry_after if answer is not None else None
            wait = self._pace.wait_before(attempt, asked, until - time.monotonic())
            if wait is None:
                raise EndpointUnreachable(_UNREACHABLE) if answer is None else EndpointBusy(_BUSY, asked)
            time.sleep(wait)

    def _attempt(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: MaskedBytes | None,
        attempt: int,
        left: float,
        auth: bool,
    ) -> Answer | None:
        refused: UnexpectedAnswer | None = None
        answer = None
        try:
            answer = self._transport.exchange(method, path, headers, body, self._pace, left=left, auth=auth)
        except TooMuch:
            refused = unexpected("it is longer than any of this API", "この API の応答としては長すぎます")
        except NoAnswer:
            pass
        told = answer.status if answer is not None else "no whole answer"
        _LOG.info("%s %s, attempt %d: %s", method, path.partition("?")[0], attempt, told)
        if refused is not None:
            raise refused
        return answer


def _without_frames(work: Callable[[], _T]) -> _T:
    """Do it. An error that comes of it has lost the frames in which an error reporter would find the answer's content."""
    try:
        return work()
    except MnverifyError as error:
        failure = error
    failure.__traceback__ = failure.__context__ = None
    raise failure


def _document(answer: Answer, status: int) -> dict[str, Any]:
    if answer.media_type not in (_JSON, _PROBLEM):
        raise unexpected(
            f"status {answer.status} without JSON", f"ステータス {answer.status} の本文が JSON ではありません"
        )
    document = _ANSWER.load(answer.body)
    if answer.status == status and answer.media_type == _JSON:
        return document
    if 400 <= answer.status < 500 and answer.media_type == _PROBLEM:
        code, where = document.get("code"), document.get("where")
        raise refusal(
            answer.status,
            code if isinstance(code, str) else "",
            where if isinstance(where, str) else None,
            answer.request_id,
        )
    raise unexpected(f"status {answer.status}", f"ステータス {answer.status}")
