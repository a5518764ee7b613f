"""``VerificationClient``: the calls, what is repeated, and what is believed."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Mapping
from datetime import timedelta
from types import TracebackType
from typing import Any, NoReturn, Self

from mnverify.client import inputs
from mnverify.client.answers import (
    Challenge,
    Event,
    StoredOutcome,
    Verification,
    read_challenge,
    read_events,
    read_outcome,
    read_verification,
)
from mnverify.client.calls import Calls
from mnverify.client.errors import unexpected
from mnverify.client.pace import Pace
from mnverify.client.transport import Transport
from mnverify.receipts import Receipt, ReceiptError, verify_receipt

_KEYS_LIVE = 300.0  # seconds that published keys are kept without asking again
# A challenge lives 15 minutes at most, and a repeated answer is dated as the first.
_OLDEST_ANSWER = timedelta(minutes=20)


class VerificationClient:
    """A relying party's client of one verification endpoint. Threads may share it.

    Every answer's receipt is verified against the endpoint's published keys, and has to be from this issuer, for this
    relying party, of this verification and challenge, and to say what the answer says. Calls are repeated only where that
    is safe: every POST carries an Idempotency-Key, the same in all attempts.

    Args:
        url: the endpoint, ``https://…``; plain HTTP only to this machine.
        api_key: the relying party's key.
        relying_party: its name at the endpoint, as receipts carry it.
        issuer: the endpoint as receipts name it; default: ``url``.
        environment: the anchors that answers have to rest on. ``production`` by default, so that a test endpoint never
            passes for a real one.
        jwks: the endpoint's keys, where they are pinned; else they are fetched, and kept for five minutes.
        pace: time limits, attempts, waits.
        ca_file: certificates to trust in place of the usual ones.
        proxy: an HTTP proxy. None is taken from the environment.
        unsafe_plain_http: permit plain HTTP to another machine, where something else (a service mesh) does TLS.

    Raises:
        UsageError: an argument that cannot be; nothing was sent.
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        relying_party: str,
        issuer: str | None = None,
        environment: str = "production",
        jwks: Mapping[str, Any] | str | bytes | None = None,
        pace: Pace | None = None,
        ca_file: str | None = None,
        proxy: str | None = None,
        unsafe_plain_http: bool = False,
    ) -> None:
        url = inputs.endpoint_url(url, plain_http=unsafe_plain_http)
        inputs.check_words(api_key, relying_party, environment)
        self._transport = Transport(url, api_key, ca_file=ca_file, proxy=proxy)
        self._relying_party, self._issuer, self._environment = relying_party, issuer or url, environment
        self._calls = Calls(self._transport, pace or Pace())
        self._pinned = jwks
        self._fetched: tuple[float, Mapping[str, Any]] | None = None
        self._lock = threading.Lock()
        self.url = url

    def new_challenge(
        self,
        *,
        purpose: str | None = None,
        reference: str | None = None,
        expires_in: int | None = None,
        idempotency_key: str | None = None,
    ) -> Challenge:
        """A challenge for one reading.

        Args:
            purpose: what the reading is for.
            reference: your own word for it, opaque; no personal data.
            expires_in: seconds, 60 to 900; the endpoint's default is 300.
            idempotency_key: to make the same call again; default: a new one.

        Raises:
            ClientError: see ``mnverify.client.errors``.
        """
        body = inputs.challenge_body(purpose, reference, expires_in)
        return self._calls.post("/v1/challenges", body, idempotency_key, 201, lambda _, found: read_challenge(found))

    def verify(
        self,
        challenge_id: str,
        evidence: str | bytes | Mapping[str, Any],
        *,
        claims: Collection[str] = (),
        printed: Mapping[str, Any] | None = None,
        purpose: str | None = None,
        face_compared: bool = False,
        as_verified_claims: bool = False,
        idempotency_key: str | None = None,
    ) -> Verification:
        """Have evidence verified. It serves its challenge once, whatever the verdict.

        Args:
            challenge_id: of the challenge that the card was to sign.
            evidence: as it came from the phone: JSON text, or the object in it.
            claims: field names that the receipt shall carry; it is personal data then.
            printed: printed data to compare with, where the endpoint does that.
            purpose: what it is for, where the challenge did not say.
            face_compared: staff compared the holder's face with the photo.
            as_verified_claims: ask for ``verified_claims`` in place of fields.
            idempotency_key: to make the same call again after ``EndpointUnreachable``; default: a new one.

        Raises:
            EvidenceError: it is not a JSON object, or has a key twice; nothing was sent.
            ClientError: see ``mnverify.client.errors``.
            ReceiptError: the answer's receipt may not be relied on; nothing counts as verified.
        """
        body = inputs.verification_body(
            challenge_id, evidence, claims=claims, printed=printed, purpose=purpose, face_compared=face_compared
        )
        del evidence, printed  # what an error reporter finds in this frame is nobody's
        path = "/v1/verifications" + ("?format=verified_claims" if as_verified_claims else "")

        def check(token: str, verification_id: str) -> Receipt:
            return self._check(token, verification_id, challenge_id, max_age=_OLDEST_ANSWER)

        def read(key: str, document: dict[str, Any]) -> Verification:
            return read_verification(document, key, check)

        verification = self._calls.post(path, body, idempotency_key, 200, read)
        self._same_environment(verification.environment)
        return verification

    def outcome(self, verification_id: str) -> StoredOutcome:
        """What the endpoint keeps of a verification.

        Raises:
            ClientError: see ``mnverify.client.errors``; ``UnknownToEndpoint`` where it is not yours, or was purged.
            ReceiptError: its receipt may not be relied on.
        """
        path = f"/v1/verifications/{inputs.verification_id(verification_id)}"
        found = self._calls.get(
            path, lambda told: read_outcome(told, lambda token, name: self._check(token, name, None))
        )
        if found.id != verification_id:
            raise unexpected("it is of another verification", "別の検証の結果です")
        self._same_environment(found.environment)
        return found

    def events(self, verification_id: str) -> tuple[Event, ...]:
        """What happened to a verification, for support.

        Raises:
            ClientError: see ``mnverify.client.errors``.
        """
        return self._calls.get(f"/v1/verifications/{inputs.verification_id(verification_id)}/events", read_events)

    def check_receipt(
        self, token: str, *, verification_id: str | None = None, challenge_id: str | None = None
    ) -> Receipt:
        """A receipt that somebody brings, verified against the endpoint's keys, for this relying party.

        Raises:
            ReceiptError: it may not be relied on.
            ClientError: the keys could not be fetched.
        """
        return self._check(token, verification_id, challenge_id)

    def jwks(self, *, fresh: bool = False) -> Mapping[str, Any]:
        """The endpoint's keys: keep them to verify receipts offline.

        Args:
            fresh: fetch them now, whatever is kept.

        Raises:
            ClientError: see ``mnverify.client.errors``.
        """
        with self._lock:
            kept = self._fetched
        if kept is not None and not fresh and time.monotonic() - kept[0] < _KEYS_LIVE:
            return kept[1]
        document = self._calls.get("/.well-known/jwks.json", dict, auth=False)
        with self._lock:
            self._fetched = (time.monotonic(), document)
        return document

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"VerificationClient({self.url}, {self._relying_party})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client is not pickled or copied")

    def _check(
        self, token: str, verification_id: str | None, challenge_id: str | None, max_age: timedelta | None = None
    ) -> Receipt:
        def judge(keys: Mapping[str, Any] | str | bytes) -> Receipt:
            return verify_receipt(
                token,
                keys,
                issuer=self._issuer,
                relying_party=self._relying_party,
                verification_id=verification_id,
                challenge_id=challenge_id,
                max_age=max_age,
            )

        if self._pinned is not None:
            return judge(self._pinned)
        try:
            return judge(self.jwks())
        except ReceiptError as error:
            if error.reason not in ("unknown-key", "bad-keys"):
                raise
        return judge(self.jwks(fresh=True))  # a key that was published since; or it was no set of keys that is kept

    def _same_environment(self, environment: str) -> None:
        if environment != self._environment:
            raise unexpected(
                f"it rests on anchors of another environment than {self._environment}",
                f"{self._environment} とは別の環境のトラストアンカーによる結果です",
            )
