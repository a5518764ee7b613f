"""Lost answers, put-offs, garbage, floods and silence: what is repeated, what is believed, and what nobody sees."""

from __future__ import annotations

import json
import logging
import re
import time
import traceback
from dataclasses import replace
from typing import Any

import pytest

from mnverify.client import (
    ChallengeExpired,
    ChallengeUsed,
    ClientError,
    EndpointBusy,
    EndpointUnreachable,
    EvidenceRefused,
    NotAuthenticated,
    NotPermitted,
    Pace,
    RepeatRefused,
    RequestRefused,
    UnexpectedAnswer,
    UnknownToEndpoint,
    VerificationClient,
)
from mnverify.errors import MnverifyError, PrintedDataError, UsageError
from tests.client import endpoint as faulty
from tests.client.conftest import QUICK, MakeClient
from tests.client.endpoint import API_KEY, PROBLEM, Endpoint, Fault, http, instead
from tests.receipts.support import result
from tests.support.ports import tcp_ports

SECRET = "cGVyc29uYWwgZGF0YQ"
EVIDENCE = {"format": "mnverify.evidence/1", "files": {"0002": SECRET + "=="}}


def problem(status: int, code: str, where: str | None = None, **headers: str) -> bytes:
    return http(status, {"code": code, "status": status, "where": where, "detail": SECRET}, **headers)


@pytest.mark.parametrize(
    "fault",
    [
        faulty.lost,
        faulty.reset,
        faulty.half,
        faulty.drip,
        faulty.drip_head,
        faulty.drip_chunk,
        faulty.not_yet,
        faulty.mute,
        instead(problem(503, "busy", Retry_After="1")),
        instead(problem(429, "rate-exceeded", Retry_After="0")),
        instead(problem(408, "request-timeout")),
        instead(http(502, b"<html>", "text/html")),
        instead(http(504, b"", "text/html")),
        instead(b"HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\nshort"),
        instead(b"what?\r\n\r\n"),
        instead(b""),
    ],
)
def test_a_call_that_was_evaluated_but_not_heard_is_made_again_and_done_once(
    make_client: MakeClient, endpoint: Endpoint, fault: Fault
) -> None:
    slow = fault in (
        faulty.drip,
        faulty.drip_head,
        faulty.drip_chunk,
        faulty.not_yet,
        faulty.mute,
    )  # what answers in time has to be in time
    client = make_client(pace=replace(QUICK, answer=2) if slow else QUICK)
    endpoint.faults = [fault, fault]
    assert client.verify("cha_1", EVIDENCE)
    posts = [request for request in endpoint.requests if request.method == "POST"]
    assert len(posts) == 3
    assert len({request.headers["idempotency-key"] for request in posts}) == 1
    assert len({request.body for request in posts}) == 1
    assert len(endpoint.evaluated) == 1


def test_it_gives_up_and_the_same_call_can_be_made_again(client: VerificationClient, endpoint: Endpoint) -> None:
    endpoint.faults = [faulty.lost] * QUICK.attempts
    with pytest.raises(EndpointUnreachable) as caught:
        client.verify("cha_1", EVIDENCE)
    assert len(endpoint.requests) == QUICK.attempts
    key = caught.value.idempotency_key
    assert key
    assert client.verify("cha_1", EVIDENCE, idempotency_key=key)
    assert len(endpoint.evaluated) == 1


@pytest.mark.parametrize("fault", [faulty.drip, faulty.drip_head, faulty.drip_chunk, faulty.not_yet, faulty.mute])
def test_no_attempt_outlasts_the_whole_call(make_client: MakeClient, endpoint: Endpoint, fault: Fault) -> None:
    client = make_client(pace=Pace(connect=2, answer=30, total=1, attempts=3, first_wait=0.01))
    endpoint.faults = [fault]
    begun = time.monotonic()
    with pytest.raises(EndpointUnreachable):
        client.verify("cha_1", EVIDENCE)
    assert time.monotonic() - begun < 6  # each of them takes eight seconds at least
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"printed": {"name": "佐藤\ud800"}}, PrintedDataError),
        ({"printed": {"name": b"x"}}, PrintedDataError),
        ({"printed": {"name": float("nan")}}, MnverifyError),
        ({"purpose": "\ud800"}, UsageError),
        ({"purpose": object()}, UsageError),
    ],
)
def test_what_json_has_no_form_for_is_not_sent_and_shows_nothing(
    client: VerificationClient, endpoint: Endpoint, more: dict[str, Any], error: type[MnverifyError]
) -> None:
    with pytest.raises(error) as caught:
        client.verify("cha_1", EVIDENCE, **more)
    assert not endpoint.requests
    told, seen = caught.value, set()
    while told is not None and id(told) not in seen:
        seen.add(id(told))
        assert SECRET not in f"{vars(told)} {getattr(told, 'object', '')} {told}"
        told = told.__cause__ or told.__context__  # type: ignore[assignment]


