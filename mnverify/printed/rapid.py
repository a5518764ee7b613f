"""The engine that comes with the extra ``ocr``: rapidocr on onnxruntime, offline, on this machine's processor.

Its parts (find lines, tell which stand on their heads, read them) are used one by one: so lines are cut out of the picture at its
full resolution, the way up is decided by all lines together, and each character has its own probability.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnverify.errors import MissingExtra
from mnverify.printed import forms
from mnverify.printed.engine import TextLine

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mnverify.printed.pictures import Pixels

    Array = NDArray[Any]

FIND_WIDTH = 1016
"""Pixels of the longer side on which lines are looked for."""
MAX_THREADS = 4
_FIND_HEIGHT = 640  # pixels of the shorter side at least
_LINE_HEIGHT, _SHORTEST, _LONGEST = 48, 48, 1600  # pixels of a line as the recogniser takes it
_BATCH = 6
_BLANK = 0
_LONG_ENOUGH = 3.0  # width over height, of a line that can tell which way up it is
_LEAST_TEXT = 0.3
_WELL, _MUCH_BETTER = 0.85, 0.1  # confidence of a line that is the right way up, and how much surer than on its head
_Reading = tuple[str, float, list[float]]
_lock = threading.Lock()


@cache
def _shared(threads: int) -> RapidEngine:
    return RapidEngine(threads=threads)


def rapid_engine(*, threads: int | None = None) -> RapidEngine:
    """The engine of this process: loaded at the first call (half a second), and the same one from then on.

    Args:
        threads: of each reading; default one a core, 4 at most, or what ``OMP_NUM_THREADS`` says.

    Raises:
        MissingExtra: the extra ``ocr`` is not installed.
    """
    asked = threads or _from_environment() or min(MAX_THREADS, os.cpu_count() or 1)
    with _lock:
        return _shared(asked)


def _from_environment() -> int | None:
    said = os.environ.get("OMP_NUM_THREADS", "")
    return int(said) if said.isascii() and said.isdigit() and 0 < int(said) <= 64 else None


class RapidEngine:
    """rapidocr behind ``TextEngine``. Use ``rapid_engine`` unless a process needs several.

    Args:
        threads: of each reading.

    Raises:
        MissingExtra: the extra ``ocr`` is not installed.
    """

    def __init__(self, *, threads: int = 2) -> None:
        self._find, self._turn, self._recognise, self._characters = _load(threads)
        self._alike = _alike(self._characters)

    def read(self, pixels: Pixels) -> Sequence[TextLine]:
        """Every line of the picture, from top to bottom; see ``TextEngine.read``."""
        import numpy as np

        bgr = np.ascontiguousarray(pixels[:, :, ::-1])
        quads = self._quads(bgr)
        crops = [_cut(bgr, quad) for quad in quads]
        if self._on_its_head(crops):
            crops = [np.ascontiguousarray(crop[::-1, ::-1]) for crop in crops]
            quads = [np.roll(quad, 2, axis=0) for quad in quads]
        readings = self._read_crops(crops)
        for at, reading in self._other_way_up(crops, readings):
            readings[at], quads[at] = reading, np.roll(quads[at], 2, axis=0)
        return [
            TextLine.of(quad.tolist(), text, confidence, scores)
            for quad, (text, confidence, scores) in zip(quads, readings, strict=True)
            if text.strip() and confidence >= _LEAST_TEXT
        ]

    def read_line(self, pixels: Pixels) -> tuple[str, float]:
        """One line, recognised without being looked for; see ``TextEngine.read_line``."""
        import numpy as np

        text, confidence, _ = self._read_crops([np.ascontiguousarray(pixels[:, :, ::-1])])[0]
        return text, confidence

    def _quads(self, bgr: Pixels) -> list[Array]:
        import cv2

        height, width = bgr.shape[:2]
        scale = min(1.0, FIND_WIDTH / max(height, width))
        small = bgr
        if scale < 1:
            small = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        found = self._find(small).boxes
        return [] if found is None else [(quad / scale).astype("float32") for quad in found]

    def _on_its_head(self, crops: Sequence[Pixels]) -> bool:
        """By the vote of the lines that are long enough to tell."""
        long = [crop for crop in crops if _is_long(crop)]
        if not long:
            return False
        votes = [(label, score) for label, score in self._turn(long).cls_res]
        return bool(sum(score if label == "180" else -score for label, score in votes) > 0)

    def _other_way_up(self, crops: Sequence[Pixels], readings: Sequence[_Reading]) -> Iterator[tuple[int, _Reading]]:
        """What is read well only when it is turned, against the vote of the others: as of a second card that lies another way."""
        import numpy as np

        poor = [at for at, crop in enumerate(crops) if readings[at][1] < _WELL and _is_long(crop)]
        turned = self._read_crops([np.ascontiguousarray(crops[at][::-1, ::-1]) for at in poor])
        for at, reading in zip(poor, turned, strict=True):
            if reading[1] >= max(_WELL, readings[at][1] + _MUCH_BETTER):
                yield at, reading

    def _read_crops(self, crops: Sequence[Pixels]) -> list[_Reading]:
        """Text, mean and single probabilities of each, in their order; like widths together, so that little is padding."""
        order = sorted(range(len(crops)), key=lambda at: crops[at].shape[1] / crops[at].shape[0])
        readings: list[_Reading] = [("", 0.0, [])] * len(crops)
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            for at, reading in zip(batch, self._read_batch([crops[at] for at in batch]), strict=True):
                readings[at] = reading
        return readings

    def _read_batch(self, crops: Sequence[Pixels]) -> list[_Reading]:
        import numpy as np

        lines = [_normalised(crop) for crop in crops]
        widest = max(line.shape[2] for line in lines)
        batch = np.zeros((len(lines), 3, _LINE_HEIGHT, widest), np.float32)
        for row, line in zip(batch, lines, strict=True):
            row[:, :, : line.shape[2]] = line
        return [self._decoded(steps) for steps in self._recognise(batch)]

    def _decoded(self, steps: Array) -> _Reading:
        """Best path of the network's steps (CTC): repeated characters and blanks fall together."""
        best = steps.argmax(axis=1)
        text: list[str] = []
        scores: list[float] = []
        before = _BLANK
        for at, character in enumerate(best.tolist()):
            score = float(steps[at, self._alike.get(character, character)].sum())
            if character not in (_BLANK, before):
                text.append(self._characters[character])
                scores.append(score)
            elif character == before != _BLANK:
                scores[-1] = max(scores[-1], score)
            before = character
        if not scores:
            return "", 0.0, []
        told = [1.0 if character == " " else score for character, score in zip(text, scores, strict=True)]
        return "".join(text), sum(told) / len(told), told

    def __repr__(self) -> str:
        return "RapidEngine()"


