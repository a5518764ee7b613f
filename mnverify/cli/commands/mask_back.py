"""``mask-back``: a picture of the back, without the number."""

from __future__ import annotations

import argparse
from pathlib import Path

from mnverify.cli.arguments import Arguments
from mnverify.cli.command import Command
from mnverify.cli.exit_status import CHECK_FAILED, DONE, USAGE
from mnverify.cli.files import refuse_target, write_whole
from mnverify.cli.output import show
from mnverify.cli.terminal import columns, print_json, wrap
from mnverify.cli.working import working
from mnverify.errors import UsageError
from mnverify.text import Text

_MASKING = Text("Looking for numbers and codes", "番号とコードを探しています")
_JPEG, _PNG = (".jpg", ".jpeg"), (".png",)
_KIND = Text(
    "The name of the output ends in .png or .jpg. Nothing was done.",
    "出力ファイルの名前は .png か .jpg で終わるようにしてください。何もしていません。",
)
_NOT_WRITTEN = Text(
    "The masked picture was not written: {path}: {why}. Choose another place.",
    "塗りつぶした画像を書き出せませんでした（{path}: {why}）。保存先を変えてください。",
)
_DONE = Text(
    "Painted out: QR codes {codes}, numbers {numbers}. Look at {path} before you keep it; name and date of birth are still in it. "
    "The original picture is still where it was: delete it.",
    "QR コード{codes}か所、個人番号{numbers}か所を塗りつぶしました。保存する前に {path} を目で確かめてください。"
    "氏名と生年月日は残っています。元の画像はそのままです。削除してください。",
)


def run(options: argparse.Namespace) -> int:
    """Mask the picture, and write it whole or not at all."""
    kind = Path(options.output).suffix.lower()
    if kind not in (*_JPEG, *_PNG):
        raise UsageError(_KIND)
    refuse_target(options.output)
    from mnverify.printed.mask import mask_back

    with working(_MASKING, options.lang) as progress:
        picture = mask_back(options.image, progress=progress)
    write_whole({options.output: picture.to_jpeg() if kind in _JPEG else picture.to_png()}, _NOT_WRITTEN)
    if options.json:
        print_json(
            {
                "output": options.output,
                "codes": picture.codes,
                "numbers": picture.numbers,
                "width": picture.width,
                "height": picture.height,
            }
        )
        return DONE
    said = _DONE.fill(codes=picture.codes, numbers=picture.numbers, path=options.output)
    show("\n".join(wrap(said.in_language(options.lang), columns())))
    return DONE


def _add(arguments: Arguments) -> None:
    arguments.option(
        "image",
        metavar="IMAGE",
        help=Text("a scan or photo of the back: JPEG, PNG, …", "裏面のスキャンか写真（JPEG、PNG など）"),
    )
    arguments.option(
        "-o",
        "--output",
        required=True,
        metavar="OUT",
        help=Text("where the masked picture goes: .png or .jpg", "塗りつぶした画像の保存先（.png か .jpg）"),
    )


COMMAND = Command(
    "mask-back",
    Text("paint out number and QR code in a picture of the back", "裏面の画像から個人番号と QR コードを消す"),
    run,
    _add,
    description=Text(
        "For a picture of the back that you were handed and may not keep as it is: the number and the QR code are painted out, and "
        "whatever else the file carried is dropped. Where it is not sure that all was found, nothing is written.",
        "受け取ったものの、そのままでは保存できない裏面の画像のためのコマンドです。"
        "個人番号と QR コードを塗りつぶし、ファイルに付いていたほかの情報も捨てます。"
        "すべて見つけた確信がないときは、何も書き出しません。",
    ),
    examples=(
        ("mnverify mask-back back.jpg -o masked.jpg", Text("a photo of the back", "裏面の写真")),
        ("mnverify mask-back copy.png -o masked.png --json", Text("a copy of both sides", "両面のコピー")),
    ),
    statuses=(DONE, CHECK_FAILED, USAGE),
)
