package mnverify.client

import mnverify.NotVerifiedError
import mnverify.Text
import mnverify.json.Base64
import mnverify.json.JsonObject
import mnverify.receipts.Receipt
import mnverify.receipts.ToldCheck
import mnverify.receipts.ToldField
import mnverify.values.Moment

/**
 * A challenge for one reading.
 *
 * @property id names it; the back end keeps this, and need not show it to the phone
 * @property expiresAt when it is over
 */
public class EndpointChallenge internal constructor(
    public val id: String,
    private val bytes: ByteArray,
    public val expiresAt: Moment,
) {
    /** The 32 bytes that the card has to sign. */
    public fun challenge(): ByteArray = bytes.copyOf()

    override fun toString(): String = "EndpointChallenge($id)"
}

/** What stands in an answer whatever the verdict. Its receipt was verified and says the same. */
public class AnswerFindings internal constructor(
    /** Names the verification at the endpoint. */
    public val id: String,
    /** The challenge that it served. */
    public val challengeId: String,
    /** Of the anchors, as `production`. */
    public val environment: String,
    /** The checks, in order. */
    public val checks: List<ToldCheck>,
    /** What this cannot say, by code, in plain words. */
    public val limits: Map<String, String>,
    /** The receipt, verified. */
    public val receipt: Receipt,
    /** The same as text: keep this. With claims in it, it is personal data. */
    public val receiptText: String,
    /** Of this call. */
    public val idempotencyKey: String,
) {
    override fun toString(): String = "$id, $environment, ${checks.joinToString(", ")}"
}

/** What the endpoint says of evidence. The content exists only in [ConfirmedByEndpoint]. */
public sealed interface EndpointVerdict {
    /** What stands in an answer whatever the verdict. */
    public val findings: AnswerFindings

    /**
     * The content.
     *
     * @throws NotVerifiedError the evidence was rejected
     */
    public fun require(): ConfirmedByEndpoint
}

/**
 * The evidence was verified.
 *
 * @property fields the content of the card by field name
 */
public class ConfirmedByEndpoint internal constructor(
    override val findings: AnswerFindings,
    public val fields: Map<String, ToldField>,
) : EndpointVerdict {
    override fun require(): ConfirmedByEndpoint = this

    override fun toString(): String = "ConfirmedByEndpoint($findings)"
}

/** The evidence was rejected. There is no content. */
public class RejectedByEndpoint internal constructor(override val findings: AnswerFindings) : EndpointVerdict {
    override fun require(): ConfirmedByEndpoint {
        val failed = findings.checks.filter { it.outcome == "fail" }.joinToString(", ") { "${it.id} (${it.code})" }
        throw NotVerifiedError(
            Text(
                "The evidence was rejected: $failed. Its content is not given out.",
                "検証に不合格のため（$failed）、内容は取り出せません。",
            ),
        )
    }

    override fun toString(): String = "RejectedByEndpoint($findings)"
}

/**
 * What the endpoint keeps of a verification: nothing personal.
 *
 * @property verified whether the evidence was verified
 * @property at when it was evaluated
 * @property purpose of the challenge, or `null`
 * @property reference of the challenge, or `null`
 * @property receipt verified; without claims
 */
public class StoredOutcome internal constructor(
    public val id: String,
    public val challengeId: String,
    public val verified: Boolean,
    public val environment: String,
    public val at: Moment,
    public val checks: List<ToldCheck>,
    public val purpose: String?,
    public val reference: String?,
    public val receipt: Receipt,
) {
    override fun toString(): String = "StoredOutcome($id, ${if (verified) "verified" else "rejected"}, $environment)"
}

/** Reads the endpoint's documents. What has another form than the documented one is an [UnexpectedAnswer]. */
internal object Answers {
    private const val MAX_TEXT = 4096
    private const val MAX_RECEIPT = 64 * 1024
    private val VERDICTS = listOf("verified", "rejected")
    private val OUTCOMES = listOf("pass", "fail", "not-performed")
    private val ASSURANCES = listOf("signed", "corroborated", "unsigned")

