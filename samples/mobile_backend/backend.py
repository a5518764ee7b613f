"""The backend: three calls for the app, one client of the verification endpoint, and no trust in the phone."""

from __future__ import annotations

import secrets
import threading
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import FastAPI, HTTPException, Request
from starlette.concurrency import run_in_threadpool

from mnverify.client import (
    ChallengeExpired,
    ChallengeUsed,
    EndpointBusy,
    EndpointUnreachable,
    EvidenceRefused,
    NotPermitted,
    RepeatRefused,
    VerificationClient,
)
from mnverify.errors import EvidenceError
from samples.mobile_backend.rules import refusal

PURPOSE = "account-opening"
MAX_EVIDENCE = 64 * 1024


@dataclass(slots=True)
class Application:
    """One application for an account. A real backend keeps these in its database.

    Attributes:
        id: what the app knows it by.
        challenge_id: the challenge that the card has to answer; it never leaves the backend.
        state: ``waiting``, ``opened`` or ``refused``.
        reason: why it was refused.
        failed: checks that failed, with their codes, for staff.
        retry_key: of a call whose answer was lost: the same call is made again with it, and is done once.
        verification_id: where the endpoint's operator finds it.
        receipt: what is kept as proof: no name, no birth date, no picture.
    """

    id: str
    challenge_id: str
    state: str = "waiting"
    reason: str | None = None
    failed: tuple[str, ...] = ()
    retry_key: str | None = None
    verification_id: str | None = None
    receipt: str | None = None

    def for_app(self) -> dict[str, str | None]:
        """What the app may know."""
        return {"application": self.id, "state": self.state, "reason": self.reason}


def create_app(client: VerificationClient) -> FastAPI:
    """The backend as an ASGI application."""
    app = FastAPI(title="Example Bank: accounts", docs_url=None, redoc_url=None, openapi_url=None)
    applications: dict[str, Application] = {}
    deciding = threading.Lock()  # one decision for one application; a real backend locks the row
    app.state.applications = applications

    def application(application_id: str) -> Application:
        if application_id not in applications:
            raise HTTPException(404, "unknown-application")
        return applications[application_id]

    @app.post("/applications", status_code=201)
    def apply() -> dict[str, str]:
        made_id = secrets.token_urlsafe(12)
        challenge = client.new_challenge(purpose=PURPOSE, reference=made_id)
        applications[made_id] = Application(made_id, challenge.id)
        return {
            "application": made_id,
            "challenge": b64encode(challenge.challenge).decode(),
            "expires_at": challenge.expires_at.isoformat(),
        }

    @app.post("/applications/{application_id}/evidence")
    async def decide(application_id: str, request: Request) -> dict[str, str | None]:
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_EVIDENCE:
                raise HTTPException(413, "too-large")
        return await run_in_threadpool(_decide, application(application_id), bytes(body))

    @app.get("/applications/{application_id}")
    def look(application_id: str) -> dict[str, str | None]:
        return application(application_id).for_app()

    def _decide(one: Application, evidence: bytes) -> dict[str, str | None]:
        with deciding:
            if one.state != "waiting":
                raise HTTPException(409, "already-decided")
            _verify(client, one, evidence)
        return one.for_app()

    return app


def _verify(client: VerificationClient, one: Application, evidence: bytes) -> None:
    """Ask the endpoint, and decide. What the phone sent is not looked at, only passed on."""
    try:
        verification = client.verify(one.challenge_id, evidence, idempotency_key=one.retry_key)
    except (EvidenceError, EvidenceRefused):
        raise HTTPException(422, "not-evidence") from None
    except NotPermitted:  # files of the 個人番号, say: the endpoint has kept nothing of them, and neither do we
        raise HTTPException(403, "not-permitted") from None
    except (ChallengeUsed, ChallengeExpired, RepeatRefused):  # the last: another reading after an answer that was lost
        one.state, one.reason = "refused", "begin-again"
        return
    except (EndpointUnreachable, EndpointBusy) as error:
        one.retry_key = error.idempotency_key
        raise HTTPException(503, "send-it-again", headers={"Retry-After": "5"}) from None
    one.reason = refusal(verification, datetime.now(UTC))
    one.state = "opened" if one.reason is None else "refused"
    one.failed = tuple(f"{check.id}: {check.code}" for check in verification.checks if check.outcome == "fail")
    one.verification_id, one.receipt = verification.id, verification.receipt_text
