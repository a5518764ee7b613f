"""The comparison that a person reads: outcome first, then each field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mnverify.cli.labels import FIELDS
from mnverify.cli.report import environment, result_report
from mnverify.cli.terminal import columns, pad, paint, width, wrap
from mnverify.printed import Comparison, FieldComparison, FieldOutcome
from mnverify.text import Text

if TYPE_CHECKING:
    from mnverify.printed.glyph import TextFit

_OVERALL = {
    FieldOutcome.MATCH: (Text("MATCH", "一致"), "1;42;30"),
    FieldOutcome.MISMATCH: (Text("MISMATCH", "不一致"), "1;41;37"),
    FieldOutcome.UNCERTAIN: (Text("UNCERTAIN", "要確認"), "1;43;30"),
}
_MARKS = {
    FieldOutcome.MATCH: ("✓", "32"),
    FieldOutcome.MISMATCH: ("✗", "31"),
    FieldOutcome.UNCERTAIN: ("?", "33"),
    FieldOutcome.NOT_COMPARED: ("–", "33"),
}
_OUTCOMES = {
    FieldOutcome.MATCH: Text("match", "一致"),
    FieldOutcome.MISMATCH: Text("mismatch", "不一致"),
    FieldOutcome.UNCERTAIN: Text("uncertain", "要確認"),
    FieldOutcome.NOT_COMPARED: Text("not compared", "照合なし"),
}
_ENTRIES = Text("Note area", "追記欄")
_CODE = Text("Security code", "セキュリティコード")
_LABELS = {**FIELDS, "additional_entry": _ENTRIES, "security_code": _CODE}
_HEADING = Text("Print and chip", "券面とチップの照合")
_VERIFIED = Text("the chip is verified", "チップの内容は検証に合格")
_HAD_TO = Text("Had to match: {names}", "一致を求めた項目: {names}")
_NOTHING = Text("No field is there on both sides.", "両方にある項目がありません。")
_NOT_COMPARED = Text(
    "Nothing was compared: what was not verified is nobody's word.",
    "検証に合格していない内容は使えないため、照合は行っていません。",
)


def comparison_report(comparison: Comparison, lang: str, fits: Mapping[str, TextFit] | None = None) -> str:
    """The whole report; where the verification was rejected, that of the verification.

    Args:
        comparison: the comparison.
        lang: ``en`` or ``ja``.
        fits: by field, why it is equal up to variants and no more.
    """
    if not comparison.verification.verified:
        return "\n".join([result_report(comparison.verification, lang), "", *_wrapped(_NOT_COMPARED, lang)])
    words, colour = _OVERALL[comparison.outcome]
    head = paint(f" {words.in_language(lang)} ", colour)
    about = f"{_VERIFIED.in_language(lang)}  {environment(comparison.verification, lang)}"
    labels = max((width(_LABELS[name].in_language(lang)) for name in comparison.fields), default=0)
    lines = [head, *(f"  {line}" for line in wrap(about, columns() - 2)), "", paint(_HEADING.in_language(lang), "1")]
    for name, field in comparison.fields.items():
        lines += _field_lines(_LABELS[name].in_language(lang), field, labels, lang)
        fit = (fits or {}).get(name)
        if fit is not None and fit.doubt is not None and field.code == "equal-up-to-variants":
            lines += (f"      {line}" for line in wrap(fit.doubt.in_language(lang), columns() - 6))
    return "\n".join([*lines, "", *_wrapped(_what_counted(comparison), lang)])


def _field_lines(label: str, field: FieldComparison, labels: int, lang: str) -> list[str]:
    mark, colour = _MARKS[field.outcome]
    outcome = _OUTCOMES[field.outcome].in_language(lang)
    first = f"  {paint(mark, colour)} {pad(label, labels)}  {paint(outcome, colour)} ({field.code})"
    return [first, *(f"      {line}" for line in wrap(field.detail.in_language(lang), columns() - 6))]


def _what_counted(comparison: Comparison) -> Text:
    names = comparison.required()
    if not names:
        return _NOTHING
    labels = [_LABELS[name] for name in names]
    return _HAD_TO.fill(
        names=Text(", ".join(one.en.lower() for one in labels), "、".join(one.ja for one in labels)),
    )


def _wrapped(text: Text, lang: str) -> list[str]:
    return wrap(text.in_language(lang), columns())