def test_nobody_there(make_client: MakeClient) -> None:
    port = tcp_ports(1)
    client = make_client(url=f"http://127.0.0.1:{port}")
    with pytest.raises(EndpointUnreachable) as caught:
        client.new_challenge()
    assert caught.value.code == "endpoint-unreachable"
    with pytest.raises(EndpointUnreachable):
        client.jwks()


def test_retry_after_is_kept(client: VerificationClient, endpoint: Endpoint) -> None:
    endpoint.faults = [instead(problem(429, "rate-exceeded", Retry_After="1"))]
    begun = time.monotonic()
    client.new_challenge()
    assert time.monotonic() - begun >= 1


def test_a_longer_wait_than_our_patience_is_left_to_the_caller(client: VerificationClient, endpoint: Endpoint) -> None:
    endpoint.faults = [instead(problem(503, "busy", Retry_After="3600"))]
    with pytest.raises(EndpointBusy) as caught:
        client.new_challenge()
    assert caught.value.retry_after == 3600
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("asked", ["9" * 7, "9" * 5000, "Wed, 21 Oct 2099 07:28:00 GMT"])
def test_a_very_long_wait_is_a_longer_one_too(client: VerificationClient, endpoint: Endpoint, asked: str) -> None:
    endpoint.faults = [instead(problem(503, "busy", Retry_After=asked))] * 9
    with pytest.raises(EndpointBusy) as caught:
        client.new_challenge()
    assert caught.value.retry_after == 999_999
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    "asked", ["-1", "0.5", "nan", "\u00b2", "Wed, 99 Oct 2099 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:00 GMT"]
)
def test_a_wait_that_makes_no_sense_or_is_over_is_none(
    client: VerificationClient, endpoint: Endpoint, asked: str
) -> None:
    endpoint.faults = [instead(problem(503, "busy", Retry_After=asked))]
    client.new_challenge()
    assert len(endpoint.requests) == 2


def test_busy_to_the_end(client: VerificationClient, endpoint: Endpoint) -> None:
    endpoint.faults = [instead(problem(503, "busy", Retry_After="soon"))] * 9
    with pytest.raises(EndpointBusy) as caught:
        client.new_challenge()
    assert caught.value.retry_after is None
    assert caught.value.idempotency_key
    assert len(endpoint.requests) == QUICK.attempts


def test_silence_ends_with_the_time_for_the_whole_call(make_client: MakeClient, endpoint: Endpoint) -> None:
    endpoint.faults = [faulty.mute] * 9
    client = make_client(pace=Pace(connect=5, answer=1, total=3, attempts=9, first_wait=0.01, longest_wait=1))
    with pytest.raises(EndpointUnreachable):
        client.new_challenge()
    assert 2 <= len(endpoint.requests) <= 4


@pytest.mark.parametrize(
    "answer",
    [
        http(200, b"not json", "application/json"),
        http(200, b'{"a": 1, "a": 2}', "application/json"),
        http(200, b"[]", "application/json"),
        http(200, b"\xff", "application/json"),
        http(200, b"{}", "text/html"),
        http(200, b"[" * 100, "application/json"),
        http(201, {}),
        http(204, b""),
        http(302, {}, Location="http://127.0.0.1:1/"),
        http(404, b"<html>", "text/html"),
        http(404, {}, "application/json"),
        http(500, {"code": "internal"}),
        http(200, {"code": "challenge-used"}, PROBLEM),
    ],
)
def test_garbage_is_not_believed_and_not_asked_for_again(
    client: VerificationClient, endpoint: Endpoint, answer: bytes
) -> None:
    endpoint.faults = [instead(answer)]
    with pytest.raises(UnexpectedAnswer):
        client.verify("cha_1", EVIDENCE)
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("challenge", ["\u00e9", "A", "AA==", "", 5, None])
def test_a_challenge_that_is_none(client: VerificationClient, endpoint: Endpoint, challenge: object) -> None:
    endpoint.change = lambda _, document: document.update(challenge=challenge)
    with pytest.raises(UnexpectedAnswer, match="challenge"):
        client.new_challenge()


