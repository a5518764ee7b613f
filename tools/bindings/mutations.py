"""Vectors altered at random, the same way in every language, and what Python makes of each: ``mutations.json``.

The alterations are not written down: a generator of 32 bits (xorshift32, Marsaglia 2003) seeded by the vector's name makes
them anew, as ``bindings/shared/README.md`` says. What is written is six hex digits for each outcome, so that two languages that
disagree about anything are found out.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from functools import cache
from typing import Any

from mnverify.errors import EvidenceError, RoleError, UnsupportedCard
from mnverify.evidence import Evidence
from mnverify.verification import TrustStore, verify
from tools import make_vectors

FORMAT = "mnverify.mutations/1"
EACH = 160  # of one vector
WORDS = ("face-check", "input-assist", "general", "my-number-office", "birth-date", "verification-number-b",
         "verification-number-a", "pin", "mnverify.evidence/1", "")  # fmt: skip
DIGITS = 6


class Random:
    """xorshift32 with the shifts 13, 17, 5.

    Args:
        seed: 32 bits; 0 becomes 1.
    """

    def __init__(self, seed: int) -> None:
        self.state = seed or 1

    def below(self, most: int) -> int:
        """The next number modulo ``most``."""
        x = self.state
        x ^= x << 13 & 0xFFFFFFFF
        x ^= x >> 17
        x ^= x << 5 & 0xFFFFFFFF
        self.state = x
        return x % most


def seed_of(name: str) -> int:
    """The first four bytes of the name's SHA-256, big-endian."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4])


def mutated(vector: dict[str, Any], random: Random) -> bytes:
    """The next altered evidence of a vector, as the bytes that a parser is given."""
    evidence = vector["evidence"]
    if isinstance(evidence, str):
        return altered(evidence.encode(), random)
    document = json.loads(json.dumps(evidence))
    kind = random.below(8)
    if kind == 0 or not _whole(document):
        return altered(compact(document), random)
    if kind == 1:
        _alter_member(document, random)
    elif kind == 2 and "presence" in document:
        _alter_bytes(document["presence"], ("challenge", "signature")[random.below(2)], random)
    else:
        _alter_bytes(document["files"], _one(sorted(document["files"]), random), random)
    return compact(document)


def _whole(document: dict[str, Any]) -> bool:
    """Whether there are files, and files and presence are objects of texts in canonical base64."""
    none = {"challenge": "", "signature": ""}
    files, presence = document.get("files"), document.get("presence", none)
    if not isinstance(files, dict) or not files or not isinstance(presence, dict) or presence.keys() != none.keys():
        return False
    return all(map(_is_base64, [*files.values(), *presence.values()]))


def _is_base64(text: object) -> bool:
    if not isinstance(text, str):
        return False
    try:
        return base64.b64encode(base64.b64decode(text, validate=True)).decode() == text
    except ValueError:
        return False


def compact(document: object) -> bytes:
    """The JSON text without blanks, members in their order, no escape that is not needed."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _alter_bytes(members: dict[str, str], name: str, random: Random) -> None:
    members[name] = base64.b64encode(altered(base64.b64decode(members[name]), random)).decode()


def _alter_member(document: dict[str, Any], random: Random) -> None:
    what = random.below(5)
    if what == 0:
        del document["files"][_one(sorted(document["files"]), random)]
    elif what == 1:
        names = sorted(document["files"])
        document["files"][_one(names, random)] = document["files"][_one(names, random)]
    elif what == 2:
        document["files"][f"00{random.below(16):02X}"] = document["files"][_one(sorted(document["files"]), random)]
    elif what == 3:
        document[("domain", "role", "credential", "format")[random.below(4)]] = WORDS[random.below(len(WORDS))]
    else:
        document.pop(_one(sorted(document), random))


def _one(names: list[str], random: Random) -> str:
    return names[random.below(len(names))]


def altered(data: bytes, random: Random) -> bytes:
    """The bytes with one alteration; empty ones get a byte."""
    out, size = bytearray(data), len(data)
    if not size:
        return bytes([random.below(256)])
    near = random.below(2) == 0
    at = random.below(min(size, 64) if near else size)
    kind = random.below(7)
    if kind == 0:
        out[at] = random.below(256)
    elif kind == 1:
        out[at] ^= 1 << random.below(8)
    elif kind == 2:
        del out[at : at + 1 + random.below(4)]
    elif kind == 3:
        more = 1 + random.below(4)
        out[at:at] = bytes(random.below(256) for _ in range(more))
    elif kind == 4:
        del out[at:]
    elif kind == 5:
        more, filler = 1 + random.below(8), random.below(2) == 0
        out += bytes(0xFF if filler else random.below(256) for _ in range(more))
    else:
        length, source = 1 + random.below(16), random.below(size)
        out[at : at + length] = data[source : source + length]
    return bytes(out)


def outcome(vector: dict[str, Any], data: bytes, trust: TrustStore) -> str:
    """What comes of evidence, in one line: the refusal and its place, or verdict, checks and the names of the fields."""
    from datetime import datetime

    try:
        evidence = Evidence.from_json(data, role=vector.get("role", "general"))
    except RoleError as error:
        return f"RoleError {getattr(error, 'where', '')}"
    except UnsupportedCard as error:
        return f"UnsupportedCard {error.where}"
    except EvidenceError as error:
        return f"EvidenceError {error.where}"
    challenge = vector.get("challenge")
    result = verify(
        evidence,
        trust=trust,
        at=datetime.fromisoformat(vector["at"]),
        challenge=base64.b64decode(challenge) if challenge is not None else None,
        require_presence=vector.get("require_presence", False),
    ).to_dict()
    checks = " ".join(f"{check['id']}={check['outcome']}/{check['code']}" for check in result["checks"])
    fields = ",".join(sorted(f"{name}:{field['assurance']}" for name, field in result.get("fields", {}).items()))
    return f"{result['verdict']} {result['environment']} {checks} {fields}"


def digits_of(line: str) -> str:
    """The first hex digits of the SHA-256 of an outcome."""
    return hashlib.sha256(line.encode()).hexdigest()[:DIGITS]


def vectors() -> dict[str, dict[str, Any]]:
    """The vectors as they are in the repository, by name."""
    paths = sorted(make_vectors.FOLDER.glob("*.json"))
    return {path.stem: json.loads(path.read_bytes()) for path in paths}


@cache
def trust_of(text: str) -> TrustStore:
    """The anchors of a vector, whose ``trust`` and ``certificates`` are given as JSON."""
    return make_vectors.trust_store(json.loads(text))


def outcomes(name: str, vector: dict[str, Any], told: Callable[[int, bytes, str], None] | None = None) -> list[str]:
    """The outcome of each mutation of a vector.

    Args:
        name: of the vector.
        vector: the vector.
        told: is given the number, the evidence and the outcome of each.
    """
    random = Random(seed_of(name))
    trust = trust_of(json.dumps({key: vector[key] for key in ("trust", "certificates") if key in vector}))
    lines = []
    for number in range(EACH):
        data = mutated(vector, random)
        lines.append(outcome(vector, data, trust))
        if told is not None:
            told(number, data, lines[-1])
    return lines


def mutations_document() -> dict[str, Any]:
    """Everything of ``mutations.json``."""
    found = {name: outcomes(name, vector) for name, vector in vectors().items()}
    return {
        "format": FORMAT,
        "each": EACH,
        "words": list(WORDS),
        "count": sum(len(lines) for lines in found.values()),
        "outcomes": {name: "".join(map(digits_of, lines)) for name, lines in found.items()},
    }
