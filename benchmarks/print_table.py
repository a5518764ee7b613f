"""The table of the benchmark of what is printed: goals, answers by condition and layout, and every wrong answer by its picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from statistics import median
from typing import Any

Row = dict[str, Any]
RIGHT, ASKED, WRONG = "right", "asked", "wrong"
JUDGES = (
    ("number-b", "照合番号B, read"),
    ("genuine", "genuine print, compared: no mismatch"),
    ("forged", "forgery: no match"),
    ("qr", "QR code, decoded"),
    ("mask", "back, masked"),
)
FIELDS = ("name", "address", "birth_date", "sex", "expiry", "security_code", "additional_entry")


def table(rows: list[Row], total: int) -> str:
    """A page in Markdown."""
    rows = sorted(rows, key=lambda row: int(row["index"]))
    lines = [
        "# What is printed: results",
        "",
        "Made by `make bench-print` (`benchmarks/prints.py`). *right*; *asked*: it refused, or said that it is not sure, and a",
        "person looks; *wrong*: nobody would notice. Standard conditions are a phone's photo of 12 million pixels (JPEG 80),",
        "upright, turned by any angle or tilted by up to 15°, and scans of 300 and 600 dpi. The layouts `compact` and `open`",
        "were never used while tuning.",
        "",
        f"Pictures judged: {len(rows)} of {total}, of them {_count(rows, lambda r: r['flaw'])} forgeries and "
        f"{_count(rows, lambda r: r['held_out'])} in held-out layouts. Code: "
        + ", ".join(f"`{code}` {count}" for code, count in Counter(row["code"] for row in rows).most_common())
        + ". A digest is of the code that answered; what stands under an older one was not run again since.",
        "",
        *_goals(rows),
        *_by("condition", rows),
        *_by("layout", rows),
        *_forgeries(rows),
        *_texts(rows),
        *_times(rows),
        *_wrong(rows),
        *_asked(rows),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _count(rows: Iterable[Row], test: Callable[[Row], Any]) -> int:
    return sum(bool(test(row)) for row in rows)


def _tally(rows: Iterable[Row], judge: str) -> Counter[str]:
    return Counter(row["judged"][judge] for row in rows if judge in row["judged"])


def _goals(rows: list[Row]) -> list[str]:
    standard = [row for row in rows if row["standard"]]
    lines = ["## Goals", "", "| goal | of | right | asked | wrong | reached |", "|---|---|---|---|---|---|"]
    for judge, share in (("number-b", 0.99), ("genuine", None), ("forged", None), ("qr", 0.99), ("mask", None)):
        label = dict(JUDGES)[judge]
        if share is not None:
            tally = _tally(standard, judge)
            reached = tally[RIGHT] >= share * tally.total() > 0
            lines.append(_goal(f"{label}: right ≥ {share:.0%} in standard conditions", tally, reached))
        tally = _tally(rows, judge)
        lines.append(_goal(f"{label}: never wrong, in all conditions", tally, tally.total() > 0 and not tally[WRONG]))
    crashes = _tally(rows, "crash")
    lines.append(_goal("no crash", Counter({RIGHT: len(rows) - crashes.total(), WRONG: crashes.total()}), not crashes))
    return [*lines, ""]


def _goal(label: str, tally: Counter[str], reached: bool) -> str:
    numbers = " | ".join(str(tally[answer]) for answer in (RIGHT, ASKED, WRONG))
    return f"| {label} | {tally.total()} | {numbers} | {'yes' if reached else 'no'} |"


def _by(key: str, rows: list[Row]) -> list[str]:
    lines = [f"## By {key}", "", "Right / asked / wrong.", ""]
    lines += [f"| {key} | " + " | ".join(name for name, _ in JUDGES) + " |", "|---" * (len(JUDGES) + 1) + "|"]
    for value in sorted({row[key] for row in rows}, key=lambda value: (not _is_standard(rows, key, value), value)):
        some = [row for row in rows if row[key] == value]
        mark = " (held out)" if key == "layout" and some[0]["held_out"] else ""
        mark = mark or (" (standard)" if key == "condition" and some[0]["standard"] else "")
        lines.append(f"| `{value}`{mark} | " + " | ".join(_three(_tally(some, judge)) for judge, _ in JUDGES) + " |")
    return [*lines, ""]


def _is_standard(rows: list[Row], key: str, value: str) -> bool:
    return key == "condition" and any(row["standard"] for row in rows if row[key] == value)


def _three(tally: Counter[str]) -> str:
    return f"{tally[RIGHT]} / {tally[ASKED]} / {tally[WRONG]}" if tally else "–"


def _forgeries(rows: list[Row]) -> list[str]:
    lines = [
        "## Forgeries",
        "",
        "| flaw | pictures | not taken for genuine | asked | wrong | called a mismatch |",
        "|---" * 6 + "|",
    ]
    for flaw in sorted({row["flaw"] for row in rows if row["flaw"]}):
        some = [row for row in rows if row["flaw"] == flaw]
        tally = _tally(some, "forged")
        told = _count(some, lambda row: "told" in row["judged"])
        side = some[0]["side"]
        lines.append(
            f"| `{flaw}` | {len(some)} | {tally[RIGHT]} | {tally[ASKED]} | {tally[WRONG]} | {told if side == 'front' else '–'} |"
        )
    return [*lines, "", "A face is for a person to compare; a variant is never `equal`.", ""]


def _texts(rows: list[Row]) -> list[str]:
    fronts = [row for row in rows if row["side"] == "front" and row["standard"]]
    lines = [
        "## Text, in standard conditions",
        "",
        "Read as printed but for width and spaces; it decides nothing by itself.",
        "",
    ]
    lines += ["| field | same | not read | other |", "|---|---|---|---|"]
    for name in FIELDS:
        tally = _tally(fronts, f"text {name}")
        lines.append(f"| `{name}` | {tally[RIGHT]} | {tally[ASKED]} | {tally[WRONG]} |")
    for domain in ("input-assist", "face-check"):
        tally = _tally(fronts, f"{domain} match")
        lines.append(f"| everything matches the chip ({domain}) | {tally[RIGHT]} | {tally[ASKED]} | – |")
    return [*lines, ""]


def _times(rows: list[Row]) -> list[str]:
    lines = ["## Seconds, on one thread of a busy machine", "", "| step | median | slowest |", "|---|---|---|"]
    for step in ("picture", "scan", "qr", "mask"):
        taken = [row["seconds"][step] for row in rows if step in row["seconds"]]
        if taken:
            lines.append(f"| {step} | {median(taken):.2f} | {max(taken):.2f} |")
    return [*lines, ""]


def _wrong(rows: list[Row]) -> list[str]:
    named = {judge for judge, _ in JUDGES} | {"crash"}
    wrong = [row for row in rows if any(row["judged"].get(judge) == WRONG for judge in named)]
    lines = [f"## Wrong answers: {len(wrong)}", ""]
    lines += [f"- {row['index']}: {row['name']}: {'; '.join(row['notes'])}" for row in wrong]
    return [*lines, *([""] if wrong else ["None.", ""])]


def _asked(rows: list[Row]) -> list[str]:
    asked = [row for row in rows if row["standard"] and any(row["judged"].get(judge) == ASKED for judge, _ in JUDGES)]
    lines = [f"## Left to a person in standard conditions: {len(asked)}", ""]
    lines += [f"- {row['index']}: {row['name']}: {'; '.join(row['notes'])}" for row in asked]
    return [*lines, *([""] if asked else ["None.", ""])]
