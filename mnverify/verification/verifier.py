"""The numbered checks, all in one place. Time, trust and challenge are parameters; nothing here reads or writes anything.

(1) structure          the files are laid out right and belong to one card
(2) chain              the issuer certificate leads to an anchor
(3) record-signature   the certified key signed every record at hand
(4) file-digests       input-assist: the files are the ones of the signed digests
(5) presence           the card's answer, with the key inside the verified record
(6) freshness          the answer is to our challenge
(7) expiry             the card's date, unsigned as it is

Every check is always reported. What failed is never used by a later one.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone
from hmac import compare_digest
from typing import TypeVar

from mnverify.errors import UsageError
from mnverify.evidence import MAX_PRESENCE_BYTES, AcceptedNumberB, Evidence
from mnverify.files.card_key import CardKey
from mnverify.files.certificate import Certificate
from mnverify.files.face_check import AgeRecord, FaceRecord, NumberRecord
from mnverify.files.input_assist import AttributesRecord, CardKeyRecord, IntegrityRecord, NumberFile
from mnverify.files.layouts import Record
from mnverify.signatures import (
    PublicKey,
    acceptable,
    digest_of,
    digests_signature_holds,
    holders_key,
    signature_holds,
)
from mnverify.text import Text
from mnverify.values.dates import compact_digits
from mnverify.values.terms import Domain
from mnverify.verification.chain import Chain, verify_chain
from mnverify.verification.fields import Content
from mnverify.verification.result import Check, Outcome, VerificationResult
from mnverify.verification.trust import TrustStore, is_shipped

JAPAN = timezone(timedelta(hours=9), "JST")
_PASS, _FAIL, _NOT = Outcome.PASS, Outcome.FAIL, Outcome.NOT_PERFORMED
_WITH_OFFSETS = (FaceRecord, AttributesRecord)
_FACE_CHECK_RECORDS = (AgeRecord, FaceRecord, NumberRecord)
_WITH_CARD_KEY = (AgeRecord, FaceRecord, NumberRecord, CardKeyRecord)
_SIGNED_WHOLE = (AgeRecord, NumberRecord, IntegrityRecord, CardKeyRecord)
_WITH_FACE_BIRTH = (AgeRecord, FaceRecord)
_Record = TypeVar("_Record", Certificate, FaceRecord)


def verify(
    evidence: Evidence,
    *,
    trust: TrustStore,
    at: datetime | None = None,
    challenge: bytes | None = None,
    require_presence: bool = False,
) -> VerificationResult:
    """Verify evidence against trust anchors.

    Args:
        evidence: from a session of this process, or from outside.
        trust: the anchors.
        at: the moment to judge expiry by, with a time zone; default now. The card is good to the end of its day in Japan.
        challenge: the bytes that the presence signature has to answer, where freshness matters: 1 to 1024 of them, as evidence may
            hold. Make them yourself, 32 bytes at random; a short one can be guessed.
        require_presence: reject where presence did not pass.

    Raises:
        UsageError: an argument has another type, ``at`` has no time zone, or ``challenge`` has no byte or too many.
    """
    wrong = _wrong_argument(evidence, trust, challenge)
    if wrong is not None:
        del evidence  # whatever it is, no traceback shows it
        raise wrong
    moment = _moment(at)
    structure = _check_structure(evidence)
    chain = _chain(evidence, trust)
    signatures, integrity = _check_records(evidence, chain.key)
    digests = _check_digests(evidence, integrity)
    sound = structure.outcome is _PASS and signatures.outcome is _PASS and digests.outcome is not _FAIL
    presence = _check_presence(evidence, _card_key(evidence) if sound else None)
    freshness = _check_freshness(evidence, challenge, sound, presence)
    if require_presence and presence.outcome is not _PASS:
        presence = presence._replace(outcome=_FAIL)
    expiry = _check_expiry(evidence, sound, moment)
    chain_check = Check("chain", _PASS if chain.code == "ok" else _FAIL, chain.code)
    checks = (structure, chain_check, signatures, digests, presence, freshness, expiry)
    good = chain_check.outcome is structure.outcome is signatures.outcome is _PASS and _none_failed(checks)
    corroborated = presence.outcome is _PASS and presence.code == "record" and evidence.accepted_number_b is not None
    return VerificationResult(
        checks=checks,
        environment=chain.anchor.environment if chain.anchor is not None else trust.environment,
        authority=chain.anchor.name if chain.anchor is not None else None,
        domain=evidence.domain,
        role=evidence.role,
        credential=evidence.credential,
        generation=evidence.profile.name,
        at=moment,
        _limits=_limits(evidence, chain, presence, freshness, corroborated),
        _content=Content(evidence.records, corroborated) if good else None,
    )


def _wrong_argument(evidence: object, trust: object, challenge: object) -> UsageError | None:
    if not isinstance(evidence, Evidence):
        return _usage(
            "evidence", Text("Evidence, as of Evidence.from_json", "Evidence（Evidence.from_json などで作成）")
        )
    if not isinstance(trust, TrustStore):
        return _usage(
            "trust", Text("a TrustStore, as TrustStore.production()", "TrustStore（TrustStore.production() など）")
        )
    if challenge is not None and not (isinstance(challenge, bytes) and 0 < len(challenge) <= MAX_PRESENCE_BYTES):
        most = MAX_PRESENCE_BYTES
        return _usage("challenge", Text(f"bytes, 1 to {most} of them", f"1〜{most} バイトの bytes"))
    return None


def _moment(at: datetime | None) -> datetime:
    if at is None:
        return datetime.now(UTC).replace(microsecond=0)
    if not isinstance(at, datetime) or at.utcoffset() is None:
        raise _usage("at", Text("a datetime with a time zone, as +09:00", "タイムゾーン（+09:00 など）付きの datetime"))
    return at


def _usage(name: str, wanted: Text) -> UsageError:
    return UsageError(
        Text(
            f"verify: {name} has to be {wanted.en}. Nothing was verified.",
            f"verify の {name} には {wanted.ja} を指定してください。検証していません。",
        )
    )


def _record(evidence: Evidence, kind: type[_Record]) -> _Record | None:
    """The record of that kind; a domain has one file of each."""
    for record in evidence.records.values():
        if isinstance(record, kind):
            return record
    return None


def _none_failed(checks: tuple[Check, ...]) -> bool:
    return _FAIL not in [check.outcome for check in checks]


# (1) ----------------------------------------------------------------------------------------------


def _check_structure(evidence: Evidence) -> Check:
    records = list(evidence.records.values())
    for record in records:
        if isinstance(record, _WITH_OFFSETS) and not record.offsets_true:
            return Check("structure", _FAIL, "offset-table")
        if isinstance(record, _WITH_CARD_KEY) and not _acceptable(evidence, record.card_key):
            return Check("structure", _FAIL, "weak-card-key")
    if not _alike(records, _FACE_CHECK_RECORDS, "card_key"):
        return Check("structure", _FAIL, "card-keys-differ")
    if not _alike(records, _WITH_FACE_BIRTH, "birth_date"):
        return Check("structure", _FAIL, "birth-dates-differ")
    return Check("structure", _PASS, "ok")


def _alike(records: list[Record], kinds: tuple[type[Record], ...], member: str) -> bool:
    """Whether all records of these kinds have the same value there. No local variable holds one."""
    same = [record for record in records if isinstance(record, kinds)]
    return len(same) < 2 or all(getattr(record, member) == getattr(same[0], member) for record in same)


def _acceptable(evidence: Evidence, key: CardKey) -> bool:
    return acceptable(evidence.profile.scheme, key.modulus, key.exponent)


# (2) ----------------------------------------------------------------------------------------------


def _chain(evidence: Evidence, trust: TrustStore) -> Chain:
    return verify_chain(_record(evidence, Certificate), trust, evidence.domain, evidence.profile.scheme)


# (3) ----------------------------------------------------------------------------------------------


def _check_records(evidence: Evidence, key: PublicKey | None) -> tuple[Check, IntegrityRecord | None]:
    """The check, and the input-assist digests where their signature holds."""
    if key is None:
        return Check("record-signature", _NOT, "no-trusted-key"), None
    verified, bad, integrity = 0, 0, None
    for record in evidence.records.values():
        holds = _record_holds(evidence, record, key)
        verified += holds is True
        bad += holds is False
        if holds and isinstance(record, IntegrityRecord):
            integrity = record
    if bad:
        return Check("record-signature", _FAIL, "bad-signature"), integrity
    if not verified or (evidence.domain is Domain.INPUT_ASSIST and integrity is None):
        return Check("record-signature", _FAIL, "missing-record"), None
    return Check("record-signature", _PASS, "ok"), integrity


def _record_holds(evidence: Evidence, record: Record, key: PublicKey) -> bool | None:
    """Whether a record's signature holds; ``None`` for a file that carries none."""
    scheme = evidence.profile.scheme
    if isinstance(record, FaceRecord):
        digests = b"".join(
            [
                evidence.segments[number] if segment is None else digest_of(scheme, segment)
                for number, segment in enumerate(record.segments, start=1)
            ]
        )
        return digests_signature_holds(scheme, key, record.signature, digests)
    if isinstance(record, _SIGNED_WHOLE):
        return signature_holds(scheme, key, record.signature, record.signed)
    return None


