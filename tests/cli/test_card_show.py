"""``card show``: the structure of a card's files, with nothing of their content."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mnverify.virtual import VirtualCard, persona
from tests.cli.conftest import Ran

Run = Callable[..., Ran]
HOLDER = persona()
READER = f"virtual:{HOLDER.id}"


@pytest.mark.parametrize(("domain", "free"), [("face-check", ["0003", "0004"]), ("input-assist", ["0004", "0005"])])
def test_the_free_files(run: Run, domain: str, free: list[str]) -> None:
    ran = run("card", "show", domain, "--reader", READER, "--json")
    assert (ran.status, ran.err) == (0, "")
    assert (ran.document["domain"], ran.document["credential"]) == (domain, None)
    assert list(ran.document["files"]) == free


def test_what_a_credential_opens(run: Run, card: VirtualCard) -> None:
    words = ("card", "show", "face-check", "--reader", READER, "--credential", "verification-number-b")
    ran = run(*words, "--json", stdin="600703 2033 4102")
    face = ran.document["files"]["0002"]
    assert face["size"] == len(card.files("face-check")["0002"])
    assert {"tag": "DF22", "length": 8, "written": "08"}.items() <= face["objects"][2].items()
    for lang in ("en", "ja"):
        text = run(*words, "--lang", lang, stdin="60070320334102").out
        assert "EF 0002" in text and "DF25" in text


@pytest.mark.parametrize("kind", ["pin", "verification-number-b"])
def test_nothing_of_the_holder_is_in_it(run: Run, card: VirtualCard, kind: str) -> None:
    for extra in ((), ("--json",), ("-v",)):
        ran = run("card", "show", "input-assist", "--reader", READER, "--credential", kind, *extra,
                  stdin=card.credentials[kind])  # fmt: skip
        assert ran.status == 0, ran.err
        assert "0002" in ran.out
        assert "EF 0001" not in ran.out and '"0001"' not in ran.out
        for datum in (HOLDER.name, HOLDER.address, "1985", HOLDER.my_number.reveal(), card.credentials[kind]):
            assert datum not in ran.out + ran.err


@pytest.mark.parametrize(
    ("words", "stdin", "status"),
    [
        (("face-check", "--credential", "verification-number-a"), "1" * 12, 4),
        (("face-check", "--credential", "pin"), "1357", 2),
        (("input-assist", "--credential", "pin"), "9999", 5),
        (("basic",), "", 2),
        (("face-check", "--credential", "birth-date"), "", 2),
    ],
)
def test_refusals(run: Run, words: tuple[str, ...], stdin: str, status: int) -> None:
    ran = run("card", "show", *words, "--reader", READER, "--json", stdin=stdin)
    assert ran.status == status
    assert ran.document["error"]["code"]
