"""A verified result as ``verified_claims`` of OpenID Connect for Identity Assurance (final schema, 1.0).

The published schema takes nonsense (unknown check methods, ``"time": "yesterday"``, no claims at all), so what is made here is
judged by ``check_verified_claims``, which knows the registered values that a My Number Card can stand for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from unicodedata import category

from mnverify.errors import MnverifyError, NotVerifiedError
from mnverify.receipts.payload import check_claims
from mnverify.text import Text
from mnverify.verification import VerificationResult

TRUST_FRAMEWORKS = ("jp_aml", "jp_mpiupa")
"""What a relying party may be set up to claim: 犯罪収益移転防止法, 携帯電話不正利用防止法. None of them by itself."""

CLAIM_NAMES = {"name": "name", "birth_date": "birthdate", "sex": "gender", "address": "address"}
"""Our field names, and what OpenID Connect calls them."""

_CARD = "jp_individual_number_card"
_METHODS = ("vcrypt", "pvp")
_GENDERS = ("male", "female")
_PRODUCTION = "production"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{3}", re.ASCII)
_NUMBER = re.compile(r"(?<![0-9０-９])[0-9０-９]{12}(?![0-9０-９])")
_MAX_TEXT = 2048

_NONE_LEFT = Text(
    "No claim is left: the card's signature covers none of those asked for ({names}). No verified_claims were made.",
    "載せられる項目がありません（求められた {names} は、いずれもカードの署名の対象外です）。verified_claims は作っていません。",
)
_NO_FACE = Text(
    "pvp says that staff compared the face with the signed photo, and this result has none. No verified_claims were made.",
    "pvp は署名された顔写真と本人の顔を職員が見比べたことを表しますが、この結果に顔写真がありません。"
    "verified_claims は作っていません。",
)
_WRONG = Text(
    "These verified_claims say what cannot be said: {where}. They were not given out.",
    "verified_claims の内容が正しくありません（{where}）。渡していません。",
)


class VerifiedClaimsError(MnverifyError, ValueError):
    """``verified_claims`` that would say nothing, or something that is not so. They were not given out.

    Args:
        where: the place, as ``verification.time``.
        text: the message.
    """

    code: ClassVar[str] = "verified-claims-refused"

    def __init__(self, where: str, text: Text) -> None:
        super().__init__(text)
        self.where = where

    def details(self) -> dict[str, str | int]:
        """The place."""
        return {"where": self.where}


def to_verified_claims(
    result: VerificationResult,
    *,
    at: datetime,
    trust_framework: str,
    face_compared: bool,
    claims: Collection[str],
    txn: str,
) -> dict[str, Any]:
    """The value of ``verified_claims`` for a verified result.

    Only what the card's signature covers is a claim: ``expiry`` and pictures are left out, and so is a birth date of which
    the day is not known. Never the 個人番号. Results of another environment than ``production`` say so in
    ``verification.environment``.

    Args:
        result: what the verification found.
        at: when it was verified, with a time zone; kept to the second.
        trust_framework: one of ``TRUST_FRAMEWORKS``, which the relying party answers for.
        face_compared: staff compared the holder's face with the signed photo, and the caller says so.
        claims: field names asked for, as ``birth_date``.
        txn: names the verification.

    Raises:
        NotVerifiedError: the result is ``rejected``.
        UsageError: a claim that nothing may carry.
        VerifiedClaimsError: no claim is left, there is no photo to compare with, or a value that is not registered.
    """
    wanted = check_claims(claims)
    if not result.verified:
        raise NotVerifiedError(
            Text(
                "The evidence was rejected. There are no verified_claims.",
                "検証に不合格のため、verified_claims はありません。",
            )
        )
    signed = {name: f for name, f in result.to_dict()["fields"].items() if f["assurance"] == "signed"}
    if face_compared and "photo" not in signed:
        raise VerifiedClaimsError("verification.evidence.check_details", _NO_FACE)
    made = _claims({name: signed[name].get("value") for name in wanted if name in signed})
    if not made:
        raise VerifiedClaimsError("claims", _NONE_LEFT.fill(names=", ".join(wanted)))
    moment = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    methods = _METHODS if face_compared else _METHODS[:1]
    verification = {
        "trust_framework": trust_framework,
        "time": moment,
        "verification_process": txn,
        "evidence": [
            {
                "type": "document",
                "check_details": [{"check_method": method, "time": moment} for method in methods],
                "document_details": {"type": _CARD, "issuer": {"country_code": "JPN"}},
            }
        ],
    }
    if result.environment != _PRODUCTION:
        verification["environment"] = result.environment
    document = {"verification": verification, "claims": made}
    check_verified_claims(document)
    return document


def _claims(values: Mapping[str, str | None]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name not in CLAIM_NAMES or not value:
            continue
        if name == "address":
            found["address"] = {"formatted": value}
        elif name == "birth_date" and not _DAY.fullmatch(value):
            continue  # the schema has no partial birth date
        elif name != "sex" or value in _GENDERS:
            found[CLAIM_NAMES[name]] = value
    return found


def check_verified_claims(document: object) -> None:
    """Refuse ``verified_claims`` that a reading of a My Number Card cannot yield, whatever the published schema takes.

    Raises:
        VerifiedClaimsError: a value that is not registered, a moment, day or country of another form, no claims, a claim or
            member that is not known, or something that looks like a 個人番号; names the place, and shows no value.
    """
    whole = _members(document, "verified_claims", {"verification", "claims"})
    verification = _members(
        whole["verification"],
        "verification",
        {"trust_framework", "time", "verification_process", "evidence"},
        {"environment"},
    )
    _require(verification["trust_framework"] in TRUST_FRAMEWORKS, "verification.trust_framework")
    _check_moment(verification["time"], "verification.time")
    for name in ("verification_process", "environment"):
        _require(_is_text(verification.get(name, "x")), f"verification.{name}")
    evidence = verification["evidence"]
    _require(isinstance(evidence, list) and len(evidence) == 1, "verification.evidence")
    _check_document(evidence[0])
    _check_claims(whole["claims"])


def _check_document(value: object) -> None:
    where = "verification.evidence"
    document = _members(value, where, {"type", "check_details", "document_details"})
    _require(document["type"] == "document", f"{where}.type")
    checks = document["check_details"]
    _require(isinstance(checks, list) and 0 < len(checks) <= len(_METHODS), f"{where}.check_details")
    for check in checks:
        check = _members(check, f"{where}.check_details", {"check_method", "time"})
        _require(check["check_method"] in _METHODS, f"{where}.check_details.check_method")
        _check_moment(check["time"], f"{where}.check_details.time")
    methods = [check["check_method"] for check in checks]
    _require("vcrypt" in methods and len(set(methods)) == len(methods), f"{where}.check_details.check_method")
    details = _members(document["document_details"], f"{where}.document_details", {"type", "issuer"})
    _require(details["type"] == _CARD, f"{where}.document_details.type")
    issuer = _members(details["issuer"], f"{where}.document_details.issuer", {"country_code"})
    code = issuer["country_code"]
    _require(isinstance(code, str) and bool(_COUNTRY.fullmatch(code)), f"{where}.document_details.issuer.country_code")
    _require(code == "JPN", f"{where}.document_details.issuer.country_code")


def _check_claims(value: object) -> None:
    claims = _members(value, "claims", set(), set(CLAIM_NAMES.values()))
    _require(bool(claims), "claims")
    forms: dict[str, Callable[[Any], bool]] = {
        "name": _is_text,
        "birthdate": _is_day,
        "gender": lambda text: text in _GENDERS,
        "address": lambda text: _is_text(_members(text, "claims.address", {"formatted"})["formatted"]),
    }
    for name, claim in claims.items():
        _require(forms[name](claim), f"claims.{name}")


def _members(value: object, where: str, required: Collection[str], optional: Collection[str] = ()) -> Mapping[str, Any]:
    known = {*required, *optional}
    if not isinstance(value, Mapping) or not value.keys() >= set(required) or value.keys() - known:
        raise _wrong(where)
    return value


def _check_moment(value: object, where: str) -> None:
    _require(
        isinstance(value, str) and bool(_MOMENT.fullmatch(value)) and _exists(datetime.fromisoformat, value), where
    )


def _is_day(value: object) -> bool:
    return isinstance(value, str) and bool(_DAY.fullmatch(value)) and _exists(date.fromisoformat, value)


def _is_text(value: object) -> bool:
    return (
        isinstance(value, str)
        and bool(value.strip())
        and len(value) <= _MAX_TEXT
        and not any(category(character) in ("Cc", "Cs") for character in value)
        and not _NUMBER.search(value)
    )


def _exists(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _require(holds: bool, where: str) -> None:
    if not holds:
        raise _wrong(where)


def _wrong(where: str) -> VerifiedClaimsError:
    return VerifiedClaimsError(where, _WRONG.fill(where=where))
