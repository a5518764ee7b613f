"""A result of role ``general`` holds nothing that leads back to the 個人番号 (docs/explanation/trap.md)."""

from __future__ import annotations

import gc
import json
from types import FunctionType, ModuleType

from mnverify import Domain, Pin, TrustStore, VerificationResult, check_card
from mnverify.files import IntegrityRecord
from mnverify.virtual import VirtualAuthority, persona


def reachable(root: object) -> list[object]:
    """Everything that an object keeps alive, code and classes aside."""
    seen: dict[int, object] = {}
    todo = [root]
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, type | ModuleType | FunctionType):
            continue
        seen[id(one)] = one
        todo += gc.get_referents(one)
    return list(seen.values())


def read() -> tuple[object, VerificationResult, bytes]:
    """Evidence, its result, and the signature over the number's digest."""
    authority = VirtualAuthority.laboratory()
    card = authority.issue(persona())
    trust = TrustStore.from_json(json.dumps(authority.trust_anchors()))
    evidence, result = check_card(card, Domain.INPUT_ASSIST, Pin(card.credentials["pin"]), trust=trust)
    integrity = evidence.records["0003"]
    assert isinstance(integrity, IntegrityRecord)
    return evidence, result, integrity.signature


def holds(root: object, secret: bytes) -> bool:
    """Whether the bytes are kept alive by an object, alone or inside others."""
    return any(isinstance(one, bytes) and secret in one for one in reachable(root))


def test_a_result_does_not_keep_the_signed_digests_alive() -> None:
    evidence, result, signature = read()
    assert result.verified
    assert set(result.fields) == {"name", "address", "birth_date", "sex"}
    assert holds(evidence, signature)  # the walk finds it where it is
    assert not holds(result, signature)
    assert not any(isinstance(one, IntegrityRecord) for one in reachable(result))
