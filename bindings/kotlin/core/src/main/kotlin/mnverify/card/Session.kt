package mnverify.card

import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import mnverify.AlreadyVerified
import mnverify.CredentialError
import mnverify.DifferentCard
import mnverify.LinkCorrupt
import mnverify.LinkUnreliable
import mnverify.MaskedBytes
import mnverify.Text
import mnverify.UsageError
import mnverify.evidence.AcceptedNumberB
import mnverify.evidence.Evidence
import mnverify.evidence.EvidenceMembers
import mnverify.evidence.Presence
import mnverify.evidence.ReadHere
import mnverify.files.challengeDigestInfo
import mnverify.link.Link
import mnverify.profile.CardProfile
import mnverify.profile.KeyRule
import mnverify.values.CredentialKind
import mnverify.values.Domain
import mnverify.values.Moment
import mnverify.values.Purpose
import mnverify.values.Role
import mnverify.verification.toKey
import java.time.OffsetDateTime

/**
 * An open application of one card; made by `open` of [FaceCheck] or [InputAssist]. Close it, which resets the card.
 *
 * The order is fixed: form of the credential (its constructor), role, counter, floor, VERIFY once. A link error in mid-session closes it:
 * what was read is lost unless a [PartialReading] took it, and the card is reset.
 */
