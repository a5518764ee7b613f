"""The relying party's side of the verification endpoint (extra ``client``): ask, retry safely, and believe only what is signed.

from mnverify.client import VerificationClient

with VerificationClient("https://verify.example.jp", api_key, relying_party="example-bank") as client:
    challenge = client.new_challenge(purpose="account-opening")
    ...  # the phone reads the card, answers the challenge and sends the evidence
    verification = client.verify(challenge.id, evidence, claims=["birth_date"])
    if verification:
        birth_date = verification.fields["birth_date"].value
"""

from mnverify.client.answers import (
    Challenge,
    CheckAnswer,
    Event,
    FieldAnswer,
    StoredOutcome,
    Verification,
)
from mnverify.client.client import VerificationClient
from mnverify.client.errors import (
    ChallengeExpired,
    ChallengeUsed,
    ClientError,
    EndpointBusy,
    EndpointUnreachable,
    EvidenceRefused,
    NotAuthenticated,
    NotPermitted,
    RepeatRefused,
    RequestRefused,
    UnexpectedAnswer,
    UnknownToEndpoint,
)
from mnverify.client.pace import Pace

__all__ = [
    "Challenge",
    "ChallengeExpired",
    "ChallengeUsed",
    "CheckAnswer",
    "ClientError",
    "EndpointBusy",
    "EndpointUnreachable",
    "Event",
    "EvidenceRefused",
    "FieldAnswer",
    "NotAuthenticated",
    "NotPermitted",
    "Pace",
    "RepeatRefused",
    "RequestRefused",
    "StoredOutcome",
    "UnexpectedAnswer",
    "UnknownToEndpoint",
    "Verification",
    "VerificationClient",
]
