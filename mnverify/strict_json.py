"""The one way from foreign JSON to checked values, for evidence, trust anchors, scripts, printed data and request bodies.

Bounded in size and depth, no key twice, no number where none belongs, canonical base64, no control characters. No reason
holds content: not even the name of a key that is not expected. What is read shows itself in no traceback: objects and texts are
masked (``mnverify.masked``).
"""

from __future__ import annotations

import binascii
import json
import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

from mnverify.errors import UnreadableFile, os_reason
from mnverify.masked import MaskedBytes, MaskedDict, MaskedList, MaskedText, Unseen, mask
from mnverify.text import Text

_MARKS = re.compile(r'"(?:[^"\\]++|\\.?)*+"?|[\[\]{}]', re.DOTALL)
_LOWER_HEX = re.compile(r"(?:[0-9a-f]{2})*", re.ASCII)
_FULL_WIDTH_SPACE = "　"

Refuse = Callable[[str, Text], Exception]
"""Makes the error for a place and a reason."""


class Limits(NamedTuple):
    """How much a document may be.

    Attributes:
        max_bytes: of its text in UTF-8.
        max_depth: levels of nesting.
        longest_number: characters of a number; 0 where there are no numbers.
    """

    max_bytes: int
    max_depth: int
    longest_number: int = 0


