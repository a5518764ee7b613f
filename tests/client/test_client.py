"""The client asks as the interface says, and believes an answer only as far as its receipt goes."""

from __future__ import annotations

import copy
import json
import pickle
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from mnverify.client import ClientError, UnexpectedAnswer, VerificationClient
from mnverify.errors import EvidenceError, MnverifyError, NotVerifiedError, UsageError
from mnverify.receipts import ReceiptError, ReceiptKeys
from mnverify.receipts.key_files import activate_key, make_key
from tests.client.conftest import MakeClient
from tests.client.endpoint import API_KEY, Endpoint
from tests.receipts.support import PARTY, result

EVIDENCE = {"format": "mnverify.evidence/1", "files": {"0002": "cGVyc29uYWw="}}


def test_a_challenge(client: VerificationClient, endpoint: Endpoint) -> None:
    challenge = client.new_challenge(purpose="account-opening", reference="a-17", expires_in=120)
    assert (challenge.id, len(challenge.challenge)) == ("cha_1", 32)
    assert challenge.expires_at == datetime(2026, 11, 24, 3, 5, tzinfo=UTC)
    [request] = endpoint.requests
    assert (request.method, request.path) == ("POST", "/v1/challenges")
    assert json.loads(request.body) == {"purpose": "account-opening", "reference": "a-17", "expires_in": 120}
    assert request.headers["authorization"] == f"Bearer {API_KEY}"
    assert request.headers["content-type"] == "application/json"
    assert len(request.headers["idempotency-key"]) == 32


