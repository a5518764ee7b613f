"""Make the table of kanji variants from the MJ縮退マップ. Usage: python tools/make_variants.py MOJI.DB

``MOJI.DB`` is ``dist/moji.db`` of the npm package ``@mandel59/mojidata`` (``npm pack @mandel59/mojidata``, then unpack; about
100 MB, which is why it is not kept here). Writes ``mnverify/printed/variants/data/variants.txt``: one line a character that others
fold to, itself first, then these. Section ``[unified]`` has what JIS unifies (JIS包摂規準・UCS統合規則), section ``[related]`` what
the family register's tables name as a variant of it (戸籍統一文字情報 親字・正字, 民一2842号 without 別字, 民二5202号).
"""

from __future__ import annotations

import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

TARGET = Path(__file__).parent.parent / "mnverify" / "printed" / "variants" / "data" / "variants.txt"
UNIFIED = ("JIS包摂規準UCS統合規則",)
RELATED = (
    "戸籍統一文字情報_親字正字",
    "民一2842号通達別表_誤字俗字正字一覧表_俗字",
    "民一2842号通達別表_誤字俗字正字一覧表_無印",
    "民二5202号通知別表_正字俗字等対照表",
)
LARGEST_GROUP = 3
HEAD = """\
# Variants of kanji, by the character that they fold to. Made by tools/make_variants.py; do not edit.
# Source: MJ縮退マップ and MJ文字情報一覧表 (c) IPA 独立行政法人情報処理推進機構, as packaged by @mandel59/mojidata {version}.
# Licence of this file: Creative Commons Attribution-ShareAlike 2.1 Japan; see variants-licence.txt.
"""

Pairs = set[tuple[str, str]]


def pairs_of(database: sqlite3.Connection, tables: Iterable[str]) -> Pairs:
    """Pairs of a character to fold to and the one that is folded."""
    found: Pairs = set()
    for table in tables:
        query = f'SELECT s."縮退UCS", m."対応するUCS" FROM "mjsm_{table}" s JOIN mji m USING ("MJ文字図形名")'
        found |= {(to, one) for to, one in database.execute(query) if to and one and to != one}
    return found


def refuse_large_groups(pairs: Pairs) -> None:
    """What JIS unifies may be joined into groups only because the groups stay small."""
    groups: dict[str, set[str]] = {}
    for pair in pairs:
        joined = set(pair).union(*(groups.get(one, {one}) for one in pair))
        groups.update(dict.fromkeys(joined, joined))
    largest = max(groups.values(), key=len)
    if len(largest) > LARGEST_GROUP:
        raise SystemExit(f"a group of {len(largest)}: {''.join(sorted(largest))}")


def section(name: str, pairs: Pairs) -> str:
    """One section of the file."""
    by_first: defaultdict[str, list[str]] = defaultdict(list)
    for to, one in sorted(pairs):
        by_first[to].append(one)
    return "\n".join([f"[{name}]", *(to + "".join(others) for to, others in sorted(by_first.items()))]) + "\n"


def main() -> None:
    """Write the file."""
    path = Path(sys.argv[1])
    version = (path.parent.parent / "package.json").read_text().split('"version": "')[1].split('"')[0]
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        unified, related = pairs_of(database, UNIFIED), pairs_of(database, RELATED)
    refuse_large_groups(unified)
    related -= unified | {(one, to) for to, one in unified}
    TARGET.write_text(HEAD.format(version=version) + section("unified", unified) + section("related", related), "utf-8")
    print(f"{TARGET}: {len(unified)} pairs unified, {len(related)} related")


if __name__ == "__main__":
    main()
