"""Search the laboratory's keys and write them as package data. Usage: python tools/make_laboratory_keys.py

The keys follow from a seed that is in the open, so this writes the same file every time (about a minute).
"""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from mnverify.virtual.keys import LABORATORY_FILE, LABORATORY_SEED, find_primes

DATA = Path(__file__).parent.parent / "mnverify" / "virtual" / "data"
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


def main() -> None:
    """Write the file."""
    wanted = labels()
    with ProcessPoolExecutor() as pool:
        found = dict(zip(wanted, pool.map(_primes, wanted), strict=True))
    text = json.dumps({"note": NOTE, "primes": found}, indent=0)
    (DATA / LABORATORY_FILE).write_text(text + "\n", "ascii")


if __name__ == "__main__":
    main()