# (4) ----------------------------------------------------------------------------------------------


def _check_digests(evidence: Evidence, integrity: IntegrityRecord | None) -> Check:
    if evidence.domain is not Domain.INPUT_ASSIST:
        return Check("file-digests", _NOT, "not-applicable")
    if integrity is None:
        return Check("file-digests", _NOT, "no-verified-record")
    pairs = []
    for record in evidence.records.values():
        if isinstance(record, NumberFile):
            pairs.append((integrity.number_digest, record.digest_input))
        elif isinstance(record, AttributesRecord):
            pairs.append((integrity.attributes_digest, record.digest_input))
    if not pairs:
        return Check("file-digests", _FAIL, "missing-file")
    if all(compare_digest(signed, digest_of(evidence.profile.scheme, content)) for signed, content in pairs):
        return Check("file-digests", _PASS, "ok")
    return Check("file-digests", _FAIL, "mismatch")


# (5) ----------------------------------------------------------------------------------------------


def _card_key(evidence: Evidence) -> CardKey | None:
    """The card's public key in the records, all of which were verified and agree."""
    for record in evidence.records.values():
        if isinstance(record, _WITH_CARD_KEY):
            return record.card_key
    return None


def _check_presence(evidence: Evidence, key: CardKey | None) -> Check:
    if evidence.presence is None:
        return Check("presence", _NOT, "none-given")
    if key is None:
        return Check("presence", _NOT, "unbound")
    scheme, answer = evidence.profile.scheme, evidence.presence
    if not signature_holds(scheme, holders_key(key.modulus, key.exponent), answer.signature, answer.challenge):
        return Check("presence", _FAIL, "bad-signature")
    if evidence.domain is Domain.FACE_CHECK:
        return Check("presence", _PASS, "record")
    if evidence.read_here:
        return Check("presence", _PASS, "session")
    return Check("presence", _NOT, "unbound")


