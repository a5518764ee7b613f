"""A picture of the back without the number: nothing that reads codes or text finds it; where that is not sure, no picture."""

from __future__ import annotations

import copy
import io
import itertools
import math
import pickle
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from mnverify.errors import MissingExtra, NotMasked, PictureError, UnreadableFile
from mnverify.masked import MaskedText
from mnverify.printed.backs import Frame, PrintedNumber, Traces, _take, codes_in
from mnverify.printed.digits import digit_groups, longest_run, looks_like_a_part, stacked_lines
from mnverify.printed.engine import TextLine
from mnverify.printed.finders import find_finders, triples
from mnverify.printed.mask import MaskedPicture, _Found, mask_back
from mnverify.printed.rapid import rapid_engine
from mnverify.virtual import persona
from mnverify.virtual.print import photograph, print_back, print_front

from .backs import HIGH, WIDE, back, code_image, file_of, number_of, on_desk

NUMBER = number_of(3)
NUMBER_BOX = (85, 95, 470, 140)  # where ``back`` prints it


class Fake:
    """Reads the number of ``back`` at its place, while it is there; the picture is a card and nothing else."""

    def __init__(self, text: str = NUMBER, *, blind_after: int = 99) -> None:
        self.text, self.calls, self.blind_after = text, 0, blind_after

    def read(self, pixels: Any) -> Sequence[TextLine]:
        self.calls += 1
        if pixels.shape[0] > pixels.shape[1]:  # it was turned
            return []
        scale = pixels.shape[1] / WIDE
        left, top, right, bottom = (round(value * scale) for value in NUMBER_BOX)
        if self.calls > self.blind_after or pixels[top:bottom, left:right].max() < 60:
            return []
        return [TextLine.of([(left, top), (right, top), (right, bottom), (left, bottom)], self.text, 0.99)]

    def read_line(self, pixels: Any) -> tuple[str, float]:
        raise AssertionError("not asked for")


def nothing_left(picture: MaskedPicture) -> None:
    """Looked through by other means than those that painted it."""
    image = Image.fromarray(picture.pixels)
    for scale in (1.0, 0.5, 0.3, 2.0):
        size = (round(image.width * scale), round(image.height * scale))
        if max(size) > 4200:
            continue
        for angle in (0, 45):
            turned = image.convert("L").resize(size).rotate(angle, expand=True, fillcolor=128)
            for binarizer in (zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram):
                assert not zxingcpp.read_barcodes(turned, binarizer=binarizer)
    assert not find_finders(np.asarray(image.convert("L")))


def no_digits_left(picture: MaskedPicture, turned: int = 0) -> list[str]:
    """What text is left; no groups of digits are in it."""
    lines = rapid_engine().read(np.ascontiguousarray(np.rot90(picture.pixels, turned)))
    assert not digit_groups(lines) and not any(looks_like_a_part(line) for line in lines)
    return [str(line.text) for line in lines]


# --- with a real engine ---


def test_a_photo() -> None:
    print_ = print_back(persona("sato-hanako"), dpi=300, seed=1)
    picture = mask_back(photograph(print_, "turned", seed=4).jpeg)
    assert (picture.codes, picture.numbers) == (1, 1)
    nothing_left(picture)


def test_a_copy_of_both_sides_and_another_back() -> None:
    page = Image.new("RGB", (1500, 2300), "white")
    hers, his = (print_back(persona(who), dpi=300, seed=2) for who in ("sato-hanako", "ri-mirei"))
    for n, side in enumerate((print_front(persona("sato-hanako"), dpi=300, seed=2), hers, his)):
        page.paste(Image.fromarray(side.pixels), (200 + 40 * n, 80 + 720 * n))
    picture = mask_back(file_of(page.rotate(90, expand=True)))
    assert (picture.codes, picture.numbers) == (2, 2)
    nothing_left(picture)
    left = "".join(no_digits_left(picture, turned=3))
    assert "佐藤" in left  # it is not all black


def test_a_code_that_cannot_be_decoded() -> None:
    code = code_image(NUMBER, error="l")
    ImageDraw.Draw(code).rectangle((45, 40, 75, 104), fill=255)
    picture = back(NUMBER, code=code)
    assert not zxingcpp.read_barcodes(picture)
    masked = mask_back(file_of(on_desk(picture, 20)))
    assert (masked.codes, masked.numbers) == (1, 1)
    nothing_left(masked)


