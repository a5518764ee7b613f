"""The report that a person reads, in English or Japanese."""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from mnverify.cli.glyphs import draw
from mnverify.errors import ImageError
from mnverify.images import Image
from mnverify.text import Text
from mnverify.values.dates import Wareki
from mnverify.values.my_number import MyNumber
from mnverify.values.sex import Sex
from mnverify.values.terms import Domain
from mnverify.verification.result import Assurance, Check, Field, Outcome, VerificationResult

_MARKS = {Outcome.PASS: ("✓", "32"), Outcome.FAIL: ("✗", "31"), Outcome.NOT_PERFORMED: ("–", "33")}
_VERDICTS = {
    True: Text("VERIFIED", "確認できました"),
    False: Text("REJECTED", "確認できません"),
}
_CHECKS = {
    "structure": Text("Layout", "構造"),
    "chain": Text("Issuer", "発行者"),
    "record-signature": Text("Signature", "署名"),
    "file-digests": Text("Digests", "ダイジェスト"),
    "presence": Text("Presence", "実在"),
    "freshness": Text("Freshness", "鮮度"),
    "expiry": Text("Expiry", "有効期限"),
}
_FIELDS = {
    "name": Text("Name", "氏名"),
    "name_image": Text("Name", "氏名"),
    "address": Text("Address", "住所"),
    "address_image": Text("Address", "住所"),
    "birth_date": Text("Birth date", "生年月日"),
    "sex": Text("Sex", "性別"),
    "photo": Text("Photo", "顔写真"),
    "expiry": Text("Expiry", "有効期限"),
    "security_code_image": Text("Security code", "セキュリティコード"),
    "my_number": Text("個人番号", "個人番号"),
    "my_number_image": Text("個人番号", "個人番号"),
}
_ASSURANCES = {
    Assurance.SIGNED: Text("signed by the issuer", "発行者の署名あり"),
    Assurance.CORROBORATED: Text("unsigned, accepted by the chip", "署名なし・チップが照合済み"),
    Assurance.UNSIGNED: Text("unsigned", "署名なし"),
}
_YEAR_ONLY = Text("unsigned, the chip vouches for the year", "署名なし・年のみチップが照合済み")
_IMAGE = Text("image, {width} x {height} dots", "画像 {width}×{height} ドット")
_BYTES = Text("image, {size} bytes", "画像 {size} バイト")
_HEADINGS = {
    "checks": Text("What was checked", "調べたこと"),
    "fields": Text("What the chip says", "チップの内容"),
    "limits": Text("What this cannot say", "この検証では分からないこと"),
}
_TRUST = Text("trust: {environment}", "認証局: {environment}")
_REAL = "production"
_NOT_REAL = Text("not a card in circulation", "実際のカードではありません")
DOMAINS = {
    Domain.FACE_CHECK: Text("face-check", "券面事項確認"),
    Domain.INPUT_ASSIST: Text("input-assist", "券面事項入力補助"),
}
_AGE = {
    True: Text("YES: the holder is {years} or older.", "はい。{years}歳以上です。"),
    False: Text("NO: the holder is younger than {years}.", "いいえ。{years}歳未満です。"),
    None: Text("NO ANSWER: the card was not verified.", "判定できません。カードを確認できませんでした。"),
}
_TRIES = Text("{tries} tries left", "残り{tries}回")
_BLOCKED = Text("blocked", "ロック中")
_NO_LIMIT = Text("no limit", "制限なし")
CREDENTIALS = {
    "birth-date": Text("birth-date", "生年月日"),
    "verification-number-b": Text("verification-number-b", "照合番号B"),
    "verification-number-a": Text("verification-number-a", "照合番号A"),
    "pin": Text("pin", "暗証番号"),
}


def result_report(result: VerificationResult, lang: str) -> str:
    """The whole report of a verification."""
    lines = [_headline(result, lang), "", *_check_lines(result.checks, lang)]
    if result.verified:
        lines += ["", _heading("fields", lang), *_field_lines(result.fields, lang)]
    lines += ["", _heading("limits", lang), *(f"  • {text.in_language(lang)}" for text in result.limits.values())]
    return "\n".join(lines)


