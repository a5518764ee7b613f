"""The OpenAPI document: addresses, problems, examples. ``docs/openapi.json`` is what `document` gives, and a test compares them."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI

from mnverify.server.problems import MEDIA_TYPE, problem_examples
from mnverify.server.schemas import REPEAT_HEADER, SCHEMAS, ref

_JSON = "application/json"
_ID = "q8Zr3vYtT1mK5nB2cX7dLw"
_CHALLENGE_ID = "aB3dE5fG7hJ9kL1mN2pQ4r"
_AT = "2026-11-24T01:00:00Z"
_RECEIPT = "eyJhbGciOiJFUzI1NiJ9.eyJ2ZXJkaWN0IjoidmVyaWZpZWQifQ.c2lnbmF0dXJl"
_CHECKS = [
    ("structure", "pass", "ok", "The files are laid out as they should be and belong to one card."),
    ("chain", "pass", "ok", "The issuer's certificate leads to a trust anchor."),
    ("record-signature", "pass", "ok", "The issuer signed the records."),
    ("file-digests", "not-performed", "not-applicable", "This domain signs its records themselves."),
    ("presence", "pass", "record", "The card of this very record answered the challenge."),
    ("freshness", "pass", "ok", "The answer is to our challenge."),
    ("expiry", "pass", "ok", "The card has not expired."),
]
_JUDGED: dict[str, Any] = {
    "verdict": "verified",
    "environment": "production",
    "authority": "5000023/001",
    "domain": "face-check",
    "role": "general",
    "credential": "verification-number-b",
    "generation": "present",
    "at": _AT,
    "checks": [dict(zip(("id", "outcome", "code", "detail"), check, strict=True)) for check in _CHECKS],
    "limits": [{"code": "revocation", "detail": "Loss and revocation of the card are not visible here."}],
}
_AROUND = {
    "id": _ID,
    "challenge_id": _CHALLENGE_ID,
    "purpose": "account-opening",
    "reference": "application-4711",
    "receipt": _RECEIPT,
}
_EXAMPLES: dict[str, Any] = {
    "ChallengeRequest": {"expires_in": 300, "purpose": "account-opening", "reference": "application-4711"},
    "Challenge": {
        "id": _CHALLENGE_ID,
        "challenge": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "expires_at": "2026-11-24T01:05:00Z",
        "purpose": "account-opening",
        "reference": "application-4711",
    },
    "VerificationRequest": {
        "challenge_id": _CHALLENGE_ID,
        "evidence": {
            "format": "mnverify.evidence/1",
            "domain": "face-check",
            "role": "general",
            "credential": "verification-number-b",
            "files": {"0002": "/yCCAQA=", "0004": "fyGCAQA="},
            "presence": {"challenge": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "signature": "AAEC"},
        },
        "claims": ["birth_date"],
    },
    "Verification": {
        "format": "mnverify.result/1",
        **_JUDGED,
        "fields": {
            "birth_date": {"value": "1985-07-03", "assurance": "signed"},
            "expiry": {"value": "2033-07-03", "assurance": "unsigned"},
        },
        **_AROUND,
    },
    "Outcome": {
        "format": "mnverify.outcome/1",
        "relying_party": "example-bank",
        **_AROUND,
        **_JUDGED,
        "evidence_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    },
    "Events": {
        "id": _ID,
        "challenge_id": _CHALLENGE_ID,
        "events": [
            {"at": "2026-11-24T00:59:30Z", "event": "challenge-issued", "code": None},
            {"at": _AT, "event": "evaluated", "code": "verified"},
            {"at": _AT, "event": "second-use-refused", "code": "challenge-used"},
        ],
    },
    "TrustAnchors": {
        "environment": "production",
        "anchors": [
            {
                "name": "5000023/001",
                "key_id": "00",
                "domain": "face-check",
                "environment": "production",
                "algorithm": "RSA-2048",
                "provenance": "where the key comes from",
            }
        ],
    },
    "Jwks": {
        "keys": [
            {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "0123456789abcdef", "use": "sig", "alg": "ES256"}
        ]
    },
    "Ready": {"status": "ready", "environment": "production", "trust_anchors": 4},
    "Alive": {"status": "alive"},
}
_WORDS = {
    400: "The body is not a JSON object, or has a key twice; or what arrived is not HTTP/1.1.",
    401: "No API key, or one that is not in force.",
    403: "The role or the purposes of the API key do not permit it. Nothing was stored.",
    404: "Unknown here, or another relying party's.",
    408: "The body did not arrive in time.",
    409: "The challenge has been used, or the Idempotency-Key came with another request.",
    410: "The challenge has expired.",
    413: "The body is larger than 68 KiB.",
    415: "The body is not JSON, or has a content encoding.",
    422: "A member has not its form, or the evidence is none. `where` says which.",
    429: "The rate of the API key is used up. See Retry-After.",
    500: "The service failed. Nothing was decided.",
    503: "The database does not answer, or too much is under way. See Retry-After.",
}
_WITH_KEY = (401, 429, 500, 503)
_WITH_BODY = (400, 408, 413, 415, 422)
_REPEATABLE = {"parameters": [REPEAT_HEADER]}
_OUTCOME_ID = {
    "parameters": [
        {
            "name": "verification_id",
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{22}$"},
            "example": _ID,
        }
    ]
}
_FORM = {
    "name": "format",
    "in": "query",
    "required": False,
    "schema": {"type": "string", "enum": ["result", "verified_claims"], "default": "result"},
    "description": "verified_claims gives the content as OpenID Connect for Identity Assurance has it.",
}
_SAFE: dict[str, Any] = {"security": []}


def _document(
    name: str, summary: str, *, status: int = 200, problems: tuple[int, ...] = (), extra: dict[str, Any] | None = None
) -> dict[str, Any]:
    responses: dict[int | str, dict[str, Any]] = {
        status: {"description": summary, "content": {_JSON: {"schema": ref(name)}}}
    }
    responses.update({problem: {"$ref": f"#/components/responses/Problem{problem}"} for problem in sorted(problems)})
    return {"summary": summary, "responses": responses, "status_code": status, "openapi_extra": extra or {}}


def _body(name: str, required: bool) -> dict[str, Any]:
    content = {_JSON: {"schema": ref(name)}}
    return {"requestBody": {"required": required, "content": content}}


CHALLENGE = _document(
    "Challenge",
    "A challenge that serves one evaluation.",
    status=201,
    problems=(*_WITH_KEY, *_WITH_BODY, 403, 404, 409),
    extra={**_REPEATABLE, **_body("ChallengeRequest", False)},
)
VERIFICATION = _document(
    "Verification",
    "What the verification found, and a signed receipt. Evidence that fails a check is rejected: the call worked.",
    problems=(*_WITH_KEY, *_WITH_BODY, 403, 404, 409, 410),
    extra={"parameters": [_FORM, REPEAT_HEADER], **_body("VerificationRequest", True)},
)
OUTCOME = _document("Outcome", "The stored outcome.", problems=(*_WITH_KEY, 404, 422), extra=_OUTCOME_ID)
EVENTS = _document("Events", "What happened, for support.", problems=(*_WITH_KEY, 404, 422), extra=_OUTCOME_ID)
TRUST_ANCHORS = _document("TrustAnchors", "The trust anchors in force.", problems=(*_WITH_KEY, 422))
JWKS = _document("Jwks", "The keys that sign receipts, past ones too.", problems=(500, 503), extra=_SAFE)
HEALTH = _document("Alive", "The process lives.", problems=(500,), extra=_SAFE)
READY = _document("Ready", "Requests can be served.", problems=(500, 503), extra=_SAFE)
METRICS: dict[str, Any] = {
    "summary": "Metrics for Prometheus.",
    "responses": {
        200: {"description": "Metrics.", "content": {"text/plain": {"schema": {"type": "string"}}}},
        500: {"$ref": "#/components/responses/Problem500"},
        503: {"$ref": "#/components/responses/Problem503"},
    },
    "openapi_extra": _SAFE,
}


def describe(api: FastAPI) -> None:
    """Let an application give the document."""
    made = api.openapi

    def openapi() -> dict[str, Any]:
        if api.openapi_schema is None:
            api.openapi_schema = document(made())
        return api.openapi_schema

    api.openapi = openapi  # type: ignore[method-assign]


def document(made: dict[str, Any]) -> dict[str, Any]:
    """The document: what the framework made of the routes, with what is common to them."""
    for path in made["paths"].values():
        for operation in path.values():
            operation["responses"] = {
                status: ({"$ref": answer["$ref"]} if "$ref" in answer else answer)
                for status, answer in operation["responses"].items()
            }
            for holder in (operation.get("requestBody", {}), *operation["responses"].values()):
                _add_example(holder)
            if operation.get("security") is None:
                operation["security"] = [{"apiKey": []}]
            operation["operationId"] = _operation_id(operation)
    return {
        **made,
        "info": {
            "title": "mnverify: the verification endpoint",
            "version": version("mnverify"),
            "description": "Hands out challenges, verifies evidence of a My Number Card once, answers with a verdict and a "
            "signed receipt.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "components": {
            "schemas": SCHEMAS,
            "responses": {f"Problem{status}": _problem_answer(status) for status in _WORDS},
            "securitySchemes": {"apiKey": {"type": "http", "scheme": "bearer", "description": "An API key."}},
        },
    }


def _add_example(holder: dict[str, Any]) -> None:
    """The example of a body, whole: the framework leaves out what is null."""
    content = holder.get("content", {}).get(_JSON, {"schema": {}})
    if not content["schema"]:  # the framework's own guess
        holder.get("content", {}).pop(_JSON, None)
    else:
        content["example"] = _EXAMPLES[content["schema"]["$ref"].rpartition("/")[2]]


def _operation_id(operation: dict[str, Any]) -> str:
    words = operation["operationId"].split("_v1_")[0].split("__")[0]
    return str(words)


def _problem_answer(status: int) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": _WORDS[status],
        "content": {MEDIA_TYPE: {"schema": ref("Problem"), "examples": problem_examples(status, _ID)}},
    }
    if status in (429, 503):
        answer["headers"] = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}, "description": "Seconds."}}
    if status == 401:
        answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return answer
