"""Search the laboratory's keys and write them as package data. Usage: python tools/make_laboratory_keys.py [--fingerprints]

The keys follow from a seed that is in the open, so this writes the same file every time (about a minute). Beside them it writes
their fingerprints for the trust store, which knows no virtual card and still has to refuse these keys where they call themselves a
real card's; with ``--fingerprints`` these alone, of the keys that are there.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from mnverify.verification.laboratory import fingerprint
from mnverify.virtual.keys import LABORATORY_FILE, LABORATORY_SEED, find_primes

DATA = Path(__file__).parent.parent / "mnverify" / "virtual" / "data"
FINGERPRINTS = DATA.parent.parent / "verification" / "data" / "laboratory-keys.txt"
DOMAINS = ("face-check", "input-assist")
MUNICIPALITIES = ("99201", "99302")
NOTE = "Laboratory keys of the virtual card: public, made from a public seed. Never trust what they sign."


def labels() -> list[str]:
    """Every key that the laboratory needs for its personas and flaws."""
    names = [persona["id"] for persona in json.loads((DATA / "personas.json").read_text("utf-8"))]
    out = []
    for domain in DOMAINS:
        out += [f"ca/{domain}", f"foreign-ca/{domain}", f"foreign-municipality/{domain}", f"clone/{domain}"]
        out += [f"municipality/{code}/{domain}" for code in MUNICIPALITIES]
    for name in names:
        out += [f"card/{name}/0/{use}" for use in (*DOMAINS, "transport")]
    return out


def _primes(label: str) -> tuple[str, str]:
    p, q = find_primes(LABORATORY_SEED, label)
    return f"{p:x}", f"{q:x}"


def fingerprints() -> str:
    """The text of the file of fingerprints, of the keys that are there."""
    primes = json.loads((DATA / LABORATORY_FILE).read_text("ascii"))["primes"].values()
    lines = sorted(fingerprint((int(p, 16) * int(q, 16)).to_bytes(256)) for p, q in primes)
    return "\n".join(["# SHA-256 of the moduli of the laboratory's public keys", *lines, ""])


def main() -> None:
    """Write the files."""
    if "--fingerprints" not in sys.argv[1:]:
        _write_keys()
    FINGERPRINTS.write_text(fingerprints(), "ascii")


def _write_keys() -> None:
    wanted = labels()
    with ProcessPoolExecutor() as pool:
        found = dict(zip(wanted, pool.map(_primes, wanted), strict=True))
    text = json.dumps({"note": NOTE, "primes": found}, indent=0)
    (DATA / LABORATORY_FILE).write_text(text + "\n", "ascii")


if __name__ == "__main__":
    main()
