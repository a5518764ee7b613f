"""Every error of the client, by what a caller does about it.

    ClientError                  client-error
    ├── EndpointUnreachable      endpoint-unreachable   no whole answer came; the same call may be made again with its key
    ├── EndpointBusy             endpoint-busy          it answered 408, 429, 502, 503 or 504 to every attempt; retry_after
    ├── UnexpectedAnswer         unexpected-answer      an answer that this API does not give; nothing of it was believed
    └── RequestRefused           (the endpoint's)       a problem of RFC 9457: status, code, where, request_id
        ├── NotAuthenticated     key-refused            the API key
        ├── NotPermitted         …                      role, purpose or trust framework of the API key
        ├── UnknownToEndpoint    challenge-unknown, …   no such challenge or verification of this relying party
        ├── ChallengeUsed        challenge-used         ask for a new one, and have the card read again
        ├── ChallengeExpired     challenge-expired      likewise
        ├── RepeatRefused        idempotency-conflict, answer-changed
        └── EvidenceRefused      malformed-evidence, …  what came is no evidence of a card; where

A refusal's ``code`` is the endpoint's stable one. No message repeats what was sent, or what the endpoint wrote about it.
"""

from __future__ import annotations

import re
from typing import ClassVar

from mnverify.errors import MnverifyError
from mnverify.text import Text

_CODE = re.compile(r"[a-z]+(-[a-z]+){0,7}", re.ASCII)
_PLACE = re.compile(r"[A-Za-z0-9_.\- ]{1,96}", re.ASCII)
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.\-]{1,64}", re.ASCII)


class ClientError(MnverifyError):
    """The endpoint did not do what was asked, or could not be asked.

    Attributes:
        idempotency_key: of the call that failed. With it the same call may be made again, and is done once.
    """

    code: ClassVar[str] = "client-error"
    idempotency_key: str | None = None


class EndpointUnreachable(ClientError):
    """No whole answer came, in all attempts. Whether the endpoint did it is not known; make the same call with its key."""

    code: ClassVar[str] = "endpoint-unreachable"


