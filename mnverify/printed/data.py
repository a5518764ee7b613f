"""What is printed on a card, field by field, and how each was come by: typed, read from a picture, or decoded.

The same ``PrintedData`` whether a person typed it or a picture was read; the texts are as printed (元号, full-width digits and
all), and what they mean is left to the comparison. Every text is masked.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from mnverify.errors import PrintedDataError, RoleError
from mnverify.masked import MaskedList, MaskedText, refuse_copy
from mnverify.strict_json import Limits, StrictJson, read_file
from mnverify.text import Text
from mnverify.values import Role

FORMAT = "mnverify.printed/1"
MAX_BYTES = 64 * 1024
"""The largest document that is read, in bytes."""
LONGEST_TEXT = 400
"""Characters of one field; an address in the chip has 200 at most."""
MOST_ENTRIES = 20
"""Lines of the 追記欄."""
MOST_DOUBTS = 50
"""Sentences on what stayed unclear; they are read past: a sentence proves nothing."""
LONGEST_SIDE = 100_000
"""Pixels: no place lies further from the picture's corner."""

_TEXTS = ("name", "address", "birth_date", "sex", "expiry", "security_code", "my_number")
FIELDS = ("name", "address", "additional_entry", "birth_date", "sex", "expiry", "security_code", "my_number")
"""The fields that are printed on a card, by the names that results use."""


class Source(StrEnum):
    """How a printed field was come by."""

    TYPED = "typed"
    """A person typed it: it is taken character by character."""
    PICTURE = "picture"
    """Read from a picture: variants of a character (異体字) are not told apart."""
    QR = "qr"
    """Decoded from the QR code on the back."""


class Place(NamedTuple):
    """Where a field is, in pixels of the picture as given: the smallest upright rectangle around it."""

    x: int
    y: int
    width: int
    height: int


class PrintedData:
    """What is printed on a card, as far as it is known.

    Args:
        texts: by field name of ``FIELDS`` (``additional_entry`` aside), the text as printed; absent where it was not read.
        additional_entry: lines of the 追記欄, the newest last.
        sources: how each field was come by; what is not named was typed.
        confidence: 0 to 1 by field, where it was read from a picture.
        places: by field, where it was read from a picture.
        doubts: what stayed unclear, in sentences without content.
        role: of the business; 個人番号 is refused in role ``general``.

    Raises:
        PrintedDataError: a field that is none of ``FIELDS``, or a text that is too long or holds control characters.
        RoleError: ``my_number`` in role ``general``.
    """

    __slots__ = ("_texts", "additional_entry", "confidence", "doubts", "places", "sources")

    additional_entry: tuple[MaskedText, ...]
    sources: Mapping[str, Source]
    confidence: Mapping[str, float]
    places: Mapping[str, Place]
    doubts: tuple[Text, ...]

    def __init__(
        self,
        texts: Mapping[str, str],
        *,
        additional_entry: tuple[str, ...] = (),
        sources: Mapping[str, Source] | None = None,
        confidence: Mapping[str, float] | None = None,
        places: Mapping[str, Place] | None = None,
        doubts: tuple[Text, ...] = (),
        role: Role | str = Role.GENERAL,
    ) -> None:
        checked = _STRICT.adopt({**texts, "additional_entry": list(additional_entry)})
        _refuse_number(checked, Role(role))
        self._texts = MappingProxyType({key: _STRICT.text(checked[key], key, LONGEST_TEXT) for key in _known(checked)})
        self.additional_entry = _entries(checked)
        self.sources = MappingProxyType({key: (sources or {}).get(key, Source.TYPED) for key in self.fields()})
        self.confidence = MappingProxyType(dict(confidence or {}))
        self.places = MappingProxyType(dict(places or {}))
        self.doubts = tuple(doubts)

    @property
    def name(self) -> MaskedText | None:
        """氏名 as printed, 通称 and 旧氏 in their brackets or on their own line included."""
        return self._texts.get("name")

    @property
    def address(self) -> MaskedText | None:
        """住所 as printed."""
        return self._texts.get("address")

    @property
    def birth_date(self) -> MaskedText | None:
        """生年月日 as printed (昭和60年7月3日), or typed in any calendar."""
        return self._texts.get("birth_date")

    @property
    def sex(self) -> MaskedText | None:
        """性別 as printed (男, 女), or one of the words of ``Sex``."""
        return self._texts.get("sex")

    @property
    def expiry(self) -> MaskedText | None:
        """Last day of validity, as printed or typed."""
        return self._texts.get("expiry")

    @property
    def security_code(self) -> MaskedText | None:
        """The four digits of the face (セキュリティコード)."""
        return self._texts.get("security_code")

    @property
    def my_number(self) -> MaskedText | None:
        """個人番号 as printed on the back; only in role ``my-number-office``."""
        return self._texts.get("my_number")

    def fields(self) -> tuple[str, ...]:
        """Names of the fields that are there, in the order of ``FIELDS``."""
        there = {*self._texts, *(["additional_entry"] if self.additional_entry else [])}
        return tuple(name for name in FIELDS if name in there)

    @classmethod
    def from_json(cls, data: str | bytes, *, role: Role | str = Role.GENERAL) -> PrintedData:
        """The flat object (what a person typed), or the document that reading a picture gives.

        Raises:
            PrintedDataError: it is neither; says where and why.
            RoleError: it holds ``my_number`` and the role is ``general``.
        """
        return cls._read(_STRICT.load(data), role)

    @classmethod
    def from_object(cls, document: object, *, role: Role | str = Role.GENERAL) -> PrintedData:
        """The same of a parsed object, as a member of a larger document; raises what ``from_json`` raises."""
        return cls._read(_STRICT.adopt(document), role)

    @classmethod
    def from_file(cls, path: str | os.PathLike[str], *, role: Role | str = Role.GENERAL) -> PrintedData:
        """The same of a file.

        Raises:
            UnreadableFile: it cannot be opened or read; and what ``from_json`` raises.
        """
        return cls.from_json(read_file(path, MAX_BYTES), role=role)

    @classmethod
    def _read(cls, document: Mapping[str, Any], role: Role | str) -> PrintedData:
        if "format" not in document:
            return cls._flat(document, role)
        _STRICT.keys(document, "printed", ("format", "printed"), ("confidence", "places", "doubts"))
        _STRICT.items(document.get("doubts", MaskedList()), "doubts", MOST_DOUBTS)
        _STRICT.word(document["format"], "format", (FORMAT,))
        printed = _STRICT.keys(document["printed"], "printed", (), FIELDS)
        texts = {key: printed[key] for key in _known(printed)}
        return cls(
            texts,
            additional_entry=_entries(printed),
            sources=dict.fromkeys(printed, Source.PICTURE),
            confidence=_confidence(document),
            places=_places(document),
            role=role,
        )

    @classmethod
    def _flat(cls, document: Mapping[str, Any], role: Role | str) -> PrintedData:
        _STRICT.keys(document, "printed", (), FIELDS)
        return cls({key: document[key] for key in _known(document)}, additional_entry=_entries(document), role=role)

    def to_dict(self, lang: str = "en") -> dict[str, Any]:
        """The document ``mnverify.printed/1``: personal data in the clear, for the one who asked for it."""
        printed: dict[str, Any] = {name: self._texts[name] for name in FIELDS if name in self._texts}
        if self.additional_entry:
            printed["additional_entry"] = list(self.additional_entry)
        return {
            "format": FORMAT,
            "printed": printed,
            "confidence": {name: round(value, 3) for name, value in self.confidence.items()},
            "places": {name: list(place) for name, place in self.places.items()},
            "doubts": [doubt.in_language(lang) for doubt in self.doubts],
        }

    def __repr__(self) -> str:
        return f"PrintedData({', '.join(self.fields()) or 'nothing'})"

    __reduce_ex__ = refuse_copy


