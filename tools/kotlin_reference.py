"""Write ``bindings/kotlin/API.md``: every public name of the Kotlin modules with its documentation, as the sources have it.

Usage: python -m tools.kotlin_reference [--check]. The compiler sees to it that every public name says ``public``; so what is public
is what a line says. Dokka would do the same and more, with a hundred megabytes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KOTLIN = ROOT / "bindings" / "kotlin"
TARGET = ROOT / "bindings/kotlin/API.md"
MODULES = ("core", "android", "smartcardio", "client")
HEAD = """# The public names of mnverify for Kotlin

Made from the sources by `python -m tools.kotlin_reference`; a test says that it is current. Names are by package, in the order of
their files. What has no constructor here is made by the library.
Every error is a class of `mnverify.MnverifyError` with a stable `code` and a sentence in English and Japanese.
"""
_CONSTANT = re.compile(r"^    ([A-Z][A-Z_0-9]*)(?:\(.*\))?,$")  # of an enumeration


def sources(module: str) -> list[Path]:
    """The files of a module's own code."""
    return sorted((KOTLIN / module / "src" / "main").rglob("*.kt"))


def declarations(text: str) -> Iterator[tuple[int, str, str]]:
    """Depth, signature and documentation of each public name of a file. What stands in a private or internal class is left out."""
    lines = text.splitlines()
    comment: list[str] = []
    hidden: int | None = None  # the depth of a class that nobody outside sees
    at = 0
    while at < len(lines):
        line = lines[at]
        stripped = line.strip()
        depth = (len(line) - len(line.lstrip())) // 4
        if stripped.startswith("/**"):
            comment, at = _comment(lines, at)
            continue
        if stripped and hidden is not None and depth <= hidden:
            hidden = None
        if re.match(r"(private|internal)\b.*\b(class|object|interface)\b", stripped):
            hidden = depth if hidden is None else hidden
        constant = _CONSTANT.match(line)
        if hidden is None and constant:
            yield 1, constant.group(1), _text(comment)
        if hidden is None and stripped.startswith("public ") and depth <= 2:
            signature, at = _signature(lines, at)
            yield depth, signature, _text(comment)
        comment = [] if stripped and not stripped.startswith("@") else comment
        at += 1


def _comment(lines: list[str], at: int) -> tuple[list[str], int]:
    found = []
    while True:
        found.append(lines[at].strip())
        if lines[at].rstrip().endswith("*/"):
            return found, at + 1
        at += 1


def _text(comment: list[str]) -> str:
    joined = [re.sub(r"^(/\*\*|\*/|\*)\s?", "", line).removesuffix("*/").rstrip() for line in comment]
    text = "\n".join(line for line in joined).strip()
    text = re.sub(r"^@(param|property|throws|return)\s+(\S+)", r"- `\2`", text, flags=re.MULTILINE)
    return re.sub(r"\n(- `)", r"\n\n\1", text, count=1)


def _signature(lines: list[str], at: int) -> tuple[str, int]:
    """A declaration up to its body; where its parameters are on lines of their own, with these."""
    found = lines[at].strip()
    while found.count("(") > found.count(")"):
        at += 1
        if not lines[at].strip().startswith(("/**", "*", "//")):
            found += " " + lines[at].strip()
    if found.endswith((":", ") :")) and at + 1 < len(lines):  # what it is a class of
        at += 1
        found += " " + lines[at].strip()
        while found.count("(") > found.count(")"):
            at += 1
            found += " " + lines[at].strip()
    found = re.sub(r"\b(public|internal|constructor)\b\s?", "", found)
    found = re.sub(r'= Text\(".*?", ".*?"\)', "= …", found)
    found = re.sub(r"private val [^,)]*(, )?", "", found).replace("( ", "(").replace(", )", ")").replace("(, ", "(")
    head, _, above = found.partition(") : ") if found.startswith(_CLASSES) else (found, "", "")
    if above:  # of what it is a class of, the names alone
        found = f"{head}) : {re.sub(r'[(].*?(?=, [A-Z][A-Za-z]*$|$)', '', above)}"
    else:
        found = (
            re.sub(r"(\)(?:: [^=]*?)?)\s*=\s*.*$", r"\1", found)
            if "fun " in found
            else re.sub(r"\s*=(?!=).*$", "", found)
        )
    return found.removesuffix("}").rstrip(" ={"), at


_CLASSES = ("class", "open class", "sealed class", "abstract class")


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for module in MODULES:
        parts.append(f"## Module `{module}`\n")
        package = ""
        for path in sources(module):
            text = path.read_text("utf-8")
            found = list(declarations(text))
            named = re.search(r"^package (\S+)", text, re.MULTILINE)
            if found and named and named.group(1) != package:
                package = named.group(1)
                parts.append(f"### `{package}`\n")
            for depth, signature, words in found:
                parts.append(
                    f"{'####' if depth == 0 else '#####'} `{signature}`\n\n{words}\n" if words else f"- `{signature}`\n"
                )
    return "\n".join(parts)


def main() -> None:
    """Write the page, or only say whether it is right."""
    made = page()
    if "--check" in sys.argv[1:]:
        sys.exit(
            None
            if TARGET.exists() and TARGET.read_text("utf-8") == made
            else "bindings/kotlin/API.md is not what the sources say."
        )
    TARGET.write_text(made, "utf-8")


if __name__ == "__main__":
    main()
