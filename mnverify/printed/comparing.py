"""Compare what a verified chip holds with what is printed on the card: field by field, and fail closed.

Nothing here opens a file, a picture or an engine: texts that were read in the chip's images come as ``read``, how well the shapes
of characters fit as ``glyphs``, and whether the chip's characters were seen in print as ``fits``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from mnverify.errors import RoleError, UsageError
from mnverify.images import Image
from mnverify.masked import MaskedText
from mnverify.printed.comparison import (
    EMPTY,
    PHOTO,
    Comparison,
    FieldComparison,
    FieldOutcome,
    Method,
    Policy,
    ReadText,
)
from mnverify.printed.data import FIELDS, PrintedData, Source
from mnverify.printed.entries import judge_with_entries
from mnverify.printed.glyph.outcome import GlyphOutcome, GlyphWitness, TextFit
from mnverify.printed.judging import Side, judge_date, judge_digits, judge_sex, judged
from mnverify.printed.text import compare_addresses, compare_names
from mnverify.printed.words import CORROBORATED, UNSIGNED
from mnverify.text import Text
from mnverify.values.my_number import MyNumber
from mnverify.values.sex import Sex
from mnverify.values.terms import Domain, Role
from mnverify.verification import Assurance, Field, VerificationResult

_IMAGES = {
    "name": "name_image",
    "address": "address_image",
    "security_code": "security_code_image",
    "my_number": "my_number_image",
}
_READ_AS_EQUAL = ("equal-up-to-variants", "equal-up-to-order")
_BY_TEXT = {"name": compare_names, "address": compare_addresses}
_ON_EVERY_FRONT = frozenset({"name", "address", "birth_date", "sex", "expiry"})
_ON_FRONTS_ALONE = frozenset({"address", "additional_entry", "sex", "expiry", "security_code"})
_SEVERITY = (FieldOutcome.MISMATCH, FieldOutcome.UNCERTAIN, FieldOutcome.MATCH, FieldOutcome.NOT_COMPARED)
_ANY = Policy()


def compare(
    verified: VerificationResult,
    printed: PrintedData,
    *,
    policy: Policy = _ANY,
    scan: PrintedData | None = None,
    read: Mapping[str, ReadText] | None = None,
    glyphs: Mapping[str, GlyphWitness] | None = None,
    fits: Mapping[str, TextFit] | None = None,
) -> Comparison:
    """Compare the chip with the print.

    Args:
        verified: the result of a verification. Where it is ``rejected`` nothing is compared, and the outcome is never ``match``.
        printed: what is printed, typed or read.
        policy: what has to match.
        scan: what was read in a picture of the card besides: each field has to agree with both. Where one of the two was read in a
            picture of the front, what every front shows and neither has was not read, and does not count as not there.
        read: by field name, what a machine read in the chip's own images (face-check holds name, address, security code and
            個人番号 as images alone).
        glyphs: by field name, what the chip's image and the picture of the print say of one another as pictures
            (``glyph_witnesses``). It never makes a mismatch, and a match only of a name that nobody could read.
        fits: by field name, whether each character of the chip's text was seen in the picture of the print (``text_fits``). It
            makes ``equal`` of what was read as equal up to variants, and nothing else.

    Raises:
        RoleError: 個人番号 is printed, and the verification was in role ``general``.
    """
    sources = [printed] if scan is None else [printed, scan]
    if verified.role is not Role.MY_NUMBER_OFFICE and any(source.my_number is not None for source in sources):
        raise RoleError(NUMBER_NOT_FOR_ROLE)
    if not verified.verified:
        return Comparison(verified, EMPTY, policy)
    chip = verified.fields
    fronts = any(_shows_a_front(source) for source in sources) or (scan is not None and not scan.fields())
    fields: dict[str, FieldComparison] = {}
    for name in FIELDS:
        found = _judge_field(name, chip, sources, read or {})
        if found is not None and fronts and found.code == "not-printed" and _is_shown(name, chip.get(name)):
            found = judged("not-read", found.method)
        if found is not None:
            typed = any(source.sources.get(name) is Source.TYPED for source in sources)
            found = _with_witness(name, found, (glyphs or {}).get(name), typed=typed)
            fields[name] = _with_fit(name, found, chip.get(name), sources, (fits or {}).get(name))
    if PHOTO in chip:
        fields[PHOTO] = judged("for-human", Method.HUMAN)
    return Comparison(verified, MappingProxyType(fields), policy)


def compare_domains(face: VerificationResult, attributes: VerificationResult) -> Mapping[str, FieldComparison]:
    """Hold results of the two domains side by side, by birth date and sex alone. Each was read in a session of its own.

    Args:
        face: of the face-check domain.
        attributes: of the input-assist domain.

    Returns:
        ``birth_date`` and ``sex``, as far as both have them. That both agree does not prove one card: many people share both.

    Raises:
        UsageError: the results are not of these domains.
        NotVerifiedError: one of them is rejected.
    """
    if (face.domain, attributes.domain) != (Domain.FACE_CHECK, Domain.INPUT_ASSIST):
        raise UsageError(_NOT_THE_TWO_DOMAINS)
    one, other = face.require().fields, attributes.require().fields
    fields: dict[str, FieldComparison] = {}
    for name, method in (("birth_date", Method.DATE), ("sex", Method.TEXT)):
        if name in one and name in other:
            agree = one[name].value == other[name].value
            fields[name] = judged("equal" if agree else "different", method, exact=agree)
    return MappingProxyType(fields)


def _judge_field(
    name: str, chip: Mapping[str, Field], sources: list[PrintedData], read: Mapping[str, ReadText]
) -> FieldComparison | None:
    """One field against every source; ``None`` where neither side has it."""
    if name == "additional_entry":
        return _judge_entries(chip, sources, read)
    there = [source for source in sources if _has(source, name)]
    field = chip.get(name)
    image = _IMAGES.get(name) in chip
    if field is None and not image:
        return _without_chip(name, there) if there else None
    if not there:
        return judged("not-printed", _method(name))
    unread = field is None and name not in read
    found = (
        judged("image-only", Method.RECOGNITION)
        if unread
        else _worst([_judge_source(name, field, source, read, _lines_for(source, sources)) for source in there])
    )
    if found.outcome is not FieldOutcome.MISMATCH and name == "my_number" and _differ_among_themselves(there):
        return judged("different-pair", Method.DIGITS)
    return _with_assurance(found, field) if name == "expiry" else found


def _with_witness(name: str, found: FieldComparison, witness: GlyphWitness | None, *, typed: bool) -> FieldComparison:
    """The second witness beside reading. Where the two contradict one another it is a doubt.

    In an address a single digit may have been altered, and digits have too few strokes to bear witness: there shapes that agree
    say nothing. Nor do they of what was typed.
    """
    if witness is None:
        return found
    if found.code in _READ_AS_EQUAL and not found.exact and witness.outcome is GlyphOutcome.DIFFERS:
        return judged("glyphs-differ", Method.GLYPHS)
    if name == "name" and witness.every_cell_agrees:
        if found.code == "different" and found.method is Method.RECOGNITION:
            return judged("glyphs-agree", Method.GLYPHS)
        if found.code == "image-only" and not typed:
            return judged("glyphs-only", Method.GLYPHS)
    return found


def _with_fit(
    name: str, found: FieldComparison, field: Field | None, sources: list[PrintedData], fit: TextFit | None
) -> FieldComparison:
    """Equal, where each character was seen in all that a machine read as equal. What was typed has to be equal itself."""
    if fit is None or field is None or not isinstance(field.value, str):
        return found
    if (found.code, found.method) != ("equal-up-to-variants", Method.RECOGNITION):
        return found
    there = [(source, side) for source in sources if (side := _side(source, name)) is not None]
    if not there:
        return found
    for source, printed in there:
        equal = printed.read and fit.holds(field.value, printed.text)
        if not equal and not _judge_source(name, field, source, {}, _lines_for(source, sources)).exact:
            return found
    return judged("equal", Method.GLYPHS, exact=True)


def _judge_source(
    name: str, field: Field | None, source: PrintedData, read: Mapping[str, ReadText], lines: Sequence[Side]
) -> FieldComparison:
    printed = _side(source, name)
    value = None if field is None else field.value
    match value:
        case Sex():
            return judge_sex(value, printed) if printed else judged("not-printed", Method.TEXT)
        case MyNumber():
            return (
                judge_digits(Side(MaskedText(value.reveal())), printed)
                if printed
                else judged("not-printed", Method.DIGITS)
            )
        case str():
            chip = Side(MaskedText(value))
        case None:
            chip = Side(read[name].text, read=True, confidence=read[name].confidence)
        case Image():
            return judged("image-only", Method.RECOGNITION)
        case _:
            return judge_date(value, printed) if printed else judged("not-printed", Method.DATE)
    if name in _BY_TEXT:
        return judge_with_entries(_BY_TEXT[name], chip, printed, lines, address=name == "address")
    return judge_digits(chip, printed) if printed else judged("not-printed", Method.DIGITS)


def _judge_entries(
    chip: Mapping[str, Field], sources: list[PrintedData], read: Mapping[str, ReadText]
) -> FieldComparison | None:
    """Whether the 追記欄 has what the chip has, of name or address."""
    columns = [lines for source in sources if (lines := _lines(source))]
    if not columns:
        return None
    if not any(name in chip or name in read for name in _BY_TEXT):
        return judged("image-only" if "address_image" in chip else "not-in-chip", Method.TEXT)
    for name, text in _BY_TEXT.items():
        if name not in chip and name not in read:
            continue
        field = chip.get(name)
        side = Side(MaskedText(str(field.value))) if field else Side(read[name].text, True, read[name].confidence)
        for lines in columns:
            found = judge_with_entries(text, side, None, lines, address=name == "address")
            if found.outcome is FieldOutcome.MATCH:
                return found
    return judged("not-explained", Method.TEXT)


def _shows_a_front(source: PrintedData) -> bool:
    """Whether a picture was read, and not surely one of the back, which has the 個人番号 and nothing of a front alone."""
    seen = {name for name, how in source.sources.items() if how is Source.PICTURE}
    return bool(seen) and ("my_number" not in seen or not seen.isdisjoint(_ON_FRONTS_ALONE))


def _is_shown(name: str, field: Field | None) -> bool:
    """Whether the front of every card shows what this chip holds; of a sex that is none that is not known."""
    of_no_sex = field is not None and field.value in (Sex.UNKNOWN, Sex.NOT_APPLICABLE)
    return name in _ON_EVERY_FRONT and not of_no_sex


def _has(source: PrintedData, name: str) -> bool:
    """Whether a source has the field; a name or an address may stand in the 追記欄 alone."""
    return name in source.fields() or (name in _BY_TEXT and bool(source.additional_entry))


def _side(source: PrintedData, name: str) -> Side | None:
    if name not in source.fields():
        return None
    text: MaskedText | None = getattr(source, name)
    if text is None:
        return None
    read = source.sources[name] is Source.PICTURE
    return Side(text, read, source.confidence.get(name, 0.0) if read else 1.0)


def _lines(source: PrintedData) -> list[Side]:
    read = source.sources.get("additional_entry") is Source.PICTURE
    confidence = source.confidence.get("additional_entry", 0.0) if read else 1.0
    return [Side(line, read, confidence) for line in source.additional_entry]


def _lines_for(source: PrintedData, sources: list[PrintedData]) -> list[Side]:
    """The 追記欄 that a source's main print is read with: its own, or where it has none, that of the other."""
    return next((lines for one in (source, *sources) if (lines := _lines(one))), [])


