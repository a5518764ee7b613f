"""Reports fit the terminal, say the same in both languages, and stand straight."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mnverify.cli.labels import CHECKS, CREDENTIALS, DOMAINS, FIELDS, ROLES
from mnverify.cli.terminal import width
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Domain, Role
from mnverify.verification.words import DETAILS
from mnverify.virtual import VirtualCard, persona, personas
from tests.cli.conftest import Ran, flat

Run = Callable[..., Ran]
READER = f"virtual:{persona().id}"
COMMANDS: dict[str, tuple[list[str], str]] = {
    "demo": (["demo"], ""),
    "face": (["read", "face-check", "--reader", READER, "--trust", "virtual"], "verification-number-b"),
    "rejected": (["read", "face-check", "--reader", READER], "verification-number-b"),
    "attributes": (["read", "input-assist", "--reader", READER, "--trust", "virtual"], "pin"),
    "age": (["age", "--at-least", "20", "--reader", READER, "--trust", "virtual"], "birth-date"),
    "retries": (["retries", "--reader", READER], ""),
    "card list": (["card", "list"], ""),
    "card show": (["card", "show", "face-check", "--reader", READER], ""),
    "trust list": (["trust", "list"], ""),
}


@pytest.mark.parametrize("within", [30, 40, 60, 80, 100])
@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("name", COMMANDS)
def test_no_line_is_wider_than_the_terminal(
    run: Run, card: VirtualCard, monkeypatch: pytest.MonkeyPatch, name: str, lang: str, within: int
) -> None:
    words, kind = COMMANDS[name]
    monkeypatch.setenv("COLUMNS", str(within))
    ran = run(*words, "--lang", lang, stdin=card.credentials.get(kind, ""))
    assert ran.status == (1 if name == "rejected" else 0), ran.err
    assert [line for line in ran.out.splitlines() if width(line) > within] == []


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("name", COMMANDS)
def test_the_width_changes_no_word(
    run: Run, card: VirtualCard, monkeypatch: pytest.MonkeyPatch, name: str, lang: str
) -> None:
    words, kind = COMMANDS[name]
    texts = []
    for within in ("60", "100"):
        monkeypatch.setenv("COLUMNS", within)
        out = run(*words, "--lang", lang, stdin=card.credentials.get(kind, "")).out
        texts.append(sorted(flat("".join(line for line in out if line not in "▀▄█"))))
    assert texts[0] == texts[1]


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_values_stand_under_each_other(run: Run, card: VirtualCard, lang: str) -> None:
    out = run(*COMMANDS["attributes"][0], "--lang", lang, stdin=card.credentials["pin"]).out
    signed = "signed by the issuer" if lang == "en" else "発行者の署名あり"
    places = {width(line[: line.index(signed)]) for line in out.splitlines() if line.endswith(signed)}
    assert len(places) == 1


def test_labels_are_complete() -> None:
    assert set(DOMAINS) == set(Domain)
    assert set(ROLES) == set(Role)
    assert set(CREDENTIALS) == set(CredentialKind)
    assert set(CHECKS) == {check for check, _ in DETAILS}
    images = {"name_image", "address_image", "photo", "security_code_image", "my_number_image"}
    assert set(FIELDS) == {"name", "address", "birth_date", "sex", "expiry", "my_number"} | images
    for table in (DOMAINS, ROLES, CREDENTIALS, CHECKS, FIELDS):
        for label in table.values():
            assert isinstance(label, Text) and label.en and label.ja and label.en.isascii()


def test_card_list_tells_what_each_holder_would_type(run: Run) -> None:
    listed = {one["id"]: one["credentials"] for one in run("card", "list", "--json").document["personas"]}
    for lang in ("en", "ja"):
        text = run("card", "list", "--lang", lang).out
        for one in personas():
            assert listed[one.id] == {
                "birth-date": one.birth_digits,
                "verification-number-b": one.verification_number_b,
                "pin": one.pin,
                "verification-number-a": one.my_number.reveal(),
            }
            assert all(digits in text for digits in listed[one.id].values())


def test_what_the_list_tells_opens_the_card(run: Run) -> None:
    listed = {one["id"]: one["credentials"] for one in run("card", "list", "--json").document["personas"]}
    for holder in ("ri-mirei", "showa-64"):
        words = ("read", "face-check", "--reader", f"virtual:{holder}", "--trust", "virtual", "--json")
        ran = run(*words, stdin=listed[holder]["verification-number-b"])
        assert ran.document["verdict"] == "verified"