# (6) ----------------------------------------------------------------------------------------------


def _check_freshness(evidence: Evidence, challenge: bytes | None, sound: bool, presence: Check) -> Check:
    """Passes only where presence does. What stands in the document is known whatever else failed; an answer that nobody could
    look at, or that is tied to nothing, is neither fresh nor stale."""
    if challenge is None:
        return Check("freshness", _NOT, "none-given")
    if evidence.presence is None:
        return Check("freshness", _FAIL, "not-answered")
    if not compare_digest(evidence.presence.challenge, challenge):
        return Check("freshness", _FAIL, "other-challenge")
    if not sound:
        return Check("freshness", _NOT, "not-verified")
    if presence.outcome is _PASS:
        return Check("freshness", _PASS, "ok")
    if presence.outcome is _FAIL:
        return Check("freshness", _FAIL, "not-answered")
    return Check("freshness", _NOT, "unbound")


# (7) ----------------------------------------------------------------------------------------------


def _check_expiry(evidence: Evidence, sound: bool, at: datetime) -> Check:
    face = _record(evidence, FaceRecord)
    if face is None:
        return Check("expiry", _NOT, "no-expiry")
    if not sound:
        return Check("expiry", _NOT, "not-verified")
    accepted = evidence.accepted_number_b
    if accepted is not None and _contradicts(accepted, face):
        return Check("expiry", _FAIL, "contradicted")
    if at > datetime.combine(face.expiry, time.max, JAPAN):
        return Check("expiry", _FAIL, "expired")
    return Check("expiry", _PASS, "ok")


def _contradicts(accepted: AcceptedNumberB, face: FaceRecord) -> bool:
    """Month and day of birth and the year of expiry stand in number B whichever calendar its year is printed in."""
    return accepted.expiry_year != face.expiry.year or accepted.birth_digits[2:] != compact_digits(face.birth_date)[4:]


def _limits(evidence: Evidence, chain: Chain, presence: Check, freshness: Check, corroborated: bool) -> tuple[str, ...]:
    limits = ["revocation", "holder"]
    if _record(evidence, FaceRecord) is not None:
        limits.append("expiry-year" if corroborated else "expiry-unsigned")
    if presence.outcome is not _PASS:
        limits.append("copy")
    elif presence.code == "session":
        limits.append("session-tie")
    if presence.outcome is _PASS:
        limits.append("relay")
        if freshness.outcome is not _PASS:
            limits.append("age-of-answer")
    if chain.anchor is not None and is_shipped(chain.anchor):
        limits.append("anchor-provenance")
    return tuple(limits)
