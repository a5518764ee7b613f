"""Write the test vectors, tests/vectors/*.json. Usage: python -m tools.make_vectors [--check]

Evidence comes from laboratory cards, whose keys are public and fixed, so this writes the same bytes every time. What each
vector is expected to come to is stated by hand in ``vector_cases`` and ``vector_refusals``; the generator stops where the
verification does not agree, and then takes the rest of the expected object from it.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from mnverify.errors import EvidenceError, RoleError, UnsupportedCard
from mnverify.evidence import Evidence
from mnverify.verification import TrustStore, verify
from tests.support import forgery
from tools import vector_cases, vector_refusals
from tools.vector import Vector

FOLDER = Path(__file__).parent.parent / "tests" / "vectors"
ANCHORS = Path("anchors") / "virtual.json"


def vectors() -> list[Vector]:
    """All vectors, each name once."""
    found = [*vector_cases.vectors(), *vector_refusals.vectors()]
    names = [vector.name for vector in found]
    if len(set(names)) != len(names):
        raise ValueError("two vectors have one name")
    return found


def run(document: dict[str, Any]) -> dict[str, Any]:
    """What a vector's evidence comes to: the object of ``verify --json``, or the error."""
    evidence = document["evidence"]
    try:
        text = evidence if isinstance(evidence, str) else json.dumps(evidence, ensure_ascii=False)
        read = Evidence.from_json(text, role=document.get("role", "general"))
    except RoleError as error:
        return {"error": "RoleError", "where": getattr(error, "where", None)}
    except UnsupportedCard as error:
        return {"error": "UnsupportedCard", "where": error.where}
    except EvidenceError as error:
        return {"error": "EvidenceError", "where": error.where}
    challenge = document.get("challenge")
    return verify(
        read,
        trust=trust_store(document),
        at=datetime.fromisoformat(document["at"]),
        challenge=base64.b64decode(challenge) if challenge is not None else None,
        require_presence=document.get("require_presence", False),
    ).to_dict()


def trust_store(document: dict[str, Any]) -> TrustStore:
    """The anchors that a vector names, or holds."""
    named: dict[str, Callable[[], TrustStore]] = {
        "production": TrustStore.production,
        "test": TrustStore.test,
        "virtual": forgery.trust,
    }
    trust = document["trust"]
    store = named[trust]() if isinstance(trust, str) else TrustStore.from_json(json.dumps(trust))
    return store.with_certificates(*(base64.b64decode(text) for text in document.get("certificates", [])))


def document_of(vector: Vector) -> dict[str, Any]:
    """The JSON object of a vector.

    Raises:
        ValueError: the verification does not come to what the vector states.
    """
    document = vector.question()
    expected = run(document)
    if vector.differs(expected):
        raise ValueError(f"{vector.name}: expected {vector.stated()}, came to {expected}")
    return {**document, "expected": expected}


def texts() -> dict[str, str]:
    """The text of every file, by its path in the folder."""
    made = {f"{vector.name}.json": _text(document_of(vector)) for vector in vectors()}
    return {**made, ANCHORS.as_posix(): _text(forgery.anchors())}


def _text(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def present() -> dict[str, str]:
    """The text of every file that is there, but for the recorded readings (``make_scripts``)."""
    there = {path.relative_to(FOLDER).as_posix(): path for path in sorted(FOLDER.rglob("*.json"))}
    return {name: path.read_text("utf-8") for name, path in there.items() if not name.startswith("scripts/")}


def main() -> None:
    """Write the files and remove others, or only say whether they are right."""
    wanted = texts()
    if "--check" in sys.argv[1:]:
        sys.exit(None if wanted == present() else "The vectors are not what the generator makes.")
    for name in present().keys() - wanted.keys():
        (FOLDER / name).unlink()
    for name, text in wanted.items():
        (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / name).write_text(text, "utf-8")
    negative = sum(vector.verdict != "verified" for vector in vectors())
    print(f"{len(wanted) - 1} vectors, {negative} of them negative")


if __name__ == "__main__":
    main()