def _load(threads: int) -> tuple[Any, Any, Any, list[str]]:
    """The three parts, from the models inside the wheel: their paths are named, so that none is looked for elsewhere."""
    try:
        import rapidocr
        from rapidocr import RapidOCR
    except ImportError:
        raise MissingExtra("rapidocr", "ocr") from None
    folder = Path(rapidocr.__file__).parent / "models"
    named = {
        "Det.model_path": _model(folder, "*det*.onnx"),
        "Cls.model_path": _model(folder, "*cls*.onnx"),
        "Rec.model_path": _model(folder, "*rec*.onnx"),
    }
    settings = {
        "Global.log_level": "critical",
        "EngineConfig.onnxruntime.intra_op_num_threads": threads,
        "Det.limit_side_len": _FIND_HEIGHT,
    }
    engine: Any = RapidOCR(params={**settings, **named})
    # It has no public way to its parts: they are what its own steps are made of.
    find, turn, recognise = engine._load_det_model(), engine._load_cls_model(), engine._load_rec_model()  # noqa: SLF001
    return find, turn, recognise.session, list(recognise.postprocess_op.character)


def _alike(characters: Sequence[str]) -> dict[int, list[int]]:
    """Characters that are one for every reader of a card, as 2 and ２: what the network spreads over them is added up."""
    groups: dict[str, list[int]] = {}
    for at, character in enumerate(characters):
        if at != _BLANK:
            groups.setdefault(forms.fold(character), []).append(at)
    return {at: group for group in groups.values() if len(group) > 1 for at in group}


def _model(folder: Path, pattern: str) -> str:
    found = sorted(folder.glob(pattern))
    if not found:
        raise MissingExtra("rapidocr", "ocr")
    return str(found[0])


def _cut(bgr: Pixels, quad: Array) -> Pixels:
    """A line, cut out of the picture and made level."""
    import cv2
    import numpy as np

    across = max(np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[2] - quad[3]))
    down = max(np.linalg.norm(quad[3] - quad[0]), np.linalg.norm(quad[2] - quad[1]))
    width, height = max(8, round(float(across))), max(8, round(float(down)))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), target)
    crop = cv2.warpPerspective(bgr, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return crop if height < 1.5 * width else np.ascontiguousarray(np.rot90(crop))


def _is_long(crop: Pixels) -> bool:
    return bool(crop.shape[1] >= _LONG_ENOUGH * crop.shape[0])


def _normalised(crop: Pixels) -> Array:
    """A line as the network takes it: 48 pixels high, colours first, −1 to 1."""
    import cv2

    height, width = crop.shape[:2]
    wide = min(_LONGEST, max(_SHORTEST, round(_LINE_HEIGHT * width / height)))
    shrinks = height > _LINE_HEIGHT
    sized = cv2.resize(crop, (wide, _LINE_HEIGHT), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    scaled: Array = (sized.astype("float32").transpose(2, 0, 1) / 255 - 0.5) / 0.5
    return scaled