class StrictJson:
    """The checks for one format. Every method gives the value it was asked for, or raises what ``refuse`` makes.

    Args:
        root: the document as a place in errors, as ``evidence``.
        refuse: makes the error.
        limits: how much a document may be.
    """

    __slots__ = ("_limits", "_refuse", "root")

    def __init__(self, root: str, refuse: Refuse, limits: Limits) -> None:
        self.root = root
        self._refuse = refuse
        self._limits = limits

    # whole documents ------------------------------------------------------------------------------

    def load(self, data: object) -> MaskedDict:
        """The JSON object (RFC 8259) in a text, or in UTF-8.

        Raises:
            Exception: it is neither text nor bytes, larger or deeper than the limits, not UTF-8, not JSON, not an object, has
                a key twice, or a number that may not be there.
        """
        data = mask(data)
        text = self._text_of(data)
        self._check_depth(text)
        document, why = _parsed(text, self._limits.longest_number)
        if why is not None:
            raise self._refuse(self.root, why)
        return self._object(document)

    def adopt(self, document: object) -> MaskedDict:
        """The same of an object that is parsed already, as a member of a larger document: the same limits hold. It may be
        ``Unseen``.

        Raises:
            Exception: it is larger or deeper than the limits, or holds what JSON does not, or a number that may not be there.
        """
        faults: list[Text] = []
        held = document.value if isinstance(document, Unseen) else document
        document, size = _copied(held, self._limits, self._limits.max_depth, faults)
        del held
        if faults:
            raise self._refuse(self.root, faults[0])
        if size > self._limits.max_bytes:
            raise self._too_large(size)
        return self._object(document)

    # values ---------------------------------------------------------------------------------------

    def keys(
        self, value: object, where: str, required: Collection[str] = (), optional: Collection[str] | None = ()
    ) -> MaskedDict:
        """An object that has the keys required, and no other than the optional ones; ``None``: any other."""
        if not isinstance(value, MaskedDict):
            raise self._refuse(where, Text("it is not an object", "オブジェクトではありません"))
        missing = [key for key in required if key not in value]
        if missing:
            names = ", ".join(sorted(missing))
            raise self._refuse(where, Text(f"missing: {names}", f"{names} がありません"))
        if optional is not None and not value.keys() <= {*required, *optional}:
            names = ", ".join([*sorted(required), *sorted(optional)])
            raise self._refuse(where, Text(f"a key that is none of {names}", f"{names} 以外のキーがあります"))
        return value

    def items(self, value: object, where: str, most: int | None = None) -> MaskedList:
        """A list of at most so many items."""
        if not isinstance(value, MaskedList):
            raise self._refuse(where, Text("it is not a list", "配列ではありません"))
        if most is not None and len(value) > most:
            raise self._refuse(where, Text(f"it has more than {most} items", f"要素が {most} 個を超えています"))
        return value

    def word(self, value: object, where: str, words: Iterable[str]) -> str:
        """One of some words, as an ordinary text."""
        for word in words:
            if value == word:
                return str(word)
        names = ", ".join(words)
        raise self._refuse(where, Text(f"it is none of {names}", f"{names} のいずれでもありません"))

    def matching(self, value: object, where: str, form: str | re.Pattern[str], what: Text) -> MaskedText:
        """A text that matches a regular expression whole; ``what`` says what it should have been."""
        if not isinstance(value, MaskedText) or not re.fullmatch(form, value, re.ASCII if isinstance(form, str) else 0):
            raise self._refuse(where, Text(f"it is not {what.en}", f"{what.ja}ではありません"))
        return value

    def text(self, value: object, where: str, longest: int, shortest: int = 0) -> MaskedText:
        """A text of so many characters, none of which is a control character, a line's end or without a shape."""
        if not isinstance(value, MaskedText):
            raise self._refuse(where, Text("it is not a text", "文字列ではありません"))
        if not shortest <= len(value) <= longest:
            raise self._refuse(
                where,
                Text(f"it has not {shortest} to {longest} characters", f"{shortest}〜{longest} 文字ではありません"),
            )
        if not printable(value):
            raise self._refuse(
                where, Text("it holds control or invisible characters", "制御文字または表示できない文字があります")
            )
        return value

    def flag(self, value: object, where: str) -> bool:
        """``true`` or ``false``."""
        if not isinstance(value, bool):
            raise self._refuse(where, Text("it is neither true nor false", "true でも false でもありません"))
        return value

    def whole(self, value: object, where: str, least: int, most: int) -> int:
        """A whole number between two others, these included."""
        if type(value) is not int or not least <= value <= most:
            raise self._refuse(
                where,
                Text(f"it is not a whole number from {least} to {most}", f"{least}〜{most} の整数ではありません"),
            )
        return value

    def tenths(self, value: object, where: str, most: float) -> float:
        """A number of at least 0 with one decimal at most."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not 0 <= value <= most or round(value, 1) != value:  # type: ignore[operator, call-overload]
            raise self._refuse(
                where,
                Text(
                    f"it is not a number from 0 to {most:g} with one decimal",
                    f"0〜{most:g} の小数1桁の数ではありません",
                ),
            )
        return float(value)  # type: ignore[arg-type]

    def hex(self, value: object, where: str, least: int, most: int) -> MaskedBytes:
        """So many bytes in lower-case hex."""
        if not isinstance(value, MaskedText) or not _LOWER_HEX.fullmatch(value):
            raise self._refuse(where, Text("it is not lower-case hex", "小文字の16進数ではありません"))
        if not least <= len(value) // 2 <= most:
            raise self._refuse(where, _not_so_long(least, most))
        return MaskedBytes(bytes.fromhex(value))

    def base64(self, value: object, where: str, least: int = 0, most: int | None = None) -> MaskedBytes:
        """So many bytes in canonical base64 (RFC 4648 §4)."""
        if not isinstance(value, MaskedText):
            raise self._refuse(where, Text("it is not a text in base64", "base64 の文字列ではありません"))
        raw = _from_base64(value)
        if raw is None:
            raise self._refuse(where, Text("it is not canonical base64", "正規の base64 ではありません"))
        if len(raw) < least or (most is not None and len(raw) > most):
            raise self._refuse(where, _not_so_long(least, most))
        return raw

    # ----------------------------------------------------------------------------------------------

    def _text_of(self, data: MaskedText | MaskedBytes | None) -> MaskedText:
        if data is None:
            raise self._refuse(self.root, Text("it is neither text nor bytes", "文字列でもバイト列でもありません"))
        if len(data) > self._limits.max_bytes:  # a character is a byte at least
            raise self._too_large(len(data))
        try:
            if isinstance(data, MaskedText):
                text, size = data, len(data.encode())
            else:
                text, size = MaskedText(bytes.decode(data)), len(data)
        except UnicodeError:
            text = None
        if text is None:  # outside, so that the error's context holds no content
            raise self._refuse(self.root, _NOT_UTF_8)
        if size > self._limits.max_bytes:
            raise self._too_large(size)
        return text

    def _too_large(self, size: int) -> Exception:
        most = self._limits.max_bytes
        return self._refuse(
            self.root, Text(f"{size} bytes, more than {most}", f"{size} バイトで、上限 {most} バイトを超えています")
        )

    def _object(self, document: object) -> MaskedDict:
        if not isinstance(document, MaskedDict):
            raise self._refuse(self.root, Text("it is not a JSON object", "JSON のオブジェクトではありません"))
        return document

    def _check_depth(self, text: str) -> None:
        """Refuse deep nesting before the parser recurses. One pass: a string, ended or not, is one mark."""
        if _at_most(text, "{[", self._limits.max_depth):
            return
        depth = 0
        for mark in _MARKS.finditer(text):
            opened = text[mark.start()]
            depth += (opened in "{[") - (opened in "}]")
            if depth > self._limits.max_depth:
                raise self._refuse(self.root, _too_deep(self._limits.max_depth))


_NOT_UTF_8 = Text("it is not UTF-8 text", "UTF-8 の文字列ではありません")
_NUMBER = Text("a number where none belongs", "数値を置けない場所に数値があります")
_TWICE = Text("a key stands twice", "同じキーが2回あります")
_LONG_NUMBER = Text("a number is too long", "数値が長すぎます")


def _at_most(text: str, marks: str, most: int) -> bool:
    """Whether no more of these characters stand in a text. ``find`` is ten times as fast as ``count`` on a long one."""
    left = most
    for mark in marks:
        at = text.find(mark)
        while at >= 0:
            left -= 1
            if left < 0:
                return False
            at = text.find(mark, at + 1)
    return True


def _too_deep(most: int) -> Text:
    return Text(f"nested deeper than {most} levels", f"入れ子が {most} 段を超えています")


def printable(text: str) -> bool:
    """Whether no character of a text is a control character, a line's end, an override of direction, or has no shape."""
    return text.replace(_FULL_WIDTH_SPACE, " ").isprintable()