def test_a_finger_over_the_number() -> None:
    picture = back(NUMBER)
    ImageDraw.Draw(picture).ellipse((250, 60, 520, 190), fill=180)
    with pytest.raises(NotMasked) as caught:
        mask_back(file_of(picture))
    assert "twelve digits" in caught.value.why.en
    assert "12桁" in str(caught.value.text.ja)


# --- what is decided, with an engine of the test's own ---


def test_a_card_scan() -> None:
    given = np.stack([np.asarray(back(NUMBER))] * 3, axis=2)
    before = given.copy()
    picture = mask_back(given, engine=Fake())
    assert (picture.width, picture.height, picture.codes, picture.numbers) == (WIDE, HIGH, 1, 1)
    assert (given == before).all()
    left, top, right, bottom = NUMBER_BOX
    assert picture.pixels[top:bottom, left:right].max() == 0
    assert picture.pixels[55:170, 855:970].max() == 0
    assert (picture.pixels[170:300, 80:800] == before[170:300, 80:800]).all()  # the name
    nothing_left(picture)


def test_no_code_is_not_sure() -> None:
    hidden = back(NUMBER, code=Image.new("L", (105, 105), 238))
    engine = Fake()
    with pytest.raises(NotMasked) as caught:
        mask_back(file_of(hidden), engine=engine)
    assert "No QR code" in caught.value.why.en and engine.calls == 0


@pytest.mark.parametrize("text", ["", NUMBER[:8], "1985.07.03", "MIHON HANAKO"])
def test_a_code_without_its_number_is_not_sure(text: str) -> None:
    with pytest.raises(NotMasked):
        mask_back(file_of(back(NUMBER)), engine=Fake(text))


@pytest.mark.parametrize(
    "text",
    [
        f"{NUMBER[:4]} {NUMBER[4:8]} {NUMBER[8:]}",
        f"個人番号 {NUMBER[:4]}-{NUMBER[4:8]}-{NUMBER[8:]}",
        " ".join(NUMBER),
        NUMBER.translate({48 + digit: 0xFF10 + digit for digit in range(10)}),
        NUMBER.replace("0", "O").replace("1", "l"),
        f"{NUMBER[:4]}・{NUMBER[4:8]}・{NUMBER[8:]}",
        NUMBER[:-3] + "111",  # three digits were misread
    ],
)
def test_however_the_number_is_read(text: str) -> None:
    assert mask_back(file_of(back(NUMBER)), engine=Fake(text)).numbers == 1


def test_what_is_still_read_after_painting_is_not_sure() -> None:
    class Stubborn(Fake):
        def read(self, pixels: Any) -> Sequence[TextLine]:
            return [TextLine.of([(9, 9), (90, 9), (90, 30), (9, 30)], NUMBER, 0.9)]

    with pytest.raises(NotMasked) as caught:
        mask_back(file_of(back(NUMBER)), engine=Stubborn())
    assert "still found" in caught.value.why.en


def quad(x: float, y: float, length: float = 200, height: float = 20) -> tuple[tuple[float, float], ...]:
    return ((x, y), (x + length, y), (x + length, y + height), (x, y + height))


def code_at(x: float, y: float) -> Any:
    return quad(x, y, 100, 100)


def found_of(codes: Sequence[Any], numbers: Sequence[PrintedNumber], labels: Sequence[Any] = ()) -> _Found:
    """What is known of codes that hold ``NUMBER``, after two rounds that found the same."""
    found = _Found()
    traces = Traces(codes=list(codes), contents=dict.fromkeys(codes, MaskedText(NUMBER)))
    traces.numbers, traces.labels = list(numbers), list(labels)
    found.add(traces)
    found.add(traces)  # found twice is found once
    return found


@pytest.mark.parametrize(
    ("codes", "numbers", "labels", "sure"),
    [
        ([(0, 0)], [(300, 0)], [], True),
        ([(0, 0)], [], [], False),
        ([(0, 0)], [(5000, 0)], [], False),  # the number of another card
        ([(0, 0)], [(300, 0), (5000, 0)], [], False),  # a number without its code
        ([(0, 0), (400, 0)], [(300, 300)], [], False),  # two codes, and the number of one
        ([(0, 0), (400, 0)], [(300, 300), (300, 700)], [], True),
        ([(0, 0)], [(300, 0)], [(300, 30)], True),
        ([(0, 0)], [(300, 0)], [(300, 2500)], False),  # a heading, and no number below it
        ([], [(300, 0)], [], False),
    ],
)
def test_each_code_has_its_number_and_each_number_its_code(
    codes: list[tuple[int, int]], numbers: list[tuple[int, int]], labels: list[tuple[int, int]], sure: bool
) -> None:
    printed = [PrintedNumber(quad(*one), MaskedText(NUMBER)) for one in numbers]
    found = found_of([code_at(*one) for one in codes], printed, [quad(*one) for one in labels])
    assert (found.doubt() is None) is sure


