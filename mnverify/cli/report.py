"""The report that a person reads, in English or Japanese, as wide as the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from mnverify.cli.glyphs import draw
from mnverify.cli.labels import CHECKS, DOMAINS, FIELDS
from mnverify.cli.terminal import columns, pad, paint, width, wrap
from mnverify.errors import ImageError, MissingExtra
from mnverify.images import Image
from mnverify.text import Text
from mnverify.values.dates import BirthDay, PartialDate, in_japanese_calendar
from mnverify.values.my_number import MyNumber
from mnverify.values.sex import Sex
from mnverify.verification.result import Assurance, Check, Field, Outcome, VerificationResult

_MARKS = {Outcome.PASS: ("✓", "32"), Outcome.FAIL: ("✗", "31"), Outcome.NOT_PERFORMED: ("–", "33")}
_VERDICTS = {
    True: Text("VERIFIED", "確認できました"),
    False: Text("REJECTED", "確認できません"),
}
_ASSURANCES = {
    Assurance.SIGNED: Text("signed by the issuer", "発行者の署名あり"),
    Assurance.CORROBORATED: Text("unsigned, agrees with number B", "署名なし・照合番号Bと一致"),
    Assurance.UNSIGNED: Text("unsigned", "署名なし"),
}
_YEAR_ONLY = Text("unsigned, year agrees with number B", "署名なし・年のみ照合番号Bと一致")
_IMAGE = Text("image, {width} x {height} dots", "画像 {width}×{height} ドット")
_BYTES = Text("image, {size} bytes", "画像 {size} バイト")
_DAY_UNKNOWN = Text("{shown}, day not known", "{shown} 日は不詳")
_MONTH_UNKNOWN = Text("{shown}, month and day not known", "{shown} 月日は不詳")
_NOT_DRAWN = Text("This picture cannot be drawn: {why}", "この画像は表示できません。{why}")
_NONE_DRAWN = Text(
    "Not drawn above, though the chip has them: {names}. {why}",
    "次の画像はチップにありますが、上には表示していません: {names}。{why}",
)
_HEADINGS = {
    "checks": Text("What was checked", "調べたこと"),
    "fields": Text("What the chip says", "チップの内容"),
    "limits": Text("What this cannot say", "この検証では分からないこと"),
}
_TRUST = Text("trust: {environment}", "認証局: {environment}")
_REAL = "production"
_NOT_REAL = Text("{trust} (not a card in circulation)", "{trust}（実際のカードではありません）")
_ROOM_FOR_DETAIL = 24  # columns; with less, details go on a line of their own


def result_report(result: VerificationResult, lang: str) -> str:
    """The whole report of a verification."""
    lines = [*headline(result, lang), "", _heading("checks", lang), *check_lines(result.checks, lang)]
    if result.verified:
        lines += ["", _heading("fields", lang), *_field_lines(result.fields, lang)]
    return "\n".join([*lines, "", *limit_lines(result.limits.values(), lang)])


def headline(result: VerificationResult, lang: str) -> list[str]:
    """Verdict, domain, and whose cards the anchors are for."""
    verdict = paint(f" {_VERDICTS[result.verified].in_language(lang)} ", "1;42;30" if result.verified else "1;41;37")
    words = f"{DOMAINS[result.domain].in_language(lang)}  {environment(result, lang)}"
    shown = paint(words, "33") if result.environment != _REAL else words
    if width(_VERDICTS[result.verified].in_language(lang)) + 4 + width(words) <= columns():
        return [f"{verdict}  {shown}"]
    return [verdict, *(f"  {line}" for line in wrap(words, columns() - 2))]


def environment(result: VerificationResult, lang: str) -> str:
    """Whose cards the anchors are for, in words."""
    trust = _TRUST.fill(environment=result.environment)
    if result.environment == _REAL:
        return trust.in_language(lang)
    return _NOT_REAL.fill(trust=trust).in_language(lang)


def check_lines(checks: Iterable[Check], lang: str) -> list[str]:
    """A line or more for each check: mark, name, what came of it."""
    lines: list[str] = []
    label_width = max(width(label.in_language(lang)) for label in CHECKS.values())
    for check in checks:
        mark, colour = _MARKS[check.outcome]
        label, detail = CHECKS[check.id].in_language(lang), check.detail.in_language(lang)
        lines += _labelled(f"  {paint(mark, colour)} ", label, detail, label_width)
    return lines


def limit_lines(limits: Iterable[Text], lang: str) -> list[str]:
    """What cannot be said, under its heading."""
    lines = [_heading("limits", lang)]
    for text in limits:
        first, *rest = wrap(text.in_language(lang), columns() - 4)
        lines += [f"  • {first}", *(f"    {line}" for line in rest)]
    return lines


def shown_date(day: BirthDay) -> str:
    """A date with the Japanese calendar's beside it, where there is one way to write it."""
    japanese = in_japanese_calendar(day)
    return day.isoformat() if japanese is None else f"{day.isoformat()} ({japanese})"


