"""Pictures of a verified card as PNG files: all of them or none, readable by their owner only."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from mnverify.cli.files import refuse_target, write_whole
from mnverify.errors import MissingExtra, UsageError
from mnverify.images import Image
from mnverify.text import Text
from mnverify.verification import VerificationResult

_NO_FOLDER = Text(
    "Pictures cannot be saved in {path}: it is not a folder, or the folder above it does not exist. Nothing was sent to the card; "
    "choose another place.",
    "{path} に画像を保存できません（フォルダーではないか、上のフォルダーがありません）。カードには何も送っていません。"
    "保存先を変えてください。",
)
_NOT_SAVED = Text(
    "The pictures were not saved: {path}: {why}. None of them is left there.",
    "画像を保存できませんでした（{path}: {why}）。途中のファイルは残していません。",
)


def refuse_folder(path: str) -> None:
    """Refuse before the card is touched a folder where no picture could be saved afterwards.

    Raises:
        UsageError: it is no folder, and none can be made there; or something that is no file has a picture's name in it.
        MissingExtra: Pillow is not installed.
    """
    if find_spec("PIL") is None:
        raise MissingExtra("Pillow", "pcsc")
    folder = Path(path)
    is_folder = os.path.isdir(folder)  # of a name that is too long Path.is_dir raises
    if (os.path.lexists(folder) and not is_folder) or not os.path.isdir(folder.absolute().parent):
        raise UsageError(_NO_FOLDER.fill(path=path))
    if is_folder:
        for name in ("name", "address", "photo", "security_code", "my_number"):
            refuse_target(str(folder / f"{name}.png"))


def write_images(path: str, result: VerificationResult) -> None:
    """Write ``photo.png``, ``name.png``, … into a folder, which is made where there is none.

    Raises:
        UsageError: it cannot be written; nothing is left behind.
        ImageError: a picture cannot be decoded; nothing was written.
    """
    folder = Path(path)
    pictures = {
        str(folder / f"{name.removesuffix('_image')}.png"): field.value.to_png()
        for name, field in result.fields.items()
        if isinstance(field.value, Image)
    }
    write_whole(pictures, _NOT_SAVED, folder=folder)