WRONG = NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)
ANOTHER = number_of(77)


@pytest.mark.parametrize(
    ("digits", "headed", "known", "angle", "sure"),
    [
        (NUMBER, False, True, 0.0, True),
        (NUMBER, False, True, 1.5, True),  # what a code holds is its number, however it lies
        (WRONG, False, True, 0.0, True),  # a misread digit
        (ANOTHER, False, True, 0.0, False),  # other twelve digits beside the code, as a customer's number
        (ANOTHER, True, True, 0.0, True),  # a forgery: its heading says what it is
        (ANOTHER[:-1] + str((int(ANOTHER[-1]) + 1) % 10), True, True, 0.0, False),
        (ANOTHER, False, False, 0.0, True),  # a code that cannot be decoded
        (ANOTHER, False, False, 1.5, False),
        (ANOTHER, True, False, 1.5, True),
        ("123456789012", False, False, 0.0, False),  # no check digit
        (None, True, True, 0.0, False),
    ],
)
def test_a_code_has_its_own_number(digits: str | None, headed: bool, known: bool, angle: float, sure: bool) -> None:
    c, s = math.cos(angle), math.sin(angle)
    at = tuple((300 + x * c - y * s, x * s + y * c) for x, y in quad(0, 0))
    read = PrintedNumber(at, None if digits is None else MaskedText(digits), headed)
    found = found_of([code_at(0, 0)], [read])
    if not known:
        found.contents.clear()
    assert (found.doubt() is None) is sure


def test_two_codes_want_two_numbers_of_their_own() -> None:
    """Of two copies of one card as well: a number beside both is the number of one."""
    codes, read = [code_at(0, 0), code_at(0, 300)], MaskedText(NUMBER)
    one, two = PrintedNumber(quad(300, 0), read), PrintedNumber(quad(300, 300), read)
    assert found_of(codes, [one, two]).doubt() is None
    assert found_of(codes, [one, PrintedNumber(quad(300, 300), MaskedText(ANOTHER))]).doubt() is not None
    assert found_of(codes, [one]).doubt() is not None


@pytest.mark.parametrize("kept", [4, 8, 10])
def test_other_digits_beside_a_hidden_number(kept: int) -> None:
    """Glare over the end of the number, and twelve digits elsewhere on the card: its first digits would stay."""
    card = back(NUMBER, printed=NUMBER[:kept])
    draw = ImageDraw.Draw(card)
    draw.text((60, 560), "123456789012", fill=20, font=ImageFont.load_default(size=30))
    with pytest.raises(NotMasked) as caught:
        mask_back(file_of(card))
    assert "twelve digits" in caught.value.why.en


def test_a_heading_belongs_to_what_stands_under_or_behind_it() -> None:
    for x, y, headed in ((90, 60, True), (20, 95, True), (90, 300, False), (800, 60, False), (90, 150, False)):
        for angle in (0.0, 1.2):
            c, s = math.cos(angle), math.sin(angle)
            lines = [
                TextLine.of([(a * c - b * s, a * s + b * c) for a, b in quad(left, top, length, 30)], text, 0.9)
                for text, left, top, length in ((NUMBER, 90, 90, 380), ("個人番号", x, y, 60))
            ]
            traces = Traces()
            _take(Frame((999, 999), (1, 0, 0, 0, 1, 0), of_code=False, whole=True), lines, traces)
            assert [one.headed for one in traces.numbers] == [headed]