class EndpointBusy(ClientError):
    """The endpoint put every attempt off.

    Args:
        text: the message.
        retry_after: seconds after which it wants to be asked again, or ``None``.
    """

    code: ClassVar[str] = "endpoint-busy"

    def __init__(self, text: Text, retry_after: float | None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class UnexpectedAnswer(ClientError):
    """An answer that this API does not give, or that its receipt contradicts. Nothing of it was believed."""

    code: ClassVar[str] = "unexpected-answer"


class RequestRefused(ClientError):
    """The endpoint refused the request (RFC 9457).

    Args:
        status: of HTTP.
        code: the endpoint's stable code.
        where: the place in the request, as ``evidence.files.0002``, or ``None``.
        request_id: what the endpoint's operator finds it by, or ``None``.
    """

    code: ClassVar[str] = "request-refused"
    sentence: ClassVar[Text] = Text(
        "The endpoint refused the request: {why}. Nothing was verified; correct the call.",
        "検証サーバーが要求を拒否しました（{why}）。検証はしていません。呼び出しを直してください。",
    )

    def __init__(self, status: int, code: str, where: str | None = None, request_id: str | None = None) -> None:
        self.status = status
        known = code if _CODE.fullmatch(code) else "request-refused"
        self.where = where if where is not None and _PLACE.fullmatch(where) else None
        self.request_id = request_id if request_id is not None and _REQUEST_ID.fullmatch(request_id) else None
        parts = [f"{status} {known}", self.where, f"request {self.request_id}" if self.request_id else None]
        super().__init__(self.sentence.fill(why=", ".join(part for part in parts if part)))
        self.code = known  # type: ignore[misc]  # the endpoint's, in place of the class's

    def details(self) -> dict[str, str | int]:
        """``status``, and ``where`` and ``request_id`` where the endpoint told them."""
        found: dict[str, str | int | None] = {
            "status": self.status,
            "where": self.where,
            "request_id": self.request_id,
        }
        return {name: value for name, value in found.items() if value is not None}


class NotAuthenticated(RequestRefused):
    """The API key is missing, unknown, revoked or over."""

    sentence = Text(
        "The endpoint does not take this API key: {why}. Nothing was done; use a key that is in force.",
        "検証サーバーがこの API キーを受け付けません（{why}）。何もしていません。有効なキーを使ってください。",
    )


class NotPermitted(RequestRefused):
    """The API key's role, purpose or trust framework does not permit this. Nothing was kept."""

    sentence = Text(
        "This API key may not do that: {why}. Nothing was verified or kept; use the key of the right role and purpose.",
        "この API キーではできません（{why}）。検証も保存もしていません。役割と目的に合ったキーを使ってください。",
    )


class UnknownToEndpoint(RequestRefused):
    """The relying party has no such challenge or verification."""

    sentence = Text(
        "The endpoint knows no such challenge or verification of yours: {why}. Ask for a new challenge.",
        "そのチャレンジまたは検証は見つかりません（{why}）。新しいチャレンジを取得してください。",
    )


class ChallengeUsed(RequestRefused):
    """The challenge has served. Ask for a new one, and have the card read again."""

    sentence = Text(
        "The challenge has been used: {why}. This attempt was not verified; ask for a new challenge and read the card again.",
        "チャレンジは使用済みです（{why}）。今回は検証していません。新しいチャレンジを取得し、カードを読み直してください。",
    )


class ChallengeExpired(RequestRefused):
    """The challenge is over. Ask for a new one, and have the card read again."""

    sentence = Text(
        "The challenge has expired: {why}. Nothing was verified; ask for a new challenge and read the card again.",
        "チャレンジは期限切れです（{why}）。検証はしていません。新しいチャレンジを取得し、カードを読み直してください。",
    )


class RepeatRefused(RequestRefused):
    """The Idempotency-Key was used with another request, or the first answer cannot be made again."""

    sentence = Text(
        "The endpoint cannot give that answer again: {why}. Read the stored outcome, or make a new call with a new key.",
        "同じ応答を返せません（{why}）。保存済みの結果を取得するか、新しいキーで要求し直してください。",
    )


class EvidenceRefused(RequestRefused):
    """What was sent is no evidence that this endpoint can judge: not laid out right, or of an unknown card generation."""

    sentence = Text(
        "What the phone sent is no evidence that can be judged: {why}. Nothing was verified; have the card read again.",
        "受け取ったデータを証拠データとして扱えません（{why}）。検証はしていません。カードを読み直してください。",
    )


_BY_CODE: dict[str, type[RequestRefused]] = {
    "challenge-used": ChallengeUsed,
    "challenge-expired": ChallengeExpired,
    "idempotency-conflict": RepeatRefused,
    "answer-changed": RepeatRefused,
    "malformed-evidence": EvidenceRefused,
    "unsupported-card": EvidenceRefused,
}
_BY_STATUS: dict[int, type[RequestRefused]] = {401: NotAuthenticated, 403: NotPermitted, 404: UnknownToEndpoint}


def refusal(status: int, code: str, where: str | None, request_id: str | None) -> RequestRefused:
    """The error for a problem: by its code, else by its status."""
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status) or RequestRefused
    return kind(status, code, where, request_id)


def unexpected(en: str, ja: str) -> UnexpectedAnswer:
    """The error for an answer that this API does not give."""
    return UnexpectedAnswer(
        Text(
            f"The endpoint gave an answer that cannot be believed: {en}. Nothing counts as verified; check the address, "
            "and tell its operator.",
            f"検証サーバーの応答を信頼できません（{ja}）。検証済みとは扱わないでください。接続先を確かめ、運用者に伝えてください。",
        )
    )