def test_answers_that_a_caller_s_own_test_makes_are_read_like_others(
    client: VerificationClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As libraries do that stand in for HTTP: such an answer comes over no connection."""

    def send(self: HTTPAdapter, request: Any, **named: Any) -> requests.Response:
        body = {"id": "cha_1", "challenge": b64encode(bytes(32)).decode(), "expires_at": "2026-11-24T12:05:00Z"}
        raw = HTTPResponse(
            BytesIO(json.dumps(body).encode()), {"Content-Type": "application/json"}, 201, preload_content=False
        )
        return self.build_response(request, raw)

    monkeypatch.setattr(HTTPAdapter, "send", send)
    assert client.new_challenge().id == "cha_1"


def test_a_verification(client: VerificationClient, endpoint: Endpoint) -> None:
    verification = client.verify(
        "cha_1",
        json.dumps(EVIDENCE),
        claims=["birth_date", "birth_date"],
        purpose="account-opening",
        face_compared=True,
    )
    assert json.loads(endpoint.requests[0].body) == {
        "challenge_id": "cha_1",
        "evidence": EVIDENCE,
        "claims": ["birth_date"],
        "purpose": "account-opening",
        "face_compared": True,
    }
    assert verification
    assert verification.require() is verification
    assert verification.id == "ver_1"
    fields = result().to_dict()["fields"]
    assert {name: field.value for name, field in verification.fields.items()} == {
        name: field.get("value", field.get("sha256")) for name, field in fields.items()
    }
    assert verification.fields["birth_date"].assurance == "signed"
    assert verification.fields["photo"].media_type == "image/jp2"
    assert set(verification.receipt.claims) == {"birth_date"}
    assert verification.receipt.verification_id == "ver_1"
    assert client.check_receipt(verification.receipt_text, verification_id="ver_1") == verification.receipt
    assert verification.idempotency_key == endpoint.requests[0].headers["idempotency-key"]
    assert {check.id for check in verification.checks} == {check.id for check in result().checks}
    assert set(verification.limits) == set(result().limits)
    assert verification.comparison is None


def test_every_call_has_a_key_of_its_own(client: VerificationClient, endpoint: Endpoint) -> None:
    for _ in range(3):
        client.new_challenge()
    client.new_challenge(idempotency_key="mine-1")
    keys = [request.headers["idempotency-key"] for request in endpoint.requests]
    assert len(set(keys)) == 4
    assert keys[-1] == "mine-1"


def test_a_rejected_verification_has_no_content(client: VerificationClient, endpoint: Endpoint) -> None:
    endpoint.result = result(tampered=True)
    verification = client.verify("cha_1", EVIDENCE)
    assert not verification
    assert verification.verdict == "rejected"
    for reach in (
        lambda: verification.fields,
        lambda: verification.verified_claims,
        verification.require,
        lambda: verification.receipt.claims,
    ):
        with pytest.raises(NotVerifiedError):
            reach()


def test_verified_claims(client: VerificationClient, endpoint: Endpoint) -> None:
    def change(path: str, document: dict[str, Any]) -> None:
        if path == "/v1/verifications?format=verified_claims":
            del document["fields"]
            document["verified_claims"] = {"claims": {"birthdate": "x"}}

    endpoint.change = change
    verification = client.verify("cha_1", EVIDENCE, claims=["birth_date"], as_verified_claims=True)
    assert verification.verified_claims == {"claims": {"birthdate": "x"}}
    assert verification.fields == {}


def test_the_stored_outcome_and_its_events(client: VerificationClient, endpoint: Endpoint) -> None:
    outcome = client.outcome("ver_1")
    assert outcome
    assert (outcome.id, outcome.challenge_id, outcome.verdict) == ("ver_1", "cha_1", "verified")
    assert outcome.receipt.verification_id == "ver_1"
    [event] = client.events("ver_1")
    assert (event.event, event.code) == ("evaluated", "verified")
    assert [request.path for request in endpoint.requests] == [
        "/v1/verifications/ver_1",
        "/.well-known/jwks.json",
        "/v1/verifications/ver_1/events",
    ]


def test_the_outcome_of_another_verification_is_not_taken(client: VerificationClient) -> None:
    with pytest.raises(UnexpectedAnswer, match="another verification"):
        client.outcome("ver_2")


# --- receipts ------------------------------------------------------------------------------------------------------------


def test_keys_are_fetched_once_and_again_for_a_new_one(client: VerificationClient, endpoint: Endpoint) -> None:
    def fetched() -> int:
        return sum(request.path == "/.well-known/jwks.json" for request in endpoint.requests)

    client.verify("cha_1", EVIDENCE)
    client.verify("cha_1", EVIDENCE)
    assert fetched() == 1
    assert all(
        "authorization" not in request.headers for request in endpoint.requests if request.path.startswith("/.well")
    )
    activate_key(endpoint.folder, make_key(endpoint.folder).kid)
    endpoint.keys = ReceiptKeys.from_folder(endpoint.folder)
    client.verify("cha_1", EVIDENCE)
    assert fetched() == 2
    with pytest.raises(ReceiptError, match="not among those given"):
        client.check_receipt(ReceiptKeys_elsewhere(endpoint).sign({}))
    assert fetched() == 3


def ReceiptKeys_elsewhere(endpoint: Endpoint) -> ReceiptKeys:  # noqa: N802
    make_key(endpoint.folder / "elsewhere")
    return ReceiptKeys.from_folder(endpoint.folder / "elsewhere")


def test_pinned_keys_ask_nobody(make_client: MakeClient, endpoint: Endpoint) -> None:
    client = make_client(jwks=json.dumps(endpoint.keys.jwks()))
    assert client.verify("cha_1", EVIDENCE)
    assert len(endpoint.requests) == 1
    other = make_client(jwks=ReceiptKeys_elsewhere(endpoint).jwks())
    with pytest.raises(ReceiptError) as caught:
        other.verify("cha_1", EVIDENCE)
    assert caught.value.reason == "unknown-key"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"issuer": "https://other.example"}, "issuer"),
        ({"relying_party": "rp-other"}, "relying-party"),
        ({"id": "ver_2"}, "verification"),
        ({"challenge_id": "cha_2"}, "challenge"),
        ({"at": datetime(2020, 1, 1, tzinfo=UTC)}, "too-old"),
        ({"at": datetime(2126, 1, 1, tzinfo=UTC)}, "future"),
    ],
)
def test_a_receipt_of_something_else_is_refused(
    client: VerificationClient, endpoint: Endpoint, change: dict[str, Any], reason: str
) -> None:
    endpoint.payload = change
    with pytest.raises(ReceiptError) as caught:
        client.verify("cha_1", EVIDENCE)
    assert caught.value.reason == reason


def upgrade(path: str, document: dict[str, Any]) -> None:
    if "verdict" in document:
        document["verdict"] = "verified"
        document["fields"] = {}
        for check in document["checks"]:
            check["outcome"] = "pass"


@pytest.mark.parametrize(
    "change",
    [
        upgrade,
        lambda path, document: document.update(challenge_id="cha_2"),
        lambda path, document: document.update(environment="production"),
        lambda path, document: document.update(checks=document.get("checks", [])[:-1]),
    ],
)
def test_an_answer_that_its_receipt_contradicts_is_refused(
    client: VerificationClient, endpoint: Endpoint, change: Callable[[str, dict[str, Any]], None]
) -> None:
    endpoint.result = result(tampered=True)

    def on_verifications(path: str, document: dict[str, Any]) -> None:
        if path.startswith("/v1"):
            change(path, document)

    endpoint.change = on_verifications
    for call in (lambda: client.verify("cha_1", EVIDENCE), lambda: client.outcome("ver_1")):
        with pytest.raises(UnexpectedAnswer, match="receipt says something else"):
            call()


def test_a_test_endpoint_does_not_pass_for_a_real_one(make_client: MakeClient) -> None:
    client = make_client(environment="production")
    for call in (lambda: client.verify("cha_1", EVIDENCE), lambda: client.outcome("ver_1")):
        with pytest.raises(UnexpectedAnswer, match="another environment"):
            call()


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "maybe"},
        {"verdict": None},
        {"checks": {}},
        {"checks": ["chain"]},
        {"checks": [{"id": "chain"}]},
        {"limits": None},
        {"fields": []},
        {"fields": {"name": "x"}},
        {"fields": {"name": {"value": 1, "assurance": "signed"}}},
        {"fields": {"name": {"value": "x", "assurance": "sworn"}}},
        {"receipt": None},
        {"receipt": 7},
        {"id": ""},
        {"comparison": "match"},
        {"verified_claims_refused": "x"},
        {"verdict": "rejected"},
    ],
)
def test_an_answer_of_another_form_is_refused(
    client: VerificationClient, endpoint: Endpoint, change: dict[str, Any]
) -> None:
    endpoint.change = lambda path, document: document.update(change)
    with pytest.raises(UnexpectedAnswer):
        client.verify("cha_1", EVIDENCE)


@pytest.mark.parametrize(
    "change",
    [
        {"id": None},
        {"challenge": "AAEC"},
        {"challenge": "!" * 44},
        {"challenge": None},
        {"expires_at": "soon"},
        {"expires_at": "2026-11-24T03:05:00"},
        {"expires_at": 5},
    ],
)
def test_a_challenge_of_another_form_is_refused(
    client: VerificationClient, endpoint: Endpoint, change: dict[str, Any]
) -> None:
    endpoint.change = lambda path, document: document.update(change)
    with pytest.raises(UnexpectedAnswer):
        client.new_challenge()


# --- what a caller can do wrong --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://verify.example.jp",
        "http://10.0.0.1",
        "http://localhost.example.jp",
        "ftp://127.0.0.1",
        "https://",
        "verify.example.jp",
        "https://user:secret@verify.example.jp",
        "https://verify.example.jp/?a=b",
        "https://[verify.example.jp",
    ],
)
def test_no_address_that_is_not_safe(url: str) -> None:
    with pytest.raises(UsageError, match="https") as caught:
        VerificationClient(url, API_KEY, relying_party=PARTY)
    assert "secret" not in str(caught.value)


def test_addresses_that_are() -> None:
    for url in ("https://verify.example.jp/", "http://localhost:8080", "http://[::1]:8080", "http://127.0.0.2"):
        assert VerificationClient(url, API_KEY, relying_party=PARTY).url == url.rstrip("/")
    VerificationClient("http://mesh.internal", API_KEY, relying_party=PARTY, unsafe_plain_http=True)


def test_arguments_that_cannot_be(client: VerificationClient, endpoint: Endpoint) -> None:
    wrong: list[Callable[[], object]] = [
        lambda: VerificationClient(endpoint.url, "a\r\nX: y", relying_party=PARTY),
        lambda: VerificationClient(endpoint.url, "", relying_party=PARTY),
        lambda: VerificationClient(endpoint.url, API_KEY, relying_party=""),
        lambda: VerificationClient(endpoint.url, API_KEY, relying_party=PARTY, environment=""),
        lambda: client.new_challenge(idempotency_key="a\r\nX: y"),
        lambda: client.new_challenge(idempotency_key="k" * 129),
        lambda: client.outcome("../admin"),
        lambda: client.events("a?b"),
        lambda: client.verify("cha_1", EVIDENCE, claims=["my_number"]),
    ]
    for call in wrong:
        with pytest.raises(UsageError):
            call()
    assert endpoint.requests == []


@pytest.mark.parametrize(
    "text",
    [
        '{"files": {}}, "claims": ["photo"]',
        '{"files": {}} {}',
        '{"files": {}, "files": {}}',
        "[]",
        "",
        b"\xff",
        '{"a": {"a": {"a": {"a": {}}}}}',
        '{"a": "' + "x" * 65536 + '"}',
    ],
)
def test_what_a_phone_sends_stays_in_its_place(
    client: VerificationClient, endpoint: Endpoint, text: str | bytes
) -> None:
    with pytest.raises(EvidenceError):
        client.verify("cha_1", text)
    assert endpoint.requests == []


def test_nothing_from_the_environment(
    client: VerificationClient, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login eve password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    client.new_challenge()
    assert endpoint.requests[0].headers["authorization"] == f"Bearer {API_KEY}"


def test_nothing_is_pickled_or_copied(client: VerificationClient) -> None:
    for held in (client, client.verify("cha_1", EVIDENCE)):
        for way in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError):
                way(held)


def test_every_error_of_the_client_has_one_root() -> None:
    from mnverify import client as room

    kinds = [value for value in vars(room).values() if isinstance(value, type) and issubclass(value, Exception)]
    assert len(kinds) == 12
    assert all(issubclass(kind, ClientError) and issubclass(kind, MnverifyError) for kind in kinds)