# --- what lies across ---


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_a_second_back_whose_code_is_hidden(angle: int) -> None:
    """However it lies beside the first: its number is painted out too, or there is no picture."""
    first, second = back(NUMBER), back(number_of(9), code=Image.new("L", (105, 105), 238))
    page = Image.new("L", (2200, 1300), 250)
    page.paste(first, (60, 60))
    turned = second.rotate(angle, expand=True)
    page.paste(turned, (1120, 100))
    box = Image.new("L", second.size, 0)
    ImageDraw.Draw(box).rectangle(NUMBER_BOX, fill=255)
    where = Image.new("L", page.size, 0)
    where.paste(box.rotate(angle, expand=True), (1120, 100))
    try:
        picture = mask_back(file_of(page))
    except NotMasked:
        return
    assert picture.pixels[np.asarray(where) > 0].max() == 0


def test_a_note_with_the_number_in_three_lines() -> None:
    page = Image.new("L", (1500, 1300), 120)
    page.paste(back(NUMBER), (60, 60))
    note = Image.new("L", (200, 260), 250)
    for row, at in enumerate(range(0, 12, 4)):
        ImageDraw.Draw(note).text(
            (30, 20 + 75 * row), NUMBER[at : at + 4], fill=20, font=ImageFont.load_default(size=46)
        )
    page.paste(note, (1150, 800))
    picture = mask_back(file_of(page))
    assert picture.numbers == 1
    for row in range(3):
        assert picture.pixels[830 + 75 * row : 855 + 75 * row, 1190:1270].max() == 0
    assert picture.pixels[790:, :1000].min() > 0


@pytest.mark.parametrize("quarter", [1, 3])
def test_what_is_read_only_when_the_picture_is_turned(quarter: int) -> None:
    """An engine that finds no line that stands upright: the last look, which has to find nothing, is taken across too."""

    class Level(Fake):
        def read(self, pixels: Any) -> Sequence[TextLine]:
            lines = list(super().read(pixels))
            seen = np.argwhere(pixels[:, :, 0] == 201)  # the slip
            if len(seen) and np.ptp(seen[:, 1]) > np.ptp(seen[:, 0]):
                (top, left), (bottom, right) = seen.min(axis=0), seen.max(axis=0)
                lines.append(TextLine.of([(left, top), (right, top), (right, bottom), (left, bottom)], NUMBER, 0.9))
            return lines

    card = back(NUMBER)
    card.paste(201, (600, 200, 640, 520))
    picture = mask_back(file_of(card.rotate(180) if quarter == 3 else card), engine=Level())
    assert picture.numbers == 2 and not (picture.pixels == 201).any()


def test_a_code_of_something_else_is_painted_out_and_wants_no_number() -> None:
    picture = back(NUMBER)
    picture.paste(code_image("https://example.jp/", module=6, version=2), (200, 300))
    masked = mask_back(file_of(picture), engine=Fake())
    assert (masked.codes, masked.numbers) == (1, 1)
    nothing_left(masked)


def test_light_on_dark_and_mirrored_codes_are_found() -> None:
    inverted = back(NUMBER).point(lambda value: 255 - value)
    mirrored = back(NUMBER).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for picture in (inverted, mirrored):
        assert len(codes_in(picture).codes) == 1


def test_a_heading_that_is_seen_in_the_last_look_alone_wants_its_number_too() -> None:
    """As of a second back that lies across, its number and its code under a hand."""

    class Across(Fake):
        def read(self, pixels: Any) -> Sequence[TextLine]:
            if pixels.shape[0] < pixels.shape[1]:
                return super().read(pixels)
            left, top = 200, pixels.shape[0] - 30  # the upper left corner of the card is the lower left one now
            corners = [(left, top), (left + 60, top), (left + 60, top + 14), (left, top + 14)]
            return [TextLine.of([(x + 200, y) for x, y in corners], "個人番号", 0.99)]

    assert mask_back(file_of(back(NUMBER)), engine=Fake()).numbers == 1
    with pytest.raises(NotMasked) as caught:
        mask_back(file_of(back(NUMBER)), engine=Across())
    assert "heading" in caught.value.why.en


# --- how far it is ---


def test_progress_is_told_before_the_first_reading_and_after_each() -> None:
    told: list[tuple[int, int]] = []
    engine = Fake()
    mask_back(file_of(back(NUMBER)), engine=engine, progress=lambda *both: told.append(both))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)] and engine.calls == 3


