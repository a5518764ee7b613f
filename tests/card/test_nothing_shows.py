"""A traceback with local variables, as error reporters take them, shows nothing of the holder: wherever a reading stops."""

from __future__ import annotations

import json
import traceback
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from mnverify.card import FaceCheck, InputAssist, PartialReading, credential_from_text
from mnverify.card.session import Session
from mnverify.errors import MnverifyError, UsageError
from mnverify.evidence import Evidence
from mnverify.link import card_lost
from mnverify.values.terms import CredentialKind, Purpose, Role
from mnverify.virtual import VirtualCard
from tests.support.by_chance import without_addresses

from .conftest import Issue
from .links import CardLink, digits

READINGS: dict[str, tuple[type[Session], CredentialKind, Purpose, Role]] = {
    "face": (FaceCheck, CredentialKind.VERIFICATION_NUMBER_B, Purpose.FACE, Role.GENERAL),
    "age": (FaceCheck, CredentialKind.BIRTH_DATE, Purpose.AGE, Role.GENERAL),
    "attributes": (InputAssist, CredentialKind.PIN, Purpose.ATTRIBUTES, Role.GENERAL),
    "number": (InputAssist, CredentialKind.VERIFICATION_NUMBER_A, Purpose.NUMBER, Role.MY_NUMBER_OFFICE),
}


def secrets_of(card: VirtualCard) -> list[bytes]:
    """What must not be seen: credentials, and pieces of every file that a credential opens."""
    found = [value.encode() for value in card.credentials.values() if len(value) > 4]
    for domain, ids in (("face-check", ("0001", "0002", "0005")), ("input-assist", ("0001", "0002", "0003"))):
        content = card.files(domain)
        for name in ids:
            found += [content[name][at : at + 8] for at in range(8, len(content[name]) - 8, 61)]
    return [secret for secret in found if secret.strip(b"\xff\x00")]


def frames_of(error: BaseException) -> str:
    """The local variables of our frames, as ``capture_locals`` shows them."""
    shown, seen = [], set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if "/mnverify/card/" in frame.f_code.co_filename or "/mnverify/link/" in frame.f_code.co_filename:
                shown += [repr(value) for value in frame.f_locals.values()]
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return without_addresses("\n".join(shown))


def is_shown(secret: bytes, shown: str) -> bool:
    """In any of the ways in which bytes are printed."""
    as_repr, as_list = repr(secret)[2:-1], repr(list(secret))[1:-1]
    return as_repr in shown or as_list in shown or secret.hex() in shown or b64encode(secret).decode()[:-2] in shown


@pytest.mark.parametrize("extended", [True, False])
@pytest.mark.parametrize("name", READINGS)
def test_wherever_a_reading_stops(issue: Issue, name: str, extended: bool) -> None:
    opened, kind, purpose, role = READINGS[name]
    card = issue(extended=extended)
    secrets, stops = secrets_of(card), 0
    for at in range(2, 60):
        link = CardLink(card)

        def lose(command: bytes, answer: bytes, link: CardLink = link, at: int = at) -> bytes:
            if len(link.sent) >= at:
                raise card_lost()
            return answer

        link.after = lose
        partial = PartialReading()
        try:
            with opened.open(link, role=role) as session:
                session.present(credential_from_text(kind, digits(card, kind)))
                session.read(purpose, partial=partial)
            break
        except MnverifyError as error:
            stops += 1
            shown = frames_of(error) + repr(partial) + repr(partial.files) + repr(partial.torn)
            assert [secret for secret in secrets if is_shown(secret, shown)] == []
    assert stops >= 5


@pytest.mark.parametrize("spoilt", [lambda answer: answer[:-1], list[int], lambda answer: answer + b"\0", bytearray])
def test_an_answer_that_is_none_is_not_shown(issue: Issue, spoilt: Callable[[bytes], Any]) -> None:
    """A link of a third party gives plain bytes, cut short, or its own kind of list."""
    card = issue()
    secrets, link = secrets_of(card), CardLink(card)
    link.after = lambda command, answer: spoilt(bytes(answer)) if command[1] == 0xB0 else answer
    with pytest.raises(MnverifyError) as caught, FaceCheck.open(link) as session:
        session.present(credential_from_text(CredentialKind.BIRTH_DATE, digits(card, CredentialKind.BIRTH_DATE)))
        session.read(Purpose.AGE)
    shown = frames_of(caught.value)
    assert [secret for secret in secrets if is_shown(secret, shown)] == []


def test_a_receivers_role_that_is_none_shows_no_evidence(issue: Issue) -> None:
    card = issue()
    with FaceCheck.open(card) as session:
        session.present(credential_from_text(CredentialKind.BIRTH_DATE, digits(card, CredentialKind.BIRTH_DATE)))
        text = session.read(Purpose.AGE).to_json()
    encoded = json.loads(text)["files"]["0001"][:32]
    takes: list[Callable[[], Evidence]] = [
        lambda: Evidence.from_json(text, role="bank"),
        lambda: Evidence.from_object(json.loads(text), role="bank"),
    ]
    for take in takes:
        with pytest.raises(UsageError) as caught:
            take()
        ours = [
            frame
            for frame, _ in traceback.walk_tb(caught.value.__traceback__)
            if "/mnverify/" in frame.f_code.co_filename
        ]
        assert encoded not in "".join(
            repr(frame.f_locals) for frame in ours if "/tests/" not in frame.f_code.co_filename
        )


def test_secure_messaging_shows_neither_number_nor_key(issue: Issue) -> None:
    card = issue()
    secrets, fixed = secrets_of(card), bytes(range(65, 97))
    for at in (6, 7, 8, 9):
        link = CardLink(card)

        def spoil(command: bytes, answer: bytes, link: CardLink = link, at: int = at) -> bytes:
            return answer[:-3] + answer[-2:] if len(link.sent) >= at and len(answer) > 2 else answer

        link.after = spoil

        with pytest.raises(MnverifyError) as caught, InputAssist.open(link, random=lambda _: fixed) as session:
            session.present(credential_from_text(CredentialKind.PIN, digits(card, CredentialKind.PIN)))
            session.start_secure_messaging()
            session.present(
                credential_from_text(
                    CredentialKind.VERIFICATION_NUMBER_B, digits(card, CredentialKind.VERIFICATION_NUMBER_B)
                )
            )
            session.read(Purpose.ATTRIBUTES)
        shown = frames_of(caught.value)
        assert [secret for secret in [*secrets, fixed[:16]] if is_shown(secret, shown)] == []
