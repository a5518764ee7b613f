"""The words of the command line: commands, options, help."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from mnverify import __version__
from mnverify.cli import commands
from mnverify.cli.reader_commands import add_doctor, add_readers
from mnverify.cli.serve_card import add_serve
from mnverify.values.terms import CredentialKind, Role

CREDENTIALS = [kind.value for kind in CredentialKind]


def build_parser() -> argparse.ArgumentParser:
    """The parser; every command sets ``run`` (its function) and ``reads_card``."""
    parser = argparse.ArgumentParser(
        prog="mnverify", description="Check a My Number Card (個人番号カード) by its chip.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"mnverify {__version__}")
    words = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _demo(words)
    add_readers(words, _command)
    add_doctor(words, _command)
    _verify(words)
    _read(words)
    _age(words)
    _retries(words)
    _card(words)
    _trust(words)
    return parser


def _demo(words: Any) -> None:
    demo = _command(words, "demo", commands.demo, "make a virtual card, read it, verify it, print the report")
    demo.add_argument("--persona", default=None, metavar="ID", help="the invented holder (see: card list)")


def _verify(words: Any) -> None:
    verify = _command(words, "verify", commands.verify_file, "verify an evidence file")
    verify.add_argument("evidence", metavar="EVIDENCE", help="the file; - is standard input")
    verify.add_argument("--images", action="store_true", help="with --json: give the bytes of the images too")
    _trust_option(verify)
    _role_option(verify)
    _presence_options(verify)


def _read(words: Any) -> None:
    read = words.add_parser("read", help="read a card and verify what it gave", allow_abbrev=False)
    domains = read.add_subparsers(title="domains", required=True, metavar="DOMAIN")
    for domain, default, text in (
        ("face-check", CredentialKind.VERIFICATION_NUMBER_B, "the card face (券面事項確認)"),
        ("input-assist", CredentialKind.PIN, "the attributes in text (券面事項入力補助)"),
    ):
        command = _command(domains, domain, commands.read_card, text, reads_card=True)
        command.set_defaults(domain=domain)
        command.add_argument("--credential", choices=CREDENTIALS, default=default.value, help="default: %(default)s")
        command.add_argument("-o", "--output", metavar="FILE", help="keep the evidence too")
        command.add_argument("--images", action="store_true", help="with --json: give the bytes of the images too")
        _record_option(command)
        _card_options(command)


def _age(words: Any) -> None:
    age = _command(words, "age", commands.check_age, "is the holder old enough? yes or no", reads_card=True)
    age.add_argument("--at-least", type=_years, required=True, metavar="N", help="years of age")
    _record_option(age)
    _card_options(age)


def _retries(words: Any) -> None:
    retries = _command(words, "retries", commands.show_retries, "tries left, spending none", reads_card=True)
    _reader_options(retries)
    _role_option(retries)


def _card(words: Any) -> None:
    card = words.add_parser("card", help="virtual cards", allow_abbrev=False)
    actions = card.add_subparsers(required=True, metavar="ACTION")
    _command(actions, "list", commands.list_cards, "the invented holders of virtual cards")
    add_serve(actions, _command)


def _trust(words: Any) -> None:
    trust = words.add_parser("trust", help="trust anchors", allow_abbrev=False)
    actions = trust.add_subparsers(required=True, metavar="ACTION")
    _trust_option(_command(actions, "list", commands.list_trust, "the anchors in force, with provenance"))


def _command(
    words: Any, name: str, run: Callable[[argparse.Namespace], int], text: str, *, reads_card: bool = False
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = words.add_parser(name, help=text, description=text, allow_abbrev=False)
    parser.set_defaults(run=run, reads_card=reads_card)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--lang", choices=["en", "ja"], default=_locale(), help="language (default: of the locale)")
    return parser


def _card_options(parser: argparse.ArgumentParser) -> None:
    _reader_options(parser)
    _trust_option(parser)
    _role_option(parser)
    _presence_options(parser)


def _reader_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--reader",
        metavar="NAME-OR-INDEX",
        help="PC/SC name, part of it, or index; usb, usb:VVVV:PPPP, tty:…, udp:… for NFC; virtual:PERSONA; replay:FILE "
        "(default: the first usable one)",
    )
    parser.add_argument(
        "--wait",
        type=_seconds,
        metavar="SECONDS",
        help="for a card, or one that was lost (default: 30 on a terminal, else 0)",
    )


def _record_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--record", metavar="FILE", help="keep a script of the reading, with nothing of the holder in it"
    )


def _trust_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--trust",
        default="production",
        metavar="production|test|virtual|FILE",
        help="trust anchors (default: %(default)s)",
    )


def _role_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--role", choices=[role.value for role in Role], default=Role.GENERAL.value, help="default: %(default)s"
    )


def _presence_options(parser: argparse.ArgumentParser) -> None:
    presence = parser.add_mutually_exclusive_group()
    presence.add_argument("--no-presence", action="store_true", help="do not challenge the card")
    presence.add_argument("--require-presence", action="store_true", help="reject where presence did not pass")
    parser.add_argument("--at", type=_moment, metavar="MOMENT", help="judge expiry by this moment (RFC 3339)")


def _years(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 150:
        return int(text)
    raise argparse.ArgumentTypeError("it is not an age in years")


def _seconds(text: str) -> float:
    with suppress(ValueError):
        seconds = float(text)
        if 0 <= seconds <= 86400:
            return seconds
    raise argparse.ArgumentTypeError("it is not a number of seconds up to one day")


def _moment(text: str) -> datetime:
    with suppress(ValueError):
        moment = datetime.fromisoformat(text)
        if moment.utcoffset() is not None:
            return moment
    raise argparse.ArgumentTypeError("a moment is a date and time with a time zone, as 2026-11-22T10:00:00+09:00")


def _locale() -> str:
    words = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "ja" if next((word for word in words if word), "").lower().startswith("ja") else "en"