def test_what_comes_up_in_between_is_expected_too() -> None:
    class Late(Fake):
        """Sees the digits at the second look only."""

        def read(self, pixels: Any) -> Sequence[TextLine]:
            lines = super().read(pixels)
            return [] if self.calls == 1 else lines

    told: list[tuple[int, int]] = []
    mask_back(file_of(back(NUMBER)), engine=Late(), progress=lambda *both: told.append(both))
    assert told == [(0, 3), (1, 3), (2, 3), (2, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize("at", [0, 1, 2, 3])
def test_what_progress_raises_comes_out(at: int) -> None:
    class Stop(Exception):
        pass

    def stop(done: int, _: int) -> None:
        if done == at:
            raise Stop

    with pytest.raises(Stop):
        mask_back(file_of(back(NUMBER)), engine=Fake(), progress=stop)


# --- what else a file carries ---


def with_everything(thumbnail: bytes) -> bytes:
    """A JPEG with EXIF, a thumbnail, a comment, XMP, a colour profile and a second picture behind it (as phones make them)."""
    exif = Image.Exif()
    exif[0x010E] = f"number {NUMBER}"  # description
    exif[0x0112] = 6
    exif[0x9286] = f"comment {NUMBER}"
    image = back(NUMBER).rotate(90, expand=True).convert("RGB")
    out = io.BytesIO()
    image.save(
        out, "JPEG", quality=92, exif=exif, comment=NUMBER.encode(), icc_profile=NUMBER.encode() * 10, dpi=(300, 300),
        xmp=f"<x>{NUMBER}</x>".encode(),
    )  # fmt: skip
    return out.getvalue() + thumbnail + NUMBER.encode()


def stripped(data: bytes) -> Image.Image:
    """The output, which carries nothing but pixels."""
    assert bytes(data).find(NUMBER.encode()) < 0
    image = Image.open(io.BytesIO(data))
    image.load()
    assert not image.getexif() and getattr(image, "n_frames", 1) == 1
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    return image


def test_metadata_is_gone() -> None:
    whole = file_of(back(NUMBER), "JPEG")
    picture = mask_back(with_everything(whole), engine=Fake())
    assert (picture.width, picture.height) == (WIDE, HIGH)  # turned as EXIF says
    for data in (picture.to_jpeg(), picture.to_png()):
        assert bytes(data).count(b"\xff\xd8\xff") <= 1 and bytes(data).find(whole[:64]) < 0
        image = stripped(data)
        assert not zxingcpp.read_barcodes(image)


def test_text_chunks_and_what_lies_under_transparency_are_gone() -> None:
    note = PngImagePlugin.PngInfo()
    note.add_text("Comment", NUMBER)
    note.add_itxt("Note", NUMBER, zip=True)
    hidden = np.dstack([np.asarray(back(NUMBER).convert("RGB")), np.full((HIGH, WIDE), 255, np.uint8)])
    hidden[400:600, 300:600, :3] = np.asarray(code_image(number_of(9), module=9).resize((300, 200)).convert("RGB"))
    hidden[400:600, 300:600, 3] = 0
    out = io.BytesIO()
    Image.fromarray(hidden).save(out, "PNG", pnginfo=note)
    picture = mask_back(out.getvalue(), engine=Fake())
    assert picture.pixels.shape == (HIGH, WIDE, 3)
    assert (picture.pixels[420:580, 320:580] == 255).all()
    stripped(picture.to_png())
    nothing_left(picture)


@pytest.mark.parametrize("kind", ["TIFF", "GIF", "WEBP", "PNG"])
def test_a_file_with_further_pages_is_refused(kind: str) -> None:
    first, second = back(NUMBER).convert("RGB"), back(number_of(8)).convert("RGB")
    out = io.BytesIO()
    first.save(out, kind, save_all=True, append_images=[second])
    with pytest.raises(PictureError):
        mask_back(out.getvalue(), engine=Fake())


# --- nothing shows ---


def test_no_frame_repr_or_error_shows_the_number() -> None:
    picture = mask_back(file_of(back(NUMBER)), engine=Fake())
    assert repr(picture) == f"MaskedPicture({WIDE}x{HIGH}, 1 codes, 1 numbers)"
    for copied in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            copied(picture)

    class Failing(Fake):
        def read(self, pixels: Any) -> Sequence[TextLine]:
            lines = super().read(pixels)
            if self.calls > 1:
                raise NotMasked.__base__(picture_text, picture_text)  # type: ignore[misc]
            return lines

    from mnverify.text import Text

    picture_text = Text("x", "x")
    for engine in (Failing(), Fake(NUMBER[:8])):
        with pytest.raises(PictureError) as caught:
            mask_back(file_of(back(NUMBER)), engine=engine)
        frames = [
            one for one in traceback.walk_tb(caught.value.__traceback__) if "mnverify" in one[0].f_code.co_filename
        ]
        shown = "".join(repr(value) for frame, _ in frames for value in frame.f_locals.values() if value is not engine)
        assert NUMBER not in shown and NUMBER[:8] not in shown


def test_without_the_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "mnverify.printed.rapid._shared", lambda threads: (_ for _ in ()).throw(MissingExtra("rapidocr", "ocr"))
    )
    with pytest.raises(MissingExtra):
        mask_back(file_of(back(NUMBER)))
    monkeypatch.setitem(sys.modules, "zxingcpp", None)
    with pytest.raises(MissingExtra):
        mask_back(file_of(back(NUMBER)), engine=Fake())


def test_what_is_no_picture() -> None:
    with pytest.raises(PictureError):
        mask_back(b"nothing", engine=Fake())
    with pytest.raises(UnreadableFile):
        mask_back("/no/such/file.png", engine=Fake())


def test_what_is_full_of_patterns_is_not_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Fake(NUMBER)
    monkeypatch.setattr("mnverify.printed.codes.thread_time", itertools.count(0, 60).__next__)
    with pytest.raises(NotMasked, match="more than"):
        mask_back(file_of(back(NUMBER)), engine=engine)


# --- digits and finder patterns ---


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("9876 5432 0119", 12),
        ("９８７６　５４３２　０１１９", 12),
        ("9876-5432-0119", 12),
        ("No.987654320119", 12),
        ("98765432011", 11),
        ("昭和60年7月3日生", 2),
        ("090-1234-5678", 11),
        ("これは見本です。", 0),
        ("OOOOIIIIllll", 0),  # letters alone are no digits
        ("9876 S432 O1l9", 12),
    ],
)
def test_runs_of_digits(text: str, length: int) -> None:
    assert longest_run(text) == length


