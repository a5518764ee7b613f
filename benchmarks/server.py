"""How many verifications a second the endpoint serves. Usage: python -m benchmarks.server [--soak MINUTES] [--seconds N]

Everything is measured in one run, in turns, and told as ratios of the same turn; numbers of a machine mean little by themselves.
The evidence is a card face with its photo and an answer to the challenge, 15 KB of JSON. 32 connections are kept busy, each with
one request at a time: what waits at the same moment shares a transaction; a lone caller gets less than these rates, and sooner.

The service is the whole one: HTTP, authentication, rate, log, metrics, receipts. Its one worker has the first core alone, and so
have the bare library and the bare transaction, by turns; the generator (a process of its own, which looks at status and length of
an answer alone) and PostgreSQL have the last one. A second worker may use both cores beside the generator.

* With storage stubbed to the bare library call (JSON to verdict, one after the other in one thread): target at least 40 %.
* With SQLite, ``synchronous=FULL``, to the bare library call: at least 20 %.
* With PostgreSQL to the bare claim-and-audit transaction, which the driver alone runs one request at a time on one connection, the
  way a service without batches does: at least 60 %. More than 100 % says that sharing a commit saves more than verifying costs.
* A second worker: times 1.4 or more, with storage stubbed (SQLite has one writer, and PostgreSQL shares the two cores).

Beside the ratio of rates stands that of processor time (of the service's process for each request, to the bare call's): on a
machine that others use too, believe that one.

``--soak MINUTES`` serves for so long instead and tells how the memory of the process grew; ten minutes is what a release asks for.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.server_load import Load, drive
from benchmarks.server_parts import (
    CORES,
    Bare,
    Served,
    add_challenges,
    bare_library,
    bare_transactions,
    memory_kib,
    new_place,
    on_core,
    serve,
    serve_stubbed,
)
from tests.server.postgres import Postgres

TURNS = 3
SOAK_RATE = 2500  # challenges that are there for each second, so that there are always enough


class Row(NamedTuple):
    """A line of the table."""

    what: str
    rate: float
    cpu: float
    ratio: str
    of_cpu: str
    target: str
    met: bool | None
    latency: str = ""


def measure(seconds: float) -> list[Row]:
    """Every way in turns."""
    taken: dict[str, list[Bare]] = {}
    loads: dict[str, list[Load]] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mnverify-bench-")))
        with on_core(CORES[-1]):
            postgres = stack.enter_context(Postgres())

        def load(what: str, served: Iterator[Served]) -> Bare:
            with contextmanager(lambda: served)() as endpoint:
                came = drive(endpoint, seconds)
            loads.setdefault(what, []).append(came)
            return Bare(came.rate, came.cpu)

        ways: dict[str, Callable[[], Bare]] = {
            "library": lambda: bare_library(seconds / 2),
            "transaction": lambda: bare_transactions(new_place(folder, postgres.new_database()), seconds / 2),
            "stub": lambda: load("stub", serve_stubbed(new_place(folder, None), 1)),
            "stub 2": lambda: load("stub 2", serve_stubbed(new_place(folder, None), 2)),
            "sqlite": lambda: load("sqlite", serve(new_place(folder, None), 1)),
            "postgresql": lambda: load("postgresql", serve(new_place(folder, postgres.new_database()), 1)),
            "postgresql 2": lambda: load("postgresql 2", serve(new_place(folder, postgres.new_database()), 2)),
        }
        for turn in range(TURNS):
            for what, run in ways.items():
                print(f"\rturn {turn + 1} of {TURNS}: {what:14}", end="", file=sys.stderr, flush=True)
                taken.setdefault(what, []).append(run())
        print("\r" + " " * 40 + "\r", end="", file=sys.stderr)
    return _rows(taken, loads)


def _rows(taken: dict[str, list[Bare]], loads: dict[str, list[Load]]) -> list[Row]:
    def row(what: str, name: str, to: str, least: float | None) -> Row:
        turns = list(zip(taken[name], taken[to], strict=True))
        ratio = median(a.rate / b.rate for a, b in turns)
        target, met = ("", None) if least is None else (f">= {least:.2f}", ratio >= least)
        latency = ""
        if name in loads:
            p50, p99 = (median(getattr(load, p) for load in loads[name]) * 1000 for p in ("p50", "p99"))
            latency = f"p50 {p50:6.2f} ms  p99 {p99:7.2f} ms"
        several = name.endswith(" 2")  # the process that is looked at is not the one that works
        of_cpu = "" if several else f"{median(b.cpu / a.cpu for a, b in turns):.2f}"
        cpu = 0.0 if several else median(one.cpu for one in taken[name])
        rate = median(one.rate for one in taken[name])
        return Row(what, rate, cpu, f"{ratio:.2f} x {to}", of_cpu, target, met, latency)

    return [
        row("bare library, JSON to verdict", "library", "library", None),
        row("endpoint, storage stubbed", "stub", "library", 0.40),
        row("  with a second worker", "stub 2", "stub", 1.4),
        row("endpoint, SQLite FULL", "sqlite", "library", 0.20),
        row("bare claim and audit, PostgreSQL", "transaction", "transaction", None),
        row("endpoint, PostgreSQL", "postgresql", "transaction", 0.60),
        row("  with a second worker", "postgresql 2", "postgresql", None),
    ]


def show(rows: list[Row]) -> None:
    """Print the table."""
    print(f"\n{'':34}{'median':>10}{'CPU':>10}   {'ratio':20}{'of CPU':8}{'target':10}")
    for row in rows:
        mark = {None: "", True: "met", False: "MISSED"}[row.met]
        cpu = f"{row.cpu * 1e6:7.0f} us" if row.cpu else " " * 10
        print(f"{row.what:34}{row.rate:8.0f}/s{cpu}   {row.ratio:20}{row.of_cpu:8}{row.target:10}{mark:8}{row.latency}")


def soak(minutes: float) -> int:
    """Serve under load, and tell how the memory grew between the first tenth and the end."""
    with (
        tempfile.TemporaryDirectory(prefix="mnverify-bench-") as name,
        contextmanager(serve)(new_place(Path(name), None, 0), 1) as endpoint,
    ):
        began, first, served, now = time.monotonic(), 0, 0, 0
        while time.monotonic() < began + minutes * 60:
            seconds = min(20.0, minutes * 6)
            add_challenges(endpoint.place, int(seconds * SOAK_RATE) - len(endpoint.place.challenges))
            served += drive(endpoint, seconds).served
            now = memory_kib(endpoint.process_id)
            if not first and time.monotonic() >= began + minutes * 6:
                first = now
            taken = time.monotonic() - began
            print(f"{taken:6.0f} s  {served:9} verifications  {now / 1024:7.1f} MiB", flush=True)
    grown = now - first
    flat = grown < max(8 * 1024, first // 20)
    print(f"grown by {grown / 1024:.1f} MiB since the first tenth: {'flat' if flat else 'NOT FLAT'}")
    return 0 if flat else 1


def main() -> int:
    """Measure, then print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server", description="the endpoint under load")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each turn")
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="serve for so long, and watch the memory")
    options = parser.parse_args()
    if options.soak:
        return soak(options.soak)
    print(f"{os.cpu_count()} cores, {TURNS} turns of {options.seconds} s", file=sys.stderr)
    show(measure(options.seconds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
