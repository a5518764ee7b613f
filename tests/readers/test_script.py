"""Scripts: the same after JSON, and nothing but scripts taken for one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnverify.errors import ScriptError
from mnverify.readers.scripts.observer import LINK_ERRORS, Shape
from mnverify.readers.scripts.script import MAX_BYTES, Exchange, Script

CHALLENGE = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
DOCUMENT: dict[str, Any] = {
    "format": "mnverify.script/1",
    "domain": "face-check",
    "role": "general",
    "credential": "birth-date",
    "credential_value": "600703",
    "purposes": ["age"],
    "persona": "sato-hanako",
    "challenge": CHALLENGE,
    "extended": None,
    "exchanges": [
        {"command": "00a4040c0ad3921000310001010402", "answer": "9000"},
        {"command": "00b0820000", "error": "link-corrupt"},
        {"reset": True},
    ],
    "observed": [
        {"header": "00a4040c", "lc": 10, "le": None, "extended": False, "received": 0, "status": "9000", "ms": 12.1},
        {"header": "00b08200", "lc": None, "le": 256, "extended": False, "error": "link-corrupt", "ms": 3},
        {"reset": True, "error": "card-lost"},
    ],
}


def changed(**members: object) -> str:
    """The document with other members; one that is ``...`` is left out."""
    return json.dumps({name: value for name, value in (DOCUMENT | members).items() if value is not ...})


def test_a_script_from_json() -> None:
    script = Script.from_json(json.dumps(DOCUMENT))
    assert script.challenge == bytes(range(32))
    assert (script.domain, script.credential_value, script.purposes) == ("face-check", "600703", ("age",))
    assert (script.extended, script.max_short, script.faithful, script.reason) == (None, 256, None, None)
    assert script.exchanges == (
        Exchange(bytes.fromhex("00a4040c0ad3921000310001010402"), b"\x90\x00"),
        Exchange(bytes.fromhex("00b0820000"), error="link-corrupt"),
        Exchange(None),
    )
    assert script.observed == (
        Shape(bytes.fromhex("00a4040c"), lc=10, received=0, status=0x9000, ms=12.1),
        Shape(bytes.fromhex("00b08200"), le=256, error="link-corrupt", ms=3.0),
        Shape(None, error="card-lost"),
    )


def test_a_script_without_optional_members() -> None:
    assert Script.from_json(changed(observed=..., challenge=None).encode()).observed == ()


def test_repr_shows_no_byte() -> None:
    script = Script.from_json(json.dumps(DOCUMENT))
    shown = repr(script) + repr(script.exchanges)
    assert "600703" not in shown and "d392" not in shown.lower() and "xd3" not in shown


SHORT = st.binary(min_size=4, max_size=40)
MS = st.none() | st.integers(0, 36_000_000).map(lambda tenths: tenths / 10)
ERROR = st.sampled_from(sorted(LINK_ERRORS))
EXCHANGES = st.one_of(
    st.builds(Exchange, SHORT, st.binary(min_size=2, max_size=40)),
    st.builds(lambda command, error: Exchange(command, error=error), SHORT, ERROR),
    st.just(Exchange(None)),
)
HEADERS = {
    "header": st.binary(min_size=4, max_size=4),
    "lc": st.none() | st.integers(1, 65535),
    "le": st.none() | st.integers(1, 65536),
    "extended": st.booleans(),
    "ms": MS,
}
SHAPES = st.one_of(
    st.builds(Shape, **HEADERS, received=st.integers(0, 65536), status=st.none() | st.integers(0, 65535)),
    st.builds(Shape, **HEADERS, error=ERROR),
    st.builds(Shape, st.none(), error=st.none() | ERROR, ms=MS),
)


@given(
    st.builds(
        Script,
        domain=st.just("input-assist"),
        role=st.just("my-number-office"),
        credential=st.just("verification-number-a"),
        credential_value=st.from_regex(r"[0-9]{12}", fullmatch=True),
        purposes=st.permutations(["attributes", "number"]).map(tuple),
        persona=st.just("ri-mirei"),
        challenge=st.none() | st.binary(min_size=32, max_size=32),
        exchanges=st.lists(EXCHANGES, max_size=5).map(tuple),
        extended=st.none() | st.booleans(),
        max_short=st.integers(1, 256),
        faithful=st.none() | st.booleans(),
        reason=st.sampled_from([None, "order", "outcome", "more-data"]),
        observed=st.lists(SHAPES, max_size=5).map(tuple),
    )
)
def test_json_and_back(script: Script) -> None:
    text = script.to_json()
    assert Script.from_json(text) == script
    assert Script.from_json(text).to_json() == text


def exchange(**members: object) -> str:
    return changed(exchanges=[members])


def shape(**members: object) -> str:
    return changed(observed=[{k: v for k, v in (DOCUMENT["observed"][0] | members).items() if v is not ...}])


REFUSED: list[tuple[str, str | bytes, str]] = [
    ("not UTF-8", b"\xff", "script"),
    ("a lone surrogate", "\ud800", "script"),
    ("empty", "", "script"),
    ("two objects", json.dumps(DOCUMENT) * 2, "script"),
    ("a list", "[]", "script"),
    ("too large", json.dumps(DOCUMENT) + " " * MAX_BYTES, "script"),
    ("too deep", changed(purposes=[[["age"]]]), "script"),
    ("so deep that a parser would break", "[" * 500_000, "script"),
    ("a key twice", '{"format": 1, "format": 1}', "script"),
    ("a key twice, escaped", '{"format": 1, "form\\u0061t": 1}', "script"),
    ("NaN", changed(extended=float("nan")), "script"),
    ("Infinity", changed(extended=float("inf")), "script"),
    ("a number without end", f'{{"format": {"1" * 5000}}}', "script"),
    ("a decimal without end", f'{{"format": 1.{"1" * 5000}}}', "script"),
    ("an unknown member", changed(reader="ACS ACR122U"), "script"),
    ("another version", changed(format="mnverify.script/2"), "format"),
    ("an unknown domain", changed(domain="jpki"), "domain"),
    ("a domain that is no text", changed(domain=["face-check"]), "domain"),
    ("an unknown role", changed(role="bank"), "role"),
    ("a credential of the other domain", changed(credential="pin", credential_value="1234"), "credential"),
    ("number A in role general", changed(credential="verification-number-a"), "credential"),
    ("a credential of other length", changed(credential_value="60070"), "credential_value"),
    ("a credential of full-width digits", changed(credential_value="６００７０３"), "credential_value"),
    ("a credential that is a number", changed(credential_value=600703), "credential_value"),
    ("no purpose", changed(purposes=[]), "purposes"),
    ("a purpose twice", changed(purposes=["age", "age"]), "purposes"),
    ("a purpose of the other domain", changed(purposes=["attributes"]), "purposes[0]"),
    ("the number in role general", changed(purposes=["number"]), "purposes[0]"),
    ("purposes that are no list", changed(purposes="age"), "purposes"),
    ("a persona that is no slug", changed(persona="山田"), "persona"),
    ("a short challenge", changed(challenge="AAAA"), "challenge"),
    ("a challenge in base64url", changed(challenge="_" * 43 + "="), "challenge"),
    ("a challenge with loose bits", changed(challenge=CHALLENGE[:-2] + "9="), "challenge"),
    ("a challenge that is a number", changed(challenge=1), "challenge"),
    ("extended as a word", changed(extended="true"), "extended"),
    ("extended as a number", changed(extended=1), "extended"),
    ("short reads of nothing", changed(max_short=0), "max_short"),
    ("short reads beyond a byte", changed(max_short=257), "max_short"),
    ("short reads of true", changed(max_short=True), "max_short"),
    ("faithful as null", changed(faithful=None), "faithful"),
    ("an unknown reason", changed(reason="because"), "reason"),
    ("exchanges as an object", changed(exchanges={}), "exchanges"),
    ("an exchange that is a text", changed(exchanges=["9000"]), "exchanges[0]"),
    ("an exchange without answer", exchange(command="00b08200"), "exchanges[0]"),
    ("an exchange without command", exchange(answer="9000"), "exchanges[0]"),
    ("answer and error", exchange(command="00b08200", answer="9000", error="card-lost"), "exchanges[0]"),
    ("an unknown error", exchange(command="00b08200", error="broken"), "exchanges[0].error"),
    ("hex in capitals", exchange(command="00B08200", answer="9000"), "exchanges[0].command"),
    ("half a byte", exchange(command="00b08200", answer="900"), "exchanges[0].answer"),
    ("hex with blanks", exchange(command="00 b0 82 00", answer="9000"), "exchanges[0].command"),
    ("a command that is too short", exchange(command="00b082", answer="9000"), "exchanges[0].command"),
    ("an answer without status word", exchange(command="00b08200", answer="90"), "exchanges[0].answer"),
    ("a reset of false", exchange(reset=False), "exchanges[0].reset"),
    ("a reset with a command", exchange(reset=True, command="00b08200"), "exchanges[0]"),
    ("a shape with data", shape(data="00"), "observed[0]"),
    ("a shape without length", shape(lc=...), "observed[0]"),
    ("a header that is a whole command", shape(header="00a4040c0a"), "observed[0].header"),
    ("a negative length", shape(lc=-1), "observed[0].lc"),
    ("a length of 1.0", shape(received=1.0), "observed[0].received"),
    ("a status word that is a number", shape(status=9000), "observed[0].status"),
    ("a status word of three bytes", shape(status="900000"), "observed[0].status"),
    ("status and error", shape(error="card-lost"), "observed[0]"),
    ("a time that says more than a tenth", shape(ms=1.25), "observed[0].ms"),
    ("a time before the beginning", shape(ms=-0.1), "observed[0].ms"),
    ("a time that is true", shape(ms=True), "observed[0].ms"),
    ("a reset with a length", changed(observed=[{"reset": True, "lc": 1}]), "observed[0]"),
    *((f"no {name}", changed(**{name: ...}), "script") for name in DOCUMENT if name != "observed"),
]


@pytest.mark.parametrize(("text", "where"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_anything_else_is_refused_and_the_place_is_named(text: str | bytes, where: str) -> None:
    with pytest.raises(ScriptError) as caught:
        Script.from_json(text)
    assert f"script of a reading: {where}: " in str(caught.value)
    assert f"（{where}: " in caught.value.text.ja


@pytest.mark.parametrize(
    "text",
    [
        exchange(command="000000003132333435363738ZZ", answer="9000"),
        exchange(command="00000000", error="12345678"),
        changed(credential_value="12345678"),
        changed(persona="12345678 12345678"),
        changed(observed=[{"header": "12345678", "lc": 12345678}]),
        shape(lc=12345678),
    ],
)
def test_errors_hold_no_value(text: str) -> None:
    with pytest.raises(ScriptError) as caught:
        Script.from_json(text)
    assert "12345678" not in f"{caught.value} {caught.value.text.ja}" and "3132333435" not in str(caught.value)


def test_what_nobody_would_read_back_is_not_written() -> None:
    script = Script.from_json(json.dumps(DOCUMENT))
    long = Exchange(bytes(5), bytes(60_000))
    with pytest.raises(ScriptError):
        Script(**{name: getattr(script, name) for name in Script.__slots__} | {"exchanges": (long,) * 10}).to_json()
