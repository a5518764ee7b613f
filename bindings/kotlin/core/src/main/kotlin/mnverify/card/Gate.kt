package mnverify.card

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import mnverify.DomainBusy
import mnverify.GateError
import mnverify.LinkCorrupt
import mnverify.LinkError
import mnverify.RoleError
import mnverify.Text
import mnverify.UsageError
import mnverify.link.Link
import mnverify.link.LinkCapabilities
import mnverify.link.PermitIssuer
import mnverify.link.ResetFirst
import mnverify.values.CredentialKind
import mnverify.values.Domain
import mnverify.values.Role
import java.util.ArrayDeque

/**
 * One command that was asked for. It holds no data byte.
 *
 * @property instruction `READ BINARY 0002`; of a refused one the instruction alone
 * @property reason why it was refused; `null` where it passed
 * @property statusWord the card's answer; `null` where there is none
 */
public class AuditEntry internal constructor(
    public val domain: Domain,
    public val role: Role,
    public val instruction: String,
    public val reason: String?,
    public val statusWord: Int?,
) {
    override fun toString(): String =
        "$domain $role: $instruction: ${reason ?: statusWord?.let { "%04X".format(it) } ?: "no answer"}"
}

/**
 * The gate: the only way to the link, below every session.
 *
 * What is not on the allow-list of the domain and role raises before a byte is sent and is recorded; so does what no data can allow
 * ([Forbidden]), and a credential whose counter was not asked or leaves too little ([CardState]). What passes gets a permit for this one
 * exchange.
 */
internal class Gate private constructor(private val link: Link, val domain: Domain, val role: Role) {
    private val allowList = AllowList(domain, role)
    private val office = AllowList(domain, Role.MY_NUMBER_OFFICE)
    private val issuer = PermitIssuer(link)
    private val entries = ArrayDeque<AuditEntry>()
    private val mutex = Mutex()

    /** What the card is in, as far as this gate knows. */
    val state = CardState()

    @Volatile var closed = false
        private set

    val capabilities: LinkCapabilities get() = link.capabilities

    /** What was asked for, in order: at most the last 4096. */
    val audit: List<AuditEntry> get() = synchronized(entries) { entries.toList() }

    /** Send a command if it may pass; the response data and the two status bytes. */
    suspend fun transmit(command: ByteArray, allowLastTry: Boolean = false): ByteArray =
        mutex.withLock {
            val own = command.copyOf()
            try {
                exchange(own, judge(own, allowLastTry))
            } catch (_: ResetFirst) { // an earlier session on this card was lost: now the card is known, and can be reset
                issuer.resetCard()
                exchange(own, judge(own, allowLastTry))
            }
        }

    /** Whether a command may pass now; nothing is sent. A refusal is recorded. */
    fun judge(command: ByteArray, allowLastTry: Boolean = false): Allowed {
        val name = if (command.size >= 4) Ins.name(command[1].toInt() and 0xFF) else "nothing"
        if (closed) throw refusal(name, CLOSED)
        return when (val ruling = ruling(command, allowLastTry)) {
            is Allowed -> ruling
            is Denied -> throw if (ruling.byRole) refusalByRole(name) else refusal(name, ruling.why)
        }
    }

    /** The ruling alone: nothing is raised or recorded. */
    fun ruling(command: ByteArray, allowLastTry: Boolean = false): Ruling {
        val parsed = Command.parse(command) ?: return MALFORMED
        val ruling = allowList.judge(parsed, state)
        if (ruling is Denied) return if (office.judge(parsed, state) is Allowed) Denied(ruling.why, byRole = true) else ruling
        val why =
            Forbidden.why(parsed, domain, role, state.current) ?: state.whyNotPresented(ruling as Allowed, allowLastTry)
        return if (why == null) ruling else Denied(why)
    }

    /**
     * Reset the card and give the link back. A reset that fails is recorded, not raised: what was read is good, and the next session on
     * the card has to do the reset before it sends anything.
     */
    suspend fun close() =
        withContext(NonCancellable) {
            mutex.withLock {
                if (closed) return@withLock
                closed = true
                state.forget()
                try {
                    issuer.release(this@Gate)
                    record("RESET", statusWord = 0x9000)
                } catch (_: LinkError) {
                    record("RESET", NO_RESET)
                } catch (_: UsageError) {
                    record("RESET", NO_RESET)
                }
            }
        }

    override fun toString(): String = "Gate($domain, $role${if (closed) ", closed" else ""})"

    private suspend fun exchange(command: ByteArray, allowed: Allowed): ByteArray {
        state.before(allowed)
        val answer =
            try {
                issuer.exchange(command) {
                    checked(it)
                    allowed.effect != Effect.NONE && statusOf(it) shr 8 in GONE_BY
                }
            } catch (error: Exception) {
                if (error !is ResetFirst) record(allowed.what, refusedBelow(error))
                if (!(error is LinkCorrupt && (command[1].toInt() and 0xFF) in REPEATABLE)) state.forget()
                throw error
            }
        state.after(allowed, statusOf(answer))
        record(allowed.what, statusWord = statusOf(answer))
        return answer
    }

    private fun statusOf(answer: ByteArray): Int =
        (answer[answer.size - 2].toInt() and 0xFF shl 8) or (answer[answer.size - 1].toInt() and 0xFF)

    private fun checked(answer: ByteArray) {
        if (answer.size !in 2..MAX_ANSWER + 2 || statusOf(answer) shr 12 !in setOf(6, 9)) throw LinkCorrupt()
    }

    private fun record(what: String, reason: String? = null, statusWord: Int? = null) =
        synchronized(entries) {
            entries.addLast(AuditEntry(domain, role, what, reason, statusWord))
            if (entries.size > AUDIT_LIMIT) entries.removeFirst()
        }

    private fun refusal(name: String, reason: Text): GateError {
        record(name, reason.en)
        return GateError(
            Text(
                "The gate refused $name: ${reason.en}. Nothing was sent.",
                "ゲートが $name を拒否しました（${reason.ja}）。何も送っていません。",
            ),
        )
    }

    private fun refusalByRole(name: String): RoleError {
        record(name, "the role may not do this")
        return RoleError(
            Text(
                "Role $role may not touch what holds the My Number ($name). Nothing was sent.",
                "この役割（$role）では個人番号を含むものに触れられません（$name）。何も送っていません。",
            ),
        )
    }

    companion object {
        private const val AUDIT_LIMIT = 4096
        private const val NO_RESET = "the card was not reset; the next session has to do it"
        private val REPEATABLE = setOf(Ins.READ_BINARY, Ins.SIGN, Ins.GET_RESPONSE) // a broken answer leaves the card as it was
        private val GONE_BY = setOf(0x90, 0x61, 0x62, 0x63) // first status bytes of answers that say what the card is in
        private val MALFORMED = Denied(Text("it is no well-formed command", "コマンドの形式が正しくありません"))
        private val CLOSED = Text("the gate is closed", "ゲートは閉じています")

        /** Take a link for one session. */
        suspend fun open(link: Link, domain: Domain, role: Role): Gate = Gate(link, domain, role).also { it.issuer.open(it) }

        /** Why the link let a command not through to the card; `null` where it may have. */
        private fun refusedBelow(error: Exception): String? =
            when (error) {
                is DomainBusy -> "the card has another open session"
                is GateError -> "the permit was refused"
                is CancellationException -> "cancelled"
                else -> null
            }
    }
}
