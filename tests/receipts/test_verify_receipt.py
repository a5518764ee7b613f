"""A receipt is taken where everything about it is right, and refused, with the reason, where anything is not."""

from __future__ import annotations

import copy
import hmac
import json
import pickle
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from mnverify.errors import NotVerifiedError, UsageError
from mnverify.receipts import CLAIMS, Receipt, ReceiptError, ReceiptKeys, verify_receipt
from mnverify.receipts.key_files import activate_key, make_key
from mnverify.receipts.verify import REASONS
from tests.receipts.support import ISSUER, NOW, PARTY, b64, payload, private_key, result, sign_by_hand
from tests.support.forgery import ASSIST


def check(token: str, jwks: Any, **changes: Any) -> Receipt:
    return verify_receipt(token, jwks, **{"issuer": ISSUER, "relying_party": PARTY, "at": NOW, **changes})


def refused(reason: str, token: str, jwks: Any, **changes: Any) -> None:
    assert reason in REASONS
    with pytest.raises(ReceiptError) as caught:
        check(token, jwks, **changes)
    assert caught.value.reason == reason, caught.value
    assert caught.value.code == "receipt-refused"
    assert re.search("[ぁ-ん]", caught.value.text.ja)


def header(keys: ReceiptKeys, **changes: Any) -> dict[str, Any]:
    return {"alg": "ES256", "kid": keys.active_kid, "typ": "mnverify-receipt+jwt", **changes}


def test_a_receipt_tells_what_the_verification_found(keys: ReceiptKeys) -> None:
    token = keys.sign(payload(claims=("birth_date", "photo")))
    receipt = check(token, keys.jwks(), verification_id="ver_1", challenge_id="cha_1", max_age=timedelta(minutes=5))
    assert receipt
    assert receipt.require() is receipt
    assert (receipt.verdict, receipt.environment, receipt.domain, receipt.role) == (
        "verified",
        result().environment,
        "face-check",
        "general",
    )
    assert (receipt.reference, receipt.purpose, receipt.issued_at, receipt.kid) == (
        "order-17",
        "account-opening",
        NOW,
        keys.active_kid,
    )
    assert [(c.id, c.outcome, c.code) for c in receipt.checks] == [
        (c.id, c.outcome.value, c.code) for c in result().checks
    ]
    fields = result().to_dict()["fields"]
    assert receipt.claims["birth_date"].value == fields["birth_date"]["value"]
    assert receipt.claims["birth_date"].assurance == "signed"
    assert receipt.claims["photo"].value == fields["photo"]["sha256"]
    assert receipt.claims["photo"].media_type == "image/jp2"
    assert set(receipt.claims) == {"birth_date", "photo"}


def test_it_is_the_same_from_text_and_bytes_of_the_keys(keys: ReceiptKeys) -> None:
    token = keys.sign(payload())
    assert check(token, json.dumps(keys.jwks())) == check(token, json.dumps(keys.jwks()).encode())
    assert check(token, keys.jwks()).claims == {}


def test_the_same_payload_gives_the_same_bytes_and_another_one_gives_others(keys: ReceiptKeys) -> None:
    assert keys.sign(payload()) == keys.sign(payload())
    assert keys.sign(payload()) != keys.sign(payload(id="ver_2"))


def test_a_rejected_verification_has_a_receipt_without_content(keys: ReceiptKeys) -> None:
    receipt = check(keys.sign(payload(result=result(tampered=True), claims=CLAIMS)), keys.jwks())
    assert not receipt
    assert receipt.verdict == "rejected"
    with pytest.raises(NotVerifiedError):
        receipt.require()
    with pytest.raises(NotVerifiedError):
        _ = receipt.claims


def test_nothing_personal_shows_and_nothing_is_pickled_or_copied(keys: ReceiptKeys) -> None:
    receipt = check(keys.sign(payload(claims=("birth_date",))), keys.jwks())
    value = receipt.claims["birth_date"].value
    assert value not in repr(receipt) + str(receipt) + repr(receipt.claims)
    for way in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            way(receipt)


def test_a_signed_number_or_security_code_is_no_claim() -> None:
    for name in ("my_number", "my_number_image", "security_code_image", "security_code", "nonsense"):
        with pytest.raises(UsageError, match="cannot carry"):
            payload(claims=("birth_date", name))


