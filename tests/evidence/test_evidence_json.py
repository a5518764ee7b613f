"""The JSON form of evidence: what is refused and how it says so; what is built can be read again."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnverify.errors import EvidenceError, EvidenceRoleError, NotStorable, RoleError, UnsupportedCard
from mnverify.evidence import Evidence, Presence
from mnverify.values import CredentialKind, Domain, Role
from tests.support import forgery
from tests.support.forgery import ASSIST, AT, FACE

CARD = forgery.card()
MAX_BYTES = 64 * 1024
Document = dict[str, Any]


def document(evidence: Evidence | None = None) -> Document:
    """The JSON object of evidence."""
    whole = evidence or forgery.evidence(CARD, FACE, "0001", "0002", "0004", answered=CARD)
    return json.loads(whole.to_request())  # type: ignore[no-any-return]


def where(data: str | bytes | Document) -> str:
    """The place that the refusal names."""
    text = json.dumps(data) if isinstance(data, dict) else data
    with pytest.raises(EvidenceError) as caught:
        Evidence.from_json(text)
    assert caught.value.where in str(caught.value) and caught.value.text.ja
    return caught.value.where


def changed(change: Callable[[Document], object]) -> Document:
    """Good evidence after a change."""
    made = document()
    change(made)
    return made


def having(**members: object) -> Document:
    """Good evidence with other members."""
    return {**document(), **members}


# the form --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        "",
        " ",
        "{",
        "null",
        "[]",
        '"x"',
        "1",
        b"\xff\xfe{\x00}\x00",
        b'{"a": "\xff"}',
        "\ufeff{}",
        "\ud800",
        "{} {}",
        "{'a': 1}",
        '{"a": NaN}',
        '{"a": 1e999}',
        '{"a": ' + "9" * 5000 + "}",
        '{"a": "\n"}',
        "{" * 60_000,
        "[" * 60_000,
        '{"a":' * 10_000,
        '"' + '\\"' * 30_000,
        '"' + "\\" * 60_001,
        "\x00",
    ],
)
def test_what_is_no_json_object(data: str | bytes) -> None:
    began = time.thread_time()  # of the processor, whatever else the machine does
    assert where(data) == "evidence"
    assert time.thread_time() - began < 1


def test_size() -> None:
    good = json.dumps(document())
    assert Evidence.from_json(good + " " * (MAX_BYTES - len(good))) == Evidence.from_json(good)
    for data in (good + " " * (MAX_BYTES - len(good) + 1), b" " * 10_000_000):
        assert where(data) == "evidence"
    assert where("界" * (MAX_BYTES // 3 + 1)) == "evidence"  # bytes count, not characters


def test_depth() -> None:
    for key in ("files", "segments", "reader", "format"):
        assert where(having(**{key: [[[[]]]]})) == "evidence"
    for text in ('[[[[[[ { \\" [[[ ', '[[[[["', '"[', "{{{{{{\\"):  # brackets in a text are no depth
        assert Evidence.from_json(json.dumps(having(reader=text))).reader == text


@pytest.mark.parametrize("key", ["format", "domain", "role", "credential", "files"])
def test_a_member_is_missing(key: str) -> None:
    assert where(changed(lambda made: made.pop(key))) == "evidence"


@pytest.mark.parametrize("key", ["", "File", "files ", "comment", "$schema", "\ud800", "a" * 1000])
def test_unknown_keys(key: str) -> None:
    assert where(changed(lambda made: made.update({key: ""}))) == "evidence"
    assert where(changed(lambda made: made["presence"].update({key: ""}))) == "presence"
    assert where(changed(lambda made: made["files"].update({key: ""}))) == "files"


@pytest.mark.parametrize(
    "inside", [("domain",), ("files",), ("files", "0002"), ("presence",), ("presence", "signature")]
)
def test_a_key_that_stands_twice(inside: tuple[str, ...]) -> None:
    text = json.dumps(document())
    for key in inside[-1:]:
        again = f'"{key}": {json.dumps(_get(document(), inside))}, "{key}": '
        assert where(text.replace(f'"{key}": ', again, 1)) == "evidence"
        escaped = "".join(f"\\u{ord(character):04x}" for character in key)
        assert where(text.replace(f'"{key}": ', again.replace(f'"{key}"', f'"{escaped}"', 1), 1)) == "evidence"


def _get(made: Any, path: tuple[str, ...]) -> Any:
    return _get(made[path[0]], path[1:]) if path else made


@pytest.mark.parametrize("wrong", [None, True, 1, 1.5, [], {}, "x", "", "FACE-CHECK", "face-check ", ["face-check"]])
@pytest.mark.parametrize("key", ["format", "domain", "role", "credential"])
def test_words(key: str, wrong: object) -> None:
    assert where(changed(lambda made: made.update({key: wrong}))) in {key, "evidence"}


@pytest.mark.parametrize("version", ["mnverify.evidence/2", "mnverify.evidence/1.0", "mnverify.result/1"])
def test_other_formats(version: str) -> None:
    assert where(changed(lambda made: made.update(format=version))) == "format"


@pytest.mark.parametrize("wrong", [None, True, 1, [], "x", "AAAA"])
@pytest.mark.parametrize("key", ["files", "segments", "presence"])
def test_members_that_are_objects(key: str, wrong: object) -> None:
    assert where(changed(lambda made: made.update({key: wrong}))) in {key, "evidence"}


@pytest.mark.parametrize(
    "text",
    ["====", "A", "AA", "AA=", "A===", "AB==", "AAB=", "AA==\n", " AAAA", "AA-_", "AA==AA==", "ＡＡＡＡ", "\x00", "é"],
)
def test_base64_has_one_form(text: str) -> None:
    assert where(changed(lambda made: made["files"].update({"0002": text}))) == "files.0002"
    assert where(changed(lambda made: made["presence"].update(challenge=text))) == "presence.challenge"


@pytest.mark.parametrize("wrong", [None, 1, [], {}])
def test_base64_is_a_text(wrong: object) -> None:
    assert where(changed(lambda made: made["files"].update({"0002": wrong}))) in {"files.0002", "evidence"}
    assert where(changed(lambda made: made["presence"].update(signature=wrong))) in {"presence.signature", "evidence"}


@pytest.mark.parametrize("name", ["2", "002", "00002", "000g", "0x02", "０００２", "000a", " 0002", "001E\n"])
def test_file_ids(name: str) -> None:
    assert where(changed(lambda made: made["files"].update({name: "AAAA"}))) == "files"


@pytest.mark.parametrize("name", ["0006", "0011", "0012", "001E", "FFFF", "0000"])
def test_files_that_no_evidence_holds(name: str) -> None:
    assert where(changed(lambda made: made["files"].update({name: "/w=="}))) == "files"


def test_no_files_and_empty_files() -> None:
    assert where(changed(lambda made: made.update(files={}))) == "files"
    assert where(changed(lambda made: made["files"].update({"0002": ""}))).startswith("files.0002")


@pytest.mark.parametrize("text", ["", "00", "zz" * 32, "AB" * 32, "00" * 33, " " + "00" * 32, None, 3])
def test_segment_digests(text: object) -> None:
    made = document(forgery.evidence(CARD, FACE, "0002", "0004").without_segments(3))
    made["segments"]["3"] = text
    assert where(made) in {"segments.3", "evidence"}


@pytest.mark.parametrize("name", ["1", "4", "02", "two", ""])
def test_segments_that_cannot_be_dropped(name: str) -> None:
    assert where(changed(lambda made: made.update(segments={name: "00" * 32}))) == "segments"


def test_segments_have_to_be_the_dropped_ones() -> None:
    lighter = document(forgery.evidence(CARD, FACE, "0002", "0004").without_segments(3))
    two = {**lighter["segments"], "2": "00" * 32}
    for made in (
        {**lighter, "segments": {}},
        {**lighter, "segments": two},
        changed(lambda made: made.update(segments={"3": "00" * 32})),
    ):
        assert where(made).startswith("files.0002")
    age = document(forgery.evidence(CARD, FACE, "0001", "0004"))
    assert where({**age, "segments": {"3": "00" * 32}}) == "segments.3"
    assist = document(forgery.evidence(CARD, ASSIST, "0002", "0003", "0004"))
    assert where({**assist, "segments": {"2": "00" * 32}}) == "segments.2"


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-22",
        "2026-11-22T10:00:00",
        "2026-11-22 10:00:00+09:00",
        "2026-13-22T10:00:00Z",
        "2026-02-30T10:00:00Z",
        "2026-11-22T25:00:00Z",
        "2026-11-22T10:00:00+0900",
        "2026-11-22T10:00:00+25:00",
        "２０２６-11-22T10:00:00Z",
        "2026-11-22T10:00:00Z\n",
        "20261122T100000Z",
        "",
        None,
        0,
    ],
)
def test_moments(moment: object) -> None:
    assert where(changed(lambda made: made.update(read_at=moment))) in {"read_at", "evidence"}


@pytest.mark.parametrize("text", ["x" * 129, "a\nb", "\x1b[31m", "\u202e", "\ud800", None, 1, []])
def test_readers(text: object) -> None:
    assert where(changed(lambda made: made.update(reader=text))) in {"reader", "evidence"}


@pytest.mark.parametrize("key", ["challenge", "signature"])
def test_presence_has_both_of_some_length(key: str) -> None:
    assert where(changed(lambda made: made["presence"].pop(key))) == "presence"
    for length in (0, 1025):
        presence = {**document()["presence"], key: base64.b64encode(bytes(length)).decode()}
        assert where(having(presence=presence)) == f"presence.{key}"


def test_a_malformed_file_names_tag_and_offset() -> None:
    file = bytearray(CARD.files(FACE)["0002"])
    at = forgery.child(bytes(file), 0xDF25).start
    file[at + 1] = 0x24
    made = changed(lambda made: made["files"].update({"0002": base64.b64encode(file).decode()}))
    place = where(made)
    assert place.startswith("files.0002") and "DF24" in place and str(at) in place


def test_an_unknown_generation_is_not_called_forged() -> None:
    for name, data in (("0002", b"\x00\x00" + CARD.files(FACE)["0002"]), ("0004", b"\x30\x03\x02\x01\x00")):
        made = having(files={**document()["files"], name: base64.b64encode(data).decode()})
        with pytest.raises(UnsupportedCard):
            Evidence.from_json(json.dumps(made))


# roles -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("domain", "names", "credential"),
    [
        (FACE, ("0005", "0004"), "verification-number-b"),
        (FACE, ("0002", "0004"), "verification-number-a"),
        (ASSIST, ("0001", "0003", "0004"), "pin"),
        (ASSIST, ("0003", "0004"), "verification-number-a"),
    ],
)
def test_the_number_is_not_for_role_general(domain: Domain, names: tuple[str, ...], credential: str) -> None:
    office = forgery.evidence(CARD, domain, *names, role=Role.MY_NUMBER_OFFICE, credential=CredentialKind(credential))
    made = document(office)
    assert Evidence.from_json(json.dumps(made), role=Role.MY_NUMBER_OFFICE) == office
    with pytest.raises(EvidenceRoleError) as caught:
        Evidence.from_json(json.dumps({**made, "role": "general"}))
    assert isinstance(caught.value, RoleError) and isinstance(caught.value, EvidenceError)
    assert CARD.persona.my_number.reveal() not in str(caught.value)


@pytest.mark.parametrize(("domain", "credential"), [(FACE, "pin"), (ASSIST, "birth-date")])
def test_credentials_of_the_other_domain(domain: Domain, credential: str) -> None:
    names = ("0002", "0004") if domain is FACE else ("0002", "0003", "0004")
    assert where({**document(forgery.evidence(CARD, domain, *names)), "credential": credential}) == "credential"


def test_a_wrong_number_is_not_in_the_message() -> None:
    file = bytearray(CARD.files(ASSIST)["0001"])
    file[14] ^= 1
    made = document(forgery.evidence(CARD, ASSIST, "0001", "0003", "0004", role=Role.MY_NUMBER_OFFICE))
    made["files"]["0001"] = base64.b64encode(file).decode()
    with pytest.raises(EvidenceError) as caught:
        Evidence.from_json(json.dumps(made), role=Role.MY_NUMBER_OFFICE)
    assert CARD.persona.my_number.reveal()[:6] not in str(caught.value) + caught.value.text.ja


# there and back --------------------------------------------------------------------------------------


def test_input_assist_of_role_general_is_carried_by_a_request_only() -> None:
    for names in (("0002", "0003", "0004", "0007"), ("0002", "0004"), ("0003",)):
        evidence = forgery.evidence(CARD, ASSIST, *names, answered=CARD)
        assert not evidence.storable
        with pytest.raises(NotStorable) as caught:
            evidence.to_json()
        assert "Keep" in str(caught.value) and caught.value.text.ja
        body = evidence.to_request()
        assert isinstance(body, bytes) and Evidence.from_json(body) == evidence
    office = forgery.evidence(CARD, ASSIST, "0002", "0003", "0004", role=Role.MY_NUMBER_OFFICE)
    assert office.storable and Evidence.from_json(office.to_json(), role=Role.MY_NUMBER_OFFICE) == office


@pytest.mark.parametrize("domain", [FACE, ASSIST])
def test_the_examples_form(domain: Domain) -> None:
    names = ("0001", "0002", "0003", "0004", "0005")
    evidence = Evidence(
        **{
            **forgery.parts(CARD, domain, *names, role=Role.MY_NUMBER_OFFICE, answered=CARD),
            "read_at": AT,
            "reader": "Virtual PCD 00 00",
        }
    )
    made = json.loads(evidence.to_json())
    assert list(made) == ["format", "domain", "role", "credential", "files", "presence", "read_at", "reader"]
    assert made["format"] == "mnverify.evidence/1" and made["read_at"] == "2026-11-22T10:00:00+09:00"
    again = Evidence.from_json(evidence.to_json(), role=Role.MY_NUMBER_OFFICE)
    assert again == evidence and again.to_json() == evidence.to_json() and not again.read_here


_offsets = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_moments = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=_offsets)  # noqa: DTZ001
_readers = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), max_size=128)
_bytes = st.binary(min_size=1, max_size=300)


@settings(max_examples=60, deadline=None)
@given(
    dropped=st.sets(st.sampled_from([2, 3])),
    presence=st.none() | st.builds(Presence, _bytes, _bytes),
    read_at=st.none() | _moments,
    reader=st.none() | _readers.filter(str.isprintable),
    filler=st.integers(0, 100),
    names=st.sets(st.sampled_from(["0001", "0003", "0004", "0005"])),
)
def test_parse_after_build_is_identity(
    dropped: set[int],
    presence: Presence | None,
    read_at: datetime | None,
    reader: str | None,
    filler: int,
    names: set[str],
) -> None:
    arguments = forgery.parts(CARD, FACE, "0002", *names, role=Role.MY_NUMBER_OFFICE)
    arguments["files"] = {name: data + b"\xff" * filler for name, data in arguments["files"].items()}
    evidence = Evidence(**{**arguments, "presence": presence, "read_at": read_at, "reader": reader})
    evidence = evidence.without_segments(*dropped)
    text = evidence.to_json()
    again = Evidence.from_json(text, role=Role.MY_NUMBER_OFFICE)
    assert again == evidence and hash(again) == hash(evidence) and again.to_json() == text
    assert Evidence.from_json(evidence.to_request(), role=Role.MY_NUMBER_OFFICE) == evidence


# anything at all -------------------------------------------------------------------------------------


def read_or_refuse(data: str | bytes) -> None:
    """Nothing but evidence or a documented error comes out."""
    try:
        evidence = Evidence.from_json(data, role=Role.MY_NUMBER_OFFICE)
    except (EvidenceError, UnsupportedCard, RoleError):
        return
    assert Evidence.from_json(evidence.to_request(), role=Role.MY_NUMBER_OFFICE) == evidence


@given(st.binary(max_size=2000) | st.text(max_size=2000))
def test_any_bytes_and_any_text(data: str | bytes) -> None:
    read_or_refuse(data)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from([*document(), "segments", "other"]), _json))
def test_any_json_in_any_member(members: dict[str, Any]) -> None:
    read_or_refuse(json.dumps({**document(), **members}))
    read_or_refuse(json.dumps(members))


@given(st.sampled_from(["0001", "0002", "0003", "0004", "0005", "0006", "0007"]), st.binary(max_size=400), st.data())
def test_any_bytes_in_any_file(name: str, data: bytes, draw: st.DataObject) -> None:
    domain = draw.draw(st.sampled_from([FACE, ASSIST]))
    genuine = CARD.files(domain).get(name, b"")
    at = draw.draw(st.integers(0, len(genuine)))
    for content in (data, genuine[:at], genuine[:at] + data + genuine[at:], genuine[:at] + data):
        made = {**document(), "domain": domain.value, "role": "my-number-office", "presence": document()["presence"]}
        made["credential"] = "verification-number-a"
        made["files"] = {name: base64.b64encode(content).decode()}
        read_or_refuse(json.dumps(made))


@settings(max_examples=50)
@given(st.integers(0), st.integers(0, 255))
def test_any_byte_of_a_document(at: int, byte: int) -> None:
    text = bytearray(json.dumps(document(forgery.evidence(CARD, FACE, "0001", "0004"))).encode())
    text[at % len(text)] = byte
    read_or_refuse(bytes(text))
