"""A hook of MkDocs: a line that ends in Japanese goes on with the next without a gap.

Browsers show the end of a line in the source as a space, and Japanese has none between words. Between Japanese and Latin
letters the space stays.
"""

from __future__ import annotations

import re

_PRE = re.compile(r"(<pre\b.*?</pre>)", re.DOTALL)
_JAPANESE = r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]"
_BREAK = re.compile(rf"({_JAPANESE}(?:<[^<>]*>)*)\n *((?:<[^<>]*>)*(?={_JAPANESE}))")


def on_page_content(html: str, **_: object) -> str:
    """Called by MkDocs with the HTML of each page."""
    return "".join(part if part.startswith("<pre") else _BREAK.sub(r"\1\2", part) for part in _PRE.split(html))