public abstract class Session internal constructor(
    internal val gate: Gate,
    private val reader: String?,
    private val clock: () -> OffsetDateTime,
) {
    private val profile = CardProfile.PRESENT
    private val rules = profile.domains.getValue(gate.domain)
    private val channel = Channel(gate)
    private val mutex = Mutex() // between the question for the tries and VERIFY nobody else presents
    private val accepted = HashMap<CredentialKind, Credential>()
    private var signed: Presence? = null

    /** The one application. */
    public val domain: Domain get() = gate.domain

    /** The declared role. */
    public val role: Role get() = gate.role

    /** What was asked of the card, passed or refused, without a data byte. */
    public val audit: List<AuditEntry> get() = gate.audit

    /** Whether the session was closed, by the caller or by a link error. */
    public val closed: Boolean get() = gate.closed

    /**
     * Tries that were left before a VERIFY whose answer did not come, or says neither yes nor no: where fewer are left now, the card
     * refused the number. `null` where there is no such VERIFY.
     */
    public var triesInDoubt: Int? = null
        private set

    /**
     * Tries left on each credential that the role may use, spending none: a number; 0 where it is blocked; `null` where the card names
     * none (no limit, or already verified).
     *
     * @throws UsageError the session is closed
     * @throws mnverify.LinkError reader or card
     */
    public suspend fun retries(): Map<CredentialKind, Int?> =
        working { rules.keysFor(role).mapValues { (_, key) -> Guard.askTries(channel, key).left } }

    /**
     * Present what the holder gave. One try at most is spent, and none below the floor.
     *
     * @param floor tries that have to be left, 2 or more
     * @param allowLastTry spend even the last try. Say so to the holder first.
     * @throws UsageError the domain takes no such credential, another one of its kind was accepted in this session, the floor is below 2,
     *   or the session is closed; nothing was sent, or nothing but the question for tries
     * @throws AlreadyVerified another program has left the card with this credential verified; not presented, and the session is closed
     * @throws mnverify.RoleError the role may not present it; nothing was sent
     * @throws mnverify.TooFewTries not presented
     * @throws mnverify.WrongCredential the card refused it; `triesLeft`
     * @throws mnverify.CredentialBlocked no tries are left, before or after
     * @throws mnverify.LinkError reader or card. Whether a try was spent is known to the card alone: ask [retries].
     */
    public suspend fun present(credential: Credential, floor: Int = CardState.LOWEST_FLOOR, allowLastTry: Boolean = false) {
        Guard.checkFloor(floor)
        working { presentNow(credential, floor, allowLastTry) }
    }

    /**
     * Read what the purposes need, and nothing else; let the card answer a challenge.
     *
     * @param purposes one or more
     * @param challenge whom the card has to answer: `Challenge.ofVerifier` where the evidence will be sent away
     * @param progress is told how far it is
     * @param partial takes what was read, so that a torn reading can be resumed. What was in it is forgotten.
     * @throws mnverify.RoleError the role may not read for one of the purposes; nothing was sent
     * @throws UsageError no purpose, one that is not of this domain, or no presented credential opens all of them; nothing was sent
     * @throws mnverify.EvidenceError a file is malformed
     * @throws mnverify.UnsupportedCard a file of an unknown card generation
     * @throws mnverify.LinkError reader or card; the session is closed
     */
    public suspend fun read(
        vararg purposes: Purpose,
        challenge: Challenge,
        progress: Progress? = null,
        partial: PartialReading = PartialReading(),
    ): Evidence =
        working {
            val firstAnswer = partial.firstAnswer
            partial.clear()
            partial.firstAnswer = firstAnswer
            val plan = planReading(rules, role, accepted.keys, purposes.toList())
            partial.domain = domain
            partial.role = role
            partial.plan = plan
            partial.challenge = challenge
            partial.acceptedNumberB = numberB(plan.credential)
            goOn(partial, progress)
        }

    /**
     * Have the card sign before a number is presented to it: the first time to be known by it, later to be known again.
     *
     * The same key gives the same signature over the same challenge (RSASSA-PKCS1-v1_5), so a reading that is torn before the card's key
     * was read is not resumed on another holder's card, which would cost a try there. The signature serves as the answer to the challenge
     * too. A reader that cannot carry it in a short answer leaves the card unknown, and the reading goes on without.
     *
     * @throws DifferentCard another card than the first time
     * @throws mnverify.LinkError reader or card; a card that was known and cannot prove itself now
     */
    public suspend fun recognise(partial: PartialReading, challenge: Challenge): Unit =
        working {
            val known = partial.firstAnswer
            val carries = gate.capabilities
            if (known == null && carries.extended != true && carries.maxShort < profile.scheme.signatureLength) return@working
            val wanted = known?.challenge?.toByteArray() ?: challenge.bytes() ?: return@working
            val answer =
                try {
                    answerTo(wanted)
                } catch (error: LinkCorrupt) {
                    if (known != null) throw error
                    return@working
                } catch (error: LinkUnreliable) {
                    if (known != null) throw error
                    return@working
                }
            if (known != null && known.signature != answer.signature) throw DifferentCard()
            partial.firstAnswer = answer
            signed = answer
        }

    /**
     * Go on with a reading that was torn. The card has to prove first that it is the same one, by its key and its certificate; only then,
     * and only if a file is missing that needs it, is the credential presented. Where the card's key had not been read yet, nothing is
     * kept, and the reading begins anew.
     *
     * @param partial what `read` of an earlier session got
     * @param credential of the kind of the first session
     * @throws UsageError the reading has not begun, or is of another domain, role or kind of credential; nothing was sent
     * @throws DifferentCard another card; no number was presented to it
     * @throws CredentialError as in [present]
     * @throws mnverify.LinkError as in [read]
     */
    public suspend fun resume(
        partial: PartialReading,
        credential: Credential,
        floor: Int = CardState.LOWEST_FLOOR,
        progress: Progress? = null,
    ): Evidence {
        Guard.checkFloor(floor)
        return working {
            val plan = partial.plan
            if (plan == null || partial.domain != domain || partial.role != role || accepted.isNotEmpty()) {
                throw UsageError(NOTHING_TORN)
            }
            if (credential.kind != plan.credential) throw UsageError(otherKind(plan.credential))
            if (partial.cardKey == null) partial.restart() else confirmSameCard(partial)
            if (partial.needsCredential) {
                presentNow(credential, floor, allowLastTry = false)
                partial.acceptedNumberB = numberB(plan.credential)
            }
            goOn(partial, progress)
        }
    }

    /** Reset the card and give the link back; closing again does nothing. A failed reset is in [audit], and the next session does it. */
    public suspend fun close() {
        accepted.clear()
        signed = null
        gate.close()
    }

    override fun toString(): String = "${javaClass.simpleName}($role${if (closed) ", closed" else ""})"

    /** One operation at a time; none on a closed session; the session is closed where card or link are gone. */
    private suspend fun <T> working(work: suspend () -> T): T =
        mutex.withLock {
            if (closed) throw UsageError(IS_CLOSED)
            try {
                work()
            } catch (error: Throwable) {
                val ends = error is LinkCorrupt || error is LinkUnreliable || error is AlreadyVerified
                if (ends || !gate.state.selected) close()
                throw error
            }
        }

    private suspend fun presentNow(credential: Credential, floor: Int, allowLastTry: Boolean) {
        val key = keyFor(rules, role, credential.kind)
        val tries = Guard.askTries(channel, key)
        if (tries.verified) {
            checkSameNumber(credential)
            return
        }
        Guard.checkTries(tries, floor, allowLastTry)
        accepted.remove(credential.kind)
        verifyOnce(key, credential, tries.left, allowLastTry)
        accepted[credential.kind] = credential
    }

    /** VERIFY; in doubt until the card has said yes or no. */
    private suspend fun verifyOnce(key: KeyRule, credential: Credential, left: Int?, allowLastTry: Boolean) {
        triesInDoubt = left
        try {
            Guard.verifyOnce(channel, key, credential, allowLastTry)
        } catch (error: CredentialError) {
            triesInDoubt = null
            throw error
        }
        triesInDoubt = null
    }

    /** The card says that this kind is verified already: that counts only where this session presented this very number. */
    private fun checkSameNumber(credential: Credential) {
        val known = accepted[credential.kind] ?: throw AlreadyVerified()
        if (known != credential) throw UsageError(OTHER_NUMBER)
    }

    private suspend fun answerTo(challenge: ByteArray): Presence =
        Presence(
            MaskedBytes.of(challenge),
            channel.sign(challengeDigestInfo(challenge), profile.scheme.signatureLength),
        )

    /**
     * See that the card holds the private half of the key that was read, and gives the certificate that was read. It needs no credential,
     * so that none is presented to another holder's card. The answer counts for the reading too.
     */
    private suspend fun confirmSameCard(partial: PartialReading) {
        val mine = signed?.takeIf { serves(it, partial) }
        val answer = mine ?: answerTo(partial.challenge.bytes() ?: checkNotNull(Challenge.ofOurOwn().bytes()))
        val key = partial.cardKey?.toKey()
        if (key == null || !key.acceptable(profile.scheme) || !key.signed(profile.scheme, answer.signature, answer.challenge)) {
            throw DifferentCard()
        }
        for (rule in partial.rules.filter { it.openedBy.isEmpty() }) {
            val fresh = channel.readFile(rule)
            if ((partial.files[rule.fileId] ?: fresh) != fresh) throw DifferentCard()
            partial.torn.remove(rule.fileId)
            partial.files[rule.fileId] = fresh
        }
        if (partial.challenge.asked) partial.answer = answer
    }

    /** Whether an answer of this session is the one that the reading asks for. */
    private fun serves(answer: Presence, partial: PartialReading): Boolean =
        !partial.challenge.asked || partial.challenge.sameAs(answer.challenge.toByteArray())

    /** Read what is missing, have the challenge answered, make the evidence of it. */
    private suspend fun goOn(partial: PartialReading, progress: Progress?): Evidence {
        readFiles(partial, progress)
        if (partial.challenge.asked && partial.answer == null) {
            partial.answer = signed?.takeIf { serves(it, partial) } ?: answerTo(checkNotNull(partial.challenge.bytes()))
        }
        val evidence =
            Evidence(
                EvidenceMembers(
                    domain,
                    role,
                    checkNotNull(partial.plan).credential,
                    partial.files.toMap(),
                    presence = partial.answer,
                    readAt = Moment.of(clock()),
                    reader = reader,
                ),
                ReadHere(partial.acceptedNumberB, partial.challenge.ofVerifier),
            )
        partial.clear()
        signed = null // one answer, one reading
        return evidence
    }

    private suspend fun readFiles(partial: PartialReading, progress: Progress?) {
        val missing = partial.rules.filter { it.fileId !in partial.files }
        var done = partial.files.values.sumOf(MaskedBytes::size)
        for ((at, rule) in missing.withIndex()) {
            val before = done
            val after = missing.drop(at + 1).sumOf { it.expectedLength }
            val taken = partial.torn.getOrPut(rule.fileId, ::Growing)
            val told = progress?.let { Progress { read, total -> it.told(before + read, before + total + after) } }
            val file = channel.readFile(rule, taken, told)
            partial.files[rule.fileId] = file
            partial.torn.remove(rule.fileId)
            done += file.size
        }
    }

    /** Number B, where this session presented it and the chip accepted it. */
    private fun numberB(kind: CredentialKind): AcceptedNumberB? =
        (accepted[kind] as? VerificationNumberB)?.let { AcceptedNumberB(it.birthDigits, it.expiryYear) }

    internal suspend fun select() = channel.select(rules.aid)

    private fun otherKind(kind: CredentialKind) =
        Text(
            "The torn reading was opened with $kind. Nothing was sent.",
            "中断した読み取りは $kind で開いたものです。何も送っていません。",
        )

    internal companion object {
        val IS_CLOSED =
            Text(
                "The session is closed. Open a new one; the credential has to be presented again.",
                "セッションは閉じています。開き直して、番号をもう一度提示してください。",
            )
        val NOTHING_TORN =
            Text(
                "There is no torn reading of this domain and role to resume in a new session. Nothing was sent.",
                "この領域と役割で、新しいセッションから再開できる読み取りがありません。何も送っていません。",
            )
        val OTHER_NUMBER =
            Text(
                "The card has accepted another number in this session, so this one was not presented. Open a new session for it.",
                "このセッションでは別の番号が照合済みのため、提示していません。新しいセッションを開いてください。",
            )

        suspend fun <S : Session> opened(link: Link, domain: Domain, role: Role, make: (Gate) -> S): S {
            val gate = Gate.open(link, domain, role)
            try {
                return make(gate).also { it.select() }
            } catch (error: Throwable) {
                gate.close()
                throw error
            }
        }

        fun localTime(): OffsetDateTime = OffsetDateTime.now().withNano(0)
    }
}

