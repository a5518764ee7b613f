"""The schemas of the OpenAPI document. They describe; what judges requests is `mnverify.server.envelopes`."""

from __future__ import annotations

from typing import Any

from mnverify.printed.comparison import COMPARED_FIELDS, FieldOutcome, Method
from mnverify.printed.comparison import FORMAT as COMPARISON_FORMAT
from mnverify.printed.data import FIELDS, LONGEST_SIDE, LONGEST_TEXT, MOST_DOUBTS, MOST_ENTRIES
from mnverify.printed.data import FORMAT as PRINTED_FORMAT
from mnverify.receipts import CLAIMS
from mnverify.server.envelopes import DEFAULT_LIFETIME, LIFETIME
from mnverify.server.words import ID, IDEMPOTENCY_KEY, PURPOSE, REFERENCE
from mnverify.values.terms import CredentialKind, Domain, Role

Schema = dict[str, Any]

MOMENT: Schema = {"type": "string", "format": "date-time"}
BASE64: Schema = {"type": "string", "contentEncoding": "base64", "pattern": "^[A-Za-z0-9+/]*={0,2}$"}


def text(pattern: str | None = None, **more: Any) -> Schema:
    """A string."""
    return {"type": "string", **({"pattern": f"^{pattern}$"} if pattern else {}), **more}


def words(kind: type[Any]) -> Schema:
    """One of an enumeration's words."""
    return {"type": "string", "enum": [one.value for one in kind]}


def maybe(schema: Schema) -> Schema:
    """That, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def obj(required: Schema, optional: Schema | None = None, **more: Any) -> Schema:
    """An object with these members and no others."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


def by_field(schema: Schema) -> Schema:
    """An object with a member for each printed field."""
    return {"type": "object", "propertyNames": {"enum": list(FIELDS)}, "additionalProperties": schema}


def ref(name: str) -> Schema:
    """A schema of the components."""
    return {"$ref": f"#/components/schemas/{name}"}


IDENTIFIER = text(ID.pattern, description="A random id of this service.")
CHECK_IDS = ["structure", "chain", "record-signature", "file-digests", "presence", "freshness", "expiry"]
CHECK = obj(
    {
        "id": {"type": "string", "enum": CHECK_IDS},
        "outcome": {"type": "string", "enum": ["pass", "fail", "not-performed"]},
        "code": text(description="Stable; programs decide by it."),
        "detail": text(description="For people, in the language that Accept-Language asks for."),
    }
)
LIMIT = obj({"code": text(), "detail": text()}, description="Something that this result cannot say.")
FIELD = obj(
    {"assurance": {"type": "string", "enum": ["signed", "corroborated", "unsigned"]}},
    {
        "value": text(),
        "media_type": text(),
        "sha256": text("[0-9a-f]{64}"),
        "extent": {"type": "string", "enum": ["year"]},
    },
    description="A verified field; pictures by media type and digest.",
)
_JUDGED: Schema = {
    "verdict": {"type": "string", "enum": ["verified", "rejected"]},
    "environment": text(description="Of the trust anchors: production, test, or another word."),
    "authority": maybe(text()),
    "domain": words(Domain),
    "role": words(Role),
    "credential": words(CredentialKind),
    "generation": text(),
    "at": {**MOMENT, "description": "The moment that expiry was judged by."},
    "checks": {"type": "array", "items": ref("Check"), "minItems": 7, "maxItems": 7},
    "limits": {"type": "array", "items": ref("Limit")},
}
_AROUND: Schema = {
    "id": IDENTIFIER,
    "challenge_id": IDENTIFIER,
    "purpose": maybe(text()),
    "reference": maybe(text()),
    "receipt": text(description="Compact JWS (ES256); its keys are at /.well-known/jwks.json."),
}

