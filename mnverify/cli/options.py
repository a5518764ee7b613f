"""Arguments that several commands share."""

from __future__ import annotations

from mnverify.cli.arguments import Arguments, moment, seconds
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Role

CREDENTIAL_KINDS = [kind.value for kind in CredentialKind]
_READER = Text(
    "PC/SC name, part of it, or index; usb, usb:VVVV:PPPP, tty:…, udp:… for NFC; virtual:PERSONA; replay:FILE "
    "(default: the first usable one)",
    "PC/SC の名前（一部でも可）か番号、NFC は usb、usb:VVVV:PPPP、tty:…、udp:…、仮想カードは virtual:PERSONA、"
    "記録は replay:FILE（既定: 最初に使えるもの）",
)
_WAIT = Text(
    "for a card, or one that was lost (default: 30 on a terminal, else 0)",
    "カード（途中で離れたカードも）を待つ秒数（既定: 端末では30、ほかは0）",
)
_TRUST = Text(
    "trust anchors: production, test, virtual or a file (default: production)",
    "信頼する認証局: production、test、virtual またはファイル（既定: production）",
)
_ROLE = Text(
    "your role under the My Number Act for this reading: general (default) or my-number-office",
    "番号法上の役割: general（既定）、my-number-office（個人番号利用事務等実施者）",
)
_NO_PRESENCE = Text("do not challenge the card", "カードに問いかけない（実在を確かめない）")
_LEAVE_PRESENCE_OUT = Text(
    "leave the card's answer to a challenge out of it", "ファイルにあるカードの応答を使わない（実在を確かめない）"
)
_REQUIRE_PRESENCE = Text("reject where presence did not pass", "カードの実在を確認できなければ不合格にする")
_AT = Text("judge expiry and age by this moment (RFC 3339)", "有効期限と年齢を判定する日時（RFC 3339）")
_IMAGES = Text("with --json: give the bytes of the images too", "--json に画像のデータも含める")
_SAVE_IMAGES = Text(
    "save the images of a verified card as PNG files in this folder, readable by their owner only",
    "確認できたカードの画像をPNGファイルとしてこのフォルダーに保存する（所有者だけが読める）",
)
_RECORD = Text(
    "keep a script of the reading, with nothing of the holder in it", "読み取りの手順を記録する（本人の情報は含まない）"
)


def card_options(arguments: Arguments) -> None:
    """Everything that a command takes that reads a card and verifies it."""
    reader_options(arguments)
    trust_option(arguments)
    role_option(arguments)
    presence_options(arguments)
    at_option(arguments)


def reader_options(arguments: Arguments) -> None:
    """``--reader`` and ``--wait``."""
    arguments.option("--reader", metavar="NAME-OR-INDEX", help=_READER)
    arguments.option("--wait", type=seconds, metavar="SECONDS", help=_WAIT)


def trust_option(arguments: Arguments) -> None:
    """``--trust``."""
    arguments.option("--trust", default="production", metavar="ANCHORS", help=_TRUST)


def role_option(arguments: Arguments) -> None:
    """``--role``."""
    roles = [role.value for role in Role]
    arguments.option("--role", choices=roles, default=Role.GENERAL.value, metavar="ROLE", help=_ROLE)


def presence_options(arguments: Arguments, *, of_a_file: bool = False) -> None:
    """``--no-presence`` or ``--require-presence``; of a file, nothing is asked of a card."""
    either = arguments.exclusive()
    either.option("--no-presence", action="store_true", help=_LEAVE_PRESENCE_OUT if of_a_file else _NO_PRESENCE)
    either.option("--require-presence", action="store_true", help=_REQUIRE_PRESENCE)


def at_option(arguments: Arguments) -> None:
    """``--at``."""
    arguments.option("--at", type=moment, metavar="MOMENT", help=_AT)


def image_options(arguments: Arguments) -> None:
    """``--images`` and ``--save-images``."""
    arguments.option("--images", action="store_true", help=_IMAGES)
    arguments.option("--save-images", metavar="DIR", help=_SAVE_IMAGES)


def record_option(arguments: Arguments) -> None:
    """``--record``."""
    arguments.option("--record", metavar="FILE", help=_RECORD)


def credential_option(arguments: Arguments, default: CredentialKind | None) -> None:
    """``--credential``.

    Args:
        arguments: where it is added.
        default: the kind where none is given; ``None`` for none.
    """
    shown = Text("none", "なし") if default is None else Text.of(default.value)
    arguments.option(
        "--credential",
        choices=CREDENTIAL_KINDS,
        default=None if default is None else default.value,
        metavar="KIND",
        help=Text(
            f"what the holder presents: {', '.join(CREDENTIAL_KINDS)} (default: {shown.en})",
            f"本人が提示する番号の種類: {'、'.join(CREDENTIAL_KINDS)}（既定: {shown.ja}）",
        ),
    )
