"""Presence, freshness, expiry, what corroborates what, and how a result keeps its content."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
import pickle
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
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
    digests = judge(read_here(assist(answered=CARD, f0002=forgery.card(OTHER).files(ASSIST)["0002"]), None))
    assert told(digests, "file-digests") == ("fail", "mismatch")
    assert told(digests, "presence") == ("not-performed", "unbound")  # a genuine card, and not of this content


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


def _unsound(domain: Domain) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Every kind of earlier failure: name, replaced files, arguments of verify."""
    wrong = forgery.card(ONE, Flaw.WRONG_SIGNATURE)
    stale = forgery.card(ONE, Flaw.STALE_OFFSET_TABLE)
    yield "unknown authority", {}, {"trust": TrustStore.production()}
    yield "no anchors", {}, {"trust": TrustStore([])}
    if domain is FACE:
        yield "bad record signature", {"f0002": wrong.files(FACE)["0002"]}, {}
        yield "untrue offset table", {"f0002": stale.files(FACE)["0002"]}, {}
    else:
        yield "bad digest", {"f0002": forgery.card(OTHER).files(ASSIST)["0002"]}, {}
        yield "bad record signature", {"f0003": wrong.files(ASSIST)["0003"]}, {}


def _answers(domain: Domain, replaced: dict[str, Any]) -> dict[str, Evidence]:
    """Evidence by what its presence is."""
    make = face if domain is FACE else assist
    found = {
        "none": Evidence(**make(**replaced)),
        "right": Evidence(**make(answered=CARD, **replaced)),
        "foreign": Evidence(**make(answered=forgery.card(OTHER), **replaced)),
        "old": Evidence(**make(answered=CARD, challenge=bytes(32), **replaced)),
        "right, read here": read_here(make(answered=CARD, **replaced), None),
        "old, read here": read_here(make(answered=CARD, challenge=bytes(32), **replaced), None),
    }
    if domain is ASSIST:
        own = forgery.card(OTHER)
        found["right, foreign 0007"] = Evidence(**assist(answered=own, f0007=own.files(ASSIST)["0007"], **replaced))
    return found


# presence and freshness of evidence that is sound but for the answer, by domain and answer, with our challenge given
SOUND = {
    FACE: {
        "none": (("not-performed", "none-given"), ("fail", "not-answered")),
        "right": (("pass", "record"), ("pass", "ok")),
        "foreign": (("fail", "bad-signature"), ("fail", "not-answered")),
        "old": (("pass", "record"), ("fail", "other-challenge")),
        "right, read here": (("pass", "record"), ("pass", "ok")),
        "old, read here": (("pass", "record"), ("fail", "other-challenge")),
    },
    ASSIST: {
        "none": (("not-performed", "none-given"), ("fail", "not-answered")),
        "right": (("not-performed", "unbound"), ("not-performed", "unbound")),
        "right, foreign 0007": (("not-performed", "unbound"), ("not-performed", "unbound")),
        "foreign": (("fail", "bad-signature"), ("fail", "not-answered")),
        "old": (("not-performed", "unbound"), ("fail", "other-challenge")),
        "right, read here": (("pass", "session"), ("pass", "ok")),
        "old, read here": (("pass", "session"), ("fail", "other-challenge")),
    },
}


@pytest.mark.parametrize("domain", [FACE, ASSIST])
def test_presence_and_freshness_of_sound_evidence(domain: Domain) -> None:
    answers = _answers(domain, {})
    assert answers.keys() == SOUND[domain].keys()
    for answer, evidence in answers.items():
        presence, freshness = SOUND[domain][answer]
        asked = judge(evidence, challenge=CHALLENGE)
        assert (told(asked, "presence"), told(asked, "freshness")) == (presence, freshness), answer
        assert asked.verified is ("fail" not in (presence[0], freshness[0]))
        plain = judge(evidence)
        assert (told(plain, "presence"), told(plain, "freshness")) == (presence, ("not-performed", "none-given"))
        required = judge(evidence, challenge=CHALLENGE, require_presence=True)
        outcome = "pass" if presence[0] == "pass" else "fail"
        assert told(required, "presence") == (outcome, presence[1])
        assert told(required, "freshness") == freshness  # requiring presence changes nothing about the answer's age
        assert required.verified is (outcome == freshness[0] == "pass")


@pytest.mark.parametrize("domain", [FACE, ASSIST])
def test_an_earlier_failure_leaves_freshness_unknown(domain: Domain) -> None:
    """Only what stands in the document is a failure: that there is no answer, or one to another challenge."""
    for name, replaced, more in _unsound(domain):
        for answer, evidence in _answers(domain, replaced).items():
            result = judge(evidence, challenge=CHALLENGE, **more)
            assert not result.verified
            given = told(result, "presence")
            assert given == ("not-performed", "none-given" if answer == "none" else "unbound"), (name, answer)
            known = {"none": ("fail", "not-answered"), "old": ("fail", "other-challenge")}
            expected = known.get(answer.partition(",")[0], ("not-performed", "not-verified"))
            assert told(result, "freshness") == expected, (name, answer)
            assert told(judge(evidence, **more), "freshness") == ("not-performed", "none-given")


