"""The page: outcome, pictures side by side, each field, what was checked and what is not known."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from html import escape

from mnverify.errors import ImageError, MissingExtra
from mnverify.images import Image
from mnverify.printed.comparison import PHOTO, Comparison, FieldComparison, FieldOutcome
from mnverify.printed.data import PrintedData, Source
from mnverify.printed.report import words
from mnverify.printed.report.style import STYLE
from mnverify.printed.words import LABELS
from mnverify.text import Text
from mnverify.values.dates import PartialDate, in_japanese_calendar
from mnverify.values.sex import Sex
from mnverify.verification import Field

_NEVER_SHOWN = frozenset({"my_number"})
"""The 個人番号 reaches no file: its outcome is told, and nothing of it is shown."""
_CHIP_NAMES = {name: (name, f"{name}_image") for name in LABELS}
_REAL = "production"
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"


@dataclass(frozen=True, slots=True, repr=False)
class ReportPictures:
    """Pictures of the print, each PNG or JPEG.

    Attributes:
        front: the face of the card, whole.
        crops: by field name, the piece of it where the field is; ``photo`` for the photo.
    """

    front: bytes | None = None
    crops: Mapping[str, bytes] = field(default_factory=dict)


_NO_PICTURES = ReportPictures()


def html_report(
    comparison: Comparison,
    printed: PrintedData,
    *,
    made_at: datetime,
    scan: PrintedData | None = None,
    pictures: ReportPictures = _NO_PICTURES,
    photo: bool | None = None,
    lang: str = "en",
) -> str:
    """The report as one HTML document. It shows the fields that were given to be compared, and no others; the 個人番号 never.

    Args:
        comparison: the comparison.
        printed: what was printed.
        made_at: shown on the page.
        scan: what was read in a picture besides.
        pictures: of the print, where there are any.
        photo: whether photos are shown; ``None`` for where they were asked for: no policy names other fields alone, or the printed
            one is there to be held beside the chip's.
        lang: ``en`` or ``ja``.
    """
    required = comparison.policy.require
    if photo is None:
        photo = required is None or PHOTO in required or PHOTO in pictures.crops
    sources = [printed] if scan is None else [printed, scan]
    page = _Page(comparison, sources, pictures, photo, "ja" if lang == "ja" else "en")
    body = "\n".join(part for part in page.parts(made_at) if part)
    digest = b64encode(sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return (
        f'<!DOCTYPE html>\n<html lang="{page.lang}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n'
        f"<title>{page.say(words.TITLE)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


class _Page:
    """One report in one language."""

    def __init__(
        self, comparison: Comparison, sources: list[PrintedData], pictures: ReportPictures, photo: bool, lang: str
    ) -> None:
        self._comparison = comparison
        self._sources = sources
        self._pictures = pictures
        self._photo = photo
        self.lang = lang

    def say(self, text: Text) -> str:
        """A sentence in the language of the page, escaped."""
        return escape(text.in_language(self.lang))

    def parts(self, made_at: datetime) -> Iterable[str]:
        """The parts of the page, from above."""
        yield self._head(made_at)
        yield self._verdict()
        if self._comparison.verification.verified:
            yield self._faces()
            yield self._fields()
        yield self._front()
        yield self._checks()
        yield self._not_known()
        yield f'<h2>{self.say(words.CONFIRMED)}</h2>\n<div class="sign"></div>\n<p class="sub">{self.say(words.HANDLE)}</p>'

    def _head(self, made_at: datetime) -> str:
        environment = self._comparison.verification.environment
        made = words.MADE.fill(at=made_at.isoformat(" ", "minutes"), environment=environment)
        real = "" if environment == _REAL else self.say(words.NOT_REAL)
        return f'<h1>{self.say(words.TITLE)}</h1>\n<p class="sub">{self.say(made)}{real}</p>'

    def _verdict(self) -> str:
        if not self._comparison.verification.verified:
            return _verdict_box("mismatch", self.say(words.REJECTED), self.say(words.REJECTED_MORE))
        outcome = self._comparison.outcome
        names = self._comparison.required()
        if names:
            labels = Text(", ".join(LABELS[one].en for one in names), "、".join(LABELS[one].ja for one in names))
            more = words.REQUIRED.fill(names=labels)
        else:
            more = words.NOTHING_REQUIRED
        return _verdict_box(outcome.value, self.say(words.OVERALL[outcome]), self.say(more))

    def _fields(self) -> str:
        shown = [self._field(name, found) for name, found in self._comparison.fields.items() if self._asked_for(name)]
        return "\n".join([f"<h2>{self.say(words.FIELDS)}</h2>", *shown])

    def _asked_for(self, name: str) -> bool:
        """Whether the field was printed data, or stands in the 追記欄; the photo has a place of its own."""
        return name != PHOTO and self._comparison.fields[name].code != "not-printed"

    def _field(self, name: str, found: FieldComparison) -> str:
        chip = "" if name == "additional_entry" else self._side(words.CHIP, self._of_chip(name))
        printed = self._side(words.PRINT, self._of_print(name))
        code = f"<code>{escape(found.code)}</code>"
        compared = found.outcome is not FieldOutcome.NOT_COMPARED
        how = f"{self.say(words.METHODS[found.method])} · {code}" if compared else code
        return (
            f'<section class="field"><header><h3>{self.say(LABELS[name])}</h3>'
            f'<span class="outcome {found.outcome.value}">{self.say(words.OUTCOMES[found.outcome])}</span></header>'
            f'<div class="sides{" wide" if "<img" in printed + chip else ""}">{printed}{chip}</div>'
            f'<p>{self.say(found.detail)}</p><p class="sub">{how}</p></section>'
        )

    def _side(self, label: Text, content: str) -> str:
        return f'<div class="side"><span>{self.say(label)}</span>{content}</div>' if content else ""

    def _of_print(self, name: str) -> str:
        if name in _NEVER_SHOWN:
            return f'<p class="sub">{self.say(words.NOT_SHOWN)}</p>'
        texts = [text for source in self._sources if (text := self._text_of(source, name))]
        shown = "".join(f'<p class="value">{text}</p>' for text in dict.fromkeys(texts))
        crop = self._pictures.crops.get(name)
        picture = _picture(crop, f"{self.say(LABELS[name])} ({self.say(words.PRINT)})", "crop") if crop else ""
        return shown + picture

    def _text_of(self, source: PrintedData, name: str) -> str:
        """What a source has, escaped; what a machine read is marked so."""
        if name == "additional_entry":
            text = "\n".join(str(line) for line in source.additional_entry)
        else:
            text = str(getattr(source, name) or "")
        if not text or source.sources[name] is not Source.PICTURE:
            return escape(text)
        return f'{escape(text)} <span class="sub">{self.say(words.READ)}</span>'

    def _of_chip(self, name: str) -> str:
        if name in _NEVER_SHOWN:
            return f'<p class="sub">{self.say(words.NOT_SHOWN)}</p>'
        chip = self._comparison.verification.fields
        there = [chip[one] for one in _CHIP_NAMES[name] if one in chip]
        return "".join(self._chip_value(name, one) for one in there)

    def _chip_value(self, name: str, found: Field) -> str:
        if isinstance(found.value, Image):
            content = self._image(found.value, LABELS[name], "dots")
        else:
            content = f'<p class="value">{escape(self._value(found.value))}</p>'
        return f'{content}<p class="sub">{self.say(words.ASSURANCES[found.assurance])}</p>'

    def _value(self, value: object) -> str:
        if isinstance(value, Sex):
            return value.japanese if self.lang == "ja" else value.value
        if isinstance(value, date | PartialDate):
            japanese = in_japanese_calendar(value)
            return value.isoformat() if japanese is None else f"{value.isoformat()} ({japanese})"
        return str(value)

    def _image(self, image: Image, label: Text, kind: str) -> str:
        try:
            return _picture(image.to_png(), f"{self.say(label)} ({self.say(words.CHIP)})", kind, scale=2)
        except (ImageError, MissingExtra) as error:
            return f'<p class="sub">{self.say(words.NO_PICTURE.fill(why=error.text))}</p>'

    def _faces(self) -> str:
        photo = self._comparison.verification.photo
        if photo is None or not self._photo:
            return ""
        figures = [
            f"<figure>{self._image(photo, words.FACES, '')}<figcaption>{self.say(words.CHIP)}</figcaption></figure>"
        ]
        crop, more = self._pictures.crops.get(PHOTO), words.FACE_MORE
        if crop:
            more = words.FACES_MORE
            shown = _picture(crop, f"{self.say(words.FACES)} ({self.say(words.PRINT)})", "")
            figures.insert(0, f"<figure>{shown}<figcaption>{self.say(words.PRINT)}</figcaption></figure>")
        return f'<h2>{self.say(words.FACES)}</h2>\n<div class="faces">{"".join(figures)}</div>\n<p>{self.say(more)}</p>'

    def _front(self) -> str:
        if self._pictures.front is None or not self._comparison.verification.verified:
            return ""
        shown = _picture(self._pictures.front, self.say(words.PICTURE), "front")
        return f"<h2>{self.say(words.PICTURE)}</h2>\n{shown}"

    def _checks(self) -> str:
        rows = "".join(
            f"<tr><th>{self.say(words.CHECKS[check.id])}</th><td>{self.say(words.CHECK_MARKS[check.outcome])}</td>"
            f"<td>{self.say(check.detail)}</td></tr>"
            for check in self._comparison.verification.checks
        )
        return f"<h2>{self.say(words.CHIP_CHECKS)}</h2>\n<table>{rows}</table>"

    def _not_known(self) -> str:
        limits = [*self._comparison.verification.limits.values(), *words.LIMITS]
        limits += [doubt for source in self._sources for doubt in source.doubts]
        items = "".join(f"<li>{self.say(limit)}</li>" for limit in limits)
        return f"<h2>{self.say(words.NOT_KNOWN)}</h2>\n<ul>{items}</ul>"


def _verdict_box(kind: str, headline: str, more: str) -> str:
    return f'<div class="verdict {kind}"><strong>{headline}</strong><p>{more}</p></div>'


def _picture(data: bytes, label: str, kind: str, *, scale: int = 1) -> str:
    """A picture inside the page; ``label`` is escaped already. What is neither PNG nor JPEG is left out."""
    media = "image/png" if data.startswith(_PNG) else "image/jpeg" if data.startswith(_JPEG) else None
    if media is None:
        return ""
    size = ""
    if kind == "dots":
        width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
        size = f' width="{width * scale}" height="{height * scale}"'
    return f'<img class="{kind}" alt="{label}"{size} src="data:{media};base64,{b64encode(data).decode()}">'