def _refuse(where: str, why: Text) -> Exception:
    return PrintedDataError(where, why)


_STRICT = StrictJson("printed", _refuse, Limits(MAX_BYTES, 4, longest_number=8))


def _known(document: Mapping[str, Any]) -> list[str]:
    _STRICT.keys(document, "printed", (), FIELDS)
    return [name for name in _TEXTS if name in document]


def _entries(document: Mapping[str, Any]) -> tuple[MaskedText, ...]:
    if "additional_entry" not in document:
        return ()
    lines = _STRICT.items(document["additional_entry"], "additional_entry", MOST_ENTRIES)
    return tuple(_STRICT.text(line, "additional_entry", LONGEST_TEXT) for line in lines)


def _confidence(document: Mapping[str, Any]) -> dict[str, float]:
    members = _members(document, "confidence")
    for name, value in members.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise _refuse(f"confidence.{name}", Text("it is not a number from 0 to 1", "0〜1 の数ではありません"))
    return {name: float(value) for name, value in members.items()}


def _places(document: Mapping[str, Any]) -> dict[str, Place]:
    places: dict[str, Place] = {}
    for name, value in _members(document, "places").items():
        where = f"places.{name}"
        numbers = [_STRICT.whole(one, where, 0, LONGEST_SIDE) for one in _STRICT.items(value, where, 4)]
        if len(numbers) != len(Place._fields):
            raise _refuse(where, Text("it is not x, y, width, height", "x, y, 幅, 高さ の並びではありません"))
        places[name] = Place(*numbers)
    return places


def _members(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return _STRICT.keys(document[name], name, (), FIELDS) if name in document else {}


def _refuse_number(document: Mapping[str, Any], role: Role) -> None:
    if "my_number" in document and role is not Role.MY_NUMBER_OFFICE:
        raise RoleError(
            Text(
                "Printed data holds the 個人番号, which role general may not collect. Nothing of it was used. "
                "Leave my_number out, or declare the role my-number-office where the business may.",
                "印字データに個人番号が含まれています。役割 general では収集できません。内容は一切使っていません。"
                "my_number を除くか、個人番号を扱える業務なら役割 my-number-office を宣言してください。",
            )
        )
