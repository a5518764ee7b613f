"""Write what the bindings in other languages are held to, bindings/shared/*.json.

Usage: python -m tools.make_binding_data [--check] [--explain VECTOR NUMBER]

``--check`` only compares. ``--explain`` shows a mutation of a vector and what Python makes of it, where a language disagrees.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.bindings import card, gate, mutations, readings

FOLDER = Path(__file__).parent.parent / "bindings" / "shared"
DOCUMENTS: dict[str, Callable[[], dict[str, Any]]] = {
    "mnverify.json": card.card_document,
    "gate-decisions.json": gate.gate_document,
    "mutations.json": mutations.mutations_document,
    "scripts.json": readings.scripts_document,
    "credentials.json": readings.credentials_document,
}


def text_of(document: dict[str, Any]) -> str:
    """The text of a file: one member of the third level a line, so that a change is seen."""
    return _text(document, 0) + "\n"


def _text(value: Any, depth: int) -> str:
    if depth == 3 or not isinstance(value, dict) or not value:
        return json.dumps(value, ensure_ascii=False)
    inner = " " * (depth + 1)
    lines = ",\n".join(
        f"{inner}{json.dumps(name, ensure_ascii=False)}: {_text(one, depth + 1)}" for name, one in value.items()
    )
    return "{\n" + lines + "\n" + " " * depth + "}"


def main() -> None:
    """Write the files, only say whether they are right, or explain one mutation."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["--explain"]:
        explain(arguments[1], int(arguments[2]))
        return
    made = {name: text_of(document()) for name, document in DOCUMENTS.items()}
    if "--check" in arguments:
        wrong = [name for name, text in made.items() if (FOLDER / name).read_text("utf-8") != text]
        sys.exit(f"not what the generator makes: {', '.join(wrong)}" if wrong else None)
    for name, text in made.items():
        (FOLDER / name).write_text(text, "utf-8")
        print(f"{name}: {len(text.encode())} bytes")


def explain(name: str, number: int) -> None:
    """Print a mutation and its outcome."""

    def told(at: int, data: bytes, line: str) -> None:
        if at == number:
            sys.stdout.buffer.write(data + b"\n")
            print(f"{mutations.digits_of(line)} {line}")

    mutations.outcomes(name, mutations.vectors()[name], told)


if __name__ == "__main__":
    main()
