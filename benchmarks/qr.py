"""How long decoding the QR code of a scan takes. Usage: python -m benchmarks.qr

A card scanned at 300 dpi, as pixels and as a file, on one core. Target: at most 10 ms from pixels to a checked number.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np

from mnverify.printed import decode_qr
from tests.printed.backs import back, file_of, number_of

TURNS = 60
TARGET = 0.010  # seconds
OFFICE = "my-number-office"


def main() -> None:
    """Print the table; ends with 1 where the target is not met."""
    scan = back(number_of(1))
    pixels, jpeg, png = np.asarray(scan.convert("RGB")), file_of(scan, "JPEG", quality=90), file_of(scan)
    work: dict[str, Callable[[], object]] = {
        "pixels": lambda: decode_qr(pixels, OFFICE, dpi=300),
        "JPEG file": lambda: decode_qr(jpeg, OFFICE, dpi=300),
        "PNG file": lambda: decode_qr(png, OFFICE, dpi=300),
    }
    taken = {name: median(_time(run) for _ in range(TURNS)) for name, run in work.items()}
    for name, seconds in taken.items():
        print(f"QR code of a card scan (300 dpi), from {name:9}  {seconds * 1e3:6.1f} ms")
    met = taken["pixels"] <= TARGET
    print(f"target: <= {TARGET * 1e3:.0f} ms from pixels: {'met' if met else 'MISSED'}")
    raise SystemExit(not met)


def _time(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
