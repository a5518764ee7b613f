package mnverify.verification

import mnverify.MaskedBytes
import mnverify.Text
import mnverify.UsageError
import mnverify.evidence.Evidence
import mnverify.files.AgeRecord
import mnverify.files.AttributesRecord
import mnverify.files.CardKey
import mnverify.files.Certificate
import mnverify.files.FaceRecord
import mnverify.files.IntegrityRecord
import mnverify.files.NumberFile
import mnverify.files.NumberRecord
import mnverify.files.Record
import mnverify.files.SignedWhole
import mnverify.files.WithCardKey
import mnverify.files.WithOffsets
import mnverify.sha256
import mnverify.values.BirthDay
import mnverify.values.Domain
import mnverify.values.compactDigits
import mnverify.verification.Outcome.FAIL
import mnverify.verification.Outcome.NOT_PERFORMED
import mnverify.verification.Outcome.PASS
import java.security.MessageDigest
import java.time.LocalTime
import java.time.OffsetDateTime
import java.time.ZoneOffset
import java.time.temporal.ChronoUnit

internal val JAPAN: ZoneOffset = ZoneOffset.ofHours(9)

/**
 * Verify evidence against trust anchors. The seven checks, all in one place:
 *
 * 1. `structure`: the files are laid out right and belong to one card
 * 2. `chain`: the issuer certificate leads to an anchor
 * 3. `record-signature`: the certified key signed every record at hand
 * 4. `file-digests`: input-assist: the files are the ones of the signed digests
 * 5. `presence`: the card's answer, with the key inside the verified record
 * 6. `freshness`: the answer is to our challenge
 * 7. `expiry`: the card's date, unsigned as it is
 *
 * Every check is always reported. What failed is never used by a later one. Nothing is read or written; time, trust and challenge are
 * parameters.
 *
 * @param evidence from a session of this process, or from outside
 * @param trust the anchors
 * @param at the moment to judge expiry by; default now. The card is good to the end of its day in Japan.
 * @param challenge the bytes that the presence signature has to answer, where freshness matters: 1 to 1024 of them
 * @param requirePresence reject where presence did not pass
 * @throws UsageError the challenge has no byte or too many; nothing was verified
 */
public fun verify(
    evidence: Evidence,
    trust: TrustStore,
    at: OffsetDateTime = OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.SECONDS),
    challenge: ByteArray? = null,
    requirePresence: Boolean = false,
): Verdict {
    if (challenge != null && challenge.size !in 1..Evidence.MAX_PRESENCE_BYTES) throw UsageError(NO_CHALLENGE)
    return Verification(evidence, trust, at, challenge).verdict(requirePresence)
}

private val NO_CHALLENGE =
    Text(
        "verify: challenge has to be bytes, 1 to ${Evidence.MAX_PRESENCE_BYTES} of them. Nothing was verified.",
        "verify の challenge には 1〜${Evidence.MAX_PRESENCE_BYTES} バイトを指定してください。検証していません。",
    )