def test_a_claim_that_the_card_did_not_give_is_left_out() -> None:
    assert set(payload(claims=CLAIMS)["claims"]) == set(CLAIMS) - {"name", "address"}
    assert "claims" not in payload()


# --- keys --------------------------------------------------------------------------------------------------------------


def test_retired_keys_still_verify_and_removed_ones_do_not(folder: Path, keys: ReceiptKeys) -> None:
    old = keys.sign(payload())
    after = make_key(folder)
    published = ReceiptKeys.from_folder(folder)
    assert published.active_kid == keys.active_kid
    activate_key(folder, after.kid)
    now = ReceiptKeys.from_folder(folder)
    assert now.active_kid == after.kid
    assert check(old, now.jwks()).kid == keys.active_kid
    assert check(now.sign(payload()), published.jwks()), "the next key was published before it signed"
    (folder / f"receipt-key-{keys.active_kid}.json").unlink()
    refused("unknown-key", old, ReceiptKeys.from_folder(folder).jwks())


def test_another_endpoints_key_does_not_verify(keys: ReceiptKeys, tmp_path: Path) -> None:
    make_key(tmp_path / "other")
    other = ReceiptKeys.from_folder(tmp_path / "other")
    refused("unknown-key", other.sign(payload()), keys.jwks())
    renamed = sign_by_hand(tmp_path / "other", other, header(keys), payload())
    refused("signature", renamed, keys.jwks())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda k: {"keys": [{**k, "d": k["x"]}]},
        lambda k: {"keys": [{**k, "k": k["x"]}]},
        lambda k: {"keys": [k, k]},
        lambda k: {"keys": [{**k, "x": k["y"]}]},
        lambda k: {"keys": [{**k, "x": k["x"] + "="}]},
        lambda k: {"keys": [{**k, "x": k["x"][:-4]}]},
        lambda k: {"keys": [{**k, "crv": "P-384"}]},
        lambda k: {"keys": [{"kty": "oct", "kid": k["kid"], "alg": "ES256", "use": "sig"}]},
        lambda k: {"keys": [k] * 101},
        lambda k: {"keys": "none"},
        lambda k: {"keys": ["none"]},
        lambda k: {},
        lambda k: "[]",
        lambda k: "{",
        lambda k: b"\xff",
        lambda k: '{"keys": [], "keys": []}',
    ],
)
def test_keys_that_are_none_are_refused(keys: ReceiptKeys, spoil: Callable[[Any], Any]) -> None:
    refused("bad-keys", keys.sign(payload()), spoil(keys.jwks()["keys"][0]))


@pytest.mark.parametrize("change", [{"alg": "ES384"}, {"alg": "HS256"}, {"use": "enc"}, {"kid": None}, {"kid": 1}])
def test_keys_for_other_things_are_no_keys_for_receipts(keys: ReceiptKeys, change: dict[str, Any]) -> None:
    refused("unknown-key", keys.sign(payload()), {"keys": [{**keys.jwks()["keys"][0], **change}]})


# --- the header chooses nothing -------------------------------------------------------------------------------------------


def test_no_algorithm_but_the_one_asked_for(folder: Path, keys: ReceiptKeys) -> None:
    body = b64(payload())
    none = f"{b64(header(keys, alg='none'))}.{body}."
    refused("algorithm", none, keys.jwks())
    public = json.dumps(keys.jwks()["keys"][0])
    signed = f"{b64(header(keys, alg='HS256'))}.{body}"
    refused("algorithm", f"{signed}.{b64(hmac.digest(public.encode(), signed.encode(), 'sha256'))}", keys.jwks())
    for name in ("ES384", "ES256K", "RS256", "EdDSA", "es256", "", None, 256.0):
        refused("algorithm", sign_by_hand(folder, keys, header(keys, alg=name), payload()), keys.jwks())
    with pytest.raises(UsageError):
        check(keys.sign(payload()), keys.jwks(), algorithm="none")


def test_a_key_in_the_header_is_not_looked_at(folder: Path, keys: ReceiptKeys) -> None:
    jwk = keys.jwks()["keys"][0]
    extras: tuple[dict[str, Any], ...] = (
        {"jwk": jwk},
        {"jku": "https://x.example"},
        {"x5c": []},
        {"b64": False},
        {"crit": ["exp"]},
    )
    for extra in extras:
        refused("malformed", sign_by_hand(folder, keys, header(keys, **extra), payload()), keys.jwks())


