"""How long a verification takes, and an import. Usage: python -m benchmarks [-o FILE]

Numbers of one run on one machine mean something only in relation to each other, so the table gives ratios. A machine that others
use too is now faster, now slower: so the pieces take turns, and each ratio is the median of the ratios of single turns. With
``-o`` the values are kept in pyperf's format, for ``pyperf stats`` and ``pyperf compare_to``.

* ``verify`` of face-check evidence to the bare RSA verifications that it needs, on the same keys and signatures, with the digests
  at hand. What hashing alone takes is subtracted; parsing is done when evidence is made. Target: at most 1.5.
* everything to ``verify`` alone: from the files' bytes to the verdict, what parsing adds, and from JSON to the verdict, what strict
  JSON adds. Targets: at most twice, and at most three times ``verify`` with as many signatures.
* ``import mnverify`` to importing the parts of cryptography that it uses. Target: at most 40 ms more.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from statistics import median
from typing import NamedTuple

import pyperf  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256

from benchmarks.modules import FORBIDDEN
from mnverify.evidence import Evidence, Presence
from mnverify.files import Certificate, FaceRecord, digest_info
from mnverify.values import CredentialKind, Domain, Role
from mnverify.verification import TrustStore, verify
from mnverify.virtual import VirtualAuthority, persona

FILES_TARGET, JSON_TARGET = 2.0, 3.0  # times verify alone
AT = datetime(2026, 11, 22, 10, tzinfo=timezone(timedelta(hours=9)))
CHALLENGE = bytes(range(32))
CRYPTOGRAPHY = (
    "from cryptography.hazmat.primitives import hashes; "
    "from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils"
)

TURNS, TURN_SECONDS = 60, 5e-3  # of each piece
IMPORTS = 25

Work = Callable[[], object]
Turns = Mapping[str, list[float]]


class Row(NamedTuple):
    """A line of the table."""

    what: str
    seconds: float
    ratio: str
    target: str
    met: bool | None = None


def pieces() -> dict[str, Work]:
    """What is measured in this process, by name."""
    card = VirtualAuthority.laboratory().issue(persona())
    files = {name: card.files("face-check")[name] for name in ("0002", "0004")}
    presence = Presence(CHALLENGE, card.sign("face-check", CHALLENGE))
    trust = _trust()

    def read(answer: Presence | None) -> Evidence:
        kind = CredentialKind.VERIFICATION_NUMBER_B
        return Evidence(domain=Domain.FACE_CHECK, role=Role.GENERAL, credential=kind, files=files, presence=answer)

    with_presence, without = read(presence), read(None)
    text = with_presence.to_json()
    if not verify(with_presence, trust=trust, at=AT, challenge=CHALLENGE, require_presence=True).verified:
        raise RuntimeError("what is measured is not verified")
    return {
        "bare 3": _bare(with_presence, trust),
        "bare 2": _bare(without, trust),
        "hash 3": _hashing(with_presence),
        "hash 2": _hashing(without),
        "verify 3": lambda: verify(with_presence, trust=trust, at=AT, challenge=CHALLENGE),
        "verify 2": lambda: verify(without, trust=trust, at=AT),
        "all 2": lambda: verify(read(None), trust=trust, at=AT),
        "all 3 of JSON": lambda: verify(Evidence.from_json(text), trust=trust, at=AT, challenge=CHALLENGE),
    }


def _trust() -> TrustStore:
    return TrustStore.from_json(json.dumps(VirtualAuthority.laboratory().trust_anchors()))


def _records(evidence: Evidence) -> tuple[Certificate, FaceRecord]:
    certificate, face = evidence.records["0004"], evidence.records["0002"]
    if not isinstance(certificate, Certificate) or not isinstance(face, FaceRecord):
        raise TypeError("not a card face and its certificate")
    return certificate, face


def _bare(evidence: Evidence, trust: TrustStore) -> Work:
    """The RSA verifications alone: keys made, digests at hand."""
    certificate, face = _records(evidence)
    anchor = trust.find(evidence.domain, certificate.issuer)
    if anchor is None:
        raise LookupError("no anchor")
    ca, municipality = _key(anchor), _key(certificate.key)
    pkcs1, prehashed, as_it_is = padding.PKCS1v15(), utils.Prehashed(SHA256()), utils.NoDigestInfo()
    digest = hashlib.sha256(certificate.signed).digest()
    info = digest_info(b"".join(hashlib.sha256(segment or b"").digest() for segment in face.segments))

    def two() -> None:
        ca.verify(certificate.signature, digest, pkcs1, prehashed)
        municipality.verify(face.signature, info, pkcs1, as_it_is)  # type: ignore[arg-type]

    answer = evidence.presence
    if answer is None:
        return two
    card, asked = _key(face.card_key), hashlib.sha256(answer.challenge).digest()

    def three() -> None:
        two()
        card.verify(answer.signature, asked, pkcs1, prehashed)

    return three


def _key(key: object) -> rsa.RSAPublicKey:
    modulus, exponent = key.modulus, key.exponent  # type: ignore[attr-defined]
    return rsa.RSAPublicNumbers(exponent, int.from_bytes(modulus)).public_key()


def _hashing(evidence: Evidence) -> Work:
    certificate, face = _records(evidence)
    messages = [certificate.signed, *(segment or b"" for segment in face.segments)]
    if evidence.presence is not None:
        messages.append(evidence.presence.challenge)

    def run() -> None:
        for message in messages:
            hashlib.sha256(message).digest()

    return run


def in_turns(work: Mapping[str, Work]) -> dict[str, list[float]]:
    """Seconds per call of every piece, turn by turn."""
    loops = {name: max(1, round(TURN_SECONDS / _time(run, 100))) for name, run in work.items()}
    taken: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(TURNS):
        for name, run in work.items():
            taken[name].append(_time(run, loops[name]))
    return taken


def _time(run: Work, loops: int) -> float:
    began = pyperf.perf_counter()
    for _ in range(loops):
        run()
    return float(pyperf.perf_counter() - began) / loops


def imports() -> dict[str, list[float]]:
    """Seconds of fresh interpreters with compiled modules at hand: what importing takes, start of Python aside."""
    taken: dict[str, list[float]] = {"import cryptography": [], "import mnverify": []}
    timed = (
        "import time; a = time.perf_counter(); {}; b = time.perf_counter(); {}; print(b - a, time.perf_counter() - b)"
    )
    with tempfile.TemporaryDirectory() as folder:
        unset = ("PYTHONDONTWRITEBYTECODE", "PYTHONOPTIMIZE", "PYTHONPROFILEIMPORTTIME")
        environment = {key: value for key, value in os.environ.items() if key not in unset}
        environment["PYTHONPYCACHEPREFIX"] = folder
        command = [sys.executable, "-c", timed.format(CRYPTOGRAPHY, "import mnverify")]
        for turn in range(IMPORTS + 1):
            done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
            if turn:  # the first compiles
                for name, seconds in zip(taken, done.stdout.split(), strict=True):
                    taken[name].append(float(seconds))
    return taken


def rows(taken: Turns) -> list[Row]:
    """The table."""
    table = []
    for count in (2, 3):
        bare, hashing, whole = (taken[f"{name} {count}"] for name in ("bare", "hash", "verify"))
        ratio = median((w - h) / b for b, h, w in zip(bare, hashing, whole, strict=True))
        table.append(Row(f"{count} bare RSA verifications", median(bare), "1.00 x", ""))
        table.append(Row(f"hashing for {count} signatures", median(hashing), f"{_ratio(hashing, bare):.2f} x bare", ""))
        table.append(Row(f"verify, {count} signatures", median(whole), f"{ratio:.2f} x bare", "<= 1.50", ratio <= 1.5))
    for name, what, alone, most in (
        ("all 2", "files to verdict, 2 signatures", "verify 2", FILES_TARGET),
        ("all 3 of JSON", "JSON to verdict, 3 signatures", "verify 3", JSON_TARGET),
    ):
        ratio = _ratio(taken[name], taken[alone])
        table.append(Row(what, median(taken[name]), f"{ratio:.2f} x verify alone", f"<= {most:.2f}", ratio <= most))
    base, more = taken["import cryptography"], taken["import mnverify"]
    table.append(Row("import cryptography", median(base), "1.00 x", ""))
    table.append(
        Row("import mnverify after it", median(more), f"{_ratio(more, base):.2f} x", "<= 40 ms", median(more) <= 0.04)
    )
    return table


def _ratio(above: list[float], below: list[float]) -> float:
    return median(a / b for a, b in zip(above, below, strict=True))


def loaded() -> set[str]:
    """The forbidden modules that ``import mnverify`` loads."""
    code = "import mnverify, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return set(done.stdout.split()) & set(FORBIDDEN)


def show(table: list[Row]) -> None:
    """Print the table."""
    print()
    print(f"{'':34}{'median':>12}   {'ratio':28}{'target':14}")
    for row in table:
        mark = {None: "", True: "met", False: "MISSED"}[row.met]
        print(f"{row.what:34}{row.seconds * 1e6:9.1f} us   {row.ratio:28}{row.target:14}{mark}")
    found = loaded()
    print(f"\nimport mnverify loads {', '.join(sorted(found)) or 'none'} of: {', '.join(FORBIDDEN)}")


def keep(taken: Turns, path: str) -> None:
    """Write the values in pyperf's format."""
    kept = [
        pyperf.Benchmark([pyperf.Run(values, metadata={"name": name, "unit": "second"}, collect_metadata=False)])
        for name, values in taken.items()
    ]
    pyperf.BenchmarkSuite(kept).dump(path, replace=True)


def main() -> None:
    """Measure, then print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="mnverify: ratios of one run")
    parser.add_argument("-o", metavar="FILE", help="keep the values in pyperf's format")
    path = parser.parse_args().o
    taken = {**in_turns(pieces()), **imports()}
    show(rows(taken))
    if path:
        keep(taken, path)


if __name__ == "__main__":
    main()
