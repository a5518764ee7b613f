"""What is printed: reading, comparing, decoding and masking, judged on pictures of which the truth is known.

Usage: python -m benchmarks.prints [--range A:B] [--side S] [--processes N] [--folder DIR] [--table FILE] [--again]

Pictures are made anew each time (``benchmarks/print_set.py``); answers are kept in a folder, one line of JSON a picture, so that a
run can be made in slices and gone on with. ``--table FILE`` writes what all kept answers come to.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
JUDGED = ("mnverify/printed", "mnverify/virtual/print", "benchmarks/print_set.py", "benchmarks/print_judges.py")


def code_digest() -> str:
    """Eight hex digits of everything that the answers depend on."""
    whole = hashlib.sha256()
    for part in JUDGED:
        place = ROOT / part
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            whole.update(path.read_bytes())
    return whole.hexdigest()[:8]


def answer(index: int) -> dict[str, Any]:
    """Judge one picture."""
    from benchmarks.print_judges import judge
    from benchmarks.print_set import cases

    case = cases()[index]
    row: dict[str, Any] = {
        "index": index,
        "name": case.name,
        "side": case.side.value,
        "layout": case.layout,
        "held_out": case.held_out,
        "condition": case.condition,
        "standard": case.standard,
        "flaw": case.flaw.value if case.flaw else None,
    }
    try:
        found = judge(case)
    except Exception as error:  # noqa: BLE001  # a crash is an answer too, and the worst
        return row | {"judged": {"crash": "wrong"}, "notes": [f"crash: {type(error).__name__}: {error}"], "seconds": {}}
    return row | {"judged": found.judged, "notes": found.notes, "seconds": found.seconds}


def main() -> None:
    """Judge a range, keep the answers, say what is wrong; write the table where one is asked for."""
    from benchmarks.print_set import cases

    options = _options()
    folder: Path = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    total = len(cases())
    first, _, last = options.range.partition(":")
    wanted: Sequence[int] = range(int(first or 0), min(int(last or total), total))
    code = code_digest()
    kept = {} if options.again else kept_answers(folder)
    sides = ("front", "back") if options.side is None else (options.side,)
    wanted = [index for index in wanted if cases()[index].side.value in sides]
    todo = [index for index in wanted if index not in kept]
    print(
        f"{total} pictures; {len(wanted)} asked for, {len(wanted) - len(todo)} answered before; code {code}", flush=True
    )
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    start = time.monotonic()
    with ProcessPoolExecutor(options.processes) as pool, (folder / "answers.jsonl").open("a", encoding="utf-8") as out:
        for count, asked in enumerate(as_completed([pool.submit(answer, index) for index in todo]), 1):
            row = asked.result()
            out.write(json.dumps(row | {"code": code}, ensure_ascii=False) + "\n")
            out.flush()
            if "wrong" in (value for name, value in row["judged"].items() if not name.startswith("text ")):
                print(f"[{row['index']}] {row['name']}: {'; '.join(row['notes'])}", flush=True)
            if count % 20 == 0:
                print(f"  {count} of {len(todo)}, {time.monotonic() - start:.0f} s", flush=True)
    if options.table is not None:
        from benchmarks.print_table import table

        text = table(list(kept_answers(folder).values()), total)
        options.table.write_text(text, encoding="utf-8")
        print(f"{options.table} written")


def kept_answers(folder: Path) -> dict[int, dict[str, Any]]:
    """The newest answer to each picture."""
    path = folder / "answers.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {row["index"]: row for row in map(json.loads, lines)}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prints", description=__doc__.splitlines()[0])
    parser.add_argument("--range", default=":", metavar="A:B", help="which pictures (default: all)")
    parser.add_argument("--side", choices=("front", "back"), help="the pictures of one side alone")
    parser.add_argument("--processes", type=int, default=2, metavar="N")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "prints", metavar="DIR")
    parser.add_argument("--table", type=Path, metavar="FILE", help="write the table of all kept answers")
    parser.add_argument("--again", action="store_true", help="also what was answered before")
    return parser.parse_args()


if __name__ == "__main__":
    main()
