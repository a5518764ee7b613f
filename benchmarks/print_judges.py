"""Judges of the benchmark of what is printed. Each asks the public functions, and holds the answer against the truth.

An answer is ``right``, ``asked`` (it refused or said that it is not sure: a person looks) or ``wrong``. Only ``wrong`` is a fault
that nobody would notice; too many ``asked`` make it useless.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import cv2
import numpy as np

from benchmarks.print_set import Case
from mnverify.errors import DoubtfulPrint, MnverifyError, NotMasked
from mnverify.printed import Comparison, FieldOutcome, PrintedData, Source, compare, decode_qr, mask_back, scan
from mnverify.printed.chip_text import read_chip_texts
from mnverify.printed.glyph import glyph_witnesses
from mnverify.values import Domain, Role
from mnverify.verification import TrustStore, VerificationResult, verify
from mnverify.virtual import VirtualAuthority
from mnverify.virtual.print import Photograph, PrintFlaw, Side
from tests.support.forgery import evidence as evidence_of

RIGHT, ASKED, WRONG = "right", "asked", "wrong"
OFFICE, GENERAL = Role.MY_NUMBER_OFFICE, Role.GENERAL
TODAY = date(2026, 11, 24)  # by which an expiry is judged possible; the personas' cards were issued before
MOMENT = datetime(2025, 1, 1, tzinfo=UTC)  # none of the cards has expired
FILES = {
    (Domain.FACE_CHECK, GENERAL): ("0002", "0004"),
    (Domain.INPUT_ASSIST, GENERAL): ("0002", "0003", "0004", "0007"),
    (Domain.INPUT_ASSIST, OFFICE): ("0001", "0002", "0003", "0004", "0007"),
}
READABLE_WIDTH = 1600  # of the masked card, upright, when it is read again


@dataclass
class Answers:
    """What was judged of one picture: by judge the answer, what there is to say of it, and how long it took."""

    judged: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def say(self, judge: str, answer: str, note: str = "") -> None:
        """The worst answer of a judge counts."""
        order = (RIGHT, ASKED, WRONG)
        before = self.judged.get(judge, RIGHT)
        self.judged[judge] = max(before, answer, key=order.index)
        if note and answer != RIGHT:
            self.notes.append(f"{judge}: {note}")

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Seconds of the processor's wall clock for a step."""
        start = time.perf_counter()
        yield
        self.seconds[what] = round(time.perf_counter() - start, 3)


def judge(case: Case) -> Answers:
    """Draw, photograph, ask, compare."""
    answers = Answers()
    with answers.timed("picture"):
        picture = case.picture()
    (_front if case.side is Side.FRONT else _back)(case, picture, answers)
    return answers


def _front(case: Case, picture: Photograph, answers: Answers) -> None:
    try:
        with answers.timed("scan"):
            found = scan(picture.jpeg, today=TODAY)
    except MnverifyError as error:
        for name in ("number-b", "genuine" if case.flaw is None else "forged"):
            answers.say(name, ASKED, error.code)
        return
    truth = case.shown().verification_number_b
    try:
        number = found.number_b().digits_for_card().decode()
        answers.say("number-b", RIGHT if number == truth else WRONG, f"read {number}, printed {truth}")
    except DoubtfulPrint as error:
        answers.say("number-b", ASKED, f"not sure of {', '.join(error.fields)}")
    _texts(picture, found.printed, answers)
    for domain in (Domain.INPUT_ASSIST, Domain.FACE_CHECK):
        held = chip(case, domain)
        shapes = glyph_witnesses(held, found) if domain is Domain.FACE_CHECK else None
        comparison = compare(held, found.printed, **_of_the_chips_images(case.holder, domain), glyphs=shapes)
        if case.flaw is None:
            _genuine(picture, domain, comparison, found.printed, answers)
        else:
            _forged(case, picture, domain, comparison, answers)


def _texts(picture: Photograph, printed: PrintedData, answers: Answers) -> None:
    """How much of the text was read as printed, but for width and spaces: says how good reading is, decides nothing."""
    for name, text in picture.print.printed.items():
        read = "".join(printed.additional_entry) if name == "additional_entry" else getattr(printed, name, None)
        plain = _plain(text).removesuffix("生").removesuffix("まで有効")
        if read is None:
            answers.say(f"text {name}", ASKED)
        else:
            same = _plain(read).removesuffix("生").removesuffix("まで有効") == plain
            answers.say(f"text {name}", RIGHT if same else WRONG)


def _plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def _genuine(picture: Photograph, domain: Domain, comparison: Comparison, read: PrintedData, answers: Answers) -> None:
    for name, one in comparison.fields.items():
        if one.outcome is FieldOutcome.MISMATCH:
            told = f"printed {picture.print.printed.get(name)!r}, read {str(getattr(read, name, None))!r}"
            told += f" at {read.confidence.get(name, 0):.2f}"
            answers.say("genuine", WRONG, f"{domain.value} {name} is {one.code}: {told}")
    answers.say("genuine", RIGHT)
    answers.say(f"{domain.value} match", RIGHT if comparison.outcome is FieldOutcome.MATCH else ASKED)


