"""``card print``: a side of a virtual card as a picture, drawn or photographed, to try out what reads cards."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mnverify.cli.arguments import Arguments, number
from mnverify.cli.command import Command
from mnverify.cli.commands.demo import PERSONA
from mnverify.cli.exit_status import DONE, USAGE
from mnverify.cli.files import refuse_target, write_whole
from mnverify.cli.output import show
from mnverify.cli.terminal import columns, print_json, wrap
from mnverify.errors import UsageError
from mnverify.text import Text

if TYPE_CHECKING:
    from mnverify.virtual.print import Photograph, Print

_LEAST_DPI, _MOST_DPI, _MOST_SEED = 150, 1200, 2**31 - 1
_LAYOUTS = "standard, mirrored, compact, open"
_CONDITIONS = "phone, turned, tilted, scan, scan600, shadow, glare, dark, blurred, fingers, far, squeezed, webcam"
_FLAWS = (
    "other-face, altered-birth, altered-expiry, altered-code, altered-address, altered-name, swapped-variant; "
    "altered-number, missing-chip, another-code, code-wrong-size, two-codes, no-code"
)
_PHOTO_DPI = 600
_SUFFIXES = {False: (".png",), True: (".jpg", ".jpeg")}


def run(options: argparse.Namespace) -> int:
    """Draw a side, photograph it where a condition is given, write the picture, say what it shows."""
    _refuse_suffix(options.output, photo=options.condition is not None)
    refuse_target(options.output)
    side = _draw(options)
    taken = None
    if options.condition is not None:
        from mnverify.virtual.print import photograph

        taken = photograph(side, options.condition, options.seed)
    write_whole({options.output: side.to_png() if taken is None else taken.jpeg}, _NOT_WRITTEN)
    if options.json:
        print_json(_document(side, taken))
    else:
        what = _WRITTEN if taken is None else _TAKEN.fill(condition=taken.condition, seed=taken.seed)
        said = what.fill(path=options.output, side=_SIDES[side.side.value], persona=side.persona_id, layout=side.layout)
        show("\n".join(wrap(said.in_language(options.lang), columns())))
    return DONE


def _draw(options: argparse.Namespace) -> Print:
    from mnverify.virtual import persona
    from mnverify.virtual.print import PrintFlaw, print_back, print_front

    holder = persona(options.persona) if options.persona is not None else persona()
    known = {flaw.value: flaw for flaw in PrintFlaw}
    for word in options.flaw:
        if word not in known:
            raise UsageError(_NO_FLAW.fill(word=word, known=_FLAWS))
    dpi = options.dpi if options.dpi is not None else 300 if options.condition is None else _PHOTO_DPI
    draw = print_front if options.side == "front" else print_back
    flaws = [known[word] for word in options.flaw]
    return draw(holder, layout=options.layout, dpi=dpi, flaws=flaws, seed=options.seed)


def _refuse_suffix(path: str, *, photo: bool) -> None:
    """A drawn side is a PNG, a photograph a JPEG: other programs go by the name."""
    if not path.lower().endswith(_SUFFIXES[photo]):
        raise UsageError(_SUFFIX_OF_PHOTO if photo else _SUFFIX_OF_PRINT)


def _document(side: Print, taken: Photograph | None) -> dict[str, Any]:
    """The truth about the picture: places are of the drawn side, outlines of the photograph."""
    document: dict[str, Any] = {
        "persona": side.persona_id,
        "side": side.side.value,
        "layout": side.layout,
        "dpi": side.dpi,
        "printed": dict(side.printed),
        "altered": sorted(side.altered),
    }
    if taken is None:
        return document | {"size": list(side.size), "places": _lists(side.places)}
    outlines = {field: _points(taken.outline(field)) for field in side.places}
    return document | {
        "condition": taken.condition,
        "seed": taken.seed,
        "corners": _points(taken.corners),
        "outlines": outlines,
    }


def _lists(places: Mapping[str, tuple[int, ...]]) -> dict[str, list[int]]:
    return {field: list(place) for field, place in places.items()}


def _points(corners: Iterable[tuple[float, float]]) -> list[list[float]]:
    return [[round(x, 1), round(y, 1)] for x, y in corners]


_SIDES = {"front": Text("front", "表面"), "back": Text("back", "裏面")}
_NO_FLAW = Text(
    "{word!r} cannot be printed. Nothing was written; there are: {known}.",
    "{word!r} は指定できません。何も書いていません。指定できるもの: {known}",
)
_SUFFIX_OF_PRINT = Text(
    "A drawn side is written as PNG. Nothing was written; give -o a name that ends in .png, or --condition for a photograph.",
    "描いた券面は PNG で書き出します。何も書いていません。-o に .png で終わる名前を指定するか、写真にするなら --condition を"
    "指定してください。",
)
_SUFFIX_OF_PHOTO = Text(
    "A photograph is written as JPEG. Nothing was written; give -o a name that ends in .jpg.",
    "写真は JPEG で書き出します。何も書いていません。-o に .jpg で終わる名前を指定してください。",
)
_NOT_WRITTEN = Text(
    "The picture was not written: {path}: {why}. Choose another place.",
    "画像を書き出せませんでした（{path}: {why}）。保存先を変えてください。",
)
_WRITTEN = Text(
    "{path}: the {side} of {persona}'s virtual card, layout {layout}, marked 見本.",
    "{path}: {persona} の仮想カードの{side}（レイアウト {layout}）。見本と表示してあります。",
)
_TAKEN = Text(
    "{{path}}: the {{side}} of {{persona}}'s virtual card, layout {{layout}}, marked 見本; taken as {condition}, seed {seed}.",
    "{{path}}: {{persona}} の仮想カードの{{side}}（レイアウト {{layout}}）を条件 {condition}、シード {seed} で撮った写真。"
    "見本と表示してあります。",
)


def _add(arguments: Arguments) -> None:
    arguments.option(
        "-o", "--output", required=True, metavar="FILE",
        help=Text("the picture: .png, with --condition .jpg", "書き出す画像。.png、--condition では .jpg"),
    )  # fmt: skip
    arguments.option("--persona", metavar="ID", help=PERSONA)
    arguments.option(
        "--side", choices=("front", "back"), default="front",
        help=Text("which side (default: front)", "表面（front、既定）か裏面（back）か"),
    )  # fmt: skip
    arguments.option(
        "--layout", default="standard", metavar="NAME",
        help=Text(
            f"where things stand, and the typeface: {_LAYOUTS} (default: standard)",
            f"配置と書体: {_LAYOUTS}（既定: standard）",
        ),
    )  # fmt: skip
    arguments.option(
        "--dpi", type=number(_LEAST_DPI, _MOST_DPI), metavar="N",
        help=Text("dots per inch (default: 300, for photographs 600)", "解像度（既定: 300、写真では 600）"),
    )  # fmt: skip
    arguments.option(
        "--flaw", action="append", default=[], metavar="FLAW",
        help=Text(f"a forgery: {_FLAWS}; may be repeated", f"偽造の種類: {_FLAWS}。繰り返し指定可"),
    )  # fmt: skip
    arguments.option(
        "--condition", metavar="NAME",
        help=Text(f"photograph or scan it: {_CONDITIONS}", f"撮影・スキャンの条件: {_CONDITIONS}"),
    )  # fmt: skip
    arguments.option(
        "--seed", type=number(0, _MOST_SEED), default=0, metavar="N",
        help=Text("of pose, desk, light and of what is forged (default: 0)", "姿勢・机・光と偽造箇所を決めるシード（既定: 0）"),
    )  # fmt: skip


COMMAND = Command(
    "card print",
    Text(
        "a side of a virtual card as a picture, drawn or photographed", "仮想カードの券面の画像を作る（描画または撮影）"
    ),
    run,
    _add,
    description=Text(
        "Draws a side of a virtual card in the proportions of a real one, marked as a sample, or photographs it: pictures to try "
        "out what reads and compares cards, without a card. Needs the extra [print] and Japanese fonts.",
        "仮想カードの券面を、実物と同じ比率で、見本と表示して描きます。条件を指定すると、それを撮影した写真になります。カードがなくても、"
        "券面の読み取りと照合を試せます。エクストラ [print] と日本語フォントが必要です。",
    ),
    examples=(
        ("mnverify card print -o front.png", Text("the front at 300 dpi", "表面を 300 dpi で")),
        (
            "mnverify card print --side back --condition phone --seed 7 -o back.jpg",
            Text("the back as a phone's photo", "裏面をスマートフォンで撮った写真"),
        ),
        (
            "mnverify card print --flaw altered-code --condition tilted -o forged.jpg",
            Text("a forgery: one digit of the security code is another", "偽造: セキュリティコードの1桁が違う"),
        ),
    ),
    statuses=(DONE, USAGE),
)