SCHEMAS: dict[str, Schema] = {
    "ChallengeRequest": obj(
        {},
        {
            "expires_in": {
                "type": "integer",
                "minimum": LIFETIME[0],
                "maximum": LIFETIME[1],
                "default": DEFAULT_LIFETIME,
                "description": "Seconds that it is good for.",
            },
            "purpose": text(PURPOSE.pattern, description="What it is for; has to be one that the API key is for."),
            "reference": text(REFERENCE.pattern, description="The caller's own, opaque, no personal data."),
        },
    ),
    "Challenge": obj(
        {
            "id": IDENTIFIER,
            "challenge": {**BASE64, "description": "32 bytes, which the card has to answer."},
            "expires_at": MOMENT,
            "purpose": maybe(text()),
            "reference": maybe(text()),
        }
    ),
    "Evidence": obj(
        {
            "format": {"type": "string", "const": "mnverify.evidence/1"},
            "domain": words(Domain),
            "role": words(Role),
            "credential": words(CredentialKind),
            "files": {
                "type": "object",
                "patternProperties": {"^[0-9A-F]{4}$": BASE64},
                "additionalProperties": False,
                "minProperties": 1,
                "description": "The card's files as read, by their ids.",
            },
        },
        {
            "segments": obj({}, {"2": text("[0-9a-f]{64}"), "3": text("[0-9a-f]{64}")}),
            "presence": obj({"challenge": BASE64, "signature": BASE64}),
            "read_at": MOMENT,
            "reader": text(maxLength=128),
        },
        description="mnverify.evidence/1: what a reading yields.",
    ),
    "VerificationRequest": obj(
        {"challenge_id": IDENTIFIER, "evidence": ref("Evidence")},
        {
            "purpose": text(PURPOSE.pattern, description="Where the challenge was asked for without one."),
            "claims": {
                "type": "array",
                "items": {"type": "string", "enum": list(CLAIMS)},
                "description": "Fields that the receipt shall carry. Such a receipt is handed out and not kept.",
            },
            "printed": {"anyOf": [ref("Printed"), ref("ReadPrinted")]},
            "face_compared": {
                "type": "boolean",
                "description": "Staff compared the holder's face with the picture (for verified_claims: pvp).",
            },
        },
    ),
    "Printed": obj(
        {},
        {
            **{name: text(maxLength=LONGEST_TEXT) for name in FIELDS if name not in ("additional_entry", "my_number")},
            "additional_entry": {
                "type": "array",
                "items": text(maxLength=LONGEST_TEXT),
                "maxItems": MOST_ENTRIES,
                "description": "Lines of the note area (追記欄), the newest last.",
            },
            "my_number": text(maxLength=LONGEST_TEXT, description="Only for a key of role my-number-office."),
        },
        description="What is printed on the card, as a person typed it.",
    ),
    "ReadPrinted": obj(
        {"format": {"type": "string", "const": PRINTED_FORMAT}, "printed": ref("Printed")},
        {
            "confidence": by_field({"type": "number", "minimum": 0, "maximum": 1}),
            "places": by_field(
                {
                    "type": "array",
                    "items": {"type": "integer", "minimum": 0, "maximum": LONGEST_SIDE},
                    "minItems": 4,
                    "maxItems": 4,
                }
            ),
            "doubts": {"type": "array", "items": text(), "maxItems": MOST_DOUBTS},
        },
        description="The same as it was read in a picture.",
    ),
    "Comparison": obj(
        {
            "format": {"type": "string", "const": COMPARISON_FORMAT},
            "outcome": {"type": "string", "enum": ["match", "mismatch", "uncertain"]},
            "fields": {
                "type": "object",
                "propertyNames": {"enum": list(COMPARED_FIELDS)},
                "additionalProperties": obj(
                    {
                        "outcome": words(FieldOutcome),
                        "code": text(description="Stable; programs decide by it."),
                        "method": words(Method),
                        "detail": text(),
                    }
                ),
            },
        },
        description="Chip against print, field by field, with no content of either. The verdict does not depend on it.",
    ),
    "Check": CHECK,
    "Limit": LIMIT,
    "Field": FIELD,
    "Verification": obj(
        {"format": {"type": "string", "const": "mnverify.result/1"}, **_AROUND, **_JUDGED},
        {
            "fields": {
                "type": "object",
                "additionalProperties": ref("Field"),
                "description": "Only where the verdict is verified.",
            },
            "comparison": ref("Comparison"),
            "verified_claims": {
                "type": "object",
                "description": "With format=verified_claims, in place of fields: OpenID Connect for Identity Assurance 1.0.",
            },
            "verified_claims_refused": obj(
                {"code": text(), "where": text(), "detail": text()},
                description="Why there are no verified_claims of evidence that was verified.",
            ),
        },
    ),
    "Outcome": obj(
        {
            "format": {"type": "string", "const": "mnverify.outcome/1"},
            **_AROUND,
            "relying_party": text(),
            **_JUDGED,
            "evidence_sha256": maybe(text("[0-9a-f]{64}")),
        },
        {"comparison": ref("Comparison")},
        description="What was kept: no personal data.",
    ),
    "Events": obj(
        {
            "id": IDENTIFIER,
            "challenge_id": IDENTIFIER,
            "events": {
                "type": "array",
                "items": obj(
                    {
                        "at": MOMENT,
                        "event": {
                            "type": "string",
                            "enum": [
                                "challenge-issued",
                                "attempt-refused",
                                "evaluated",
                                "second-use-refused",
                                "answered-again",
                            ],
                        },
                        "code": maybe(text()),
                    }
                ),
            },
        }
    ),
    "TrustAnchors": obj(
        {
            "environment": text(),
            "anchors": {
                "type": "array",
                "items": obj(
                    {name: text() for name in ("name", "key_id", "domain", "environment", "algorithm", "provenance")}
                ),
            },
        }
    ),
    "Jwks": obj(
        {
            "keys": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {name: text() for name in ("kty", "crv", "x", "y", "kid", "use", "alg")},
                    "required": ["kty", "crv", "x", "y", "kid", "use", "alg"],
                },
            }
        }
    ),
    "Ready": obj(
        {
            "status": {"type": "string", "const": "ready"},
            "environment": text(),
            "trust_anchors": {"type": "integer", "minimum": 0},
        }
    ),
    "Alive": obj({"status": {"type": "string", "const": "alive"}}),
    "Problem": obj(
        {
            "type": text(description="urn:mnverify:problem: and the code."),
            "title": text(),
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": text(description="What happened, what was not done, what to do."),
            "code": text(description="Stable; programs decide by it."),
            "where": maybe(text(description="The place in the request.")),
            "request_id": IDENTIFIER,
        },
        description="RFC 9457: always these members. No submitted value is repeated.",
    ),
}

REPEAT_HEADER: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": text(IDEMPOTENCY_KEY.pattern),
    "description": "The same key with the same body gets the same answer again, as long as the challenge is good.",
}