def test_freshness_never_passes_where_presence_does_not() -> None:
    for domain in (FACE, ASSIST):
        for _, replaced, more in [("sound", {}, {}), *_unsound(domain)]:
            for evidence in _answers(domain, replaced).values():
                for required in (False, True):
                    result = judge(evidence, challenge=CHALLENGE, require_presence=required, **more)
                    if result.check("freshness").outcome == "pass":
                        assert result.check("presence").outcome == "pass"


def test_the_age_of_an_answer_is_unknown_without_a_challenge_of_ones_own() -> None:
    for evidence in (Evidence(**face(answered=CARD)), read_here(assist(answered=CARD), None)):
        for required in (False, True):
            assert "age-of-answer" in judge(evidence, require_presence=required).limits
            assert "age-of-answer" not in judge(evidence, require_presence=required, challenge=CHALLENGE).limits
    for evidence in (
        Evidence(**face()),
        Evidence(**assist(answered=CARD)),
    ):  # presence did not pass: the limit is "copy"
        assert "age-of-answer" not in judge(evidence).limits and "copy" in judge(evidence).limits


@pytest.mark.parametrize("length", [1, 16, 31, 33, 64, 1024])
def test_a_challenge_is_as_long_as_who_verifies_made_it(length: int) -> None:
    ours = bytes(range(256)) * 4
    answer = Presence(ours[:length], CARD.sign(FACE, ours[:length]))
    assert told(judge({**face(), "presence": answer}, challenge=ours[:length]), "freshness") == ("pass", "ok")
    other = judge({**face(), "presence": answer}, challenge=ours[1 : length + 1])
    assert told(other, "freshness") == ("fail", "other-challenge") and not other


def test_presence_has_five_codes() -> None:
    assert {code for check, code in DETAILS if check == "presence"} == {
        "record", "session", "unbound", "none-given", "bad-signature",
    }  # fmt: skip


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


@pytest.mark.parametrize("expiry", ["99991231", "21190101", "00010101"])
@pytest.mark.parametrize("at", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC), AT])
@pytest.mark.parametrize("zone", [UTC, JAPAN, timezone(timedelta(hours=-12)), timezone(timedelta(hours=14))])
def test_every_date_of_a_card_at_every_time(expiry: str, at: datetime, zone: timezone) -> None:
    file = forgery.rebuilt(CARD.files(FACE)["0002"], {0xDF29: expiry.encode()})
    result = judge(forgery.parts(CARD, FACE, "0004", f0002=file), at=at.replace(tzinfo=zone))
    assert result.check("expiry").code in ("ok", "expired")
    assert result.verified is (result.check("expiry").outcome == "pass")
    if expiry == "99991231" and at.year < 9999:
        assert result.verified
    document = result.to_dict()
    assert ("fields" in document) is result.verified and document["at"] == at.replace(tzinfo=zone).isoformat()


def test_the_object_of_a_result_has_its_shape() -> None:
    document = judge(face(answered=CARD)).to_dict()
    assert list(document) == [
        "format", "verdict", "environment", "authority", "domain", "role", "credential", "generation", "at", "checks", "limits",
        "fields",
    ]  # fmt: skip
    assert [list(check) for check in document["checks"]] == [["id", "outcome", "code", "detail"]] * 7
    assert all(list(limit) == ["code", "detail"] for limit in document["limits"])
    assert document["fields"]["birth_date"] == {"value": "1985-07-03", "assurance": "signed"}
    assert json.loads(json.dumps(document)) == document


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"evidence": "{}"}, "evidence"),
        ({"evidence": None}, "evidence"),
        ({"trust": "production"}, "trust"),
        ({"trust": []}, "trust"),
        ({"at": datetime(2026, 1, 1)}, "at"),  # noqa: DTZ001
        ({"at": date(2026, 1, 1)}, "at"),
        ({"at": "2026-01-01T00:00:00+09:00"}, "at"),
        ({"challenge": CHALLENGE.hex()}, "challenge"),
        ({"challenge": bytearray(CHALLENGE)}, "challenge"),
        ({"challenge": b""}, "challenge"),
        ({"challenge": bytes(1025)}, "challenge"),
    ],
)
def test_wrong_arguments_are_refused_at_once(wrong: dict[str, Any], name: str) -> None:
    arguments = {"evidence": Evidence(**face()), "trust": forgery.trust(), "at": AT, **wrong}
    with pytest.raises(UsageError, match=f"verify: {name} has to be") as caught:
        verify(arguments.pop("evidence"), **arguments)
    assert name in caught.value.text.ja and "Nothing was verified" in str(caught.value)


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
    assert unsigned_fields(result) == {
        "expiry": ("corroborated", "year"),
        "security_code_image": ("unsigned", None),  # nobody compared the picture
    }
    assert "expiry-year" in result.limits and "expiry-unsigned" not in result.limits
    assert "a device that speaks for the card" in result.limits["expiry-year"].en.lower()
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


