package mnverify.card

import mnverify.Cancelled
import mnverify.LinkError
import mnverify.NotMyNumberCard
import mnverify.TooFewTries
import mnverify.UnexpectedCommand
import mnverify.WrongCredential
import mnverify.evidence.Evidence
import mnverify.link.Link
import mnverify.profile.CardProfile
import mnverify.profile.SharedData
import mnverify.profile.int
import mnverify.values.Domain
import mnverify.values.Purpose
import mnverify.values.Role
import mnverify.verification.TrustStore
import mnverify.verification.Verdict
import mnverify.verification.verify
import java.time.OffsetDateTime
import java.time.ZoneOffset
import java.time.temporal.ChronoUnit

/** What to do when a reading was torn: give the link to go on with, once a card is back, or `null` to give up. */
public fun interface OnTorn {
    /** The link to go on with, or `null`. */
    public suspend fun again(error: LinkError): Link?
}

/**
 * What a card is read for.
 *
 * @property domain the one domain to open
 * @property credential what the holder presented
 * @property challenge whom the card has to answer
 * @property role the declared role
 * @property purposes what the reading is for; empty: all that role and credential open
 * @property floor tries that have to be left for the credential to be presented
 */
public class Reading(
    public val domain: Domain,
    public val credential: Credential,
    public val challenge: Challenge,
    public val role: Role = Role.GENERAL,
    public val purposes: Set<Purpose> = emptySet(),
    public val floor: Int = 2,
) {
    private val rules get() = CardProfile.PRESENT.domains.getValue(domain)

    /** What it is for, if role and credential reach it. */
    internal fun wanted(): Array<Purpose> {
        Guard.checkFloor(floor)
        keyFor(rules, role, credential.kind)
        if (purposes.isEmpty()) return rules.purposesFor(role, credential.kind).toTypedArray()
        planReading(rules, role, setOf(credential.kind), purposes.toList())
        return purposes.toTypedArray()
    }

    override fun toString(): String = "Reading($domain, $role, ${credential.kind})"
}

/**
 * Open, present, read; go on with a reading that was torn, on the same card.
 *
 * With [onTorn] the card answers the challenge before a number is presented, not at the end, so that it can be known again: to another
 * card no number is presented. Where nobody knows the end of a VERIFY, the counter tells: a number that cost a try is not presented
 * again.
 *
 * @param onTorn is asked for a link when a link error tore the reading, at most ten times; default: the error is raised
 * @throws mnverify.UsageError an argument does not fit; the card was not touched
 * @throws mnverify.RoleError the role may not do this; the card was not touched
 * @throws mnverify.MnverifyError whatever stopped the reading
 */
public suspend fun readCard(
    link: Link,
    reading: Reading,
    progress: Progress? = null,
    onTorn: OnTorn? = null,
    clock: () -> OffsetDateTime = { Session.localTime() },
): Evidence {
    val wanted = reading.wanted()
    return Attempts(reading, wanted, progress, resumable = onTorn != null, clock = clock).untilWhole(link, onTorn)
}

/**
 * A reading and what its verification found.
 *
 * @property evidence as read
 * @property verdict what the verification found
 */
public class CheckedCard internal constructor(public val evidence: Evidence, public val verdict: Verdict)

/**
 * Read a card and verify what it gave, in this process.
 *
 * @param trust the anchors
 * @param at the moment to judge expiry by
 * @param requirePresence reject where the card did not prove its presence
 * @throws mnverify.MnverifyError as [readCard]
 */
public suspend fun checkCard(
    link: Link,
    reading: Reading,
    trust: TrustStore,
    at: OffsetDateTime = OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.SECONDS),
    requirePresence: Boolean = false,
    progress: Progress? = null,
    onTorn: OnTorn? = null,
): CheckedCard {
    val evidence = readCard(link, reading, progress, onTorn)
    return CheckedCard(evidence, verify(evidence, trust, at, reading.challenge.bytes(), requirePresence))
}

/** What one call of [readCard] has so far. */
private class Attempts(
    private val reading: Reading,
    private val wanted: Array<Purpose>,
    private val progress: Progress?,
    private val resumable: Boolean,
    private val clock: () -> OffsetDateTime,
) {
    private val partial = PartialReading()
    private var doubt = 0 // tries that were left before a VERIFY that nobody knows the end of

    suspend fun untilWhole(first: Link, onTorn: OnTorn?): Evidence {
        var link = first
        var resumed = 0
        try {
            while (true) {
                try {
                    return readFrom(link)
                } catch (error: LinkError) {
                    if (onTorn == null || resumed == MOST_RESUMPTIONS || isFinal(error)) throw error
                    link = onTorn.again(error) ?: throw error
                    resumed++
                }
            }
        } finally {
            partial.clear()
        }
    }

    /** Read in one session, or go on with what an earlier one has left. */
    private suspend fun readFrom(link: Link): Evidence {
        val floor = maxOf(reading.floor, doubt)
        val session =
            when (reading.domain) {
                Domain.FACE_CHECK -> FaceCheck.open(link, reading.role, clock = clock)
                Domain.INPUT_ASSIST -> InputAssist.open(link, reading.role, clock = clock)
            }
        return session.use {
            try {
                if (resumable && reading.challenge.asked) it.recognise(partial, reading.challenge)
                if (partial.started) {
                    it.resume(partial, reading.credential, floor, progress)
                } else {
                    it.present(reading.credential, floor)
                    it.read(*wanted, challenge = reading.challenge, progress = progress, partial = partial)
                }
            } catch (error: TooFewTries) {
                throw if (error.triesLeft < doubt) WrongCredential(error.triesLeft) else error
            } finally {
                doubt = maxOf(doubt, it.triesInDoubt ?: 0)
            }
        }
    }

    private fun isFinal(error: LinkError) = error is Cancelled || error is NotMyNumberCard || error is UnexpectedCommand

    private companion object {
        val MOST_RESUMPTIONS: Int get() = SharedData.section("floor").int("most_resumptions")
    }
}
