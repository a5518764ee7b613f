package mnverify.receipts

import mnverify.NotVerifiedError
import mnverify.Text
import mnverify.json.JsonObject
import mnverify.profile.SharedData
import mnverify.profile.texts
import java.time.Instant

/**
 * One check, as a receipt or an answer of an endpoint tells it.
 *
 * @property id stable id, as `chain`
 * @property outcome `pass`, `fail` or `not-performed`
 * @property code stable code
 */
public class ToldCheck(public val id: String, public val outcome: String, public val code: String) {
    override fun equals(other: Any?): Boolean =
        other is ToldCheck && other.id == id && other.outcome == outcome && other.code == code

    override fun hashCode(): Int = id.hashCode()

    override fun toString(): String = "$id: $outcome/$code"
}

/**
 * One field of the card, as a receipt or an answer of an endpoint tells it. It shows its assurance only.
 *
 * @property value the text; for an image the hex SHA-256 of its bytes, or `null` where that would tell its content
 * @property assurance `signed`, `corroborated` or `unsigned`
 * @property extent `year` where only the year of a date is corroborated
 * @property mediaType of an image; `null` for a text
 */
public class ToldField internal constructor(
    public val value: String?,
    public val assurance: String,
    public val extent: String?,
    public val mediaType: String?,
) {
    override fun toString(): String = "ToldField($assurance)"
}

/**
 * A receipt whose signature was verified. Its claims exist only where the verdict is `verified`.
 *
 * @property issuer the endpoint that signed it
 * @property relyingParty whom it is for
 * @property verificationId names the verification at that endpoint
 * @property challengeId names the challenge
 * @property issuedAt when it was signed
 * @property verdict `verified` or `rejected`
 * @property environment of the anchors. A receipt of another environment than `production` says nothing of a real card.
 * @property domain `face-check` or `input-assist`
 * @property role `general` or `my-number-office`
 * @property at the moment by which expiry was judged, as written
 * @property checks the checks, in order
 * @property reference the relying party's own word, or `null`
 * @property purpose what the challenge was asked for, or `null`
 * @property evidenceSha256 hex SHA-256 of the evidence as it came, or `null`
 * @property kid names the key that signed
 */
public class Receipt internal constructor(
    public val issuer: String,
    public val relyingParty: String,
    public val verificationId: String,
    public val challengeId: String,
    public val issuedAt: Instant,
    public val verdict: String,
    public val environment: String,
    public val domain: String,
    public val role: String,
    public val at: String,
    public val checks: List<ToldCheck>,
    public val reference: String?,
    public val purpose: String?,
    public val evidenceSha256: String?,
    public val kid: String,
    private val told: Map<String, ToldField>,
) {
    /** Whether it tells that the evidence was verified. */
    public val verified: Boolean get() = verdict == "verified"

    /**
     * The fields that it carries, by name.
     *
     * @throws NotVerifiedError it tells that the evidence was rejected
     */
    public val claims: Map<String, ToldField>
        get() {
            if (!verified) throw NotVerifiedError(rejected(checks))
            return told
        }

    override fun toString(): String = "Receipt($verificationId, $verdict, $environment, ${told.size} claims)"

    internal companion object {
        fun rejected(checks: List<ToldCheck>): Text {
            val failed = checks.filter { it.outcome == "fail" }.joinToString(", ") { "${it.id} (${it.code})" }
            return Text(
                "The evidence was rejected: $failed. Its content is not given out.",
                "検証に不合格のため（$failed）、内容は取り出せません。",
            )
        }
    }
}

/** A part of a receipt or of a set of keys has not its form; the error is made of it one room further up. */
internal class WrongForm(val why: Text) : Exception(null, null, false, false)

/** The receipt in a payload (`mnverify.receipt/1`). Members that this version does not know are passed over. */
internal object ReceiptPayload {
    private const val FORMAT = "mnverify.receipt/1"
    private const val MAX_TEXT = 1024
    private const val MAX_CHECKS = 64
    private const val LAST_SECOND = 253402300799L // 9999-12-31T23:59:59Z
    private val VERDICTS = listOf("verified", "rejected")
    private val OUTCOMES = listOf("pass", "fail", "not-performed")
    private val ASSURANCES = listOf("signed", "corroborated", "unsigned")

