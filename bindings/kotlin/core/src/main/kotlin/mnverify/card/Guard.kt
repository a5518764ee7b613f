package mnverify.card

import mnverify.CardRefused
import mnverify.CredentialBlocked
import mnverify.Text
import mnverify.TooFewTries
import mnverify.UsageError
import mnverify.WrongCredential
import mnverify.profile.KeyRule

/**
 * What the card says of a key.
 *
 * @property left tries left, 0 where it is blocked; `null` where the card names no number
 * @property verified the credential is verified already
 */
internal class Tries(val left: Int?, val verified: Boolean = false)

/** The guard of the retry counters: ask first, keep the floor, present once, and name what came of it. */
internal object Guard {
    private const val OK = 0x9000
    private const val NO_LIMIT = 0x6300
    private const val BLOCKED = 0x6984
    private const val COUNTED = 0x63C0
    private const val UNCOUNTED_TRIES = 15 // the most that 63Cx can say: stands for a key without a limit

    fun checkFloor(floor: Int) {
        if (floor < CardState.LOWEST_FLOOR) {
            throw UsageError(
                Text(
                    "The floor is 2 or more; to spend the last try, pass allowLastTry = true. Nothing was sent.",
                    "下限は2以上です。最後の1回を使うには allowLastTry = true を指定してください。何も送っていません。",
                ),
            )
        }
    }

    /** Ask for the tries of a key, spending none: VERIFY without data (ISO/IEC 7816-4). */
    suspend fun askTries(channel: Channel, key: KeyRule): Tries {
        val statusWord = channel.counter(key)
        if (statusWord == OK || statusWord == NO_LIMIT) return Tries(null, verified = statusWord == OK)
        if (statusWord == BLOCKED) return Tries(0)
        if (statusWord and 0xFFF0 == COUNTED) return Tries(statusWord and 0x0F)
        throw CardRefused(
            Text("the question for the tries of key ${key.keyId}", "鍵 ${key.keyId} の残り回数の問い合わせ"),
            statusWord,
        )
    }

    fun checkTries(tries: Tries, floor: Int, allowLastTry: Boolean) {
        if (tries.left == 0) throw CredentialBlocked()
        if (tries.left != null && tries.left < floor && !allowLastTry) throw TooFewTries(tries.left, floor)
    }

    /** Present a credential. It is never sent a second time. */
    suspend fun verifyOnce(channel: Channel, key: KeyRule, credential: Credential, allowLastTry: Boolean) {
        val statusWord = channel.verify(key, credential.digitsForCard(), allowLastTry)
        if (statusWord == OK) return
        if (statusWord == BLOCKED || statusWord == COUNTED) throw CredentialBlocked()
        if (statusWord and 0xFFF0 == COUNTED) throw WrongCredential(statusWord and 0x0F)
        if (statusWord == NO_LIMIT) throw WrongCredential(UNCOUNTED_TRIES)
        throw CardRefused(Text("VERIFY of key ${key.keyId}", "鍵 ${key.keyId} の照合"), statusWord)
    }
}
