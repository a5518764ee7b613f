"""``completion``: what a shell needs to complete the words of this program."""

from __future__ import annotations

import argparse

from mnverify.cli.arguments import Arguments
from mnverify.cli.command import Command
from mnverify.cli.exit_status import DONE, USAGE
from mnverify.cli.output import show
from mnverify.cli.terminal import print_json
from mnverify.errors import MissingExtra
from mnverify.text import Text

SHELLS = ("bash", "zsh", "fish")


def run(options: argparse.Namespace) -> int:
    """Print the script of a shell, made of the parser itself.

    Raises:
        MissingExtra: shtab is not installed.
    """
    from mnverify.cli.parser import build_parser

    try:
        import shtab
    except ImportError:
        raise MissingExtra("shtab", "completion") from None
    script = shtab.complete(build_parser(options.lang), shell=options.shell).rstrip("\n")
    if options.json:
        print_json({"shell": options.shell, "script": script})
    else:
        show(script)
    return DONE


def _add(arguments: Arguments) -> None:
    arguments.option(
        "shell",
        choices=SHELLS,
        metavar="SHELL",
        help=Text(f"one of {', '.join(SHELLS)}", f"{'、'.join(SHELLS)} のどれか"),
    )


COMMAND = Command(
    "completion",
    Text(
        "a script with which a shell completes commands and options",
        "シェルでコマンドとオプションを補完するスクリプトを出力する",
    ),
    run,
    _add,
    examples=(
        ('eval "$(mnverify completion bash)"', Text("in ~/.bashrc", "~/.bashrc に書く")),
        (
            "mnverify completion zsh > ~/.zfunc/_mnverify",
            Text("for zsh, in a folder of fpath", "zsh は fpath のフォルダーに置く"),
        ),
        ("mnverify completion fish > ~/.config/fish/completions/mnverify.fish", Text("for fish", "fish の場合")),
    ),
    statuses=(DONE, USAGE),
)