    fun challenge(document: JsonObject): EndpointChallenge {
        val raw = Base64.decode(text(document, "challenge"))
        if (raw?.size != 32) throw wrong("challenge")
        return EndpointChallenge(text(document, "id"), raw, moment(document, "expires_at"))
    }

    fun verification(document: JsonObject, key: String, check: (String, String) -> Receipt): EndpointVerdict {
        val verdict = word(document, "verdict", VERDICTS)
        val fields = if ("fields" in document) document["fields"] else JsonObject(emptyMap())
        if (fields !is JsonObject || verdict != "verified" && fields.isNotEmpty()) throw wrong("fields")
        val id = text(document, "id")
        val token = text(document, "receipt", MAX_RECEIPT)
        val findings =
            AnswerFindings(
                id,
                text(document, "challenge_id"),
                text(document, "environment"),
                checks(document),
                objects(document, "limits").associate { text(it, "code") to text(it, "detail") },
                check(token, id),
                token,
                key,
            )
        agree(findings.receipt, verdict, findings.environment, findings.challengeId, findings.checks)
        return if (verdict == "verified") {
            ConfirmedByEndpoint(findings, fields.mapValues { (_, field) -> field(field) })
        } else {
            RejectedByEndpoint(findings)
        }
    }

    fun outcome(document: JsonObject, check: (String, String) -> Receipt): StoredOutcome {
        val id = text(document, "id")
        val verdict = word(document, "verdict", VERDICTS)
        val outcome =
            StoredOutcome(
                id,
                text(document, "challenge_id"),
                verdict == "verified",
                text(document, "environment"),
                moment(document, "at"),
                checks(document),
                optional(document, "purpose"),
                optional(document, "reference"),
                check(text(document, "receipt", MAX_RECEIPT), id),
            )
        agree(outcome.receipt, verdict, outcome.environment, outcome.challengeId, outcome.checks)
        return outcome
    }

    /** The answer came over TLS, the receipt is signed: they have to say the same. */
    private fun agree(receipt: Receipt, verdict: String, environment: String, challengeId: String, checks: List<ToldCheck>) {
        val same =
            receipt.verdict == verdict &&
                receipt.environment == environment &&
                receipt.challengeId == challengeId &&
                receipt.checks == checks
        if (!same) throw UnexpectedAnswer(Text("its receipt says something else", "受領証と内容が一致しません"))
    }

    private fun checks(document: JsonObject): List<ToldCheck> =
        objects(document, "checks").map { ToldCheck(text(it, "id"), word(it, "outcome", OUTCOMES), text(it, "code")) }

    private fun field(value: Any?): ToldField {
        if (value !is JsonObject) throw wrong("fields")
        val assurance = word(value, "assurance", ASSURANCES)
        if ("media_type" in value) return ToldField(optional(value, "sha256"), assurance, null, text(value, "media_type"))
        val text = value["value"] as? String ?: throw wrong("fields")
        return ToldField(text, assurance, optional(value, "extent"), null)
    }

    private fun objects(document: JsonObject, name: String): List<JsonObject> {
        val value = document[name] as? List<*> ?: throw wrong(name)
        return value.map { it as? JsonObject ?: throw wrong(name) }
    }

    private fun text(document: JsonObject, name: String, longest: Int = MAX_TEXT): String {
        val value = document[name]
        if (value !is String || value.isEmpty() || value.length > longest) throw wrong(name)
        return value
    }

    private fun optional(document: JsonObject, name: String): String? = if (document[name] == null) null else text(document, name)

    private fun word(document: JsonObject, name: String, words: List<String>): String =
        (document[name] as? String)?.takeIf(words::contains) ?: throw wrong(name)

    private fun moment(document: JsonObject, name: String): Moment = Moment.parse(text(document, name)) ?: throw wrong(name)

    private fun wrong(name: String) =
        UnexpectedAnswer(Text("$name has not the documented form", "$name が定められた形式ではありません"))
}