def _heading(name: str, lang: str) -> str:
    return paint(_HEADINGS[name].in_language(lang), "1")


def _labelled(start: str, label: str, text: str, label_width: int) -> list[str]:
    """A label with its text beside it or, where there is no room, below it. ``start`` takes four columns."""
    room = columns() - 4 - label_width - 2
    if room < _ROOM_FOR_DETAIL:
        return [f"{start}{label}", *(f"      {line}" for line in wrap(text, columns() - 6))]
    first, *rest = wrap(text, room)
    indent = " " * (4 + label_width + 2)
    return [f"{start}{pad(label, label_width)}  {first}", *(f"{indent}{line}" for line in rest)]


def _field_lines(fields: Mapping[str, Field], lang: str) -> list[str]:
    rows = [
        (FIELDS[name].in_language(lang), _value(field, lang), _assurance(field, lang)) for name, field in fields.items()
    ]
    labels, values, assurances = (max(map(width, cells)) for cells in zip(*rows, strict=True))
    room = columns() - 2 - labels - 2 - 2 - assurances
    beside = room >= _ROOM_FOR_DETAIL  # the assurance stands beside the value, else below it
    value_width = min(values, room) if beside else columns() - 2 - labels - 2
    indent = " " * (2 + labels + 2)
    lines: list[str] = []
    undrawn: dict[str, MissingExtra] = {}
    for (label, value, assurance), (name, field) in zip(rows, fields.items(), strict=True):
        first, *rest = wrap(value, value_width)
        end = f"  {assurance}" if beside else ""
        lines += [f"  {pad(label, labels)}  {pad(first, value_width)}{end}", *(f"{indent}{line}" for line in rest)]
        lines += [] if beside else [f"{indent}{line}" for line in wrap(assurance, columns() - len(indent))]
        if isinstance(field.value, Image) and name != "photo":
            try:
                lines += _picture(field.value, lang)
            except MissingExtra as error:
                undrawn[label] = error
    return [line.rstrip() for line in lines] + _undrawn_lines(undrawn, lang)


def _picture(image: Image, lang: str) -> list[str]:
    """A text image drawn, or why it is not."""
    try:
        return [f"    {line}" for line in draw(image, columns())]
    except ImageError as error:
        return [f"    {line}" for line in wrap(_NOT_DRAWN.fill(why=error.text).in_language(lang), columns() - 4)]


def _undrawn_lines(undrawn: Mapping[str, MissingExtra], lang: str) -> list[str]:
    """One sentence for all the pictures that a missing package keeps from being drawn."""
    if not undrawn:
        return []
    names = Text(", ".join(undrawn), "、".join(undrawn))
    why = next(iter(undrawn.values())).text
    return [f"  {line}" for line in wrap(_NONE_DRAWN.fill(names=names, why=why).in_language(lang), columns() - 2)]


def _assurance(field: Field, lang: str) -> str:
    return (_YEAR_ONLY if field.extent == "year" else _ASSURANCES[field.assurance]).in_language(lang)


def _value(field: Field, lang: str) -> str:
    value = field.value
    if isinstance(value, Image):
        try:
            across, down = value.size
        except ImageError:
            return _BYTES.fill(size=len(value.data)).in_language(lang)
        return _IMAGE.fill(width=across, height=down).in_language(lang)
    if isinstance(value, MyNumber):
        return value.reveal()
    if isinstance(value, Sex):
        return value.japanese if lang == "ja" else value.value
    if isinstance(value, PartialDate):
        unknown = _MONTH_UNKNOWN if value.month is None else _DAY_UNKNOWN
        told = lang == "ja" and in_japanese_calendar(value) is not None  # which says so itself
        return shown_date(value) if told else unknown.fill(shown=shown_date(value)).in_language(lang)
    if isinstance(value, date):
        return shown_date(value)
    return str(value)
