"""What a caller gives, judged before anything is sent."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from mnverify.errors import EvidenceError, PrintedDataError, UsageError
from mnverify.masked import MaskedBytes
from mnverify.receipts.payload import check_claims
from mnverify.strict_json import Limits, StrictJson
from mnverify.text import Text

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_VISIBLE = re.compile(r"[\x21-\x7e]+", re.ASCII)
_EVIDENCE = StrictJson("evidence", EvidenceError, Limits(64 * 1024, max_depth=4))
_PRINTED = StrictJson("printed", PrintedDataError, Limits(64 * 1024, max_depth=4, longest_number=8))
_WRONG = Text(
    "The client was called wrongly: {why}. Nothing was sent.",
    "呼び出しが正しくありません（{why}）。何も送信していません。",
)


def challenge_body(purpose: str | None, reference: str | None, expires_in: int | None) -> MaskedBytes:
    """The request for a challenge."""
    wanted = {"purpose": purpose, "reference": reference, "expires_in": expires_in}
    return _json({name: value for name, value in wanted.items() if value is not None})


def verification_body(
    challenge_id: str,
    evidence: str | bytes | Mapping[str, Any],
    *,
    claims: Collection[str],
    printed: Mapping[str, Any] | None,
    purpose: str | None,
    face_compared: bool,
) -> MaskedBytes:
    """The request for a verification.

    Raises:
        EvidenceError: the evidence is not one JSON object of at most 64 KiB, or has a key twice.
        PrintedDataError: what is printed is no JSON object.
        UsageError: a claim that no receipt may carry, or an option that JSON has no form for.
    """
    body: dict[str, Any] = {"challenge_id": challenge_id, "evidence": _evidence_object(evidence)}
    told = None if printed is None else _PRINTED.adopt(printed)
    options = {"claims": list(check_claims(claims)), "printed": told, "purpose": purpose}
    body |= {name: value for name, value in options.items() if value}
    if face_compared:
        body["face_compared"] = True
    return _json(body)


def _evidence_object(evidence: str | bytes | Mapping[str, Any]) -> Mapping[str, Any]:
    """Never pasted in as text: what comes from a phone must not reach beyond its place in the request."""
    return _EVIDENCE.adopt(evidence) if isinstance(evidence, Mapping) else _EVIDENCE.load(evidence)


def _json(body: Mapping[str, Any]) -> MaskedBytes:
    try:
        return MaskedBytes(json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode())
    except (TypeError, ValueError):
        pass
    raise _misused(  # outside of the handler: the exception holds the whole body
        "something is of another type than JSON has, or holds text that is no Unicode",
        "JSON にない型か、Unicode でない文字が含まれています",
    )


def endpoint_url(url: str, *, plain_http: bool) -> str:
    """The endpoint's address without a slash at its end.

    Raises:
        UsageError: it is not ``https://``, and not plain HTTP to this machine either.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        safe = parts.scheme == "https" or (parts.scheme == "http" and (plain_http or _is_this_machine(host)))
        usable = safe and bool(host) and not parts.query and not parts.fragment and parts.username is None
    except ValueError:
        usable = False
    if not usable:
        raise _misused(
            "the address is not https:// (plain HTTP is for this machine only)",
            "接続先が https:// ではありません（http:// はこの機械の中だけで使えます）",
        )
    return url.rstrip("/")


def check_words(api_key: str, relying_party: str, environment: str) -> None:
    """Refuse an API key, a relying party or an environment that cannot be one.

    Raises:
        UsageError: it is empty or has characters that none has. The key is not repeated.
    """
    if not _VISIBLE.fullmatch(api_key) or not relying_party or not environment:
        raise _misused(
            "the API key, the relying party or the environment is empty or has characters that none has",
            "API キー、事業者名、環境のいずれかが空か、使えない文字を含んでいます",
        )


def idempotency_key(key: str) -> str:
    """The key itself.

    Raises:
        UsageError: it is not 1 to 128 visible ASCII characters.
    """
    if not _VISIBLE.fullmatch(key) or len(key) > 128:
        raise _misused(
            "an idempotency key has 1 to 128 visible ASCII characters",
            "idempotency_key は空白を含まない ASCII 1～128文字です",
        )
    return key


def verification_id(text: str) -> str:
    """The id itself.

    Raises:
        UsageError: it can be none, and would change the path.
    """
    if not _ID.fullmatch(text):
        raise _misused("that is no id of a verification", "検証の ID ではありません")
    return text


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _misused(en: str, ja: str) -> UsageError:
    return UsageError(Text(_WRONG.en.format(why=en), _WRONG.ja.format(why=ja)))
