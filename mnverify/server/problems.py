"""What the service answers when it does not do what was asked: RFC 9457, one shape for all, one table from errors to HTTP.

A caller acts on ``code``, which is the library's own (``MnverifyError.code``) wherever the library refused, and one of the
classes here where the service did. No answer repeats a submitted value.
"""

from __future__ import annotations

from typing import Any, ClassVar

from mnverify.errors import EvidenceError, MnverifyError, PrintedDataError, RoleError, UnsupportedCard, UsageError
from mnverify.text import Text

MEDIA_TYPE = "application/problem+json"

_TITLES = {
    400: Text("Not readable", "読み取れません"),
    401: Text("Not authenticated", "認証されていません"),
    403: Text("Not permitted", "許可されていません"),
    404: Text("Unknown", "見つかりません"),
    405: Text("Method not allowed", "このメソッドは使えません"),
    408: Text("Too slow", "時間切れです"),
    409: Text("Already done", "すでに行われています"),
    410: Text("Too late", "期限が過ぎています"),
    413: Text("Too large", "大きすぎます"),
    415: Text("Unsupported media type", "対応していない形式です"),
    422: Text("Not what it should be", "内容が正しくありません"),
    429: Text("Too many requests", "要求が多すぎます"),
    500: Text("Failed", "処理できませんでした"),
    503: Text("Not available now", "いま利用できません"),
}


class ServiceError(MnverifyError):
    """Root of what the service itself refuses.

    Args:
        text: another sentence than the class's own.
        where: the place in the request, as ``evidence.files.0002``.
        retry_after: seconds after which the same request may succeed.
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    sentence: ClassVar[Text] = Text(
        "The service failed. Nothing was decided; try again, and tell the operator the request id if it stays so.",
        "サーバーの内部で失敗しました。判定はしていません。もう一度試し、続く場合は request_id を運用者に伝えてください。",
    )

    def __init__(self, text: Text | None = None, *, where: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(text if text is not None else self.sentence)
        self.where = where
        self.retry_after = retry_after


class NotJson(ServiceError):
    """The body is not a JSON object, or has a key twice."""

    code = "not-json"
    status = 400

    def __init__(self, why: Text | str) -> None:
        why = Text.of(why)
        super().__init__(
            Text(
                f"The body cannot be read: {why.en}. Nothing was evaluated; send one JSON object.",
                f"本文を読めません（{why.ja}）。検証はしていません。JSONオブジェクトを1つ送ってください。",
            ),
            where="body",
        )


class NotHttp(ServiceError):
    """What arrived is not a request of HTTP/1.1, or its body ends as none may."""

    code = "not-http"
    status = 400
    sentence = Text(
        "What arrived is not a request of HTTP/1.1. Nothing was done, and the connection is closed; send a well-formed request.",
        "届いたものは HTTP/1.1 の要求ではありません。何もせずに接続を閉じます。正しい形の要求を送ってください。",
    )


class RequestInvalid(ServiceError):
    """A member of the request has not the documented form. It is not repeated."""

    code = "request-invalid"
    status = 422

    def __init__(self, where: str, why: Text | str) -> None:
        why = Text.of(why)
        super().__init__(
            Text(
                f"{where}: {why.en}. Nothing was evaluated; correct it and send it again.",
                f"{where}: {why.ja}。検証はしていません。直して送り直してください。",
            ),
            where=where,
        )


class KeyRefused(ServiceError):
    """No API key, or one that is unknown, revoked or over."""

    code = "key-refused"
    status = 401
    sentence = Text(
        "The API key is missing or not valid. Nothing was done; send Authorization: Bearer and a key that is in force.",
        "APIキーがないか、有効ではありません。何もしていません。Authorization: Bearer で有効なキーを送ってください。",
    )


class PurposeRefused(ServiceError):
    """The API key is not for this purpose."""

    code = "purpose-refused"
    status = 403
    sentence = Text(
        "This API key is not for that purpose. Nothing was done; use the key of the purpose.",
        "このAPIキーはその目的には使えません。何もしていません。目的に合ったキーを使ってください。",
    )


class NoTrustFramework(ServiceError):
    """Verified claims were asked for by a relying party that is configured for no trust framework."""

    code = "no-trust-framework"
    status = 403
    sentence = Text(
        "This relying party is configured for no trust framework, so no verified claims are made. Nothing was evaluated; "
        "the operator sets it with the key (keys add --trust-framework).",
        "この事業者にはトラストフレームワークが設定されていないため、verified_claims は作れません。検証はしていません。"
        "運用者がキーの作成時に設定します（keys add --trust-framework）。",
    )


class ResourceUnknown(ServiceError):
    """Nothing is known under that address, or it is another relying party's."""

    code = "unknown"
    status = 404
    sentence = Text(
        "Nothing is known here under that address. Nothing was done; check the path and the id.",
        "そのアドレスには何もありません。何もしていません。パスとIDを確認してください。",
    )


