package mnverify.card

import mnverify.Text
import mnverify.UsageError
import mnverify.profile.CardProfile
import java.security.SecureRandom

/**
 * Whom the card has to answer. Every reading says so: evidence that is sent away has to answer the challenge of whoever verifies it, and
 * `Evidence.toRequest` refuses any other.
 */
public class Challenge private constructor(private val bytes: ByteArray?, internal val ofVerifier: Boolean, internal val asked: Boolean) {
    /** The bytes to be signed; `null` where the card is asked nothing. */
    internal fun bytes(): ByteArray? = bytes?.copyOf()

    internal fun sameAs(other: ByteArray): Boolean = bytes != null && bytes.contentEquals(other)

    override fun toString(): String = if (!asked) "Challenge(none)" else if (ofVerifier) "Challenge(of the verifier)" else "Challenge(of our own)"

    public companion object {
        /** The card is not asked: the files may be a copy, and whoever verifies cannot tell. */
        @JvmField public val NONE: Challenge = Challenge(null, ofVerifier = false, asked = false)

        /**
         * The challenge of whoever will verify, as the endpoint gave it.
         *
         * @throws UsageError it has not 32 bytes; nothing was read
         */
        public fun ofVerifier(bytes: ByteArray): Challenge {
            if (bytes.size != length) {
                throw UsageError(
                    Text(
                        "A challenge is $length bytes. Nothing was read.",
                        "チャレンジは${length}バイトです。何も読んでいません。",
                    ),
                )
            }
            return Challenge(bytes.copyOf(), ofVerifier = true, asked = true)
        }

        /** Fresh bytes, for verification in this process alone. */
        public fun ofOurOwn(): Challenge =
            Challenge(ByteArray(length).also(SecureRandom()::nextBytes), ofVerifier = false, asked = true)

        private val length: Int get() = CardProfile.PRESENT.challengeLength
    }
}
