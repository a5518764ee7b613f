package mnverify.link

import mnverify.CardLost
import mnverify.Cancelled
import mnverify.DifferentCard
import mnverify.LinkCorrupt
import mnverify.LinkError
import mnverify.LinkTimeout
import mnverify.NoCard
import mnverify.NoReader
import mnverify.NotAllowed
import mnverify.ReaderInUse
import mnverify.ReaderUnsuitable
import mnverify.ScriptError
import mnverify.ServiceNotRunning
import mnverify.Text
import mnverify.TooManyCards
import mnverify.UnexpectedCommand
import mnverify.card.Credential
import mnverify.card.Ins
import mnverify.json.JsonObject
import mnverify.json.StrictJson
import mnverify.values.CredentialKind
import mnverify.values.Domain
import mnverify.values.Purpose
import mnverify.values.Role
import java.security.MessageDigest

/** One step of a script: a command with its answer or the word of the link's error, or a reset (no command). */
internal class Step(val command: ByteArray?, val answer: ByteArray? = null, val error: String? = null)

/**
 * One recorded reading of an invented holder's card (`mnverify.script/1`), for tests of programs.
 *
 * @property domain what was read
 * @property role by whom
 * @property credential with what
 * @property purposes what for
 * @property challenge what the card signed, 32 bytes; `null` where presence was not asked for
 */
public class Script private constructor(
    public val domain: Domain,
    public val role: Role,
    public val credential: Credential,
    public val purposes: List<Purpose>,
    public val challenge: ByteArray?,
    internal val extended: Boolean?,
    internal val maxShort: Int,
    internal val steps: List<Step>,
) {
    /** Whether the card answered the challenge before a number was presented, as in a reading that may be resumed. */
    public val signsFirst: Boolean
        get() =
            steps
                .mapNotNull { it.command?.get(1)?.toInt() }
                .firstOrNull { it == Ins.SIGN || it == Ins.VERIFY } == Ins.SIGN

    override fun toString(): String = "Script($domain, $role, ${steps.size} steps)"

    public companion object {
        private val STRICT = StrictJson("script", 1 shl 20, 5, 8) { where, why -> ScriptError(where, why) }
        private val REQUIRED =
            listOf("format", "domain", "role", "credential", "credential_value", "purposes", "challenge", "extended", "exchanges")
        private val OPTIONAL = listOf("persona", "max_short", "faithful", "reason", "observed")

        /**
         * The script in JSON.
         *
         * @throws ScriptError not `mnverify.script/1`; says where and why, without content
         * @throws mnverify.CredentialFormatError its number has not the form of its kind
         */
        public fun fromJson(data: ByteArray): Script {
            val document = STRICT.keys(STRICT.load(data), "script", REQUIRED, OPTIONAL)
            STRICT.word(document["format"], "format", listOf("mnverify.script/1"))
            val kind = term(document, "credential", CredentialKind.values())
            val digits = STRICT.text(document["credential_value"], "credential_value", 14, 1)
            return Script(
                term(document, "domain", Domain.values()),
                term(document, "role", Role.values()),
                Credential.fromText(kind, digits),
                STRICT.items(document["purposes"], "purposes", 4).map { word ->
                    Purpose.values().first { it.word == STRICT.word(word, "purposes", Purpose.values().map(Purpose::word)) }
                },
                document["challenge"]?.let { STRICT.base64(it, "challenge").toByteArray() },
                document["extended"]?.let { STRICT.flag(it, "extended") },
                STRICT.whole(document["max_short"] ?: 256L, "max_short", 1, 256).toInt(),
                STRICT.items(document["exchanges"], "exchanges", 10_000).mapIndexed { n, step -> step(step, "exchanges[$n]") },
            )
        }

        private fun <T> term(document: JsonObject, name: String, terms: Array<T>): T {
            val word = STRICT.word(document[name], name, terms.map(Any?::toString))
            return terms.first { it.toString() == word }
        }

        private fun step(value: Any?, where: String): Step {
            val step = STRICT.keys(value, where, emptyList(), null)
            if ("reset" in step) {
                STRICT.keys(step, where, listOf("reset"))
                return Step(null)
            }
            val ending = if ("error" in step) "error" else "answer"
            STRICT.keys(step, where, listOf("command", ending))
            val command = STRICT.hex(step["command"], "$where.command", 4, 70_000)
            if (ending == "error") {
                return Step(command, error = STRICT.word(step["error"], "$where.error", ReplayLink.ERRORS.keys))
            }
            return Step(command, STRICT.hex(step["answer"], "$where.answer", 2, 70_000))
        }
    }
}

/**
 * A link that plays a script: each command has to be the next one, byte for byte. A reset has to come where the script has one; before the
 * first command, after the last, after an error and after another reset it may come or not. Once a command was another one, nothing is
 * answered any more. It reaches no card, so it takes commands that came through no gate too.
 */
public class ReplayLink(private val script: Script) : Link {
    override val capabilities: LinkCapabilities = LinkCapabilities(script.extended, script.maxShort)
    override val readerName: String get() = "replay"
    private var at = 0
    private var astray = false
    private var error: String? = null

    /** Whether every command of the script was played, and no other. */
    public val finished: Boolean
        get() = !astray && script.steps.drop(at).all { it.command == null }

    override suspend fun transmit(command: ByteArray): ByteArray {
        val sent = Permits.redeemIfPermitted(command, this)
        error?.let { throw scripted(it) }
        var next = at
        while (atEdge(next) && isReset(next)) next++
        val step = script.steps.getOrNull(next)
        if (astray || step?.command == null || !MessageDigest.isEqual(step.command, sent)) throw unexpected(next)
        at = next + 1
        step.error?.let {
            if (it != "link-corrupt") error = it
            throw scripted(it)
        }
        return checkNotNull(step.answer).copyOf()
    }

    override suspend fun reset() {
        if (astray || !(isReset(at) || error != null || atEdge(at))) throw unexpected(at)
        while (isReset(at)) at++
        error = null
        Permits.wasReset(this)
    }

    override fun toString(): String = "ReplayLink($at of ${script.steps.size} steps)"

    private fun isReset(at: Int): Boolean = at in script.steps.indices && script.steps[at].command == null

    private fun atEdge(at: Int): Boolean = at == 0 || at == script.steps.size || isReset(at - 1)

    private fun unexpected(at: Int): UnexpectedCommand {
        astray = true
        return UnexpectedCommand(
            Text(
                "Step $at of the script is another one. Nothing was answered; play the script from its beginning.",
                "スクリプトの${at}番目と違うコマンドが来ました。応答していません。最初から再生してください。",
            ),
        )
    }

    internal companion object {
        private val HERE =
            Text(
                "The script has an error of the link here. Nothing that was read is used.",
                "スクリプトのこの位置には接続エラーが記録されています。読み取った内容は使いません。",
            )
        val ERRORS: Map<String, (Text) -> LinkError> =
            mapOf(
                "card-lost" to ::CardLost,
                "link-timeout" to ::LinkTimeout,
                "link-corrupt" to ::LinkCorrupt,
                "no-reader" to ::NoReader,
                "no-card" to ::NoCard,
                "service-not-running" to ::ServiceNotRunning,
                "not-allowed" to ::NotAllowed,
                "reader-in-use" to ::ReaderInUse,
                "reader-unsuitable" to ::ReaderUnsuitable,
                "too-many-cards" to ::TooManyCards,
                "different-card" to { DifferentCard() },
                "cancelled" to ::Cancelled,
                "link-error" to { text -> LinkError(text) },
            )

        fun scripted(word: String): LinkError = ERRORS.getValue(word)(HERE)
    }
}