def age_report(result: VerificationResult, years: int, old_enough: bool | None, lang: str) -> str:
    """Yes or no, and why where there is no answer."""
    answer = _AGE[old_enough].fill(years=years).in_language(lang)
    failed = [check for check in result.checks if check.outcome is Outcome.FAIL]
    lines = [_paint(answer, "1;32" if old_enough else "1;31"), _environment(result, lang)]
    return "\n".join([*lines, *(_check_line(check, lang) for check in failed)])


def retries_report(tries: Mapping[str, Mapping[str, int | None] | None], lang: str) -> str:
    """Tries left, a line each."""
    rows = []
    for domain, credentials in tries.items():
        for kind, left in (credentials or {}).items():
            text = _NO_LIMIT if left is None else _BLOCKED if left == 0 else _TRIES.fill(tries=left)
            name = DOMAINS[Domain(domain)].in_language(lang)
            rows.append([name, CREDENTIALS[kind].in_language(lang), text.in_language(lang)])
    return table(rows)


def trust_report(anchors: Sequence[Mapping[str, str]], lang: str) -> str:
    """The anchors, with where they come from."""
    rows = [
        [a["name"], DOMAINS[Domain(a["domain"])].in_language(lang), a["environment"], a["algorithm"]] for a in anchors
    ]
    return "\n".join([table(rows), "", *sorted({anchor["provenance"] for anchor in anchors if anchor["provenance"]})])


def table(rows: Iterable[Sequence[str]]) -> str:
    """Rows in columns; full-width characters count as two."""
    lines = [list(row) for row in rows]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(_pad(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in lines
    )


def _headline(result: VerificationResult, lang: str) -> str:
    verdict = _paint(f" {_VERDICTS[result.verified].in_language(lang)} ", "1;42;30" if result.verified else "1;41;37")
    return f"{verdict}  {DOMAINS[result.domain].in_language(lang)}  {_environment(result, lang)}"


def _environment(result: VerificationResult, lang: str) -> str:
    text = _TRUST.fill(environment=result.environment).in_language(lang)
    if result.environment == _REAL:
        return text
    return _paint(f"{text} ({_NOT_REAL.in_language(lang)})", "33")


def _heading(name: str, lang: str) -> str:
    return _paint(_HEADINGS[name].in_language(lang), "1")


def _check_lines(checks: Iterable[Check], lang: str) -> list[str]:
    return [_heading("checks", lang), *(_check_line(check, lang) for check in checks)]


def _check_line(check: Check, lang: str) -> str:
    mark, colour = _MARKS[check.outcome]
    return f"  {_paint(mark, colour)} {_pad(_CHECKS[check.id].in_language(lang), 13)} {check.detail.in_language(lang)}"


def _field_lines(fields: Mapping[str, Field], lang: str) -> list[str]:
    lines = []
    for name, field in fields.items():
        assurance = _YEAR_ONLY if field.extent == "year" else _ASSURANCES[field.assurance]
        label, shown = _FIELDS[name].in_language(lang), _value(field, lang)
        lines.append(f"  {_pad(label, 19)} {_pad(shown, 34)} {assurance.in_language(lang)}")
        if isinstance(field.value, Image) and name != "photo":
            lines += [f"    {line}".rstrip() for line in draw(field.value, _columns())]
    return lines


def _value(field: Field, lang: str) -> str:
    value = field.value
    if isinstance(value, Image):
        try:
            width, height = value.size
        except ImageError:
            return _BYTES.fill(size=len(value.data)).in_language(lang)
        return _IMAGE.fill(width=width, height=height).in_language(lang)
    if isinstance(value, MyNumber):
        return value.reveal()
    if isinstance(value, Sex):
        return value.japanese if lang == "ja" else value.value
    if isinstance(value, date):
        return f"{value.isoformat()} ({Wareki.from_date(value)})"
    return str(value)


def _columns() -> int:
    return shutil.get_terminal_size((100, 24)).columns


def _paint(text: str, colour: str) -> str:
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return text.strip()
    return f"\x1b[{colour}m{text}\x1b[0m"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "FW" else 1 for c in text)


def _pad(text: str, width: int) -> str:
    return text + " " * max(0, width - _width(text))
