"""The bodies of requests, read strictly: one JSON object, known members only, no key twice, every value of its form.

Nothing here repeats what was submitted: a refusal names the place and the form that belongs there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mnverify.masked import Unseen
from mnverify.receipts import CLAIMS
from mnverify.server.problems import NotJson, RequestInvalid
from mnverify.server.words import ID, PURPOSE, REFERENCE, Identifier, Word
from mnverify.strict_json import Limits, StrictJson
from mnverify.text import Text

MAX_BYTES = 64 * 1024 + 4096  # evidence, and a little
MAX_DEPTH = 5  # evidence has four levels
LONGEST_NUMBER = 24

LIFETIME = (60, 900)  # seconds
DEFAULT_LIFETIME = 300

_BODY = StrictJson("body", lambda _, why: NotJson(why), Limits(MAX_BYTES, MAX_DEPTH, LONGEST_NUMBER))
_NOT_OBJECT = Text("it is not an object", "オブジェクトではありません")
_UNKNOWN_MEMBER = Text("there is a member that this request does not have", "この要求にないメンバーがあります")
_MISSING = Text("it is missing", "ありません")


@dataclass(frozen=True, slots=True)
class ChallengeEnvelope:
    """The body of ``POST /v1/challenges``.

    Attributes:
        expires_in: seconds that the challenge is good for.
        purpose: what it is for.
        reference: the caller's own, opaque.
    """

    expires_in: int
    purpose: Word | None
    reference: str | None


@dataclass(frozen=True, slots=True, repr=False)
class VerificationEnvelope:
    """The body of ``POST /v1/verifications``.

    Attributes:
        challenge_id: the challenge that the evidence answers.
        evidence: the object, not judged yet.
        printed: what is printed on the card, not judged yet; ``None`` where nothing is to be compared.
        purpose: what the verification is for.
        claims: fields that the receipt shall carry.
        face_compared: staff compared the face with the picture.
    """

    challenge_id: Identifier
    evidence: Mapping[str, Any]
    printed: Unseen | None
    purpose: Word | None
    claims: tuple[str, ...]
    face_compared: bool


def read_challenge_request(body: bytes) -> ChallengeEnvelope:
    """Read the body of ``POST /v1/challenges``; an empty one asks for the defaults.

    Raises:
        NotJson: it is no JSON object, or has a key twice.
        RequestInvalid: a member has not its form.
    """
    document = _BODY.load(body) if body else {}
    _known(document, {"expires_in", "purpose", "reference"})
    return ChallengeEnvelope(
        expires_in=_lifetime(document.get("expires_in", DEFAULT_LIFETIME)),
        purpose=_purpose(document),
        reference=_reference(document),
    )


def read_verification_request(body: bytes) -> VerificationEnvelope:
    """Read the body of ``POST /v1/verifications``.

    Raises:
        NotJson: it is no JSON object, or has a key twice.
        RequestInvalid: a member has not its form.
    """
    document = _BODY.load(body)
    _known(document, {"challenge_id", "evidence", "printed", "purpose", "claims", "face_compared"})
    for required in ("challenge_id", "evidence"):
        if required not in document:
            raise RequestInvalid(required, _MISSING)
    challenge_id, evidence = document["challenge_id"], document["evidence"]
    if not isinstance(challenge_id, str) or not ID.fullmatch(challenge_id):
        raise RequestInvalid("challenge_id", Text("it is no id of a challenge", "チャレンジのIDではありません"))
    if not isinstance(evidence, dict):
        raise RequestInvalid("evidence", _NOT_OBJECT)
    printed = document.get("printed")
    if "printed" in document and not isinstance(printed, dict):
        raise RequestInvalid("printed", _NOT_OBJECT)
    return VerificationEnvelope(
        challenge_id=Identifier(challenge_id),
        evidence=evidence,
        printed=None if printed is None else Unseen(printed),
        purpose=_purpose(document),
        claims=_claims(document.get("claims", [])),
        face_compared=_flag(document, "face_compared"),
    )


def _known(document: dict[str, Any], members: set[str]) -> None:
    if document.keys() - members:
        raise RequestInvalid("body", _UNKNOWN_MEMBER)


def _lifetime(value: object) -> int:
    least, most = LIFETIME
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most or value % 1:
        raise RequestInvalid(
            "expires_in",
            Text(f"it is not a number of seconds from {least} to {most}", f"{least}から{most}までの秒数ではありません"),
        )
    return int(value)


def _purpose(document: dict[str, Any]) -> Word | None:
    if "purpose" not in document:
        return None
    value = document["purpose"]
    if not isinstance(value, str) or not PURPOSE.fullmatch(value):
        raise RequestInvalid(
            "purpose",
            Text(
                "it is not a word of at most 64 letters, digits, dots, hyphens and underscores",
                "英数字・ドット・ハイフン・下線からなる64文字以内の語ではありません",
            ),
        )
    return Word(value)


def _reference(document: dict[str, Any]) -> str | None:
    if "reference" not in document:
        return None
    value = document["reference"]
    if not isinstance(value, str) or not REFERENCE.fullmatch(value):
        raise RequestInvalid(
            "reference",
            Text("it is not 1 to 128 printable ASCII characters", "印字できるASCII文字1～128字ではありません"),
        )
    return value


def _claims(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or any(claim not in CLAIMS for claim in value):
        names = ", ".join(CLAIMS)
        raise RequestInvalid(
            "claims", Text(f"it is not a list of some of {names}", f"次のうちいくつかの一覧ではありません: {names}")
        )
    return tuple(name for name in CLAIMS if name in value)


def _flag(document: dict[str, Any], name: str) -> bool:
    value = document.get(name, False)
    if not isinstance(value, bool):
        raise RequestInvalid(name, Text("it is neither true nor false", "true でも false でもありません"))
    return value