class ChallengeUnknown(ServiceError):
    """No such challenge of this API key."""

    code = "challenge-unknown"
    status = 404
    sentence = Text(
        "This API key has no such challenge. Nothing was evaluated; ask for a new challenge.",
        "このAPIキーにはそのチャレンジがありません。検証はしていません。新しいチャレンジを取得してください。",
    )


class MethodUnknown(ServiceError):
    """The address does not take this method."""

    code = "method-not-allowed"
    status = 405
    sentence = Text(
        "This address does not take that method. Nothing was done; see Allow.",
        "このアドレスではそのメソッドは使えません。何もしていません。Allow を確認してください。",
    )


class RequestTimeout(ServiceError):
    """The body did not arrive in time."""

    code = "request-timeout"
    status = 408
    sentence = Text(
        "The request did not arrive in time. Nothing was evaluated; the challenge is still good, send it again.",
        "要求が時間内に届きませんでした。検証はしていません。チャレンジはまだ使えるので、もう一度送ってください。",
    )


class ChallengeUsed(ServiceError):
    """The challenge has served its one evaluation."""

    code = "challenge-used"
    status = 409
    sentence = Text(
        "This challenge has been used. This attempt was not evaluated; ask for a new challenge and read the card again.",
        "このチャレンジは使用済みです。今回は検証していません。新しいチャレンジを取得し、カードを読み直してください。",
    )


class IdempotencyConflict(ServiceError):
    """The Idempotency-Key was used with another request."""

    code = "idempotency-conflict"
    status = 409
    sentence = Text(
        "This Idempotency-Key came with another request before. Nothing was evaluated; use one key for one request.",
        "この Idempotency-Key は別の要求に使われています。検証はしていません。要求ごとに別のキーを使ってください。",
    )


class AnswerChanged(ServiceError):
    """A repeated request would be judged differently now, because the trust anchors were replaced in between."""

    code = "answer-changed"
    status = 409
    sentence = Text(
        "The trust anchors changed since the first answer, so it cannot be made again. Read the stored outcome instead.",
        "最初の応答のあとでトラストアンカーが変わったため、同じ応答を作れません。保存済みの結果を取得してください。",
    )


class ChallengeExpired(ServiceError):
    """The challenge is over."""

    code = "challenge-expired"
    status = 410
    sentence = Text(
        "This challenge has expired. Nothing was evaluated; ask for a new challenge and read the card again.",
        "このチャレンジは期限切れです。検証はしていません。新しいチャレンジを取得し、カードを読み直してください。",
    )


class BodyTooLarge(ServiceError):
    """More bytes than a request may have."""

    code = "body-too-large"
    status = 413
    sentence = Text(
        "The body is larger than a request may be. It was not read to its end; leave the photo out, or send less.",
        "本文が大きすぎます。最後まで読んでいません。写真を省くなど、小さくしてください。",
    )


class MediaTypeUnknown(ServiceError):
    """The body is not ``application/json`` as it stands."""

    code = "media-type"
    status = 415
    sentence = Text(
        "The body is not application/json in UTF-8 without content encoding. Nothing was read; send it so.",
        "本文が application/json（UTF-8、Content-Encoding なし）ではありません。読んでいません。形式を直してください。",
    )