def _without_chip(name: str, there: list[PrintedData]) -> FieldComparison | None:
    if not any(name in source.fields() for source in there):
        return None
    if name == "my_number" and _differ_among_themselves(there):
        return judged("different-pair", Method.DIGITS)
    return judged("not-in-chip", _method(name))


def _differ_among_themselves(there: list[PrintedData]) -> bool:
    """Whether the numbers of two sources differ surely: print, and QR code."""
    sides = [side for source in there if (side := _side(source, "my_number")) is not None]
    pairs = ((one, other) for n, one in enumerate(sides) for other in sides[n + 1 :])
    return any(judge_digits(one, other).outcome is FieldOutcome.MISMATCH for one, other in pairs)


def _worst(found: list[FieldComparison]) -> FieldComparison:
    """The worst outcome counts; of matches the one that says most."""
    worst = min(found, key=lambda one: _SEVERITY.index(one.outcome))
    return max((one for one in found if one.outcome is worst.outcome), key=lambda one: one.exact)


def _with_assurance(found: FieldComparison, field: Field | None) -> FieldComparison:
    """The sentence with what vouches for the date in the chip: no signature does."""
    if field is None or field.assurance is Assurance.SIGNED:
        return found
    frame = CORROBORATED if field.assurance is Assurance.CORROBORATED else UNSIGNED
    return FieldComparison(found.outcome, found.code, found.method, frame.fill(detail=found.detail), found.exact)


def _method(name: str) -> Method:
    if name in ("birth_date", "expiry"):
        return Method.DATE
    return Method.DIGITS if name in ("security_code", "my_number") else Method.TEXT


NUMBER_NOT_FOR_ROLE = Text(
    "The printed data holds the 個人番号, and this verification is in role general. Nothing was compared. Leave my_number out, "
    "or read and verify in the role my-number-office where the business may.",
    "印字データに個人番号が含まれていますが、検証の役割は general です。照合は行っていません。my_number を除くか、"
    "個人番号を扱える業務なら役割 my-number-office で読み取りと検証を行ってください。",
)
_NOT_THE_TWO_DOMAINS = Text(
    "This takes a result of the face-check domain and one of the input-assist domain. Nothing was compared.",
    "券面事項確認の結果と券面事項入力補助の結果を、この順で渡してください。照合は行っていません。",
)
