"""What can go wrong over PC/SC, as people read it: what happened, what was not done, what to do."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from mnverify.errors import (
    Cancelled,
    CardLost,
    LinkError,
    LinkTimeout,
    NoCard,
    NoReader,
    NotAllowed,
    ReaderInUse,
    ReaderUnsuitable,
    ServiceNotRunning,
)
from mnverify.text import Text


class Doing(StrEnum):
    """What was being done. What a card that does not answer is called depends on it."""

    LIST = "listing the readers"
    WAIT = "waiting for a card"
    CONNECT = "connecting"
    EXCHANGE = "exchange"
    RESET = "reset"

    @property
    def text(self) -> Text:
        """For messages."""
        return Text(self.value, _DOING_JA[self])


_DOING_JA = {
    Doing.LIST: "読み取り機の一覧取得",
    Doing.WAIT: "カードの待機",
    Doing.CONNECT: "接続",
    Doing.EXCHANGE: "コマンドの送受信",
    Doing.RESET: "リセット",
}


class Meaning(NamedTuple):
    """What a code or class means: the error, and its message with ``{doing}`` and ``{code}``."""

    error: type[LinkError]
    text: Text


NO_SERVICE = Meaning(
    ServiceNotRunning,
    Text(
        "The smart-card service does not run. No card was touched; on Linux install pcscd and libpcsclite1 and start it: "
        "sudo systemctl enable --now pcscd.socket (Windows: start the service 'Smart Card').",
        "スマートカードのサービスが動いていません。カードには触れていません。Linux では pcscd と libpcsclite1 を入れ、"
        "sudo systemctl enable --now pcscd.socket で起動してください（Windows では「Smart Card」サービスを開始）。",
    ),
)
SERVICE_GONE = Meaning(
    ServiceNotRunning,
    Text(
        "The smart-card service stopped or was restarted ({doing}, {code}). Nothing that was being read is used; start again, "
        "and if it stays so: sudo systemctl restart pcscd.",
        "スマートカードのサービスが停止または再起動しました（{doing}、{code}）。途中まで読んだ内容は使いません。"
        "やり直してください。直らないときは sudo systemctl restart pcscd を実行してください。",
    ),
)
SILENT = Meaning(
    ServiceNotRunning,
    Text(
        "The smart-card service runs, but does not answer ({doing}). No card was touched; restart it: sudo systemctl restart "
        "pcscd (Windows: the service 'Smart Card').",
        "スマートカードのサービスは動いていますが応答しません（{doing}）。カードには触れていません。"
        "sudo systemctl restart pcscd で再起動してください（Windows では「Smart Card」サービス）。",
    ),
)
HUNG_UP = Meaning(
    NotAllowed,
    Text(
        "The smart-card service hangs up on this program, most likely because this user may not use it. No card was touched; "
        "add a polkit rule that allows org.debian.pcsc-lite.access_pcsc for this user, or log in at the machine itself.",
        "スマートカードのサービスに接続を切られました。このユーザーに権限がない可能性があります。カードには触れていません。"
        "polkit で org.debian.pcsc-lite.access_pcsc を許可するか、端末に直接ログインしてください。",
    ),
)
NOT_ALLOWED = Meaning(
    NotAllowed,
    Text(
        "The system does not let this user at the reader ({doing}). No card was touched; add a polkit rule that allows "
        "org.debian.pcsc-lite.access_pcsc and org.debian.pcsc-lite.access_card for this user, or log in at the machine itself.",
        "このユーザーには読み取り機を使う権限がありません（{doing}）。カードには触れていません。polkit で "
        "org.debian.pcsc-lite.access_pcsc と org.debian.pcsc-lite.access_card を許可するか、端末に直接ログインしてください。",
    ),
)
IN_USE = Meaning(
    ReaderInUse,
    Text(
        "Another program holds the reader. The card was not touched; close that program (a browser, a signing client such as "
        "JPKI's, another window of this one) and try again.",
        "ほかのプログラムが読み取り機を使っています。カードには触れていません。ブラウザーや利用者クライアントソフトなどを"
        "終了してから、もう一度お試しください。",
    ),
)
NO_ROOM = Meaning(
    ReaderInUse,
    Text(
        "The smart-card service has no room for another program ({doing}, {code}). The card was not touched; close others "
        "and try again.",
        "スマートカードのサービスが混み合っています（{doing}、{code}）。カードには触れていません。"
        "ほかのプログラムを終了してもう一度お試しください。",
    ),
)
READER_GONE = Meaning(
    NoReader,
    Text(
        "There is no such reader, or it was unplugged. Nothing more was sent; plug it in, and look for its name in the list.",
        "この読み取り機は見つからないか、取り外されています。以後は何も送っていません。接続して、一覧で名前を確認してください。",
    ),
)
UNSUITABLE = Meaning(
    ReaderUnsuitable,
    Text(
        "The reader's driver is not one that PC/SC can use ({code}). No card was touched; update the driver, or use another "
        "reader.",
        "この読み取り機のドライバーは PC/SC で使えません（{code}）。カードには触れていません。"
        "ドライバーを更新するか、別の読み取り機を使ってください。",
    ),
)
EMPTY = Meaning(
    NoCard,
    Text(
        "There is no card on the reader. Put the card on it.",
        "読み取り機にカードがありません。カードを置いてください。",
    ),
)
MUTE = Meaning(
    NoCard,
    Text(
        "What lies on the reader does not answer as a card ({code}). Nothing was read; turn the card round, take others off, "
        "and lay it flat on the mark.",
        "読み取り機の上のカードが応答しません（{code}）。何も読んでいません。向きと裏表を確かめ、ほかのカードを除いて、"
        "マークの上に平らに置いてください。",
    ),
)
LOST = Meaning(
    CardLost,
    Text(
        "The card was lost or reset in mid-session ({doing}, {code}). Nothing that was read is used; put the card back and "
        "start again.",
        "処理の途中でカードとの通信が切れました（{doing}、{code}）。読み取った内容は使いません。"
        "カードを置き直して最初からやり直してください。",
    ),
)
TROUBLE = Meaning(
    CardLost,
    Text(
        "The reader or its driver failed ({doing}, {code}). Nothing that was read is used; put the card on again, and if it "
        "stays so, unplug the reader and plug it in again.",
        "読み取り機またはドライバーで障害が起きました（{doing}、{code}）。読み取った内容は使いません。"
        "カードを置き直し、直らないときは読み取り機を抜き差ししてください。",
    ),
)
TIMED_OUT = Meaning(
    LinkTimeout,
    Text(
        "The card did not answer in time ({doing}). Nothing that was read is used; put the card on the reader again.",
        "時間内にカードが応答しませんでした（{doing}）。読み取った内容は使いません。カードを置き直してください。",
    ),
)
CANCELLED = Meaning(
    Cancelled,
    Text("It was cancelled ({doing}).", "中止しました（{doing}）。"),
)


def made(meaning: Meaning, doing: Doing, code: int | None = None) -> LinkError:
    """The error of a meaning."""

    def filled(lang: str) -> str:
        named = "no code" if lang == "en" else "コードなし"
        shown = f"0x{code:08X}" if code else named
        return meaning.text.in_language(lang).format(doing=doing.text.in_language(lang), code=shown)

    return meaning.error(Text(filled("en"), filled("ja")))
