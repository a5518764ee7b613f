"""The exchanges of one reading, over what a torn one left: files, the answer to the challenge, the same card again."""

from __future__ import annotations

from collections.abc import Callable

from mnverify.card.exchange import Channel, Progress, different_card
from mnverify.card.partial import PartialReading
from mnverify.evidence import Presence
from mnverify.files.digest_info import challenge_digest_info
from mnverify.masked import MaskedBytearray
from mnverify.profile import CardProfile
from mnverify.signatures import acceptable, holders_key, signature_holds

Random = Callable[[int], bytes]


def read_files(channel: Channel, reading: PartialReading, progress: Progress | None) -> None:
    """Read the files that are missing, each into ``reading`` as its bytes come.

    Raises:
        EvidenceError, UnsupportedCard, CardRefused, LinkError: as ``Session.read`` says; ``reading`` has what came.
    """
    missing = [rule for rule in reading.rules if rule.file_id not in reading.files]
    done = sum(map(len, reading.files.values()))
    for at, rule in enumerate(missing):
        hints = sum(later.expected_length for later in missing[at + 1 :])

        def told(read: int, total: int, before: int = done, after: int = hints) -> None:
            if progress is not None:
                progress(before + read, before + total + after)

        taken = reading.torn.setdefault(rule.file_id, MaskedBytearray())
        reading.files[rule.file_id] = channel.read_file(rule, told, taken)
        del reading.torn[rule.file_id]
        done += len(reading.files[rule.file_id])


def answer_challenge(channel: Channel, profile: CardProfile, challenge: bytes | None, random: Random) -> Presence:
    """Let the card sign the challenge, or one of our own.

    Raises:
        CardRefused, LinkError: as ``Session.read`` says.
    """
    chosen = random(profile.challenge_length) if challenge is None else challenge
    return Presence(chosen, channel.sign(challenge_digest_info(chosen), profile.scheme.signature_length))


def confirm_same_card(
    channel: Channel, profile: CardProfile, reading: PartialReading, random: Random, answer: Presence | None = None
) -> None:
    """See that the card holds the private half of the key that was read, and gives the certificate that was read.

    It needs no credential, so that none is presented to another holder's card. The answer counts for the reading too.

    Args:
        channel, profile, reading, random: of the session.
        answer: what the card has signed in this session already.

    Raises:
        DifferentCard: it does not; ``reading`` is as it was.
        CardRefused, LinkError: as ``Session.read`` says.
    """
    if answer is None or not serves(answer, reading):
        answer = answer_challenge(channel, profile, reading.challenge, random)
    if not _answers(profile, reading, answer):
        raise different_card()
    for rule in reading.rules:
        if rule.opened_by:
            continue
        fresh = channel.read_file(rule)
        if reading.files.get(rule.file_id, fresh) != fresh:
            raise different_card()
        reading.torn.pop(rule.file_id, None)
        reading.files[rule.file_id] = fresh
    if reading.presence:
        reading.answer = answer


def serves(answer: Presence, reading: PartialReading) -> bool:
    """Whether an answer of this session is the one that the reading asks for."""
    return reading.challenge in (None, answer.challenge)


def _answers(profile: CardProfile, reading: PartialReading, answer: Presence) -> bool:
    key, scheme = reading.card_key, profile.scheme
    return (
        key is not None
        and acceptable(scheme, key.modulus, key.exponent)
        and signature_holds(scheme, holders_key(key.modulus, key.exponent), answer.signature, answer.challenge)
    )
