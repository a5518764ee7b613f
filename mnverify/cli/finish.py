"""The end of every command that verifies: report or JSON, pictures, exit status."""

from __future__ import annotations

import argparse

from mnverify.cli.exit_status import CHECK_FAILED, DONE
from mnverify.cli.output import show
from mnverify.cli.pictures import refuse_folder, write_images
from mnverify.cli.report import result_report
from mnverify.cli.terminal import print_json
from mnverify.errors import UsageError
from mnverify.text import Text
from mnverify.verification import VerificationResult

_ONLY_JSON = Text(
    "--images belongs to --json. Nothing was done; to see the pictures, give --save-images DIR.",
    "--images は --json と一緒に使います。何も実行していません。画像を見るには --save-images DIR を指定してください。",
)


def refuse_images(options: argparse.Namespace) -> None:
    """Refuse before a card is touched pictures that could not be given out afterwards.

    Raises:
        UsageError: ``--images`` without ``--json``; a folder where nothing can be saved.
        MissingExtra: Pillow is not installed.
    """
    if options.images and not options.json:
        raise UsageError(_ONLY_JSON)
    if options.save_images is not None:
        refuse_folder(options.save_images)


def finish(options: argparse.Namespace, result: VerificationResult) -> int:
    """Save the pictures that were asked for, print, and give the exit status."""
    folder = getattr(options, "save_images", None)
    if folder is not None and result.verified:
        write_images(folder, result)
    if options.json:
        print_json(result.to_dict(images=getattr(options, "images", False), lang=options.lang))
    else:
        show(result_report(result, options.lang))
    return DONE if result.verified else CHECK_FAILED