def read_file(path: str | os.PathLike[str], most: int) -> MaskedBytes:
    """The bytes of a file: at most one more than ``most``, so that who parses them sees that it is too large.

    Raises:
        UnreadableFile: it cannot be opened or read.
    """
    try:
        with open(path, "rb") as file:
            return MaskedBytes(file.read(most + 1))
    except OSError as error:
        why = os_reason(error)
    except (TypeError, ValueError):
        why = Text("it is no path", "ファイルの場所ではありません")
    raise UnreadableFile(str(path)[:256], why)


def to_base64(raw: bytes) -> MaskedText:
    """Canonical base64."""
    return MaskedText(binascii.b2a_base64(raw, newline=False).decode())


def _parsed(text: MaskedText, longest_number: int) -> tuple[object, Text | None]:
    """The document, and why it is none. Nothing raises inside the parser, whose frames would show the text."""
    faults: list[Text] = []

    def members(pairs: list[tuple[str, Any]]) -> MaskedDict:
        result = MaskedDict(
            {name: MaskedText(value) if type(value) is str else _covered(value) for name, value in pairs}
        )
        if len(result) != len(pairs):
            faults.append(_TWICE)
        return result

    def number(kind: type[int] | type[float]) -> Callable[[str], int | float]:
        def read(digits: str) -> int | float:
            if len(digits) > longest_number:
                faults.append(_LONG_NUMBER if longest_number else _NUMBER)
                return 0
            return kind(digits)

        return read

    def no_constant(_: str) -> None:
        faults.append(_NUMBER)

    try:
        document = json.loads(
            text,
            object_pairs_hook=members,
            parse_constant=no_constant,
            parse_int=number(int),
            parse_float=number(float),
        )
    except json.JSONDecodeError as error:
        line, column = error.lineno, error.colno
        return None, Text(
            f"it is not JSON (line {line}, column {column})", f"JSON ではありません（{line} 行 {column} 文字目）"
        )
    return document, faults[0] if faults else None


def _copied(value: object, limits: Limits, depth: int, faults: list[Text]) -> tuple[object, int]:
    """A masked copy of what somebody else parsed, and its size in bytes as JSON with nothing to spare (escapes aside).

    Nothing raises in here, where frames hold what is not masked.
    """
    match value:
        case str():
            return _copied_text(value, faults)
        case Mapping() | list() | tuple() if depth == 0:
            faults.append(_too_deep(limits.max_depth))
        case Mapping():
            copy, size = MaskedDict(), 2
            for name, one in value.items():
                if not isinstance(name, str):
                    faults.append(Text("a key is not a text", "キーが文字列ではありません"))
                    return None, 0
                _, of_name = _copied_text(name, faults)
                copy[str(name)], of_one = (
                    _copied_text(one, faults) if isinstance(one, str) else _copied(one, limits, depth - 1, faults)
                )
                size += of_name + of_one + 2
            return copy, size
        case list() | tuple():
            found = [_copied(one, limits, depth - 1, faults) for one in value]
            return MaskedList(one for one, _ in found), 2 + sum(size + 1 for _, size in found)
        case None | bool():
            return value, 4
        case int() | float():
            if len(str(value)) > limits.longest_number:
                faults.append(_LONG_NUMBER if limits.longest_number else _NUMBER)
            return value, 1
        case _:
            faults.append(Text("it holds what JSON does not", "JSON にない型の値があります"))
    return None, 0


def _copied_text(value: str, faults: list[Text]) -> tuple[MaskedText, int]:
    text = value if isinstance(value, MaskedText) else MaskedText(value)
    if text.isascii():
        return text, len(text) + 2
    if any("\ud800" <= character <= "\udfff" for character in text):
        faults.append(_NOT_UTF_8)
    return text, len(text.encode("utf-8", "replace")) + 2


def _covered(value: object) -> object:
    """The value with its text masked; the objects in it are masked already."""
    if isinstance(value, str):
        return MaskedText(value)
    return MaskedList(map(_covered, value)) if isinstance(value, list) else value


def _from_base64(text: MaskedText) -> MaskedBytes | None:
    try:
        raw = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return None
    return MaskedBytes(raw) if _one_form(len(text), text[-3:]) else None


def _one_form(length: int, last: MaskedText) -> bool:
    """Whether no padding is left over, and the bits of the last character that no byte takes are 0 (RFC 4648 §3.5).

    Args:
        length: of the text.
        last: its last three characters.
    """
    if length % 4:
        return False
    if not last.endswith("="):
        return True
    return last[0] in "AQgw" if last.endswith("==") else last[1] in "AEIMQUYcgkosw048"


def _not_so_long(least: int, most: int | None) -> Text:
    if most is None:
        return Text(f"it has fewer than {least} bytes", f"{least} バイトに足りません")
    if least == most:
        return Text(f"it has not {most} bytes", f"{most} バイトではありません")
    return Text(f"it has not {least} to {most} bytes", f"{least}〜{most} バイトではありません")