private class Verification(
    private val evidence: Evidence,
    private val trust: TrustStore,
    private val at: OffsetDateTime,
    private val challenge: ByteArray?,
) {
    private val scheme = evidence.profile.scheme
    private val records: Collection<Record> = evidence.records.values
    private var integrity: IntegrityRecord? = null // the input-assist digests, where their signature holds

    fun verdict(requirePresence: Boolean): Verdict {
        val structure = structure()
        val chain = verifyChain(first<Certificate>(), trust, evidence.domain, scheme)
        val signatures = recordSignatures(chain.key)
        val digests = fileDigests()
        val sound = structure.outcome == PASS && signatures.outcome == PASS && digests.outcome != FAIL
        val answered = presence(if (sound) first<WithCardKey>()?.cardKey else null)
        val freshness = freshness(sound, answered)
        val presence = if (requirePresence && answered.outcome != PASS) answered.failed() else answered
        val expiry = expiry(sound)
        val chained = Check("chain", if (chain.code == "ok") PASS else FAIL, chain.code)
        val checks = listOf(structure, chained, signatures, digests, presence, freshness, expiry)
        val good = listOf(chained, structure, signatures).all { it.outcome == PASS } && checks.none { it.outcome == FAIL }
        val corroborated =
            presence.outcome == PASS && presence.code == "record" && evidence.readHere?.acceptedNumberB != null
        val findings =
            Findings(
                checks,
                chain.anchor?.environment ?: trust.environment,
                chain.anchor?.name,
                evidence.domain,
                evidence.role,
                evidence.credential,
                evidence.profile.name,
                at,
                limits(chain, presence, freshness, corroborated),
            )
        return if (good) Verified(findings, collectFields(records, corroborated)) else Rejected(findings)
    }

    private inline fun <reified T> first(): T? = records.firstOrNull { it is T } as T?

    private fun structure(): Check {
        for (record in records) {
            if (record is WithOffsets && !record.offsetsTrue) return Check("structure", FAIL, "offset-table")
            if (record is WithCardKey && !record.cardKey.toKey().acceptable(scheme)) {
                return Check("structure", FAIL, "weak-card-key")
            }
        }
        val ofFaceCheck = records.filter { it is AgeRecord || it is FaceRecord || it is NumberRecord }
        if (ofFaceCheck.map { (it as WithCardKey).cardKey }.distinct().size > 1) {
            return Check("structure", FAIL, "card-keys-differ")
        }
        if (records.mapNotNull(::birthDateOnFace).distinct().size > 1) return Check("structure", FAIL, "birth-dates-differ")
        return Check("structure", PASS, "ok")
    }

    private fun birthDateOnFace(record: Record): BirthDay? =
        when (record) {
            is AgeRecord -> record.birthDate
            is FaceRecord -> record.birthDate
            else -> null
        }

    private fun recordSignatures(key: PublicKey?): Check {
        if (key == null) return Check("record-signature", NOT_PERFORMED, "no-trusted-key")
        var verified = 0
        var bad = 0
        for (record in records) {
            val holds = holds(record, key)
            if (holds == true) verified++
            if (holds == false) bad++
            if (holds == true && record is IntegrityRecord) integrity = record
        }
        if (bad > 0) return Check("record-signature", FAIL, "bad-signature")
        if (verified == 0 || evidence.domain == Domain.INPUT_ASSIST && integrity == null) {
            integrity = null
            return Check("record-signature", FAIL, "missing-record")
        }
        return Check("record-signature", PASS, "ok")
    }

    /** Whether a record's signature holds; `null` for a file that carries none. */
    private fun holds(record: Record, key: PublicKey): Boolean? =
        when (record) {
            is FaceRecord -> {
                val digests = record.segments.mapIndexed { n, segment -> segment?.let(::sha256) ?: droppedDigest(n + 1) }
                key.holds(scheme, record.signature, digests.reduce(ByteArray::plus))
            }
            is SignedWhole -> key.signed(scheme, record.signature, record.signed)
            else -> null
        }

    private fun droppedDigest(number: Int): ByteArray = evidence.segments.getValue(number).toByteArray()

    private fun fileDigests(): Check {
        if (evidence.domain != Domain.INPUT_ASSIST) return Check("file-digests", NOT_PERFORMED, "not-applicable")
        val signed = integrity ?: return Check("file-digests", NOT_PERFORMED, "no-verified-record")
        val matches =
            records.mapNotNull {
                when (it) {
                    is NumberFile -> sameDigest(signed.numberDigest, it.digestInput)
                    is AttributesRecord -> sameDigest(signed.attributesDigest, it.digestInput)
                    else -> null
                }
            }
        if (matches.isEmpty()) return Check("file-digests", FAIL, "missing-file")
        return if (matches.all { it }) Check("file-digests", PASS, "ok") else Check("file-digests", FAIL, "mismatch")
    }

    private fun sameDigest(signed: MaskedBytes, content: MaskedBytes): Boolean =
        MessageDigest.isEqual(signed.toByteArray(), sha256(content))

    /** @param key the card's public key in the records, all of which were verified and agree */
    private fun presence(key: CardKey?): Check {
        val answer = evidence.presence ?: return Check("presence", NOT_PERFORMED, "none-given")
        if (key == null) return Check("presence", NOT_PERFORMED, "unbound")
        if (!key.toKey().signed(scheme, answer.signature, answer.challenge)) return Check("presence", FAIL, "bad-signature")
        if (evidence.domain == Domain.FACE_CHECK) return Check("presence", PASS, "record")
        return if (evidence.readHere != null) Check("presence", PASS, "session") else Check("presence", NOT_PERFORMED, "unbound")
    }

    /** Passes only where presence does. An answer that nobody could look at, or that is tied to nothing, is neither fresh nor stale. */
    private fun freshness(sound: Boolean, presence: Check): Check {
        if (challenge == null) return Check("freshness", NOT_PERFORMED, "none-given")
        val answer = evidence.presence ?: return Check("freshness", FAIL, "not-answered")
        if (!MessageDigest.isEqual(answer.challenge.toByteArray(), challenge)) {
            return Check("freshness", FAIL, "other-challenge")
        }
        if (!sound) return Check("freshness", NOT_PERFORMED, "not-verified")
        return when (presence.outcome) {
            PASS -> Check("freshness", PASS, "ok")
            FAIL -> Check("freshness", FAIL, "not-answered")
            NOT_PERFORMED -> Check("freshness", NOT_PERFORMED, "unbound")
        }
    }

    private fun expiry(sound: Boolean): Check {
        val face = first<FaceRecord>() ?: return Check("expiry", NOT_PERFORMED, "no-expiry")
        if (!sound) return Check("expiry", NOT_PERFORMED, "not-verified")
        val accepted = evidence.readHere?.acceptedNumberB
        if (accepted != null && contradicts(accepted.birthDigits, accepted.expiryYear, face)) {
            return Check("expiry", FAIL, "contradicted")
        }
        val end = OffsetDateTime.of(face.expiry, LocalTime.of(23, 59, 59, 999_999_000), JAPAN)
        return if (at.isAfter(end)) Check("expiry", FAIL, "expired") else Check("expiry", PASS, "ok")
    }

    /** Month and day of birth and the year of expiry stand in number B whichever calendar its year is printed in. */
    private fun contradicts(birthDigits: String, expiryYear: Int, face: FaceRecord): Boolean =
        expiryYear != face.expiry.year || birthDigits.substring(2) != compactDigits(face.birthDate).substring(4)

    private fun limits(chain: Chain, presence: Check, freshness: Check, corroborated: Boolean): List<String> {
        val limits = mutableListOf("revocation", "holder")
        if (first<FaceRecord>() != null) limits += if (corroborated) "expiry-year" else "expiry-unsigned"
        if (presence.outcome != PASS) {
            limits += "copy"
        } else {
            if (presence.code == "session") limits += "session-tie"
            limits += "relay"
            if (freshness.outcome != PASS) limits += "age-of-answer"
        }
        if (chain.anchor != null && TrustStore.isShipped(chain.anchor)) limits += "anchor-provenance"
        return limits
    }
}
