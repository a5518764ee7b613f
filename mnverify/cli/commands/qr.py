"""``qr``: the QR code on the back of a card, for who may see the number."""

from __future__ import annotations

import argparse

from mnverify.cli.arguments import Arguments, number
from mnverify.cli.command import Command
from mnverify.cli.exit_status import CHECK_FAILED, DONE, REFUSED, USAGE
from mnverify.cli.options import role_option
from mnverify.cli.output import show
from mnverify.cli.terminal import columns, print_json, table, wrap
from mnverify.text import Text

_NUMBER = Text("number", "個人番号")
_VERSION = Text("version of the QR code", "QR コードの型番")
_SIZE = Text("width of the code", "QR コードの1辺")
_NO_SIZE = Text("not checked: the scale is not known", "確認していません（縮尺が不明）")
_PROVES_NOTHING = Text(
    "A QR code proves nothing by itself: compare it with the chip and with the digits beside it.",
    "QR コードだけでは何も証明できません。チップの内容と、横に印字された数字とも照合してください。",
)


def run(options: argparse.Namespace) -> int:
    """Decode the code and print what it holds: whoever runs this has declared that the business may see it."""
    from mnverify.printed.qr import decode_qr

    code = decode_qr(options.image, options.role, dpi=options.dpi)
    digits = code.my_number.reveal()
    if options.json:
        print_json({"my_number": digits, "version": code.version, "size_mm": code.size_mm})
        return DONE
    size = _NO_SIZE.in_language(options.lang) if code.size_mm is None else f"{code.size_mm:.2f} mm"
    shown = f"{digits[:4]} {digits[4:8]} {digits[8:]}"
    rows = ((_NUMBER, shown), (_VERSION, str(code.version)), (_SIZE, size))
    lines = table([[name.in_language(options.lang), value] for name, value in rows])
    show("\n".join([lines, "", *wrap(_PROVES_NOTHING.in_language(options.lang), columns())]))
    return DONE


def _add(arguments: Arguments) -> None:
    arguments.option(
        "image",
        metavar="IMAGE",
        help=Text("a scan or photo of the back: JPEG, PNG, …", "裏面のスキャンか写真（JPEG、PNG など）"),
    )
    role_option(arguments)
    arguments.option(
        "--dpi",
        type=number(50, 5000),
        metavar="DPI",
        help=Text(
            "resolution of a scan, where the file does not state it: the size of the code is checked by it",
            "スキャンの解像度（ファイルに記録がないとき）。コードの大きさの確認に使う",
        ),
    )


COMMAND = Command(
    "qr",
    Text("decode the QR code on the back", "裏面の QR コードを読む"),
    run,
    _add,
    description=Text(
        "Decodes the QR code on the back of a card, which is the number: in role my-number-office only. "
        "In any other role the picture is not opened.",
        "カード裏面の QR コード（個人番号）を読みます。役割 my-number-office でだけ使えます。ほかの役割では画像を開きません。",
    ),
    examples=(
        (
            "mnverify qr back.jpg --role my-number-office --json",
            Text("where the business may have the number", "個人番号を扱える業務で読む"),
        ),
        (
            "mnverify qr scan.png --role my-number-office --dpi 300",
            Text("a scan; the size of the code is checked too", "スキャン画像で、コードの大きさも確かめる"),
        ),
    ),
    statuses=(DONE, CHECK_FAILED, USAGE, REFUSED),
)
