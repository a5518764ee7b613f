"""Put the real report of ``mnverify demo`` between the markers of both READMEs. Usage: python tools/refresh_readme.py [--check]

With ``--check`` nothing is written; the exit status is 1 where a README shows another report than the program prints.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path

from mnverify.cli import main as mnverify

ROOT = Path(__file__).resolve().parent.parent
READMES = {"README.md": "en", "README.ja.md": "ja"}
WIDTH = "100"  # characters
BEGIN, END = "<!-- report -->", "<!-- /report -->"


def report(lang: str) -> str:
    """What ``mnverify demo`` prints where it does not print to a terminal."""
    os.environ["COLUMNS"] = WIDTH  # whatever the terminal
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        if mnverify(["demo", "--lang", lang]) != 0:
            sys.exit("the demo is not verified")
    return "\n".join(line.rstrip() for line in printed.getvalue().strip("\n").splitlines())


def refreshed(text: str, lang: str) -> str:
    """The README with the present report between its markers."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n```text\n{report(lang)}\n```\n{END}{after}"


def main() -> None:
    """Refresh or check both READMEs."""
    stale = []
    for name, lang in READMES.items():
        path = ROOT / name
        text = path.read_text(encoding="utf-8")
        new = refreshed(text, lang)
        if new != text:
            stale.append(name)
            if "--check" not in sys.argv[1:]:
                path.write_text(new, encoding="utf-8")
    if stale and "--check" in sys.argv[1:]:
        sys.exit(f"another report than the program's: {', '.join(stale)}; run: python tools/refresh_readme.py")


if __name__ == "__main__":
    main()