    fun read(payload: JsonObject, kid: String): Receipt {
        if (payload["format"] != FORMAT) throw WrongForm(Text("format: it is not $FORMAT", "format が $FORMAT ではありません"))
        val verdict = word(payload, "verdict", VERDICTS)
        val checks = checks(payload["checks"])
        if ((verdict == "verified") == (checks.isEmpty() || checks.any { it.outcome == "fail" })) {
            throw WrongForm(Text("checks: they contradict the verdict", "checks が verdict と食い違っています"))
        }
        val claims = if ("claims" in payload) payload["claims"] else emptyMap<String, Any>()
        if (verdict != "verified" && claims != emptyMap<String, Any>() && claims != null && claims != false && claims != "") {
            throw WrongForm(Text("claims: a rejected verification has none", "不合格の検証に claims があります"))
        }
        return Receipt(
            issuer = text(payload, "iss"),
            relyingParty = text(payload, "aud"),
            verificationId = text(payload, "jti"),
            challengeId = text(payload, "challenge_id"),
            issuedAt = moment(payload["iat"]),
            verdict = verdict,
            environment = text(payload, "environment"),
            domain = word(payload, "domain", listOf("face-check", "input-assist")),
            role = word(payload, "role", listOf("general", "my-number-office")),
            at = text(payload, "at"),
            checks = checks,
            reference = if ("reference" in payload) text(payload, "reference") else null,
            purpose = if ("purpose" in payload) text(payload, "purpose") else null,
            evidenceSha256 = if ("evidence_sha256" in payload) digest(payload, "evidence_sha256") else null,
            kid = kid,
            told = claims(claims),
        )
    }

    private fun text(value: Map<String, Any?>, name: String): String {
        val text = value[name]
        if (text is String && text.isNotEmpty() && text.codePointCount(0, text.length) <= MAX_TEXT) return text
        throw WrongForm(
            Text("$name: it is not a text of 1 to $MAX_TEXT characters", "$name が1～${MAX_TEXT}文字の文字列ではありません"),
        )
    }

    private fun digest(value: Map<String, Any?>, name: String): String {
        val digest = value[name]
        if (digest is String && digest.length == 64 && digest.all { it in '0'..'9' || it in 'a'..'f' }) return digest
        throw WrongForm(
            Text("$name: it is not a SHA-256 in lower-case hex", "$name が小文字16進の SHA-256 ではありません"),
        )
    }

    private fun word(value: Map<String, Any?>, name: String, words: List<String>): String {
        val word = value[name]
        if (word is String && word in words) return word
        val listed = words.joinToString(", ")
        throw WrongForm(Text("$name: it is none of $listed", "$name が $listed のいずれでもありません"))
    }

    private fun moment(value: Any?): Instant {
        if (value is Long && value in 0..LAST_SECOND) return Instant.ofEpochSecond(value)
        throw WrongForm(Text("iat: it is not a time in seconds", "iat が秒単位の時刻ではありません"))
    }

    private fun checks(value: Any?): List<ToldCheck> {
        if (value !is List<*> || value.size > MAX_CHECKS || value.any { it !is JsonObject }) {
            throw WrongForm(Text("checks: it is not a list of objects", "checks がオブジェクトの配列ではありません"))
        }
        val checks = value.map { ToldCheck(text(it as JsonObject, "id"), word(it, "outcome", OUTCOMES), text(it, "code")) }
        if (checks.distinctBy(ToldCheck::id).size != checks.size) {
            throw WrongForm(Text("checks: one stands twice", "checks に同じ検査が2つあります"))
        }
        return checks
    }

    private fun claims(value: Any?): Map<String, ToldField> {
        if (value !is Map<*, *>) throw notObject("claims")
        val carried = SharedData.section("receipt").texts("claims")
        if (value.keys.any { it !in carried }) {
            throw WrongForm(Text("claims: one that no receipt carries", "claims に受領証に載らない項目があります"))
        }
        return value.entries.associate { (name, claim) -> name as String to claim(claim, "claims.$name") }
    }

    private fun claim(value: Any?, where: String): ToldField {
        if (value !is JsonObject) throw notObject(where)
        val assurance = word(value, "assurance", ASSURANCES)
        if ("media_type" in value) return ToldField(digest(value, "sha256"), assurance, null, text(value, "media_type"))
        val text =
            value["value"] as? String
                ?: throw WrongForm(Text("$where: value is not a text", "$where の value が文字列ではありません"))
        return ToldField(text, assurance, if ("extent" in value) text(value, "extent") else null, null)
    }

    private fun notObject(where: String) = WrongForm(Text("$where: it is not an object", "$where がオブジェクトではありません"))
}