class RateExceeded(ServiceError):
    """The API key's rate is used up."""

    code = "rate-exceeded"
    status = 429
    sentence = Text(
        "This API key has used up its rate. Nothing was evaluated; wait for as long as Retry-After says.",
        "このAPIキーの要求数が上限に達しました。検証はしていません。Retry-After の秒数だけ待ってください。",
    )


class Busy(ServiceError):
    """As many requests are being worked on as the service takes."""

    code = "busy"
    status = 503
    sentence = Text(
        "The service has as much to do as it takes. Nothing was evaluated; try again after Retry-After.",
        "処理中の要求が上限に達しています。検証はしていません。Retry-After の後にもう一度試してください。",
    )


class DatabaseUnavailable(ServiceError):
    """The database does not answer, or did not confirm what was to be stored."""

    code = "database-unavailable"
    status = 503
    sentence = Text(
        "The database does not answer, so no answer was given and nothing counts as verified. Send the same request again, "
        "with its Idempotency-Key, after Retry-After.",
        "データベースが応答しないため、結果を出していません。検証済みとは扱わないでください。"
        "Retry-After の後に、同じ Idempotency-Key で同じ要求を送ってください。",
    )


class DatabaseUnfit(DatabaseUnavailable):
    """The database refuses a statement of the service itself, as it would again and again until its operator mends it."""

    sentence = Text(
        "The database refuses what the service asks of it: a right, a table or a column is missing. No answer was given, and "
        "nothing counts as verified; its operator has to compare rights and schema (see: mnverify migrate).",
        "データベースがサーバーの操作を受け付けません（権限、テーブル、列のいずれかが足りません）。結果を出しておらず、"
        "検証済みとは扱わないでください。運用者は権限とスキーマを確かめてください（mnverify migrate を参照）。",
    )


def status_of(error: MnverifyError) -> int:
    """The HTTP status of an error of the library or the service."""
    if isinstance(error, ServiceError):
        return error.status
    if isinstance(error, RoleError):
        return 403
    if isinstance(error, EvidenceError | PrintedDataError | UnsupportedCard | UsageError):
        return 422
    return 500


def place_of(error: MnverifyError) -> str | None:
    """Where in the request it stands, if it does."""
    where = getattr(error, "where", None)
    if where is None:
        return None
    if isinstance(error, PrintedDataError):
        return str(where) if where == "printed" else f"printed.{where}".rstrip(".")
    return (
        f"evidence.{where}"
        if isinstance(error, EvidenceError | UnsupportedCard) and where != "evidence"
        else str(where)
    )


def problem(error: MnverifyError, *, request_id: str, lang: str) -> dict[str, Any]:
    """The object of RFC 9457: always the same members."""
    status = status_of(error)
    told = error if status != 500 else ServiceError()
    code = told.code
    return {
        "type": f"urn:mnverify:problem:{code}",
        "title": _TITLES[status].in_language(lang),
        "status": status,
        "detail": told.text.in_language(lang),
        "code": code,
        "where": place_of(told),
        "request_id": request_id,
    }


def problem_examples(status: int, request_id: str) -> dict[str, Any]:
    """Examples of the service's own problems with a status, by code."""
    errors: list[MnverifyError] = [kind() for kind in _PLAIN if kind.status == status]
    if status == 400:
        errors.append(NotJson("a key stands twice"))
    if status == 422:
        errors.append(RequestInvalid("purpose", "it is not a word"))
        errors.append(EvidenceError("files.0002", Text("it ends too early", "途中で終わっています")))
        errors.append(PrintedDataError("expiry", Text("it is not a text", "文字列ではありません")))
    examples = (problem(error, request_id=request_id, lang="en") for error in errors)
    return {example["code"]: {"value": example} for example in examples}


_PLAIN: tuple[type[ServiceError], ...] = (
    ServiceError,
    NotHttp,
    KeyRefused,
    PurposeRefused,
    NoTrustFramework,
    ResourceUnknown,
    ChallengeUnknown,
    MethodUnknown,
    RequestTimeout,
    ChallengeUsed,
    IdempotencyConflict,
    AnswerChanged,
    ChallengeExpired,
    BodyTooLarge,
    MediaTypeUnknown,
    RateExceeded,
    Busy,
    DatabaseUnavailable,
)
