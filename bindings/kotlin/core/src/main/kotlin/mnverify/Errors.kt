package mnverify

import mnverify.json.JsonObject
import mnverify.json.JsonWriter
import mnverify.profile.SharedData
import mnverify.profile.int

/**
 * Root of all errors that this library raises on purpose: one class and one stable [code] per cause, the same as Python's and in
 * the command line's JSON. No message holds a credential or personal data.
 *
 * ```
 * MnverifyError                  error
 * ├── UsageError                 usage                 the call itself is wrong
 * │   ├── CredentialFormatError  credential-format     a credential has not the form the card wants; nothing was sent
 * │   └── UnreadableFile         unreadable-file       a file cannot be opened or read
 * ├── EvidenceError              malformed-evidence    bytes that are no evidence, a card file that is not laid out right
 * ├── UnsupportedCard            unsupported-card      an unknown card generation: not forged, not verifiable
 * ├── TrustError                 bad-trust-anchors     a trust-anchors file is unreadable or contradicts itself
 * ├── NotVerifiedError           not-verified          the content of a rejected result was asked for
 * ├── ScriptError                malformed-script      bytes that are not a script of a reading
 * ├── ReceiptError               receipt-refused       a receipt that may not be relied on; reason
 * ├── RoleError                  not-for-role          the declared role may not do this
 * │   ├── EvidenceRoleError      evidence-not-for-role evidence holds what its role may not
 * │   └── NotStorable            not-storable          evidence that must not leave memory was to be written
 * ├── GateError                  gate-refused          a command is not on the allow-list; no byte was sent
 * │   └── DomainBusy             domain-busy           the link has an open session; reset the card first
 * ├── CredentialError            credential            the credential did not open the card
 * │   ├── WrongCredential        wrong-credential      the card refused it; triesLeft
 * │   ├── CredentialBlocked      credential-blocked    no tries are left; only the municipality can unblock it
 * │   └── TooFewTries            too-few-tries         not presented: triesLeft is below the floor
 * └── LinkError                  link                  reader or card; its classes stand in LinkErrors.kt
 * ```
 *
 * @property text the message in English and Japanese: what happened, what was not done, what to do
 * @property code what happened, in one word that never changes
 */
public open class MnverifyError(public val text: Text, public val code: String = "error") : Exception(text.en) {
    /** What else a program can use, by name: `tries_left`, `where`, … No credential and no personal data. */
    public open fun details(): Map<String, Any> = emptyMap()

    /** The object that a command prints as JSON: `{"error": {"code", "type", "message", …}}`. */
    public fun toJson(language: String = "en"): String {
        val named = mapOf("code" to code, "type" to javaClass.simpleName, "message" to text.inLanguage(language))
        return JsonWriter.compact(mapOf("error" to named + details()))
    }

    /** The exit status of a command that it stops; [reading]: the command reads a card, so that unreadable data is the card's fault. */
    public fun exitStatus(reading: Boolean): Int =
        (SharedData.section("errors")[code] as? JsonObject)?.int(if (reading) "exit_reading" else "exit") ?: 2
}

/** The call itself is wrong: an argument has not the documented form. */
public open class UsageError(text: Text, code: String = "usage") : MnverifyError(text, code)

/** A credential has not the form the card wants. Nothing was sent; no try was spent. */
public class CredentialFormatError(text: Text) : UsageError(text, "credential-format")

/** A file, or standard input, cannot be opened or read. It may be sound: nothing of it was seen. */
public class UnreadableFile(path: String, why: Text) :
    UsageError(
        Text(
            "$path cannot be read: ${why.en}. Nothing of it was used; check the name and the rights on it.",
            "$path を読めません（${why.ja}）。内容は一切使っていません。ファイル名とアクセス権を確認してください。",
        ),
        "unreadable-file",
    )

private val READ_AGAIN =
    Text(
        "Read the card again; if it stays so, 'mnverify card show' prints the structure of its files, without content, for a report.",
        "カードを読み直してください。直らないときは、mnverify card show が表示するファイルの構造（中身は含みません）を添えて" +
            "お問い合わせください。",
    )
private val SEND_AGAIN =
    Text(
        "Have it made or sent again, whole and unchanged.",
        "欠けや改変のない証拠データを、もう一度作成または送信してもらってください。",
    )
private val OTHER_ROLE =
    Text(
        "Where the purpose of this reading permits it (番号法), take it in the role my-number-office; else ask for " +
            "evidence without it.",
        "この読み取りの目的が番号法で認められている場合に限り、役割 my-number-office で扱ってください。そうでなければ、" +
            "これを含まない証拠データを受け取ってください。",
    )

private fun unreadable(where: String, why: Text, remedy: Text): Text =
    Text(
        "This cannot be read as evidence: $where: ${why.en}. Nothing of it was used. ${remedy.en}",
        "証拠データとして読めません（$where: ${why.ja}）。内容は一切使っていません。${remedy.ja}",
    )

/**
 * Bytes that are not evidence, or a card file that is not what its layout says. Nothing of it was used.
 *
 * @property where the place, as `files.0002` or `files.0002 tag DF25 offset 612`
 * @property why the reason, without personal data and without content
 */
public class EvidenceError(public val where: String, public val why: Text) :
    MnverifyError(
        unreadable(where, why, if (where.startsWith("files.") || where.startsWith("segments.")) READ_AGAIN else SEND_AGAIN),
        "malformed-evidence",
    ) {
    override fun details(): Map<String, Any> = mapOf("where" to where)
}

