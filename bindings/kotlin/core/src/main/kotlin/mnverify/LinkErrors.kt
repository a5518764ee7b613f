package mnverify

/** Reader or card: the exchange did not work. */
public open class LinkError(text: Text, code: String = "link") : MnverifyError(text, code)

/** There is no such reader, or it was unplugged. */
public class NoReader(text: Text) : LinkError(text, "no-reader")

/** There is no card on the reader. */
public class NoCard(text: Text) : LinkError(text, "no-card")

/** The PC/SC service does not run, or went away in mid-session. */
public class ServiceNotRunning(text: Text) : LinkError(text, "service-not-running")

/** The operating system does not let this user at the reader. */
public class NotAllowed(text: Text) : LinkError(text, "not-allowed")

/** Another program holds the reader or the card. */
public class ReaderInUse(text: Text) : LinkError(text, "reader-in-use")

/** The reader or phone cannot do what a My Number Card needs (ISO/IEC 14443 Type B, ISO-DEP). */
public class ReaderUnsuitable(text: Text) : LinkError(text, "reader-unsuitable")

/** More than one card is in the field. */
public class TooManyCards(text: Text) : LinkError(text, "too-many-cards")

/** A wait was cancelled. */
public class Cancelled(text: Text) : LinkError(text, "cancelled")

/** A reading was to be resumed on another card than it began on. Nothing of the two is mixed. */
public class DifferentCard internal constructor() :
    LinkError(
        Text(
            "This is another card than the one the reading began on. Nothing of the two was mixed, and no number was " +
                "presented to it; put the first card back, or start again.",
            "読み取りを始めたカードと別のカードです。内容は混ぜておらず、番号も提示していません。" +
                "元のカードに戻すか、最初からやり直してください。",
        ),
        "different-card",
    )

/** The card left the field or stopped answering in mid-session. */
public class CardLost(
    text: Text =
        Text(
            "The card was lost in mid-session. Nothing that was read is used; put the card back and start again.",
            "処理の途中でカードとの通信が切れました。読み取った内容は使いません。置き直して最初からやり直してください。",
        ),
) : LinkError(text, "card-lost")

/** No answer within the deadline. */
public class LinkTimeout(
    text: Text =
        Text(
            "The card did not answer in time. Put the card on the reader again.",
            "時間内にカードが応答しませんでした。カードを置き直してください。",
        ),
) : LinkError(text, "link-timeout")

/** This exchange went wrong. The card is the same and was not reset, so that a read may be asked again. */
public class LinkCorrupt(
    text: Text =
        Text(
            "The reader passed on an answer that no card gives. Put the card on the reader again.",
            "カードの応答として正しくないデータを受け取りました。カードを置き直してください。",
        ),
) : LinkError(text, "link-corrupt")

/** The card's answers come cut or garbled, however they are asked for. Nothing more is asked over this link. */
public class LinkUnreliable(text: Text) : LinkError(text, "link-unreliable")

/** The card holds a credential as verified that this session did not present. It was not relied on; the card is reset. */
public class AlreadyVerified internal constructor() :
    LinkError(
        Text(
            "Another program has left this card unlocked. Its unlocking does not count, and the number was not presented; " +
                "put the card on the reader again.",
            "別のプログラムが照合したままのカードです。その照合は使わず、番号も送っていません。カードを置き直してください。",
        ),
        "already-verified",
    )

/** The card does not have the application that was asked for. */
public class NotMyNumberCard internal constructor() :
    LinkError(
        Text(
            "This is not a My Number Card, or it lacks the application. Put a My Number Card on the reader.",
            "マイナンバーカードではないか、必要なアプリがありません。マイナンバーカードを置いてください。",
        ),
        "not-my-number-card",
    )

/** A replayed script does not go on with this command. */
public class UnexpectedCommand(text: Text) : LinkError(text, "unexpected-command")

/**
 * The card answered with an unexpected status word.
 *
 * @property statusWord the two status bytes as a number
 */
public class CardRefused internal constructor(doing: Text, public val statusWord: Int) :
    LinkError(
        "%04X".format(statusWord).let {
            Text(
                "The card refused ${doing.en} with status $it. Take the card off the reader and try again.",
                "カードが応答 $it で拒否しました（${doing.ja}）。カードを置き直してもう一度お試しください。",
            )
        },
        "card-refused",
    ) {
    override fun details(): Map<String, Any> = mapOf("status_word" to "%04X".format(statusWord))
}
