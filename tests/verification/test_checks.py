"""Presence, freshness, expiry, what corroborates what, and how a result keeps its content."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from mnverify.errors import NotVerifiedError, UsageError
from mnverify.evidence import AcceptedNumberB, Evidence, Presence
from mnverify.values import Domain, Role
from mnverify.verification import TrustStore, VerificationResult, verify
from mnverify.verification.words import DETAILS, LIMITS
from mnverify.virtual import Flaw
from mnverify.virtual.encoding import tlv
from tests.support import forgery
from tests.support.forgery import ASSIST, AT, CHALLENGE, FACE, JAPAN, ONE, OTHER

CARD = forgery.card()
NUMBER_B = AcceptedNumberB(CARD.persona.birth_digits, CARD.persona.expiry.year)
CHECK_IDS = ["structure", "chain", "record-signature", "file-digests", "presence", "freshness", "expiry"]


def judge(arguments: dict[str, Any] | Evidence, **more: Any) -> VerificationResult:
    evidence = arguments if isinstance(arguments, Evidence) else Evidence(**arguments)
    return verify(evidence, **{"trust": forgery.trust(), "at": AT, **more})


def read_here(arguments: dict[str, Any], number: AcceptedNumberB | None = NUMBER_B) -> Evidence:
    return Evidence.from_session(**arguments, read_at=AT, reader="test", accepted_number_b=number)


def face(**more: Any) -> dict[str, Any]:
    return forgery.parts(CARD, FACE, "0002", "0004", **more)


def assist(**more: Any) -> dict[str, Any]:
    return forgery.parts(CARD, ASSIST, "0002", "0003", "0004", "0007", **more)


def told(result: VerificationResult, check: str) -> tuple[str, str]:
    return result.check(check).outcome.value, result.check(check).code


# presence --------------------------------------------------------------------------------------------


def test_every_check_is_always_reported_in_order() -> None:
    for arguments in (face(), face(answered=CARD), assist(), assist(answered=CARD)):
        assert [check.id for check in judge(arguments).checks] == CHECK_IDS
    assert [check.id for check in judge(forgery.parts(CARD, FACE, "0004")).checks] == CHECK_IDS


@pytest.mark.parametrize("names", [("0001",), ("0002",), ("0005",), ("0001", "0002", "0005")])
def test_face_check_presence_is_tied_by_the_record(names: tuple[str, ...]) -> None:
    arguments = forgery.parts(CARD, FACE, *names, "0004", role=Role.MY_NUMBER_OFFICE, answered=CARD)
    assert told(judge(arguments), "presence") == ("pass", "record")


def test_input_assist_presence_is_tied_by_the_session_alone() -> None:
    outside = judge(assist(answered=CARD))
    assert told(outside, "presence") == ("not-performed", "unbound") and outside.verified
    here = judge(read_here(assist(answered=CARD), None))
    assert told(here, "presence") == ("pass", "session") and "session-tie" in here.limits
    assert "copy" in outside.limits and "copy" not in here.limits


def test_presence_without_a_record_that_holds_the_key() -> None:
    arguments = forgery.parts(CARD, ASSIST, "0002", "0003", "0004", answered=CARD)
    for evidence in (Evidence(**arguments), read_here(arguments, None)):
        assert told(judge(evidence), "presence") == ("not-performed", "unbound")


def test_the_key_of_a_record_that_was_not_verified_is_not_used() -> None:
    wrong = forgery.card(ONE, Flaw.WRONG_SIGNATURE)
    result = judge(forgery.parts(wrong, FACE, "0002", "0004", answered=wrong))
    assert told(result, "record-signature") == ("fail", "bad-signature")
    assert told(result, "presence") == ("not-performed", "unbound")
    unknown = judge(face(answered=CARD), trust=TrustStore.production())
    assert told(unknown, "record-signature") == ("not-performed", "no-trusted-key")
    assert told(unknown, "presence") == ("not-performed", "unbound")
    assert told(unknown, "expiry") == ("not-performed", "not-verified")


@pytest.mark.parametrize(("domain", "code"), [(FACE, "bad-signature"), (ASSIST, "bad-signature")])
def test_an_answer_by_another_card(domain: Domain, code: str) -> None:
    other = forgery.card(OTHER)
    result = judge((face if domain is FACE else assist)(answered=other))
    assert told(result, "presence") == ("fail", code) and not result.verified


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(face(), "none-given"), (assist(), "none-given"), (assist(answered=CARD), "unbound")],
)
def test_required_presence_that_did_not_pass_rejects(arguments: dict[str, Any], code: str) -> None:
    assert judge(arguments).verified
    required = judge(arguments, require_presence=True)
    assert told(required, "presence") == ("fail", code) and not required.verified
    assert judge(face(answered=CARD), require_presence=True).verified


# freshness -------------------------------------------------------------------------------------------


def test_freshness() -> None:
    other = bytes(32)
    assert told(judge(face(answered=CARD)), "freshness") == ("not-performed", "none-given")
    assert told(judge(face(answered=CARD), challenge=CHALLENGE), "freshness") == ("pass", "ok")
    for arguments, challenge, code in (
        (face(answered=CARD), other, "other-challenge"),
        (face(answered=CARD), CHALLENGE[:-1], "other-challenge"),
        (face(answered=CARD), CHALLENGE + b"\0", "other-challenge"),
        (face(answered=CARD), b"", "other-challenge"),
        (face(), CHALLENGE, "not-answered"),
        (face(answered=forgery.card(OTHER)), CHALLENGE, "not-answered"),
    ):
        result = judge(arguments, challenge=challenge)
        assert told(result, "freshness") == ("fail", code) and not result.verified


def test_a_challenge_written_into_evidence_without_its_answer() -> None:
    """The signature answers an old challenge; the document claims ours."""
    old = CARD.sign(FACE, b"yesterday")
    result = judge({**face(), "presence": Presence(CHALLENGE, old)}, challenge=CHALLENGE)
    assert told(result, "presence") == ("fail", "bad-signature")
    assert told(result, "freshness") == ("fail", "not-answered")


# expiry ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (datetime(2033, 7, 3, 0, 0, tzinfo=JAPAN), "ok"),
        (datetime(2033, 7, 3, 23, 59, 59, 999999, tzinfo=JAPAN), "ok"),
        (datetime(2033, 7, 4, 0, 0, tzinfo=JAPAN), "expired"),
        (datetime(2033, 7, 3, 14, 59, 59, tzinfo=UTC), "ok"),
        (datetime(2033, 7, 3, 15, 0, tzinfo=UTC), "expired"),
        (datetime(2033, 7, 2, 15, 0, tzinfo=UTC), "ok"),
        (datetime(9999, 12, 31, 14, 0, tzinfo=UTC), "expired"),
    ],
)
def test_a_card_is_good_to_the_end_of_its_last_day_in_japan(at: datetime, code: str) -> None:
    assert forgery.card().persona.expiry == date(2033, 7, 3)
    result = judge(face(), at=at)
    assert result.check("expiry").code == code
    assert result.verified is (code == "ok")


@pytest.mark.parametrize("at", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=JAPAN)])
def test_the_ends_of_time(at: datetime) -> None:
    result = judge(face(), at=at)
    assert result.verified is (at.year == 1)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(UsageError):
        judge(face(), at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_the_age_record_and_input_assist_hold_no_expiry() -> None:
    for arguments in (forgery.parts(CARD, FACE, "0001", "0004"), assist()):
        assert told(judge(arguments), "expiry") == ("not-performed", "no-expiry")


def test_now_is_the_default() -> None:
    result = verify(Evidence(**face()), trust=forgery.trust())
    assert abs(datetime.now(UTC) - result.at) < timedelta(minutes=1)


# corroboration ---------------------------------------------------------------------------------------


def unsigned_fields(result: VerificationResult) -> dict[str, tuple[str, str | None]]:
    return {name: (f.assurance.value, f.extent) for name, f in result.fields.items() if f.assurance != "signed"}


def test_what_the_chip_accepted_from_this_process_is_corroborated_to_the_year() -> None:
    result = judge(read_here(face(answered=CARD)))
    assert unsigned_fields(result)["expiry"] == ("corroborated", "year")
    assert "expiry-year" in result.limits and "expiry-unsigned" not in result.limits
    assert result.to_dict()["fields"]["expiry"] == {
        "value": "2033-07-03",
        "assurance": "corroborated",
        "extent": "year",
    }


@pytest.mark.parametrize(
    "evidence",
    [
        Evidence(**face(answered=CARD)),
        read_here(face(answered=CARD), None),
        read_here(face()),
        Evidence.from_json(read_here(face(answered=CARD)).to_json()),
        Evidence.from_json(read_here(face(answered=CARD)).to_request()),
    ],
    ids=["from outside", "no number B", "no presence", "through a file", "through the network"],
)
def test_without_presence_or_number_b_of_this_process_nothing_is_corroborated(evidence: Evidence) -> None:
    result = judge(evidence)
    assert set(unsigned_fields(result).values()) == {("unsigned", None)}
    assert "expiry-unsigned" in result.limits


def test_dropped_segments_keep_the_mark_of_the_session() -> None:
    lighter = read_here(face(answered=CARD)).without_segments(2, 3)
    assert unsigned_fields(judge(lighter))["expiry"] == ("corroborated", "year")


def test_a_file_that_contradicts_the_accepted_number_is_rejected() -> None:
    wrong = [AcceptedNumberB("600703", 2034), AcceptedNumberB("600704", 2033), AcceptedNumberB("600803", 2033)]
    for number in wrong:
        result = judge(read_here(face(answered=CARD), number))
        assert told(result, "expiry") == ("fail", "contradicted") and not result.verified
    altered = forgery.card(ONE, Flaw.ALTERED_EXPIRY)
    arguments = forgery.parts(altered, FACE, "0002", "0004", answered=altered)
    assert told(judge(read_here(arguments)), "expiry") == ("fail", "contradicted")
    assert judge(arguments).verified  # from outside nobody can tell: unsigned
    assert unsigned_fields(judge(arguments))["expiry"] == ("unsigned", None)


def test_gregorian_and_era_years_of_birth_are_both_accepted() -> None:
    for digits in ("600703", "850703"):
        assert judge(read_here(face(answered=CARD), AcceptedNumberB(digits, 2033))).verified


@pytest.mark.parametrize(
    "tamper",
    [
        lambda e: object.__setattr__(e, "files", {**e.files, "0002": forgery.card(OTHER).files(FACE)["0002"]}),
        lambda e: object.__setattr__(e, "presence", Presence(CHALLENGE, bytes(256))),
        lambda e: object.__setattr__(e, "role", Role.MY_NUMBER_OFFICE),
        lambda e: object.__setattr__(e, "domain", ASSIST),
    ],
)
def test_the_mark_of_a_session_is_bound_to_what_was_read(tamper: Callable[[Evidence], None]) -> None:
    evidence = read_here(face(answered=CARD))
    assert (evidence.read_here, evidence.accepted_number_b) == (True, NUMBER_B)
    tamper(evidence)
    assert (evidence.read_here, evidence.accepted_number_b) == (False, None)


def test_the_mark_does_not_move_to_other_evidence() -> None:
    mine, copied = read_here(assist(answered=CARD), NUMBER_B), Evidence(**assist(answered=forgery.card(OTHER)))
    object.__setattr__(copied, "_session", mine._session)
    assert not copied.read_here
    for operation in (copy.copy, copy.deepcopy, pickle.dumps):
        for secret in (mine, NUMBER_B):
            with pytest.raises(TypeError):
                operation(secret)


# results ---------------------------------------------------------------------------------------------


def test_a_rejected_result_gives_nothing_out() -> None:
    rejected = judge(face(answered=forgery.card(OTHER)))
    with pytest.raises(NotVerifiedError) as caught:
        _ = rejected.fields
    assert "presence" in str(caught.value)
    document = rejected.to_dict(images=True)
    assert "fields" not in document and document["verdict"] == "rejected"
    for personal in ("1985", "2033", CARD.persona.name, CARD.persona.address):
        assert personal not in json.dumps({**document, "at": None}, ensure_ascii=False)


def test_results_show_no_content() -> None:
    evidence = read_here(assist(answered=CARD, role=Role.MY_NUMBER_OFFICE), NUMBER_B)
    result = judge(evidence)
    shown = repr(result) + repr(evidence) + repr(result.fields) + repr(dict(evidence.records)) + repr(NUMBER_B)
    shown += str(result) + str(evidence) + repr(judge(face()).fields) + repr(dict(Evidence(**face()).records))
    persona = CARD.persona
    for personal in (persona.name, persona.address, "1985", "198507", persona.my_number.reveal(), "4102", "2033"):
        assert personal not in shown


def test_fields_cannot_be_changed() -> None:
    result = judge(face())
    with pytest.raises(TypeError):
        result.fields["expiry"] = None  # type: ignore[index]
    with pytest.raises(AttributeError):
        result.environment = "production"  # type: ignore[misc]
    assert judge(face()).fields == result.fields


def test_the_number_is_only_in_the_office_role() -> None:
    office = forgery.parts(CARD, ASSIST, "0001", "0003", "0004", role=Role.MY_NUMBER_OFFICE)
    result = judge(office)
    assert result.to_dict()["fields"]["my_number"] == {"value": CARD.persona.my_number.reveal(), "assurance": "signed"}
    assert set(result.fields) == {"my_number"}
    assert CARD.persona.my_number.reveal() not in repr(result.fields) + str(result.fields)


def test_attributes_alone_and_number_alone() -> None:
    attributes = judge(assist())
    assert set(attributes.fields) == {"name", "address", "birth_date", "sex"}
    assert attributes.to_dict()["fields"]["sex"] == {"value": "female", "assurance": "signed"}
    nothing = judge(forgery.parts(CARD, ASSIST, "0003", "0004"))
    assert told(nothing, "file-digests") == ("fail", "missing-file") and not nothing.verified
    untied = judge(forgery.parts(CARD, ASSIST, "0002", "0004", "0007"))
    assert told(untied, "record-signature") == ("fail", "missing-record") and not untied.verified


def test_attributes_that_are_not_the_signed_ones() -> None:
    file = CARD.files(ASSIST)["0002"]
    for tag, text in ((0xDF22, "佐藤　太郎"), (0xDF23, ""), (0xDF24, "19850704"), (0xDF25, "1")):
        changed = forgery.rebuilt(file, {tag: text.encode()})
        result = judge(forgery.parts(CARD, ASSIST, "0003", "0004", f0002=changed))
        assert told(result, "file-digests") == ("fail", "mismatch") and not result.verified


def test_the_cards_birth_dates_have_to_agree() -> None:
    """Two validly signed records of one key with two birth dates: some municipality's mistake, nobody's truth."""
    municipality = forgery.private_key("municipality/99201/face-check")
    signed = tlv(0xDF11, b"19850704") + forgery.whole(CARD.files(FACE)["0001"], 0xDF12)
    age = tlv(0xFF10, signed, tlv(0xDF13, forgery.sign(municipality, signed)))
    result = judge(forgery.parts(CARD, FACE, "0002", "0004", f0001=age))
    assert told(result, "structure") == ("fail", "birth-dates-differ") and not result.verified


def test_every_code_has_its_sentence_in_both_languages() -> None:
    for text in (*DETAILS.values(), *LIMITS.values()):
        assert text.en.endswith(".") and text.ja.endswith("。")
    assert {check for check, _ in DETAILS} == set(CHECK_IDS)
    japanese = judge(face()).to_dict(lang="ja")
    assert all(check["detail"].endswith("。") for check in japanese["checks"] + japanese["limits"])


def test_limits_are_always_told() -> None:
    for arguments in (face(), face(answered=CARD), assist(), face(answered=forgery.card(OTHER))):
        assert {"revocation", "holder"} <= set(judge(arguments).limits)
    assert "relay" in judge(face(answered=CARD)).limits and "copy" in judge(face()).limits


# flaws -----------------------------------------------------------------------------------------------

FAILS: dict[Flaw, tuple[dict[str, str], dict[str, str]]] = {  # what fails: face-check, input-assist
    Flaw.FOREIGN_CA: ({"chain": "unknown-authority"}, {"chain": "unknown-authority"}),
    Flaw.IMPOSTOR_CA: ({"chain": "bad-signature"}, {"chain": "bad-signature"}),
    Flaw.WRONG_SIGNATURE: ({"record-signature": "bad-signature"}, {"record-signature": "bad-signature"}),
    Flaw.SWAPPED_PHOTO: ({"record-signature": "bad-signature"}, {}),
    Flaw.ANOTHER_PERSONS_FILES: (
        {"presence": "bad-signature", "expiry": "contradicted"},
        {"presence": "bad-signature"},
    ),
    Flaw.CLONED_WITHOUT_KEY: ({"presence": "bad-signature"}, {"presence": "bad-signature"}),
    Flaw.FOREIGN_KEY_RECORD: ({}, {}),
    Flaw.EXPIRED: ({"expiry": "expired"}, {}),
    Flaw.STALE_OFFSET_TABLE: ({"structure": "offset-table"}, {"structure": "offset-table"}),
    Flaw.ALTERED_EXPIRY: ({"expiry": "contradicted"}, {}),
}


@pytest.mark.parametrize("flaw", Flaw)
def test_every_flaw_fails_the_check_that_it_should(flaw: Flaw) -> None:
    card = forgery.card(ONE, flaw)
    number = card.credentials["verification-number-b"]
    accepted = AcceptedNumberB(number[:6], int(number[6:10]))
    readings = (
        read_here(forgery.parts(card, FACE, "0001", "0002", "0004", answered=card), accepted),
        read_here(forgery.parts(card, ASSIST, "0002", "0003", "0004", "0007", answered=card), None),
    )
    for reading, expected in zip(readings, FAILS[flaw], strict=True):
        result = judge(reading, challenge=CHALLENGE)
        failed = {check.id: check.code for check in result.checks if check.outcome == "fail"}
        failed.pop("freshness", None)  # an answer that is not performed or wrong answers no challenge
        assert failed == expected
        assert result.verified is (not expected)


def test_flaws_that_only_the_session_can_tell_are_not_hidden_from_the_network() -> None:
    """A foreign key record: a session trusts itself, evidence from outside is unbound."""
    card = forgery.card(ONE, Flaw.FOREIGN_KEY_RECORD)
    arguments = forgery.parts(card, ASSIST, "0002", "0003", "0004", "0007", answered=card)
    assert told(judge(arguments), "presence") == ("not-performed", "unbound")
    assert told(judge(read_here(arguments, None)), "presence") == ("pass", "session")
