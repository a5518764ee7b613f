"""The files of the page, read once at the start. Nothing else of the disk can be asked for."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import NamedTuple

from samples.nfc_kiosk.settings import Settings

_MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


class PageFile(NamedTuple):
    """One file."""

    content: bytes
    media_type: str


class PageFiles:
    """What lies in the folder.

    Args:
        folder: of the page; its ``words`` hold one file a language, whose name is the language's code.

    Attributes:
        languages: code and own name of each language, in the order of their codes.
    """

    def __init__(self, folder: Path) -> None:
        self._files: dict[str, PageFile] = {}
        for path in sorted(folder.rglob("*")):
            if path.suffix in _MEDIA_TYPES:
                self._files[path.relative_to(folder).as_posix()] = PageFile(
                    path.read_bytes(), f"{_MEDIA_TYPES[path.suffix]}; charset=utf-8"
                )
        words = sorted(folder.glob("words/*.json"))
        self.languages = [
            {"code": path.stem, "name": json.loads(path.read_text("utf-8"))["language"]["name"]} for path in words
        ]

    def get(self, name: str) -> PageFile | None:
        """One of them."""
        return self._files.get(name)

    def index(self, settings: Settings, csrf: str, head: str = "") -> bytes:
        """The page itself, with what its script adds to each request."""
        text = self._files["index.html"].content.decode("utf-8")
        text = text.replace("{language}", html.escape(settings.language)).replace("{theme}", settings.theme)
        text = text.replace("</head>", head, 1) if head else text
        return text.replace("{csrf}", html.escape(csrf)).encode()
