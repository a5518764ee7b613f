"""Whether a receipt may be relied on. Pure and offline: the caller brings keys, names and time, the receipt chooses nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from mnverify.errors import UsageError
from mnverify.masked import MaskedDict
from mnverify.receipts import jose
from mnverify.receipts.errors import ReceiptError, WrongForm
from mnverify.receipts.receipt import Receipt, read_receipt
from mnverify.strict_json import Limits, StrictJson
from mnverify.text import Text

MAX_BYTES = 32 * 1024  # of a compact receipt
MAX_KEYS = 100
_MAX_JWKS = 256 * 1024
_LONGEST_NUMBER = 16
_CLOCKS = timedelta(seconds=60)  # two clocks may differ by this
_TAIL = Text(" Do not rely on it; nothing of it was given out.", "信頼しないでください。内容は取り出していません。")
_HEADER, _PAYLOAD = Text("the header", "ヘッダー"), Text("the payload", "本文")
_NOT_COMPACT = Text(
    f"it is not three parts of base64url in at most {MAX_BYTES} characters",
    f"{MAX_BYTES}文字以内の、三つの部分からなる base64url ではありません",
)
_NOT_OUR_HEADER = Text(
    f"its header is not alg, kid and typ {jose.TYPE}", f"ヘッダーが alg、kid、typ（{jose.TYPE}）ではありません"
)

_WHY = {
    "malformed": Text("This is not a receipt: {why}.", "受領証として読めません（{why}）。"),
    "algorithm": Text(
        "The receipt names another algorithm than {why}, the one that was asked for.",
        "受領証の署名方式が、指定した {why} ではありません。",
    ),
    "unknown-key": Text(
        "The receipt was signed with a key that is not among those given. Fetch the endpoint's keys anew, once.",
        "受領証の署名鍵が、渡された鍵の中にありません。検証サーバーの鍵を一度だけ取り直してください。",
    ),
    "bad-keys": Text("The set of keys cannot be used: {why}.", "鍵の一覧（JWKS）を使えません（{why}）。"),
    "signature": Text("The receipt's signature is wrong.", "受領証の署名が正しくありません。"),
    "issuer": Text("Another endpoint issued this receipt.", "別の検証サーバーが発行した受領証です。"),
    "relying-party": Text("The receipt is for another relying party.", "別の事業者宛ての受領証です。"),
    "verification": Text("The receipt is of another verification.", "別の検証の受領証です。"),
    "challenge": Text("The receipt answers another challenge.", "別のチャレンジに対する受領証です。"),
    "future": Text("The receipt was issued in the future.", "受領証の発行時刻が未来です。"),
    "too-old": Text("The receipt is older than was asked for.", "受領証が、指定した期間より古いものです。"),
}
REASONS = tuple(_WHY)
"""Every ``ReceiptError.reason``."""


def verify_receipt(
    token: str,
    jwks: Mapping[str, Any] | str | bytes,
    *,
    issuer: str,
    relying_party: str,
    verification_id: str | None = None,
    challenge_id: str | None = None,
    at: datetime | None = None,
    max_age: timedelta | None = None,
    algorithm: Literal["ES256"] = "ES256",
) -> Receipt:
    """The receipt in a compact JWS, after everything about it was checked.

    Args:
        token: the compact JWS.
        jwks: the endpoint's keys, from where the caller trusts them to be: fetched over TLS, or kept.
        issuer: the endpoint that has to have issued it.
        relying_party: whom it has to be for.
        verification_id: the verification that it has to be of; ``None`` takes any.
        challenge_id: the challenge that it has to answer; ``None`` takes any.
        at: now, with a time zone.
        max_age: the age up to which it is taken; ``None`` takes any.
        algorithm: the one that it has to be signed with.

    Raises:
        ReceiptError: it may not be relied on; ``reason`` is one of ``REASONS``.
        UsageError: the call itself is wrong.
    """
    if algorithm != jose.ALGORITHM or not issuer or not relying_party or (at is not None and at.utcoffset() is None):
        raise UsageError(
            Text(
                "verify_receipt takes ES256, an issuer, a relying party, and a moment with a time zone. Nothing was verified.",
                "verify_receipt には ES256、発行者、事業者、時間帯つきの時刻を渡してください。検証はしていません。",
            )
        )
    kid = _header(token)
    key = _find(jwks, kid)
    if not jose.signed_by(token, key):
        raise _refusal("signature")
    receipt = _content(token, kid)
    _compare(receipt, issuer, relying_party, verification_id, challenge_id)
    now = datetime.now(UTC) if at is None else at
    if receipt.issued_at > now + _CLOCKS:
        raise _refusal("future")
    if max_age is not None and now - receipt.issued_at > max_age:
        raise _refusal("too-old")
    return receipt


def _header(token: str) -> str:
    """The key that the header names. Three members, and no other: no ``crit``, ``b64``, ``jku``, ``jwk``, ``x5c``."""
    if not isinstance(token, str) or len(token) > MAX_BYTES or token.count(".") != 2:
        raise _refusal("malformed", _NOT_COMPACT)
    header = _object(token.split(".")[0], _HEADER, depth=1)
    if header.keys() != {"alg", "kid", "typ"} or header["typ"] != jose.TYPE or not isinstance(header["kid"], str):
        raise _refusal("malformed", _NOT_OUR_HEADER)
    if header["alg"] != jose.ALGORITHM:
        raise _refusal("algorithm", Text.of(jose.ALGORITHM))
    return str(header["kid"])


def _find(jwks: Mapping[str, Any] | str | bytes, kid: str) -> Mapping[str, Any]:
    keys = parse_jwks(jwks)
    if kid not in keys:
        raise _refusal("unknown-key")
    return keys[kid]


def parse_jwks(jwks: Mapping[str, Any] | str | bytes) -> dict[str, Mapping[str, Any]]:
    """The keys of a JWKS (RFC 7517) that can verify receipts, by ``kid``; keys for other things are passed over.

    Raises:
        ReceiptError: ``bad-keys``: no such document, one name for two keys, a private part, or a key that is none.
    """
    document = _JWKS.adopt(jwks) if isinstance(jwks, Mapping) else _JWKS.load(jwks)
    keys = _JWKS.items(document.get("keys"), "keys", MAX_KEYS)
    found: dict[str, Mapping[str, Any]] = {}
    for key in keys:
        key = _JWKS.keys(key, "keys", optional=None)
        kid = key.get("kid")
        if "d" in key or "k" in key:
            raise _refusal("bad-keys", Text("it holds a secret", "秘密鍵が含まれています"))
        if not isinstance(kid, str) or key.get("alg") != jose.ALGORITHM or key.get("use") != "sig":
            continue
        if kid in found:
            raise _refusal("bad-keys", Text("one kid stands for two keys", "一つの kid に二つの鍵があります"))
        try:
            found[kid] = jose.public_part(key)
        except WrongForm as error:
            raise _refusal("bad-keys", error.why) from None
    return found


def _content(token: str, kid: str) -> Receipt:
    payload = _object(token.split(".")[1], _PAYLOAD, depth=4)
    try:
        return read_receipt(payload, kid)
    except WrongForm as error:
        raise _refusal("malformed", error.why) from None


def _compare(
    receipt: Receipt, issuer: str, relying_party: str, verification_id: str | None, challenge_id: str | None
) -> None:
    for reason, said, asked in (
        ("issuer", receipt.issuer, issuer),
        ("relying-party", receipt.relying_party, relying_party),
        ("verification", receipt.verification_id, verification_id),
        ("challenge", receipt.challenge_id, challenge_id),
    ):
        if asked is not None and said != asked:
            raise _refusal(reason)


def _object(part: str, name: Text, *, depth: int) -> MaskedDict:
    def refuse(_: str, why: Text) -> ReceiptError:
        return _refusal("malformed", Text(f"{name.en}: {why.en}", f"{name.ja}: {why.ja}"))

    try:
        raw = jose.decode(part)
    except WrongForm as error:
        raise refuse("", error.why) from None
    return StrictJson(name.en, refuse, Limits(MAX_BYTES, depth, _LONGEST_NUMBER)).load(raw)


def _refusal(reason: str, why: Text | None = None) -> ReceiptError:
    en, ja = why or ("", "")
    text = Text(_WHY[reason].en.format(why=en), _WHY[reason].ja.format(why=ja))
    return ReceiptError(reason, Text(text.en + _TAIL.en, text.ja + _TAIL.ja))


_JWKS = StrictJson(
    "keys", lambda where, why: _refusal("bad-keys", why), Limits(_MAX_JWKS, max_depth=6, longest_number=_LONGEST_NUMBER)
)
