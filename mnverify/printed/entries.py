"""The 追記欄: lines that a municipality adds after a change. The chip has the newest, the main print stays as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mnverify.masked import MaskedText
from mnverify.printed.comparison import FieldComparison, FieldOutcome, Method
from mnverify.printed.judging import Compare, Side, judge_text, judged
from mnverify.printed.text.forms import plain
from mnverify.printed.text.numerals import with_arabic_numbers

_MOST_LINES = 3  # one entry takes no more
_BESIDE = 100  # characters of an entry at most that say nothing of the chip's value: date, reason, seal
_WRITTEN_AS_LONG = 2  # times: the same value in other notations
_DATE = (
    r"(?:(?:明治|大正|昭和|平成|令和|[MTSHR])?\s*(?:元|[0-9]{1,4})\s*[年./-]\s*[0-9]{1,2}\s*[月./-]\s*[0-9]{1,2}\s*日?)"
)
_WORDS = (
    r"(?:転入|転居|住所変更|住所異動|住居表示|氏名変更|氏変更|名変更|氏の変更|改姓|改名|婚姻|変更|届出|異動|新住所|新氏名|住所|氏名"
    r"|旧氏|通称)"
)
_BEFORE = re.compile(rf"^(?:\s*(?:{_DATE}|{_WORDS})[\s:：、,]*)+")
_BEHIND = re.compile(
    r"(?:[\[\s]*(?:変更|転居|転入|異動|届出)?\s*(?:公印|職印|印|市長印|区長印|町長印|村長印)?[\]\s]*)$"
)
_A_DAY = re.compile(
    r"(?:明治|大正|昭和|平成|令和)\s*(?:元|[0-9]{1,2})\s*[年./-]\s*[0-9]{1,2}\s*[月./-]\s*[0-9]{1,2}\s*日?"
    r"|[0-9]{2,4}\s*年\s*[0-9]{1,2}\s*月\s*[0-9]{1,2}\s*日?|(?<![A-Z])[MTSHR][0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}"
)
_A_PLACE = re.compile(r"^[^都道府県市区町村郡]*[都道府県市区町村郡].*[0-9]|[0-9](?:丁目|番)")
_ANOTHER_NAME = re.compile(r"氏名変更|氏変更|名変更|氏の変更|改姓|改名|婚姻|新氏名")
_OF_A_PLACE = re.compile(r"転入|転居|転出|住所(?:変更|異動)?|住居表示")
_OF_A_NAME = re.compile(r"氏名|離婚|縁組|離縁|帰化|通称|旧氏|旧姓")
_SAYS_NOTHING = re.compile(r"変更|異動|届出?|新|[^\s0-9]{0,12}[都道府県市区町村]長|[公職]?印|[^\w]+")


def judge_with_entries(
    compare: Compare, chip: Side, printed: Side | None, lines: Sequence[Side], *, address: bool
) -> FieldComparison:
    """A name or an address against the main print, and against the lines of the 追記欄.

    Args:
        compare: ``compare_names`` or ``compare_addresses``.
        chip: what the chip has.
        printed: the main print; ``None`` where it is not known.
        lines: of the 追記欄, the newest last.
        address: it is the address.
    """
    main = None if printed is None else judge_text(compare, chip, printed)
    most = _WRITTEN_AS_LONG * len(chip.text) + _BESIDE
    entries = [(last, judge_text(compare, chip, entry)) for last, entry in entries_of(lines, most)]
    matching = [(last, found) for last, found in entries if found.outcome is FieldOutcome.MATCH]
    newest = max((last for last, _ in matching), default=-1)
    newer = _says_another(lines[newest + 1 :], address=address)
    if main is not None and main.outcome is FieldOutcome.MATCH:
        return judged("additional-entry-newer", main.method) if newer else main
    if matching:
        _, found = max(matching, key=lambda one: (one[0], one[1].exact))
        if newer:
            return judged("additional-entry-newer", found.method)
        return judged("additional-entry", found.method, exact=found.exact)
    doubt = next((found for _, found in entries if found.outcome is FieldOutcome.UNCERTAIN), None)
    if main is None:
        return doubt or judged("not-printed", Method.TEXT)
    return doubt if main.outcome is FieldOutcome.MISMATCH and doubt is not None else main


def _says_another(lines: Sequence[Side], *, address: bool) -> bool:
    """Whether lines that are newer than the chip's value may say another address, or another name."""
    text = _A_DAY.sub(" ", plain(" ".join(line.text for line in lines)))
    if not address:
        return _ANOTHER_NAME.search(text) is not None or _says_more(_OF_A_NAME, text)
    return _A_PLACE.search(with_arabic_numbers(text)) is not None or _says_more(_OF_A_PLACE, text)


def _says_more(words: re.Pattern[str], text: str) -> bool:
    """Whether there is such a word, and more than it, a date and a seal: 転居, and a place without its city, or 国外."""
    return words.search(text) is not None and _SAYS_NOTHING.sub("", words.sub(" ", text)) != ""


def entries_of(lines: Sequence[Side], most: int) -> Iterator[tuple[int, Side]]:
    """What the lines may say: each alone and with those that follow it, as written and without date, reason and seal; each with
    the number of its last line.

    Args:
        lines: of the 追記欄, the newest last.
        most: characters of one entry; a longer one is left out.
    """
    for first in range(len(lines)):
        for last in range(first, min(first + _MOST_LINES, len(lines))):
            joined = lines[first : last + 1]
            text = "".join(line.text for line in joined)
            if len(text) > most:
                break
            read, confidence = any(line.read for line in joined), min(line.confidence for line in joined)
            bare = _BEHIND.sub("", _BEFORE.sub("", plain(text)))
            for form in {text, bare} if bare else {text}:
                yield last, Side(MaskedText(form), read, confidence)
