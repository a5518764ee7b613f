"""One test vector: a question to a verifier, and what it has to come to."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mnverify.evidence import Evidence
from tests.support import forgery


@dataclass(frozen=True, kw_only=True)
class Vector:
    """A vector as it is stated by hand.

    Attributes:
        name: slug, the file's name.
        reason: what goes wrong in a verifier that gets it wrong.
        source: where the rule stands.
        evidence: evidence, its JSON object, or any text.
        verdict: ``verified``, ``rejected``, or the error.
        codes: code by check id, of every check that fails and of others worth stating.
        where: the place that the error names.
        fields: assurance by field name, all of them, where verified.
        trust: ``production``, ``test``, ``virtual``, or an object of trust anchors.
        certificates: intermediate certificates.
        at: the moment to judge expiry by.
        challenge: the challenge that has to be answered.
        require_presence: reject where presence did not pass.
        role: the receiver's role; default: the one that the evidence says it was read in.
    """

    name: str
    reason: str
    source: str
    evidence: Evidence | Mapping[str, Any] | str
    verdict: str = "rejected"
    codes: Mapping[str, str] = field(default_factory=dict)
    where: str | None = None
    fields: Mapping[str, str] | None = None
    trust: str | Mapping[str, Any] = "virtual"
    certificates: tuple[bytes, ...] = ()
    at: datetime = forgery.AT
    challenge: bytes | None = None
    require_presence: bool = False
    role: str | None = None

    def question(self) -> dict[str, Any]:
        """The vector's object without the answer."""
        document: dict[str, Any] = {"name": self.name, "reason": self.reason, "source": self.source}
        document["trust"] = self.trust
        if self.certificates:
            document["certificates"] = [base64.b64encode(raw).decode() for raw in self.certificates]
        document["at"] = self.at.isoformat()
        if self.challenge is not None:
            document["challenge"] = base64.b64encode(self.challenge).decode()
        if self.require_presence:
            document["require_presence"] = True
        if self._receiver() == "my-number-office":
            document["role"] = "my-number-office"
        made = self.evidence
        document["evidence"] = json.loads(made.to_request()) if isinstance(made, Evidence) else made
        return document

    def _receiver(self) -> str:
        if self.role is not None:
            return self.role
        made = self.evidence
        claimed = made.role if isinstance(made, Evidence) else made.get("role") if isinstance(made, Mapping) else None
        return str(claimed or "general")

    def stated(self) -> dict[str, Any]:
        """What the vector states by hand."""
        return {"verdict": self.verdict, "codes": dict(self.codes), "where": self.where, "fields": self.fields}

    def differs(self, came_to: Mapping[str, Any]) -> bool:
        """Whether a verifier came to something else than is stated."""
        if "error" in came_to:
            return (self.verdict, self.where) != (came_to["error"], came_to["where"])
        told = {check["id"]: check["code"] for check in came_to["checks"]}
        failed = {check["id"] for check in came_to["checks"] if check["outcome"] == "fail"}
        assurances = {name: shown["assurance"] for name, shown in came_to.get("fields", {}).items()}
        return (
            came_to["verdict"] != self.verdict
            or not self.codes.items() <= told.items()
            or not failed <= self.codes.keys()
            or (self.verdict == "verified") != (self.fields is not None)
            or assurances != dict(self.fields or {})
        )