@pytest.mark.parametrize("change", [{"typ": "JWT"}, {"typ": None}, {"kid": 7}])
def test_the_header_says_that_it_is_a_receipt(folder: Path, keys: ReceiptKeys, change: dict[str, Any]) -> None:
    refused("malformed", sign_by_hand(folder, keys, header(keys, **change), payload()), keys.jwks())


def test_no_member_stands_twice(folder: Path, keys: ReceiptKeys) -> None:
    head = f'{{"alg": "none", "alg": "ES256", "kid": "{keys.active_kid}", "typ": "mnverify-receipt+jwt"}}'
    refused("malformed", sign_by_hand(folder, keys, head, payload()), keys.jwks())
    body = json.dumps(payload())[:-1] + ', "verdict": "verified"}'
    refused("malformed", sign_by_hand(folder, keys, header(keys), body), keys.jwks())


@pytest.mark.parametrize(
    "token", ["", "a", "a.b", "a.b.c", "a.b.c.d", "e30.e30.", "e30.e30.AA==", "é.é.é", "." * 40000]
)
def test_what_is_no_receipt(keys: ReceiptKeys, token: str) -> None:
    refused("malformed", token, keys.jwks())


def test_a_receipt_that_is_too_long_is_not_looked_at(folder: Path, keys: ReceiptKeys) -> None:
    body = {**payload(), "later": "x" * 26_000}  # its payload alone would be short enough
    refused("malformed", sign_by_hand(folder, keys, header(keys), body), keys.jwks())
    assert check(sign_by_hand(folder, keys, header(keys), {**body, "later": "x" * 20_000}), keys.jwks())


def test_every_change_of_a_character_is_refused(keys: ReceiptKeys) -> None:
    token, jwks = keys.sign(payload(claims=("birth_date",))), keys.jwks()
    for place in range(len(token)):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(ReceiptError):
            check(changed, jwks)
    for changed in (token[:-1], token + "A", token + "=", token + "\n", " " + token):
        with pytest.raises(ReceiptError):
            check(changed, jwks)


def test_a_signature_of_another_length_or_of_zeros_is_refused(keys: ReceiptKeys) -> None:
    signed = keys.sign(payload()).rpartition(".")[0]
    for raw in (bytes(64), b"", bytes(63), bytes(65), b"\xff" * 64):
        refused("signature", f"{signed}.{b64(raw)}", keys.jwks())


def test_a_signature_in_der_is_none(folder: Path, keys: ReceiptKeys) -> None:
    from cryptography.hazmat.primitives.hashes import SHA256

    signed = keys.sign(payload()).rpartition(".")[0]
    der = private_key(folder, keys.active_kid).sign(signed.encode(), ec.ECDSA(SHA256()))
    refused("signature", f"{signed}.{b64(der)}", keys.jwks())


# --- what it says ---------------------------------------------------------------------------------------------------------


def test_it_has_to_be_from_whom_for_whom_and_of_what_the_caller_says(keys: ReceiptKeys) -> None:
    token, jwks = keys.sign(payload()), keys.jwks()
    refused("issuer", token, jwks, issuer=ISSUER + "/")
    refused("relying-party", token, jwks, relying_party="rp-other")
    refused("verification", token, jwks, verification_id="ver_2")
    refused("challenge", token, jwks, challenge_id="cha_2")
    for change in ({"issuer": ""}, {"relying_party": ""}, {"at": NOW.replace(tzinfo=None)}):
        with pytest.raises(UsageError):
            check(token, jwks, **change)


def test_its_time(keys: ReceiptKeys) -> None:
    token, jwks = keys.sign(payload()), keys.jwks()
    check(token, jwks, at=NOW - timedelta(seconds=60))
    refused("future", token, jwks, at=NOW - timedelta(seconds=61))
    check(token, jwks, at=NOW + timedelta(days=3650))
    check(token, jwks, at=NOW + timedelta(minutes=5), max_age=timedelta(minutes=5))
    refused("too-old", token, jwks, at=NOW + timedelta(minutes=5, seconds=1), max_age=timedelta(minutes=5))
    ours = keys.sign(payload(at=datetime.now(UTC)))
    assert verify_receipt(ours, jwks, issuer=ISSUER, relying_party=PARTY, max_age=timedelta(minutes=1))


