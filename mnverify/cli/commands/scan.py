"""``scan``: what is printed on the face of a card, read from a picture."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from mnverify.cli.arguments import Arguments
from mnverify.cli.command import Command
from mnverify.cli.exit_status import DONE, REFUSED, USAGE
from mnverify.cli.labels import FIELDS
from mnverify.cli.options import role_option
from mnverify.cli.output import show
from mnverify.cli.terminal import columns, print_json, table, wrap
from mnverify.cli.working import working
from mnverify.errors import UnreadableFile, os_reason
from mnverify.masked import MaskedBytes
from mnverify.text import Text

if TYPE_CHECKING:
    from mnverify.printed import PrintedData, Scan

_READING = Text("Reading the picture", "画像を読み取り中")
_LABELS = {
    **FIELDS,
    "additional_entry": Text("Additional entry", "追記欄"),
    "security_code": Text("Security code", "セキュリティコード"),
}
_SURE, _LOOK = Text("sure", "確実"), Text("check it", "要確認")
_HEADINGS = (Text("field", "項目"), Text("as read", "読み取り結果"), Text("confidence", "確からしさ"))
_PROVES_NOTHING = Text(
    "This is what a machine read in a picture: it proves nothing, and variants of a character are not told apart. "
    "Compare it with the chip (mnverify compare).",
    "画像から機械が読み取った結果です。これだけでは何も証明できず、異体字も区別できません。チップの内容と照合してください"
    "（mnverify compare）。",
)


def run(options: argparse.Namespace) -> int:
    """Read a picture and print what it says."""
    from mnverify.printed import scan

    with working(_READING, options.lang):
        found = scan(_given(options.image), role=options.role)
    if options.json:
        print_json(found.printed.to_dict(options.lang))
    else:
        show("\n".join(_report(found, options.lang)))
    return DONE


def _given(image: str) -> str | MaskedBytes:
    """The path, or what stands on standard input."""
    from mnverify.printed.pictures import MAX_BYTES

    if image != "-":
        return image
    try:
        return MaskedBytes(sys.stdin.buffer.read(MAX_BYTES + 1))
    except OSError as error:
        raise UnreadableFile(image, os_reason(error)) from None


def _report(found: Scan, lang: str) -> list[str]:
    printed = found.printed
    rows = [[_LABELS[name].in_language(lang), text, _confidence(found, name, lang)] for name, text in _texts(printed)]
    lines = [table(rows, headings=[one.in_language(lang) for one in _HEADINGS])]
    for doubt in printed.doubts:
        lines += wrap(f"! {doubt.in_language(lang)}", columns(), hanging=2)
    return [*lines, "", *wrap(_PROVES_NOTHING.in_language(lang), columns())]


def _texts(printed: PrintedData) -> list[tuple[str, str]]:
    """Every field that was read, an entry of the 追記欄 a row."""
    found: list[tuple[str, str]] = []
    for name in printed.fields():
        if name == "additional_entry":
            found += [(name, entry) for entry in printed.additional_entry]
        else:
            found.append((name, getattr(printed, name)))
    return found


def _confidence(found: Scan, name: str, lang: str) -> str:
    from mnverify.printed.fields import SURE

    value = found.printed.confidence[name]
    return f"{value:.2f}  {(_SURE if value >= SURE else _LOOK).in_language(lang)}"


def _add(arguments: Arguments) -> None:
    arguments.option(
        "image",
        metavar="IMAGE",
        help=Text(
            "a photo or scan of the front: JPEG, PNG, …; - is standard input",
            "表面の写真かスキャン（JPEG、PNG など）。- は標準入力",
        ),
    )
    role_option(arguments)


COMMAND = Command(
    "scan",
    Text("read the face of a card from a picture", "券面の画像から印字を読み取る"),
    run,
    _add,
    description=Text(
        "Finds the card in a photo or scan, whichever way it lies, and reads what is printed, each field with its confidence and "
        "place. Nothing is kept or sent. The number on the back is read in role my-number-office alone.",
        "写真やスキャンからカードを見つけ（向きは問いません）、印字を項目ごとに、確からしさと位置を付けて読み取ります。"
        "保存や送信はしません。裏面の個人番号は、役割 my-number-office でだけ読みます。",
    ),
    examples=(
        ("mnverify scan front.jpg", Text("a photo of the front", "表面の写真を読む")),
        (
            "mnverify scan front.jpg --json > printed.json",
            Text("for mnverify compare", "mnverify compare に渡すファイルを作る"),
        ),
    ),
    statuses=(DONE, USAGE, REFUSED),
)
