"""The structure of a card's files: what can be read now, and none of its content."""

from __future__ import annotations

import json

import pytest

from mnverify.card import FaceCheck, InputAssist, Pin, VerificationNumberA, VerificationNumberB, open_session
from mnverify.errors import UsageError
from mnverify.values.terms import Domain, Role
from mnverify.virtual import persona

from .conftest import Issue


def test_without_a_credential_the_free_files(issue: Issue) -> None:
    card = issue()
    with open_session(card, Domain.FACE_CHECK) as session:
        assert set(session.structure()) == {"0003", "0004"}
    with open_session(card, Domain.INPUT_ASSIST) as session:
        assert set(session.structure()) == {"0004", "0005"}
    assert not card.touches and not card.number_touches


def test_with_one_what_it_opens(issue: Issue) -> None:
    card = issue()
    with FaceCheck.open(card) as session:
        session.present(VerificationNumberB(card.credentials["verification-number-b"]))
        found = session.structure()
    assert set(found) == {"0002", "0003", "0004"}
    face = found["0002"]
    assert face.size == len(card.files("face-check")["0002"])
    assert [one.tag for one in face.objects if one.depth == 1] == [f"DF{n:02X}" for n in range(0x21, 0x2B)]
    assert next(one.written for one in face.objects if one.tag == "DF25").startswith("82")


def test_the_number_s_file_is_never_touched_in_role_general(issue: Issue) -> None:
    card = issue()
    with InputAssist.open(card) as session:
        session.present(Pin(card.credentials["pin"]))
        assert "0001" not in session.structure()
    assert not card.number_touches
    with FaceCheck.open(card, role=Role.MY_NUMBER_OFFICE) as office:
        office.present(VerificationNumberA(card.credentials["verification-number-a"]))
        assert "0005" in office.structure()


@pytest.mark.parametrize(
    "limits",
    [{}, {"extended": False}, {"exact_le": True}, {"max_response": 64}],
    ids=["plain", "short", "exact", "64"],
)
def test_whatever_the_reader_carries_every_file_is_whole(issue: Issue, limits: dict[str, object]) -> None:
    card = issue(**limits)
    with FaceCheck.open(card) as session:
        session.present(VerificationNumberB(card.credentials["verification-number-b"]))
        sizes = {file_id: one.size for file_id, one in session.structure().items()}
    files = card.files("face-check")
    assert sizes == {file_id: len(files[file_id]) for file_id in ("0002", "0003", "0004")}


def test_nothing_of_the_holder_is_in_it(issue: Issue) -> None:
    card = issue()
    with InputAssist.open(card) as session:
        session.present(Pin(card.credentials["pin"]))
        text = json.dumps({name: one.to_dict() for name, one in session.structure().items()}) + repr(
            session.structure()
        )
    holder = persona()
    for datum in (
        holder.name,
        holder.address,
        "19850703",
        holder.my_number.reveal(),
        holder.name.encode().hex().upper(),
    ):
        assert datum not in text


def test_a_session_that_is_closed_gives_none(issue: Issue) -> None:
    with FaceCheck.open(issue()) as session:
        pass
    with pytest.raises(UsageError):
        session.structure()


def test_after_secure_messaging_it_is_refused(issue: Issue) -> None:
    card = issue()
    with InputAssist.open(card) as session:
        session.present(Pin(card.credentials["pin"]))
        session.start_secure_messaging()
        with pytest.raises(UsageError, match="before secure messaging"):
            session.structure()