def test_a_flood_is_cut_off(client: VerificationClient, endpoint: Endpoint) -> None:
    endpoint.faults = [faulty.endless(200), faulty.endless(302)]
    for _ in range(2):
        with pytest.raises(UnexpectedAnswer, match="longer than any"):
            client.verify("cha_1", EVIDENCE)


@pytest.mark.parametrize("wrong", [{"keys": 5}, {"status": "maintenance"}, {"keys": [5]}])
def test_keys_that_were_garbage_once_are_not_kept(
    client: VerificationClient, endpoint: Endpoint, wrong: dict[str, object]
) -> None:
    def garbage(path: str, document: dict[str, Any]) -> None:
        if path == "/.well-known/jwks.json":
            document.clear()
            document.update(wrong)

    endpoint.change = garbage
    with pytest.raises(MnverifyError):
        client.verify("cha_1", EVIDENCE)
    endpoint.change = lambda path, document: None
    assert client.verify("cha_1", EVIDENCE)


def test_keys_that_are_garbage(client: VerificationClient, endpoint: Endpoint) -> None:
    from mnverify.receipts import ReceiptError

    endpoint.change = lambda path, document: document.update(keys="none") if "keys" in document else None
    with pytest.raises(ReceiptError) as caught:
        client.verify("cha_1", EVIDENCE)
    assert caught.value.reason == "bad-keys"


REFUSALS = {
    (401, "key-refused"): NotAuthenticated,
    (403, "not-for-role"): NotPermitted,
    (403, "evidence-not-for-role"): NotPermitted,
    (403, "purpose-refused"): NotPermitted,
    (403, "no-trust-framework"): NotPermitted,
    (404, "challenge-unknown"): UnknownToEndpoint,
    (404, "unknown"): UnknownToEndpoint,
    (409, "challenge-used"): ChallengeUsed,
    (409, "idempotency-conflict"): RepeatRefused,
    (409, "answer-changed"): RepeatRefused,
    (410, "challenge-expired"): ChallengeExpired,
    (422, "malformed-evidence"): EvidenceRefused,
    (422, "unsupported-card"): EvidenceRefused,
    (400, "not-json"): RequestRefused,
    (413, "body-too-large"): RequestRefused,
    (422, "request-invalid"): RequestRefused,
    (418, "later-code"): RequestRefused,
}


@pytest.mark.parametrize(("status", "code"), REFUSALS)
def test_a_refusal_is_a_type_with_the_endpoints_code(
    client: VerificationClient, endpoint: Endpoint, status: int, code: str
) -> None:
    endpoint.faults = [instead(problem(status, code, "evidence.files.0002"))]
    with pytest.raises(RequestRefused) as caught:
        client.verify("cha_1", EVIDENCE)
    error = caught.value
    assert type(error) is REFUSALS[status, code]
    assert (error.status, error.code, error.where, error.request_id) == (status, code, "evidence.files.0002", "req-7")
    assert error.details() == {"status": status, "where": "evidence.files.0002", "request_id": "req-7"}
    assert len(endpoint.requests) == 1
    assert code in str(error)
    assert re.search("[ぁ-ん]", error.text.ja)
    assert not re.search("[ぁ-ん]", error.text.en)


def test_the_words_of_an_endpoint_are_not_repeated(client: VerificationClient, endpoint: Endpoint) -> None:
    document = {"code": SECRET, "where": f"{SECRET}\x1b[2J", "detail": SECRET, "title": SECRET}
    endpoint.faults = [instead(http(422, document))]
    with pytest.raises(RequestRefused) as caught:
        client.verify("cha_1", EVIDENCE)
    assert SECRET not in str(caught.value) + caught.value.text.ja + repr(caught.value.details())
    assert caught.value.code == "request-refused"


