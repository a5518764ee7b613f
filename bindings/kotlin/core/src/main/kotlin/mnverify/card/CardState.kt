package mnverify.card

import mnverify.Text
import mnverify.values.CredentialKind

/** What a command does to the state, where the card accepts it. */
internal enum class Effect { NONE, SELECT_DOMAIN, SELECT_EF, COUNTER, VERIFY, SESSION_KEY }

/** What a gate says to a command. */
internal sealed class Ruling

/** Why a command may not pass; [byRole]: it might in role `my-number-office`. */
internal class Denied(val why: Text, val byRole: Boolean = false) : Ruling()

/**
 * A command that may pass.
 *
 * @property what instruction and target, for the audit; it holds no data byte
 * @property effect what follows from its success
 * @property ef the file that becomes the current one
 * @property kind the credential that is presented; `null` where none is
 * @property key the short id of the key that it is about
 */
internal class Allowed(
    val what: String,
    val effect: Effect = Effect.NONE,
    val ef: Int? = null,
    val kind: CredentialKind? = null,
    val key: Int = 0,
) : Ruling()

/**
 * What the card is in, as far as the commands that passed the gate and their answers tell.
 *
 * @property selected SELECT DF succeeded, and nothing was lost since
 * @property current the current EF; `null` where it is not sure
 * @property verified credentials that the card accepted by VERIFY with data
 * @property more the last answer was `61xx`
 * @property secure a session key is set
 */
internal class CardState {
    var selected = false
        private set
    var current: Int? = null
        private set
    var more = false
        private set
    var secure = false
        private set
    val verified = HashSet<CredentialKind>()
    private val tries = HashMap<Int, Int>() // by key, what the card has answered to the question since the last VERIFY

    /** Nobody knows what the card is in: start from SELECT. */
    fun forget() {
        selected = false
        more = false
        secure = false
        current = null
        verified.clear()
        tries.clear()
    }

    /** Why a credential is not presented now; `null` where it may be, and for any command that presents none. */
    fun whyNotPresented(allowed: Allowed, allowLastTry: Boolean): Text? {
        if (allowed.kind == null) return null
        val left = tries[allowed.key] ?: return NOT_ASKED
        if (left == 0) return BLOCKED
        return if (left < LOWEST_FLOOR && !allowLastTry) LAST_TRY else null
    }

    /** Give up what a command may change, so that only its success brings it back. */
    fun before(allowed: Allowed) {
        more = false
        if (allowed.effect == Effect.SELECT_DOMAIN) forget()
        if (allowed.effect != Effect.NONE) current = null
        if (allowed.kind != null) {
            verified.remove(allowed.kind)
            tries.clear()
        }
        if (allowed.effect == Effect.SESSION_KEY) secure = false
    }

    /** Take what the answer says. */
    fun after(allowed: Allowed, statusWord: Int) {
        val done = statusWord == 0x9000
        more = statusWord shr 8 == 0x61
        if (statusWord == 0x6988 || statusWord == 0x69FC) secure = false
        when (allowed.effect) {
            Effect.NONE -> {}
            Effect.SELECT_DOMAIN -> selected = done
            Effect.SELECT_EF -> if (done || statusWord == 0x6282 || more) current = allowed.ef
            Effect.COUNTER -> {
                current = allowed.ef
                takeTries(allowed.key, statusWord)
            }
            Effect.VERIFY -> {
                current = allowed.ef
                if (done && allowed.kind != null) verified.add(allowed.kind)
            }
            Effect.SESSION_KEY -> secure = done
        }
    }

    /** Tries of a key; none where the answer names none, also not where the card calls the credential verified. */
    private fun takeTries(key: Int, statusWord: Int) {
        tries.remove(key)
        if (statusWord == 0x6300) tries[key] = UNCOUNTED
        if (statusWord and 0xFFF0 == 0x63C0) tries[key] = statusWord and 0x0F
    }

    companion object {
        /** Tries; the last one is never spent unless the caller says so for this one VERIFY. */
        const val LOWEST_FLOOR = 2

        /** Stands for a key without a limit: more than 63Cx can say. */
        private const val UNCOUNTED = 16
        private val NOT_ASKED =
            Text(
                "the tries of this key were not asked for since the last VERIFY",
                "前回の照合の後、この鍵の残り回数を確認していません",
            )
        private val BLOCKED = Text("the key is blocked", "この鍵はロックされています")
        private val LAST_TRY = Text("one try is left, and the caller did not allow it", "残り1回で、使用が許可されていません")
    }
}