def line(text: str, x: float, y: float, length: float = 100, angle: float = 0.0) -> TextLine:
    along, across = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))
    corners = [
        (x + a * length * along[0] + b * 30 * across[0], y + a * length * along[1] + b * 30 * across[1])
        for a, b in ((0, 0), (1, 0), (1, 1), (0, 1))
    ]
    return TextLine.of(corners, text, 0.9)


@pytest.mark.parametrize("angle", [0.0, 1.5, 3.0, -2.0])
def test_a_number_that_was_read_as_several_lines(angle: float) -> None:
    c, s = math.cos(angle), math.sin(angle)
    parts = [
        line(text, 500 + at * c, 500 + at * s, angle=angle) for text, at in (("5432", 140), ("0119", 280), ("9876", 0))
    ]
    (found,) = digit_groups([*parts, line("花子", 500 - 300 * s, 500 + 300 * c, angle=angle)])
    assert (found.length, found.whole, len(found.quads)) == (12, True, 3)
    assert not digit_groups([parts[0], line("0119", 140 * c, 900)])


@pytest.mark.parametrize("angle", [0.0, 1.5, 3.0, -2.0])
def test_a_number_in_three_lines(angle: float) -> None:
    def stack(*rows: tuple[str, float]) -> list[TextLine]:
        c, s = math.cos(angle), math.sin(angle)
        return [line(text, 500 - down * s, 500 + down * c, angle=angle) for text, down in rows]

    whole = stack(("5432", 45), ("0119", 90), ("9876", 0), ("花子", 140))
    assert {str(one.text) for one in stacked_lines(whole)} == {"9876", "5432", "0119"}
    for other in (
        stack(("9876", 0), ("5432", 45)),
        stack(("9876", 0), ("5432", 45), ("0119", 300)),
        stack(("9876", 0), ("5432", 45), ("平成9年", 90)),
        [*stack(("9876", 0), ("5432", 45)), line("0119", 900, 590, angle=angle)],
    ):
        assert not stacked_lines(other)


def test_finder_patterns_are_found_at_every_angle_and_in_nothing_else() -> None:
    for angle in range(0, 90, 15):
        grey = np.asarray(on_desk(back(NUMBER), angle))
        found = find_finders(grey)
        assert len(found) == 3 and len(list(triples(found))) == 1
    nothing = print_front(persona("sato-hanako"), dpi=300, seed=3)
    assert not find_finders(np.asarray(Image.fromarray(nothing.pixels).convert("L")))