FIELDS = {
    "format",
    "iss",
    "aud",
    "iat",
    "jti",
    "challenge_id",
    "verdict",
    "environment",
    "domain",
    "role",
    "at",
    "checks",
}


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_a_member_that_is_missing_or_of_another_type(folder: Path, keys: ReceiptKeys, name: str) -> None:
    for change in ({}, {name: None}, {name: [1]}, {name: {"a": "b"}}, {name: ""}, {name: True}):
        body = {**payload(), **change}
        if not change:
            del body[name]
        refused("malformed", sign_by_hand(folder, keys, header(keys), body), keys.jwks())


@pytest.mark.parametrize(
    "change",
    [
        {"checks": []},
        {"checks": [{"id": "chain", "outcome": "fail", "code": "x"}]},
        {"checks": [{"id": "chain", "outcome": "pass", "code": "x"}] * 2},
        {"checks": [{"id": "chain", "outcome": "passed", "code": "x"}]},
        {"checks": ["chain"]},
        {"checks": [{"id": f"c{n}", "outcome": "pass", "code": "x"} for n in range(65)]},
        {"verdict": "rejected"},
        {"iat": -1},
        {"iat": 10**13},
        {"iat": 1.5},
        {"claims": []},
        {"claims": {"my_number": {"value": "1", "assurance": "signed"}}},
        {"claims": {"name": "x"}},
        {"claims": {"name": {"value": 1, "assurance": "signed"}}},
        {"claims": {"name": {"value": "x", "assurance": "sworn"}}},
        {"claims": {"photo": {"media_type": "image/jp2", "sha256": "AA", "assurance": "signed"}}},
        {"claims": {"photo": {"media_type": 1, "sha256": "0" * 64, "assurance": "signed"}}},
        {"reference": 1},
        {"purpose": None},
    ],
)
def test_a_payload_that_contradicts_itself(folder: Path, keys: ReceiptKeys, change: dict[str, Any]) -> None:
    refused("malformed", sign_by_hand(folder, keys, header(keys), {**payload(), **change}), keys.jwks())


def test_a_rejected_receipt_with_claims_is_none(folder: Path, keys: ReceiptKeys) -> None:
    body = payload(result=result(tampered=True)) | {"claims": {"name": {"value": "x", "assurance": "signed"}}}
    refused("malformed", sign_by_hand(folder, keys, header(keys), body), keys.jwks())


def test_members_of_later_versions_are_passed_over(folder: Path, keys: ReceiptKeys) -> None:
    assert check(sign_by_hand(folder, keys, header(keys), {**payload(), "later": {"a": 1}}), keys.jwks())


def test_no_refusal_shows_content(folder: Path, keys: ReceiptKeys) -> None:
    body = payload(claims=("birth_date",))
    secret = body["claims"]["birth_date"]["value"]
    for change in (
        {"claims": {**body["claims"], secret: 1}},
        {"iat": secret},
        {"checks": [secret]},
        {"verdict": secret},
    ):
        with pytest.raises(ReceiptError) as caught:
            check(sign_by_hand(folder, keys, header(keys), {**body, **change}), keys.jwks())
        assert secret not in str(caught.value) + caught.value.text.ja + repr(caught.value)


def test_the_digest_of_the_evidence(folder: Path, keys: ReceiptKeys) -> None:
    token = keys.sign(payload(evidence_sha256="0a" * 32))
    assert check(token, keys.jwks()).evidence_sha256 == "0a" * 32
    assert check(keys.sign(payload()), keys.jwks()).evidence_sha256 is None
    refused("malformed", keys.sign(payload() | {"evidence_sha256": "0A" * 32}), keys.jwks())


def test_no_digest_of_input_assist_evidence_in_role_general() -> None:
    attributes = result(domain=ASSIST)
    assert "evidence_sha256" not in payload(result=attributes)
    with pytest.raises(UsageError, match="個人番号"):
        payload(result=attributes, evidence_sha256="0a" * 32)


def test_the_four_attributes(keys: ReceiptKeys) -> None:
    receipt = check(keys.sign(payload(result=result(domain=ASSIST), claims=CLAIMS)), keys.jwks())
    assert set(receipt.claims) == {"name", "address", "birth_date", "sex"}
    assert all(claim.assurance == "signed" for claim in receipt.claims.values())