def _forged(case: Case, picture: Photograph, domain: Domain, comparison: Comparison, answers: Answers) -> None:
    altered = set(picture.print.altered) or {"photo"}
    if "additional_entry" in altered:
        altered.add("address")
    answers.say("forged", RIGHT)
    told = False
    for name in altered & set(comparison.fields):
        one = comparison.fields[name]
        told |= one.outcome is FieldOutcome.MISMATCH
        equal = one.exact or one.code == "equal"
        if equal if case.flaw is PrintFlaw.SWAPPED_VARIANT else one.outcome is FieldOutcome.MATCH:
            answers.say("forged", WRONG, f"{domain.value} {name} is {one.code}")
    if told:
        answers.judged["told"] = RIGHT


def _back(case: Case, picture: Photograph, answers: Answers) -> None:
    number = _code(case, picture, answers)
    if case.flaw in (PrintFlaw.ANOTHER_CODE, PrintFlaw.ALTERED_NUMBER):
        _numbers(case, picture, number, answers)
    _mask(case, picture, answers)


def _code(case: Case, picture: Photograph, answers: Answers) -> str | None:
    """What the QR code says: never another number; none where it is none of a card."""
    number: str | None = None
    try:
        with answers.timed("qr"):
            number = decode_qr(picture.jpeg, OFFICE).my_number.reveal()
    except MnverifyError as error:
        code = error.code
    if case.flaw is None or case.flaw in (PrintFlaw.ANOTHER_CODE, PrintFlaw.ALTERED_NUMBER):
        if number is None:
            answers.say("qr", ASKED, code)
        else:
            answers.say("qr", RIGHT if number == picture.print.code_content else WRONG, "another number")
        return number
    must_refuse = case.flaw is not PrintFlaw.CODE_WRONG_SIZE or picture.dpi is not None
    if number is None:
        answers.say("forged", RIGHT)
    elif must_refuse:
        answers.say("forged", WRONG, "the code was taken")
    else:
        answers.say("forged", ASKED, "no scale: the size cannot be known")
    return number


def _numbers(case: Case, picture: Photograph, code: str | None, answers: Answers) -> None:
    """The number of chip, code and print, pairwise: a card with two numbers never matches."""
    given = {} if code is None else {"my_number": code}
    decoded = PrintedData(given, sources=dict.fromkeys(given, Source.QR), role=OFFICE)
    try:
        printed = scan(picture.jpeg, role=OFFICE, today=TODAY).printed
    except MnverifyError as error:
        answers.say("forged", ASKED, error.code)
        printed = PrintedData({}, role=OFFICE)
    comparison = compare(chip(case, Domain.INPUT_ASSIST, OFFICE), decoded, scan=printed)
    found = comparison.fields.get("my_number")
    there = code is not None and printed.my_number is not None
    if found is None or not there:
        answers.say("forged", ASKED, "a number was not read")
    elif found.outcome is FieldOutcome.MATCH:
        answers.say("forged", WRONG, f"my_number is {found.code}")
    else:
        answers.say("forged", RIGHT)


def _mask(case: Case, picture: Photograph, answers: Answers) -> None:
    try:
        with answers.timed("mask"):
            masked = mask_back(picture.jpeg)
    except NotMasked as error:
        answers.say("mask", ASKED, error.code)
        return
    except MnverifyError as error:
        answers.say("mask", ASKED, error.code)
        return
    left = what_is_left(masked.pixels, picture, case)
    answers.say("mask", WRONG if left else RIGHT, ", ".join(left))


def what_is_left(pixels: np.ndarray, picture: Photograph, case: Case) -> list[str]:
    """What a decoder of bar codes and a reader of text still find in a masked picture, the card laid upright by the truth."""
    import zxingcpp

    from mnverify.printed.rapid import rapid_engine

    scale = READABLE_WIDTH / 85.60
    size = (READABLE_WIDTH, round(53.98 * scale))
    target = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32)
    given = picture.pixels().shape[1] / pixels.shape[1]
    matrix = cv2.getPerspectiveTransform(np.array(picture.corners, np.float32) / given, target)
    upright = cv2.warpPerspective(pixels, matrix, size, flags=cv2.INTER_CUBIC)
    left = [str(code.format) for page in (pixels, upright) for code in zxingcpp.read_barcodes(page)]
    numbers = {picture.print.printed["my_number"], picture.print.genuine["my_number"]}
    groups = {group for number in numbers for group in number.split()} | {picture.print.code_content or "-"}
    for line in rapid_engine().read(upright):
        digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", str(line.text)))
        if any(group in digits for group in groups):
            left.append("digits")
    return left


def chip(case: Case, domain: Domain, role: Role = GENERAL) -> VerificationResult:
    """What is verified of the holder's card."""
    return _chip(case.holder, domain, role)


@cache
def _chip(holder: str, domain: Domain, role: Role) -> VerificationResult:
    from benchmarks.print_set import holders

    authority = VirtualAuthority.laboratory()
    evidence = evidence_of(authority.issue(holders()[holder]), domain, *FILES[domain, role], role=role)
    return verify(evidence, trust=TrustStore.from_object(authority.trust_anchors()), at=MOMENT).require()


@cache
def _of_the_chips_images(holder: str, domain: Domain) -> Mapping[str, Any]:
    """Face-check holds name, address and code as images: what is read in them goes into the comparison."""
    if domain is not Domain.FACE_CHECK:
        return {}
    return {"read": read_chip_texts(_chip(holder, domain, GENERAL))}
