"""Write ``docs/openapi.json``, the endpoint's OpenAPI document. Usage: python -m tools.openapi"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mnverify.server.app import build_api
from mnverify.server.routes import Routes

PATH = Path(__file__).resolve().parents[1] / "docs" / "openapi.json"


def text() -> str:
    """The document as it is kept."""
    document: dict[str, Any] = build_api(Routes()).openapi()
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