def everything_of(error: BaseException) -> str:
    """What an error reporter takes: the chain with the locals of every frame, and the attributes."""
    shown: list[str] = []
    at: BaseException | None = error
    while at is not None:
        shown += traceback.TracebackException.from_exception(at, capture_locals=True).format()
        shown.append(repr(vars(at)))
        at = at.__cause__ or at.__context__
    return "".join(shown)


@pytest.mark.parametrize(
    "fault",
    [
        faulty.lost,
        faulty.half,
        faulty.mute,
        faulty.endless(200),
        instead(http(200, b"not json", "application/json")),
        instead(problem(422, "malformed-evidence")),
        instead(problem(503, "busy")),
    ],
)
def test_no_error_and_no_log_line_holds_the_evidence_or_the_api_key(
    make_client: MakeClient, endpoint: Endpoint, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = make_client(pace=Pace(connect=5, answer=2, total=60, attempts=2, first_wait=0.01))
    endpoint.faults = [fault] * 2
    evidence = json.dumps(EVIDENCE)
    with pytest.raises(ClientError) as caught:
        client.verify("cha_1", evidence)
    shown = everything_of(caught.value)
    assert SECRET in shown, "the caller's own frame has it"
    inside = "".join(re.split(r'(?m)^(?=  File ")', shown)[2:])
    assert "mnverify/client/client.py" in inside
    assert "POST" in caplog.text
    for log in (caplog.text, str(caught.value), repr(caught.value)):
        assert SECRET not in log
        assert API_KEY not in log
    assert SECRET not in inside
    assert API_KEY not in shown


def test_no_error_holds_the_answer(client: VerificationClient, endpoint: Endpoint) -> None:
    fields = result().to_dict()["fields"]
    for change in ({"limits": None}, {"receipt": "x.y.z"}, {"fields": {**fields, "sex": 1}}, {"checks": [fields]}):
        endpoint.change = lambda path, document, change=change: document.update(change)  # type: ignore[misc]
        with pytest.raises(MnverifyError) as caught:
            client.verify("cha_1", EVIDENCE)
        inside = "".join(re.split(r'(?m)^(?=  File ")', everything_of(caught.value))[2:])
        assert "mnverify/client/client.py" in inside
        assert fields["birth_date"]["value"] not in inside
        assert fields["photo"]["sha256"] not in inside


def test_no_error_holds_a_receipt_with_claims(client: VerificationClient, endpoint: Endpoint) -> None:
    endpoint.payload = {"issuer": "https://other.example"}
    tokens: list[str] = []
    endpoint.change = lambda path, document: tokens.append(document["receipt"]) if "receipt" in document else None
    with pytest.raises(MnverifyError) as caught:
        client.verify("cha_1", EVIDENCE, claims=["birth_date"])
    content = tokens[0].split(".")[1]
    assert len(content) > 500
    inside = "".join(re.split(r'(?m)^(?=  File ")', everything_of(caught.value))[2:])
    assert content[100:200] not in inside


def test_no_repr_holds_content(client: VerificationClient) -> None:
    verification = client.verify("cha_1", EVIDENCE, claims=["birth_date"])
    shown = (
        repr(verification) + repr(verification.fields) + repr(verification.receipt) + repr(client) + repr(vars(client))
    )
    fields = result().to_dict()["fields"]
    assert fields["birth_date"]["value"] not in shown
    assert fields["photo"]["sha256"] not in shown
    assert API_KEY not in shown


@pytest.mark.parametrize(
    "change", [{"attempts": 0}, {"connect": 0}, {"answer": -1}, {"total": 0}, {"first_wait": 0}, {"longest_wait": 0}]
)
def test_a_pace_that_makes_no_sense(change: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        Pace(**change)  # type: ignore[arg-type]


def test_waits_grow_are_spread_and_end() -> None:
    pace = Pace(attempts=5, first_wait=1, longest_wait=3)
    assert [pace.wait_before(n, None, 99, lambda: 1.0) for n in (2, 3, 4, 5, 6)] == [1, 2, 3, 3, None]
    assert pace.wait_before(2, None, 99, lambda: 0.0) == 0.5
    assert pace.wait_before(2, 2.5, 99, lambda: 0.0) == 2.5
    assert pace.wait_before(2, 4, 99) is None
    assert pace.wait_before(2, 2.5, 2.5) is None
