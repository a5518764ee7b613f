package mnverify.card

import mnverify.MaskedBytes
import mnverify.evidence.AcceptedNumberB
import mnverify.evidence.Presence
import mnverify.files.CardKey
import mnverify.files.keyInHead
import mnverify.profile.FileRule
import mnverify.values.Domain
import mnverify.values.Role

/**
 * What a reading has so far, kept by the caller, so that a torn reading can be resumed on the same card. Give an empty one to
 * `Session.read`, and after a link error the same one to `Session.resume` of a new session. It is emptied when the evidence is made;
 * [clear] it when you give up. It shows no content.
 */
public class PartialReading {
    internal var domain: Domain? = null
    internal var role: Role? = null
    internal var plan: Plan? = null
    internal var challenge: Challenge = Challenge.NONE
    internal var answer: Presence? = null
    internal var acceptedNumberB: AcceptedNumberB? = null
    internal var firstAnswer: Presence? = null
    internal val files = LinkedHashMap<String, MaskedBytes>()
    internal val torn = LinkedHashMap<String, Growing>()

    /** Whether a reading has begun, and was not finished. */
    public val started: Boolean get() = plan != null

    /** Let go of everything. */
    public fun clear() {
        domain = null
        role = null
        plan = null
        challenge = Challenge.NONE
        acceptedNumberB = null
        firstAnswer = null
        restart()
    }

    /** Forget what was read, not what was asked for. */
    internal fun restart() {
        files.clear()
        torn.clear()
        answer = null
    }

    /** The files it asks for, in reading order. */
    internal val rules: List<FileRule> get() = plan?.files.orEmpty()

    /** The public key of the card it began on, as far as it was read. */
    internal val cardKey: CardKey?
        get() =
            rules.firstNotNullOfOrNull { rule ->
                (files[rule.fileId] ?: torn[rule.fileId]?.bytes())?.let { keyInHead(rule.layout, it) }
            }

    /** Whether a file is missing that a credential has to open. */
    internal val needsCredential: Boolean
        get() = !started || rules.any { it.openedBy.isNotEmpty() && it.fileId !in files }

    override fun toString(): String =
        "PartialReading(${domain ?: "empty"}, ${files.values.sumOf(MaskedBytes::size) + torn.values.sumOf(Growing::size)} bytes)"
}
