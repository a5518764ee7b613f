"""The name where its label was not found: a reflection, a finger, a layout that has none.

A name has no form of its own, so without its label a line is taken for it only where nothing else can be: text alone at the top of
the card, above every other field, beginning where the address does, of characters that names have; and no second line there that
could be it as well. Whatever is odd there leaves the name to a person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mnverify.printed.engine import TextLine
from mnverify.printed.regions import Piece
from mnverify.text import Text

MOST_SURE = 0.79
"""Confidence at most: less than what is taken without asking a person, and too little for a difference from the chip to count."""
NO_LABEL = Text(
    "The label of the name was not found; the one line that stands at its place was taken for it.",
    "氏名の見出しが見つかりません。その位置にただ1つある行を氏名とみなしました。",
)

_KANJI = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff々〆"
_LETTER = rf"[{_KANJI}\u3041-\u3096\u30a1-\u30faーA-Za-z\u00c0-\u024f]"
_NAME = re.compile(rf"{_LETTER}(?:{_LETTER}|[ ,.'・\-\[\]()])+")
_ANY_LETTER = re.compile(rf"{_LETTER}|\d")
_OF_A_LABEL = frozenset("氏民名各")
"""What 氏名 looks like where a part of it was seen, alone or before the value."""
_OTHER_PART = re.compile(r"通称|旧氏|旧姓")  # of a name: what stands before it was not seen
_ADDRESS = re.compile(r"[都道府県].*[市区町村郡]|丁目|番地|大字")
_CAPTION = re.compile(
    r"個人番|人番号|番号[カ力]|[カ力][ー一]ド|マイナン|ナンバ[ー一]|住所|性別|生年月|年月日|有効|期限|期間|まで有|セキュリ|コ[ー一]ド"
    r"|照合番|合番号|追記|記欄|電子証|証明書|署名|見本|[市区町村]長|交付|発行|日本国|これは|実在|団体|臓器"
)
_WORDS = frozenset(
    {"INDIVIDUAL", "NUMBER", "CARD", "NAME", "ADDRESS", "SEX", "BIRTH", "DATE", "VALID", "UNTIL", "EXPIRY"}
)
_SAME_LEFT = 0.8  # line heights: less than a character, so that the first one cannot be missing
_HEIGHTS = (0.5, 3.0)  # of a line of the address


def name_without_label(
    free: Sequence[Piece], address: Sequence[TextLine], label: TextLine, fields: Sequence[TextLine]
) -> Piece | None:
    """The one line that can be the name; None where there is none, or more than one.

    Args:
        free: pieces that belong to nothing.
        address: the lines of the address.
        label: the label of the address.
        fields: labels and values of every field that was found.
    """
    top = min(line.top for line in (*address, label, *fields))
    there = [one for one in free if one.line.middle[1] < top and not _says_nothing(one)]
    if len(there) != 1 or not _is_a_name(there[0].folded):
        return None
    (piece,) = there
    line, below = piece.line, address[0]
    far = _SAME_LEFT * max(line.height, below.height)
    aligned = any(abs(line.left - other.left) <= far for other in (below, label))
    alike = _HEIGHTS[0] <= line.height / max(1.0, below.height) <= _HEIGHTS[1]
    return piece if aligned and alike else None


def _says_nothing(piece: Piece) -> bool:
    """Whether it is a stroke, a part of a label, or what is printed on every card: none of these is or hides a name."""
    text = "".join(piece.folded.split())
    if _ANY_LETTER.search(text) is None or (len(text) <= 2 and _OF_A_LABEL.issuperset(text)):
        return True
    return _CAPTION.search(text) is not None or not _WORDS.isdisjoint(piece.folded.upper().split())


def _is_a_name(folded: str) -> bool:
    """Whether a text is made as names are; one that a part of the label may stand before is not."""
    text = folded.strip()
    return (
        _NAME.fullmatch(text) is not None
        and _OF_A_LABEL.isdisjoint("".join(text.split())[:2])
        and _OTHER_PART.match(text) is None
        and _ADDRESS.search(text) is None
        and text.count("[") == text.count("]")
        and text.count("(") == text.count(")")
    )