def test_a_device_that_speaks_for_the_card_is_named_by_the_limit() -> None:
    """It answers READ with an expiry of its own and VERIFY with 9000, and asks the genuine, expired card for the signature."""
    expired = forgery.card("kigen-setsuo")
    assert expired.persona.expiry < AT.date()
    made_up = forgery.rebuilt(expired.files(FACE)["0002"], {0xDF29: b"20330703"})
    arguments = forgery.parts(expired, FACE, "0004", answered=expired, f0002=made_up)
    number = AcceptedNumberB(expired.persona.birth_digits, 2033)
    result = judge(read_here(arguments, number), challenge=CHALLENGE, require_presence=True)
    assert result.verified and unsigned_fields(result)["expiry"] == ("corroborated", "year")  # it cannot be told apart
    for lang in ("en", "ja"):
        assert {"en": "READ and VERIFY itself", "ja": "署名だけを真正なカード"}[lang] in result.limits[
            "expiry-year"
        ].in_language(lang)


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


def test_a_result_is_its_verdict() -> None:
    good, bad = judge(face()), judge(face(answered=forgery.card(OTHER)))
    assert good and good.require() is good
    assert not bad
    with pytest.raises(NotVerifiedError) as caught:
        bad.require()
    assert "presence (bad-signature)" in str(caught.value) and "presence (bad-signature)" in caught.value.text.ja


def test_accessors_with_types() -> None:
    persona = CARD.persona
    card_face, attributes = judge(face()), judge(assist())
    assert (card_face.birth_date, card_face.expiry) == (persona.birth, persona.expiry)
    assert card_face.sex == attributes.sex == persona.sex
    assert (attributes.name, attributes.address, attributes.birth_date) == (
        persona.name,
        persona.address,
        persona.birth,
    )
    for name in ("photo", "name_image", "address_image", "security_code_image"):
        assert getattr(card_face, name) is card_face.fields[name].value and getattr(attributes, name) is None
    for name in ("name", "address", "my_number", "my_number_image"):
        assert getattr(card_face, name) is None
    office = Role.MY_NUMBER_OFFICE
    number = judge(forgery.parts(CARD, ASSIST, "0001", "0003", "0004", role=office)).my_number
    assert number is not None and number.reveal() == persona.my_number.reveal()
    assert judge(forgery.parts(CARD, FACE, "0005", "0004", role=office)).my_number_image is not None
    assert judge(evidence_without_photo()).photo is None
    rejected = judge(face(), trust=TrustStore.production())
    for name in ("birth_date", "sex", "name", "address", "photo", "name_image", "address_image", "expiry",
                 "security_code_image", "my_number", "my_number_image"):  # fmt: skip
        with pytest.raises(NotVerifiedError):
            getattr(rejected, name)


def evidence_without_photo() -> Evidence:
    return Evidence(**face()).without_segments(3)


def test_digits_in_a_picture_have_no_hash() -> None:
    """Ten thousand tries would give the security code, and with it number B."""
    office = forgery.parts(CARD, FACE, "0002", "0005", "0004", role=Role.MY_NUMBER_OFFICE)
    shown = judge(office).to_dict()["fields"]
    for name in ("security_code_image", "my_number_image"):
        assert shown[name].keys() == {"media_type", "assurance"}
    for name in ("photo", "name_image", "address_image"):
        assert shown[name].keys() == {"media_type", "sha256", "assurance"}
    with_images = judge(office).to_dict(images=True)["fields"]
    assert all("data" in with_images[name] for name in with_images if "image" in name or name == "photo")
    assert "sha256" not in with_images["security_code_image"]
    code = judge(office).fields["security_code_image"]
    digest = hashlib.sha256(forgery.value(CARD.files(FACE)["0002"], 0xDF2A)).hexdigest()
    assert digest not in json.dumps(judge(office).to_dict()) + repr(code) + repr(code.value)


def test_results_and_fields_are_not_pickled_or_copied() -> None:
    result = judge(assist())
    for operation in (copy.copy, copy.deepcopy, pickle.dumps):
        for personal in (result, result.fields["name"], dict(result.fields)):
            if operation is copy.copy and isinstance(personal, dict):
                continue
            with pytest.raises(TypeError):
                operation(personal)
    with pytest.raises(TypeError):
        dataclasses.asdict(result)


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
