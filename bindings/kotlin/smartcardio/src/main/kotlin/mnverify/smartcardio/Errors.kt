package mnverify.smartcardio

import mnverify.CardLost
import mnverify.LinkError
import mnverify.LinkTimeout
import mnverify.NoCard
import mnverify.NoReader
import mnverify.NotAllowed
import mnverify.ReaderInUse
import mnverify.ServiceNotRunning
import mnverify.Text
import javax.smartcardio.CardException
import javax.smartcardio.CardNotPresentException

private val NO_CARD =
    Text(
        "There is no card on the reader. Nothing was read; put one My Number Card on it.",
        "読み取り機にカードがありません。何も読んでいません。マイナンバーカードを1枚だけ置いてください。",
    )
private val NO_READER =
    Text(
        "The card reader is not there any more. Nothing that was read is used; plug it in and start again.",
        "読み取り機が接続されていません。読み取った内容は使いません。接続して最初からやり直してください。",
    )
internal val NO_SERVICE =
    Text(
        "The PC/SC service does not run. Nothing was read; start it (pcscd, SCardSvr).",
        "PC/SC サービスが動いていません。何も読んでいません。サービス（pcscd、SCardSvr）を起動してください。",
    )
private val NOT_ALLOWED =
    Text(
        "The operating system does not let this user at the reader. Nothing was read; ask its administrator (polkit, udev, group).",
        "このユーザーには読み取り機の使用が許可されていません。何も読んでいません。管理者に確認してください（polkit、udev、グループ）。",
    )
private val IN_USE =
    Text(
        "Another program holds the card. Nothing was sent; close that program and try again.",
        "別のプログラムがカードを使用しています。何も送っていません。そのプログラムを閉じてやり直してください。",
    )
private val OTHER =
    Text(
        "The reader or the card failed. Nothing that was read is used; put the card on the reader again.",
        "読み取り機またはカードとの通信に失敗しました。読み取った内容は使いません。カードを置き直してください。",
    )

/** What PC/SC calls what happened (`winscard.h`). Java hands it on only as the word at the beginning of a cause's message. */
private val BY_WORD: Map<String, () -> LinkError> =
    mapOf(
        "SCARD_W_REMOVED_CARD" to { CardLost() },
        "SCARD_W_RESET_CARD" to { CardLost() },
        "SCARD_W_UNPOWERED_CARD" to { CardLost() },
        "SCARD_W_UNRESPONSIVE_CARD" to { CardLost() },
        "SCARD_E_NOT_TRANSACTED" to { CardLost() },
        "SCARD_E_NO_SMARTCARD" to { NoCard(NO_CARD) },
        "SCARD_E_NO_READERS_AVAILABLE" to { NoReader(NO_READER) },
        "SCARD_E_READER_UNAVAILABLE" to { NoReader(NO_READER) },
        "SCARD_E_UNKNOWN_READER" to { NoReader(NO_READER) },
        "SCARD_E_NO_SERVICE" to { ServiceNotRunning(NO_SERVICE) },
        "SCARD_E_SERVICE_STOPPED" to { ServiceNotRunning(NO_SERVICE) },
        "SCARD_E_INVALID_HANDLE" to { ServiceNotRunning(NO_SERVICE) },
        "SCARD_W_SECURITY_VIOLATION" to { NotAllowed(NOT_ALLOWED) },
        "SCARD_E_SHARING_VIOLATION" to { ReaderInUse(IN_USE) },
        "SCARD_E_TIMEOUT" to { LinkTimeout() },
    )

/** Ours for what javax.smartcardio throws: a word that is not known is a [LinkError] all the same. */
internal fun mapped(error: Exception): LinkError {
    if (error is CardNotPresentException) return NoCard(NO_CARD)
    var cause: Throwable? = error
    while (cause != null) {
        cause.message?.substringBefore(' ')?.let(BY_WORD::get)?.let { return it() }
        cause = cause.cause
    }
    return if (error is CardException || error is IllegalStateException) LinkError(OTHER) else throw error
}
