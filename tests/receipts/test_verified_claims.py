"""``verified_claims`` say what the card's signature covers, in registered words, and nothing that the schema lets through."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from mnverify import VerificationResult
from mnverify.errors import NotVerifiedError, UsageError
from mnverify.receipts.payload import CLAIMS
from mnverify.receipts.verified_claims import (
    TRUST_FRAMEWORKS,
    VerifiedClaimsError,
    check_verified_claims,
    to_verified_claims,
)
from tests.receipts.support import NOW, result
from tests.support.forgery import ASSIST


def made(found: VerificationResult, **changes: Any) -> dict[str, Any]:
    usual = {
        "at": NOW,
        "trust_framework": "jp_aml",
        "face_compared": False,
        "claims": ("birth_date", "sex"),
        "txn": "ver_1",
    }
    return to_verified_claims(found, **{**usual, **changes})


def test_a_card_face() -> None:
    fields = result().to_dict()["fields"]
    assert made(result()) == {
        "verification": {
            "trust_framework": "jp_aml",
            "time": "2026-11-24T03:00:00Z",
            "verification_process": "ver_1",
            "evidence": [
                {
                    "type": "document",
                    "check_details": [{"check_method": "vcrypt", "time": "2026-11-24T03:00:00Z"}],
                    "document_details": {"type": "jp_individual_number_card", "issuer": {"country_code": "JPN"}},
                }
            ],
            "environment": result().environment,
        },
        "claims": {"birthdate": fields["birth_date"]["value"], "gender": fields["sex"]["value"]},
    }


def test_the_four_attributes() -> None:
    found = result(domain=ASSIST)
    fields = found.to_dict()["fields"]
    claims = made(found, claims=CLAIMS)["claims"]
    assert claims == {
        "name": fields["name"]["value"],
        "address": {"formatted": fields["address"]["value"]},
        "birthdate": fields["birth_date"]["value"],
        "gender": fields["sex"]["value"],
    }


def test_what_is_not_signed_is_no_claim() -> None:
    assert result().to_dict()["fields"]["expiry"]["assurance"] != "signed"
    document = made(result(), claims=("expiry", "birth_date", "photo"))
    assert set(document["claims"]) == {"birthdate"}
    assert "date_of_expiry" not in document["verification"]["evidence"][0]["document_details"]
    with pytest.raises(VerifiedClaimsError, match="No claim is left"):
        made(result(), claims=("expiry", "photo"))
    with pytest.raises(VerifiedClaimsError, match="No claim is left"):
        made(result(), claims=())


class Found:
    """A verified result whose birth date and photo no signature covers."""

    verified = True
    environment = "production"

    def to_dict(self) -> dict[str, Any]:
        fields = result().to_dict()["fields"]
        return {"fields": {name: {**field, "assurance": "unsigned"} for name, field in fields.items()}}


def test_only_what_is_signed_is_a_claim_whatever_its_name() -> None:
    found: Any = Found()
    with pytest.raises(VerifiedClaimsError, match="No claim is left"):
        made(found)
    with pytest.raises(VerifiedClaimsError, match="has none"):
        made(found, face_compared=True)


def test_pvp_only_where_the_caller_says_that_staff_compared_the_face() -> None:
    details = made(result(), face_compared=True)["verification"]["evidence"][0]["check_details"]
    assert [check["check_method"] for check in details] == ["vcrypt", "pvp"]
    with pytest.raises(VerifiedClaimsError, match="has none"):
        made(result(domain=ASSIST), face_compared=True)


def test_no_trust_framework_by_itself_and_no_other() -> None:
    with pytest.raises(TypeError):
        to_verified_claims(result(), at=NOW, face_compared=False, claims=("sex",), txn="x")  # type: ignore[call-arg]
    for name in ("", "eidas", "jp_oidf_ida", "JP_AML"):
        with pytest.raises(VerifiedClaimsError, match=r"verification\.trust_framework"):
            made(result(), trust_framework=name)
    assert [made(result(), trust_framework=name)["verification"]["trust_framework"] for name in TRUST_FRAMEWORKS]


def test_a_rejected_result_has_none() -> None:
    with pytest.raises(NotVerifiedError):
        made(result(tampered=True))


def test_never_the_number() -> None:
    for name in ("my_number", "my_number_image", "security_code_image"):
        with pytest.raises(UsageError):
            made(result(), claims=(name,))


def test_the_moment_is_told_in_utc() -> None:
    japan = datetime(2026, 11, 24, 12, 0, 0, 999, tzinfo=timezone(timedelta(hours=9)))
    assert made(result(), at=japan)["verification"]["time"] == "2026-11-24T03:00:00Z"


def at(*path: str | int, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        place: Any = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


EVIDENCE = ("verification", "evidence", 0)
CHECK = (*EVIDENCE, "check_details", 0)
DETAILS = (*EVIDENCE, "document_details")
NONSENSE = {
    # what the published schema takes
    "unknown method": at(*CHECK, "check_method", value="looked-at"),
    "retired method": at(*CHECK, "check_method", value="uripp"),
    "time in words": at("verification", "time", value="yesterday"),
    "check time in words": at(*CHECK, "time", value="yesterday"),
    "no time zone": at("verification", "time", value="2026-11-24T03:00:00"),
    "no such moment": at("verification", "time", value="2026-02-30T03:00:00Z"),
    "no claims": at("claims", value={}),
    "empty claim": at("claims", "name", value=""),
    "blank claim": at("claims", "name", value=" \u3000"),
    "blank address": at("claims", "address", value={"formatted": ""}),
    "no such day": at("claims", "birthdate", value="2001-02-29"),
    "gender as a digit": at("claims", "gender", value="2"),
    "alpha-2": at(*DETAILS, "issuer", "country_code", value="JP"),
    "lower case": at(*DETAILS, "issuer", "country_code", value="jpn"),
    "another country": at(*DETAILS, "issuer", "country_code", value="USA"),
    "unknown document": at(*DETAILS, "type", value="library_card"),
    "unknown framework": at("verification", "trust_framework", value="my_own"),
    "only a look": at(*CHECK, "check_method", value="pvp"),
    "same check twice": at(
        *EVIDENCE, "check_details", value=[{"check_method": "vcrypt", "time": "2026-11-24T03:00:00Z"}] * 2
    ),
    "unknown claim": at("claims", "loves", value="natto"),
    "the number": at("claims", "name", value="花子 123456789018"),
    "the number in full width": at("claims", "address", value={"formatted": "１２３４５６７８９０１８"}),
    "a number for the document": at(*DETAILS, "document_number", value="123456789018"),
    "an unsigned expiry": at(*DETAILS, "date_of_expiry", value="2033-07-03"),
    "control character": at("claims", "name", value="花子\x1b[2J"),
    "no process": at("verification", "verification_process", value=""),
    # what it refuses as well
    "empty address": at("claims", "address", value={}),
    "retired evidence": at(*EVIDENCE, "type", value="id_document"),
    "no evidence": at("verification", "evidence", value=[]),
    "no check": at(*EVIDENCE, "check_details", value=[]),
    "another member": at("other", value=1),
    "no object": at("claims", value=None),
    "evidence of another kind": at("verification", "evidence", value="document"),
    "a list for a text": at("claims", "name", value=["花子"]),
}


@pytest.mark.parametrize("change", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_refused_without_showing_it(change: Callable[[dict[str, Any]], None]) -> None:
    document = made(result())
    check_verified_claims(document)
    spoilt = copy.deepcopy(document)
    change(spoilt)
    with pytest.raises(VerifiedClaimsError) as caught:
        check_verified_claims(spoilt)
    shown = str(caught.value) + caught.value.text.ja + repr(caught.value)
    assert not re.search(r"花子|natto|1234|yesterday", shown)
    assert caught.value.code == "verified-claims-refused"


@pytest.mark.parametrize("document", [None, [], "x", {}, {"verification": {}}, {"claims": {"name": "x"}}])
def test_what_is_no_such_document(document: object) -> None:
    with pytest.raises(VerifiedClaimsError):
        check_verified_claims(document)
