"""What is to be verified, in pieces that are done or not done: a row group of a file, or a stretch of its lines."""

from __future__ import annotations

import hashlib
import json
from typing import Any, NamedTuple

from mnverify.archive.rows import Settings
from mnverify.errors import ArchiveError
from mnverify.strict_json import Limits, StrictJson
from mnverify.text import Text
from mnverify.verification import TrustStore

FORMAT = "mnverify.archive-run/1"
MANIFEST = "_manifest.json"
"""The name of the manifest in the output folder. Readers of Parquet folders pass over names with an underscore."""
_NO_MANIFEST = Text(
    "The manifest of the output folder cannot be read, so nobody knows what is done. Nothing was verified; choose an empty folder.",
    "出力フォルダーの管理ファイル（manifest）を読めず、どこまで済んだか分かりません。検証していません。空のフォルダーを指定してください。",
)
_MANIFESTS = StrictJson(
    "manifest", lambda where, why: ArchiveError(_NO_MANIFEST), Limits(256 * 1024 * 1024, max_depth=4, longest_number=20)
)


WHOLE_FILE = -1
"""The number of a piece that is a whole file."""


class InputFile(NamedTuple):
    """A file of the archive, as it was when the run began.

    Attributes:
        name: relative to the archive; of a single file its own name.
        size: bytes.
        modified: nanoseconds since 1970, or 0 where the store tells none.
    """

    name: str
    size: int
    modified: int


class Piece(NamedTuple):
    """What is verified in one go, and written in one go.

    Attributes:
        file: the file's name.
        number: which of the file's row groups, or of its stretches of lines; ``WHOLE_FILE`` for all of it.
        start: first byte of a stretch, else 0.
        end: byte after a stretch, else 0.
        weight: bytes, for progress.
    """

    file: str
    number: int
    start: int
    end: int
    weight: int

    @property
    def part(self) -> str:
        """The name of its output: it depends on file and number alone, so a piece is done when this file is there."""
        number = "whole" if self.number == WHOLE_FILE else f"{self.number:06d}"
        return f"part-{hashlib.sha256(self.file.encode()).hexdigest()[:16]}-{number}.parquet"


def terms_of(settings: Settings) -> dict[str, Any]:
    """What a run goes by, as its manifest has it: a run is gone on with by the same terms only."""
    return {
        "at": settings.at.isoformat(),
        "role": settings.role.value,
        "require_presence": settings.require_presence,
        "trust": settings.trust.environment,
        "anchors": fingerprint(settings.trust),
    }


def fingerprint(trust: TrustStore) -> str:
    """Hex SHA-256 of a set of anchors: the same keys in the same environments give the same."""
    rows = sorted((a.domain.value, a.key_id.hex(), a.environment, a.modulus.hex(), a.exponent) for a in trust.anchors)
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


class Plan(NamedTuple):
    """A run: by which terms, of which files, in which pieces.

    Attributes:
        terms: of ``terms_of``.
        files: in order.
        pieces: in order; those of a file stand together.
    """

    terms: dict[str, Any]
    files: tuple[InputFile, ...]
    pieces: tuple[Piece, ...]

    def to_json(self) -> bytes:
        """The manifest."""
        document = {
            "format": FORMAT,
            "terms": self.terms,
            "files": [one._asdict() for one in self.files],
            "pieces": [one._asdict() for one in self.pieces],
        }
        return json.dumps(document, ensure_ascii=False, indent=1).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Plan:
        """The run of a manifest.

        Raises:
            ArchiveError: it is no manifest of ours.
        """
        document = _MANIFESTS.load(data)
        if document.get("format") != FORMAT:
            raise ArchiveError(_NO_MANIFEST)
        try:
            files = tuple(InputFile(**one) for one in document["files"])
            pieces = tuple(Piece(**one) for one in document["pieces"])
            return cls(dict(document["terms"]), files, pieces)
        except (KeyError, TypeError, ValueError):
            raise ArchiveError(_NO_MANIFEST) from None

    def going_on(self, now: Plan) -> Plan:
        """This run with the files that came since.

        Args:
            now: the run as it would begin today.

        Raises:
            ArchiveError: the terms are others, or a file changed or is gone.
        """
        different = [name for name in now.terms if now.terms[name] != self.terms.get(name)]
        if different:
            raise ArchiveError(_OTHER_TERMS.fill(terms=", ".join(different)))
        there = {one.name: one for one in now.files}
        changed = [one.name for one in self.files if there.get(one.name) != one]
        if changed:
            raise ArchiveError(_CHANGED.fill(count=len(changed), file=changed[0]))
        known = {one.name for one in self.files}
        return Plan(
            self.terms,
            self.files + tuple(one for one in now.files if one.name not in known),
            self.pieces + tuple(one for one in now.pieces if one.file not in known),
        )


_OTHER_TERMS = Text(
    "The output folder was begun by other terms ({terms}). Nothing was verified; choose another folder, or the same terms.",
    "出力フォルダーは別の条件（{terms}）で始められています。検証していません。別のフォルダーか、同じ条件を指定してください。",
)
_CHANGED = Text(
    "{count} files of the archive are gone or changed since the run began, {file} among them. Nothing more was verified; "
    "choose another output folder.",
    "検証を始めた後に、アーカイブのファイル{count}個がなくなったか変更されています（{file} など）。これ以上検証していません。"
    "別の出力フォルダーを指定してください。",
)