/**
 * A layout, key or algorithm of a card generation that this version does not know. It is not called forged.
 *
 * @property where the place, as `files.0002`
 * @property why what was met, without content
 */
public class UnsupportedCard(public val where: String, public val why: Text) :
    MnverifyError(
        Text(
            "This card is of a generation that mnverify does not know: $where: ${why.en}. Nothing was verified; look for a " +
                "newer version. 'mnverify card show' prints the structure of its files, without content, for a report.",
            "mnverify が対応していない世代のカードです（$where: ${why.ja}）。検証はしていません。新しい版を確認してください。" +
                "お問い合わせには、mnverify card show が表示するファイルの構造（中身は含みません）を添えてください。",
        ),
        "unsupported-card",
    ) {
    override fun details(): Map<String, Any> = mapOf("where" to where)
}

/** A trust-anchors file is unreadable or contradicts itself. No anchor of it was taken. */
public class TrustError(where: String, why: Text) :
    MnverifyError(
        Text(
            "These trust anchors cannot be used: $where: ${why.en}. No anchor was taken; correct the file.",
            "トラストアンカーを使えません（$where: ${why.ja}）。一つも採用していません。ファイルを直してください。",
        ),
        "bad-trust-anchors",
    )

/** The content of a rejected result was asked for. There is none. */
public class NotVerifiedError(text: Text) : MnverifyError(text, "not-verified")

/** Bytes that are not a script of a reading. Nothing of it was played. */
public class ScriptError(where: String, why: Text) :
    MnverifyError(
        Text(
            "This is no script of a reading: $where: ${why.en}. Nothing of it was played; record it again.",
            "読み取りの記録（スクリプト）として読めません（$where: ${why.ja}）。再生していません。記録し直してください。",
        ),
        "malformed-script",
    )

/**
 * A receipt that cannot be relied on. Nothing of its content is given out.
 *
 * @property reason a stable word, as `signature`
 */
public class ReceiptError(public val reason: String, text: Text) : MnverifyError(text, "receipt-refused") {
    override fun details(): Map<String, Any> = mapOf("reason" to reason)
}

/** The declared role may not do this (番号法). Nothing was sent or kept. */
public open class RoleError(text: Text, code: String = "not-for-role") : MnverifyError(text, code)

/**
 * Evidence holds what its role may not hold.
 *
 * @property where the place, as `files.0001`
 */
public class EvidenceRoleError(public val where: String, public val why: Text) :
    RoleError(unreadable(where, why, OTHER_ROLE), "evidence-not-for-role") {
    override fun details(): Map<String, Any> = mapOf("where" to where)
}

/** Input-assist evidence of role `general` was to be written; its signature leads back to the 個人番号. */
public class NotStorable internal constructor() :
    RoleError(
        Text(
            "Input-assist evidence of role general is not written: its signature leads back to the 個人番号. " +
                "Nothing was kept. Keep the verified result or a receipt instead.",
            "入力補助の証拠データは、署名から個人番号を割り出せるため、一般の事業者は保存できません。" +
                "何も保存していません。検証結果または受領証を保存してください。",
        ),
        "not-storable",
    ) {
    public companion object {
        /** For who refuses to keep such evidence before the card is touched. */
        public fun beforeReading(): NotStorable = NotStorable()
    }
}

/** The gate refused a command. No byte was sent. */
public open class GateError(text: Text, code: String = "gate-refused") : MnverifyError(text, code)

/** The link, or the card behind it, has an open session; close it (which resets the card) first. */
public class DomainBusy internal constructor() :
    GateError(
        Text(
            "This card has an open session. Nothing was sent; close that session first.",
            "このカードでは別のセッションが開いています。何も送っていません。先に閉じてください。",
        ),
        "domain-busy",
    )

/**
 * The credential did not open the card.
 *
 * @property triesLeft tries that remain
 */
public sealed class CredentialError(text: Text, code: String, public val triesLeft: Int) : MnverifyError(text, code) {
    override fun details(): Map<String, Any> = mapOf("tries_left" to triesLeft)
}

/** The card refused the credential. */
public class WrongCredential internal constructor(triesLeft: Int) :
    CredentialError(
        Text(
            "The card refused the number: $triesLeft tries are left. Nothing was read; check it with the holder.",
            "番号が違います。残り${triesLeft}回です。何も読んでいません。本人に確認してください。",
        ),
        "wrong-credential",
        triesLeft,
    )

/** No tries are left. Only the municipality of the holder can unblock the credential. */
public class CredentialBlocked internal constructor() :
    CredentialError(
        Text(
            "This number is blocked on the card. Nothing was read; the holder can have it unblocked at the city office.",
            "この番号はカード上でロックされています。何も読んでいません。市区町村の窓口で解除できます。",
        ),
        "credential-blocked",
        0,
    )

/**
 * The credential was not presented, because too few tries are left.
 *
 * @property floor tries that had to be left
 */
public class TooFewTries internal constructor(triesLeft: Int, public val floor: Int) :
    CredentialError(
        Text(
            "Only $triesLeft tries are left, and at least $floor are asked for. " +
                "The number was not presented; the holder should use the card elsewhere first.",
            "残り${triesLeft}回しかないため（下限${floor}回）、番号を送りませんでした。本人が別の場所で正しく使うと回数が戻ります。",
        ),
        "too-few-tries",
        triesLeft,
    ) {
    override fun details(): Map<String, Any> = super.details() + ("floor" to floor)
}