/**
 * Close the session whatever happens in [work].
 *
 * ```
 * FaceCheck.open(link).use { session ->
 *     session.present(VerificationNumberB.fromPrinted("昭和60年7月3日", "2033", "4102"))
 *     session.read(Purpose.FACE, challenge = Challenge.ofVerifier(bytes))
 * }
 * ```
 */
public suspend inline fun <S : Session, T> S.use(work: (S) -> T): T {
    try {
        return work(this)
    } finally {
        close()
    }
}

/**
 * The session of the face-check application 券面事項確認AP: the age record (`Purpose.AGE`) or the card face (`Purpose.FACE`); in role
 * `my-number-office` also the image of the 個人番号 (`Purpose.NUMBER`).
 */
public class FaceCheck private constructor(gate: Gate, reader: String?, clock: () -> OffsetDateTime) :
    Session(gate, reader, clock) {
    public companion object {
        /**
         * Take the link, select the application.
         *
         * @param role what the relying party is under the My Number Act; it cannot be changed later
         * @param reader the reader's name, for the evidence; default: the link's
         * @param clock when a reading was made; default: local time, whole seconds
         * @throws mnverify.DomainBusy the link, or the card behind it, has an open session
         * @throws mnverify.NotMyNumberCard the card does not have the application
         * @throws mnverify.LinkError reader or card
         */
        public suspend fun open(
            link: Link,
            role: Role = Role.GENERAL,
            reader: String? = link.readerName,
            clock: () -> OffsetDateTime = { localTime() },
        ): FaceCheck = opened(link, Domain.FACE_CHECK, role) { FaceCheck(it, reader, clock) }
    }
}

/**
 * The session of the input-assist application 券面事項入力補助AP: the four attributes as text (`Purpose.ATTRIBUTES`); in role
 * `my-number-office` also the 個人番号 (`Purpose.NUMBER`).
 */
public class InputAssist private constructor(gate: Gate, reader: String?, clock: () -> OffsetDateTime) :
    Session(gate, reader, clock) {
    public companion object {
        /** Take the link, select the application: as [FaceCheck.open]. */
        public suspend fun open(
            link: Link,
            role: Role = Role.GENERAL,
            reader: String? = link.readerName,
            clock: () -> OffsetDateTime = { localTime() },
        ): InputAssist = opened(link, Domain.INPUT_ASSIST, role) { InputAssist(it, reader, clock) }
    }
}
