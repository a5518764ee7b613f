"""The endpoint with its storage stubbed, for benchmarks alone: nothing is claimed, kept or chained; all else is as it is served.

Usage: python -m benchmarks.server_stubbed DATABASE KEYS-FOLDER WORKERS
"""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import Any

from benchmarks.server_parts import CHALLENGE
from mnverify.cli.inputs import trust_store
from mnverify.server.config import ServerConfig
from mnverify.server.runner import run_service
from mnverify.server.storage import audit
from mnverify.server.storage.challenges import Challenge
from mnverify.server.storage.database import Database
from mnverify.server.use_cases import verify_evidence
from mnverify.server.words import Word
from mnverify.verification import TrustStore


def load(word: str) -> TrustStore:
    """The anchors; called in each process, and so where the storage is stubbed there."""
    if word == "virtual" and not getattr(Database, "stubbed", False):
        _stub()
    return trust_store(word)


def _stub() -> None:
    def claim(_: object, claims: Any) -> list[Challenge]:
        return [
            Challenge(
                one.challenge_id, one.family, Word("bench"), None, None, CHALLENGE, one.now, one.now + 300_000, one.now
            )
            for one in claims
        ]

    def nothing(*_: object) -> None:
        return None

    @contextmanager
    def begin(_: object) -> Any:
        yield None

    Database.stubbed = True  # type: ignore[attr-defined]
    opened = Database.begin
    Database.begin = (  # type: ignore[method-assign]
        lambda self: begin(self) if sys._getframe(1).f_code.co_name == "_in_one_transaction" else opened(self)
    )
    for module, name, stub in (
        (verify_evidence, "claim_challenges", claim),
        (verify_evidence, "pipelined", begin),
        (verify_evidence, "add_verifications", nothing),
        (audit, "append_all", nothing),
    ):
        setattr(module, name, stub)


def main() -> None:
    """Serve."""
    database, keys, workers = sys.argv[1:]
    config = ServerConfig(
        database=database, keys_folder=keys, trust="virtual", port=0, workers=int(workers), purge_interval_seconds=0
    )
    run_service(config, ready=lambda url, _: print(json.dumps({"url": url}), flush=True), load=load)


if __name__ == "__main__":
    main()
