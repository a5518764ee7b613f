"""Every error has a code of its own, a message in both languages, and a place in the tree that its module shows."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re

import pytest

import mnverify
from mnverify import errors
from mnverify.errors import (
    AlreadyVerified,
    CardRefused,
    CredentialBlocked,
    EvidenceError,
    EvidenceRoleError,
    MissingExtra,
    MnverifyError,
    TooFewTries,
    UnreadableFile,
    UnsupportedCard,
    WrongCredential,
)
from mnverify.text import Text

JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
WHY = Text("the object stands twice", "同じデータが2つあります")

OWN_WORDS = (errors.DoubtfulPrint,)  # errors of pictures that take no sentence


def classes() -> list[type[MnverifyError]]:
    return [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, MnverifyError)]


def instances() -> list[MnverifyError]:
    made: list[MnverifyError] = [
        MissingExtra("pyscard", "pcsc"),
        UnreadableFile("evidence.json", Text("no such file", "ファイルがありません")),
        EvidenceError("files.0002 tag DF25 offset 3", WHY),
        EvidenceRoleError("files.0005", WHY),
        UnsupportedCard("files.0002", WHY),
        errors.MissingFont("fonts-noto-cjk"),
        errors.PrintedDataError("printed.expiry", WHY),
        errors.DoubtfulPrint(("birth_date", "security_code")),
        *(kind(WHY, WHY) for kind in classes() if issubclass(kind, errors.PictureError) and kind not in OWN_WORDS),
        WrongCredential(3),
        AlreadyVerified(),
        CredentialBlocked(),
        TooFewTries(1, 2),
        CardRefused(Text("reading EF 0002", "EF 0002 の読み取り"), 0x6A82),
    ]
    special = {type(error) for error in made}
    plain = [kind for kind in classes() if kind not in special and kind is not errors.CredentialError]
    return [*made, errors.CredentialError(WHY, 1), *(kind(WHY) for kind in plain)]


def everywhere() -> set[type[MnverifyError]]:
    """Every error class of the package, wherever it stands."""
    for module in pkgutil.walk_packages(mnverify.__path__, "mnverify."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return {kind for kind in {MnverifyError} | below(MnverifyError) if kind.__module__.startswith("mnverify")}


def below(root: type[MnverifyError]) -> set[type[MnverifyError]]:
    children = set(root.__subclasses__())
    return children.union(*(below(child) for child in children))


def test_codes_are_complete_unique_and_kebab_case() -> None:
    """A class of a module of its own may share its parent's code (the same cause); its own code, if any, is its alone."""
    codes = {kind.__name__: str(vars(kind)["code"]) for kind in everywhere() if "code" in vars(kind)}
    assert {kind.__name__ for kind in classes()} <= set(codes)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes.values()), codes
    assert len(set(codes.values())) == len(codes)


def test_the_tree_shows_every_class_with_its_code() -> None:
    tree = {
        match[1]: match[2] for match in re.finditer(r"^[ │├└─]+(\w+) +([a-z-]+)\b", str(errors.__doc__), re.MULTILINE)
    }
    assert tree == {kind.__name__: kind.code for kind in classes()}


@pytest.mark.parametrize("error", instances(), ids=lambda error: type(error).__name__)
def test_a_message_is_in_one_language_throughout(error: MnverifyError) -> None:
    assert str(error) == error.text.en
    assert not JAPANESE.search(error.text.en.replace("番号法", ""))
    assert JAPANESE.search(error.text.ja)
    for words in (WHY.en, "reading EF", "no such file", "Nothing"):
        assert words not in error.text.ja
    assert error.code == type(error).code


def test_the_remedy_fits_the_cause() -> None:
    card, document, role = (
        EvidenceError("files.0002", WHY),
        EvidenceError("evidence", WHY),
        EvidenceRoleError("files", WHY),
    )
    assert "Read the card again" in str(card)
    assert "card" not in str(document) and "again" in str(document)
    assert "again" not in str(role) and "my-number-office" in str(role)
    assert "again" not in str(UnreadableFile("x", WHY))


def test_nobody_is_sent_to_an_index_where_the_project_is_not() -> None:
    for text in MissingExtra("pyscard", "pcsc").text:
        assert "pyscard" in text
        assert ".[pcsc]" in text
        assert "mnverify[" not in text


def test_details_are_for_programs() -> None:
    found = {type(error).__name__: error.details() for error in instances() if error.details()}
    assert found == {
        "DoubtfulPrint": {"fields": "birth_date,security_code"},
        "MissingExtra": {"package": "pyscard", "extra": "pcsc"},
        "MissingFont": {"package": "fonts-noto-cjk"},
        "EvidenceError": {"where": "files.0002 tag DF25 offset 3"},
        "EvidenceRoleError": {"where": "files.0005"},
        "UnsupportedCard": {"where": "files.0002"},
        "PrintedDataError": {"where": "printed.expiry"},
        "CredentialError": {"tries_left": 1},
        "WrongCredential": {"tries_left": 3},
        "CredentialBlocked": {"tries_left": 0},
        "TooFewTries": {"tries_left": 1, "floor": 2},
        "CardRefused": {"status_word": "6A82"},
    }
