package mnverify.client

import kotlinx.coroutines.delay
import mnverify.EvidenceError
import mnverify.MaskedText
import mnverify.ReceiptError
import mnverify.Text
import mnverify.UsageError
import mnverify.evidence.Evidence
import mnverify.json.Base64
import mnverify.json.JsonObject
import mnverify.json.JsonWriter
import mnverify.json.StrictJson
import mnverify.profile.SharedData
import mnverify.profile.texts
import mnverify.receipts.Receipt
import mnverify.receipts.verifyReceipt
import java.net.URI
import java.net.URISyntaxException
import java.security.SecureRandom
import java.time.Duration

/**
 * A relying party's client of one verification endpoint: ask, retry safely, and believe only what is signed.
 *
 * It belongs on the relying party's own server: an API key in an app is everybody's. Every answer's receipt is verified against the
 * endpoint's published keys, and has to be from this issuer, for this relying party, of this verification and challenge, and to say what
 * the answer says. Calls are repeated only where that is safe: every POST carries an Idempotency-Key, the same in all attempts.
 *
 * @param url the endpoint, `https://…`; plain HTTP only to this machine
 * @param apiKey the relying party's key
 * @param relyingParty its name at the endpoint, as receipts carry it
 * @param issuer the endpoint as receipts name it; default: [url]
 * @param environment the anchors that answers have to rest on. `production` by default, so that a test endpoint never passes for a real one.
 * @param jwks the endpoint's keys, where they are pinned; else they are fetched, and kept for five minutes
 * @param pace time limits, attempts, waits
 * @param http the way to it
 * @throws UsageError an argument that cannot be; nothing was sent
 */
public class VerificationClient(
    url: String,
    apiKey: String,
    private val relyingParty: String,
    private val http: Http,
    issuer: String? = null,
    private val environment: String = "production",
    private val jwks: String? = null,
    private val pace: Pace = Pace(),
) {
    /** The endpoint's address. */
    public val url: String = endpointUrl(url)
    private val issuer = issuer ?: this.url
    private val apiKey = MaskedText(apiKey)

    @Volatile private var fetched: Pair<Long, String>? = null

    init {
        if (apiKey.isEmpty() || !apiKey.all(::isVisible) || relyingParty.isEmpty() || environment.isEmpty()) {
            throw misused(
                "the API key, the relying party or the environment is empty or has characters that none has",
                "API キー、事業者名、環境のいずれかが空か、使えない文字を含んでいます",
            )
        }
    }

    /**
     * A challenge for one reading.
     *
     * @param purpose what the reading is for
     * @param reference your own word for it, opaque; no personal data
     * @param expiresIn seconds, 60 to 900; the endpoint's default is 300
     * @param idempotencyKey to make the same call again; default: a new one
     * @throws ClientError see its classes
     */
    public suspend fun newChallenge(
        purpose: String? = null,
        reference: String? = null,
        expiresIn: Int? = null,
        idempotencyKey: String? = null,
    ): EndpointChallenge {
        val body = mapOf("purpose" to purpose, "reference" to reference, "expires_in" to expiresIn).filterValues { it != null }
        val (key, answer) = post("/v1/challenges", body, idempotencyKey, 201)
        return withKey(key) { Answers.challenge(answer) }
    }

    /**
     * Have evidence verified. It serves its challenge once, whatever the verdict.
     *
     * @param challengeId of the challenge that the card was to sign
     * @param evidence as it came from the phone: JSON text
     * @param claims field names that the receipt shall carry; it is personal data then
     * @param purpose what it is for, where the challenge did not say
     * @param idempotencyKey to make the same call again after [EndpointUnreachable]; default: a new one
     * @throws EvidenceError it is not a JSON object, or has a key twice; nothing was sent
     * @throws ClientError see its classes
     * @throws ReceiptError the answer's receipt may not be relied on; nothing counts as verified
     */
    public suspend fun verify(
        challengeId: String,
        evidence: ByteArray,
        claims: Set<String> = emptySet(),
        purpose: String? = null,
        idempotencyKey: String? = null,
    ): EndpointVerdict {
        val known = SharedData.section("receipt").texts("claims")
        if (!known.containsAll(claims)) throw misused("a claim that no receipt can carry", "受領証に載せられない項目があります")
        val body =
            linkedMapOf<String, Any?>(
                "challenge_id" to challengeId,
                "evidence" to EVIDENCE.load(evidence), // never pasted in as text: it must not reach beyond its place in the request
                "claims" to known.filter(claims::contains).takeIf { it.isNotEmpty() },
                "purpose" to purpose,
            ).filterValues { it != null }
        val (key, answer) = post("/v1/verifications", body, idempotencyKey, 200)
        return withKey(key) {
            believed(challengeId, OLDEST_ANSWER) { check -> Answers.verification(answer, key, check) }
                .also { sameEnvironment(it.findings.environment) }
        }
    }

    /** The same of evidence that this process has just read; it has to answer the endpoint's challenge. */
    public suspend fun verify(challenge: EndpointChallenge, evidence: Evidence, idempotencyKey: String? = null): EndpointVerdict =
        verify(challenge.id, evidence.toRequest(), idempotencyKey = idempotencyKey)

    /**
     * What the endpoint keeps of a verification.
     *
     * @throws ClientError see its classes; refusal `UNKNOWN` where it is not yours, or was purged
     * @throws ReceiptError its receipt may not be relied on
     */
    public suspend fun outcome(verificationId: String): StoredOutcome {
        if (!ID.matches(verificationId)) throw misused("that is no id of a verification", "検証の ID ではありません")
        val answer = document(ask("GET", "/v1/verifications/$verificationId", null, null, auth = true), 200)
        val found = believed(null, null) { check -> Answers.outcome(answer, check) }
        if (found.id != verificationId) throw UnexpectedAnswer(Text("it is of another verification", "別の検証の結果です"))
        sameEnvironment(found.environment)
        return found
    }

    /**
     * The endpoint's keys in JSON: keep them to verify receipts offline.
     *
     * @param fresh fetch them now, whatever is kept
     * @throws ClientError see its classes
     */
    public suspend fun jwks(fresh: Boolean = false): String {
        val kept = fetched
        if (kept != null && !fresh && System.nanoTime() - kept.first < KEYS_LIVE) return kept.second
        val answer = document(ask("GET", "/.well-known/jwks.json", null, null, auth = false), 200)
        return JsonWriter.compact(answer).also { fetched = System.nanoTime() to it }
    }

    override fun toString(): String = "VerificationClient($url, $relyingParty)"

    /** Read an answer with its receipt verified; with keys fetched anew where one was published since. */
    private suspend fun <T> believed(challengeId: String?, maxAge: Duration?, read: ((String, String) -> Receipt) -> T): T {
        fun with(keys: String): T =
            read { token, id ->
                verifyReceipt(token, keys, issuer, relyingParty, id, challengeId, maxAge = maxAge)
            }
        if (jwks != null) return with(jwks)
        try {
            return with(jwks())
        } catch (error: ReceiptError) {
            if (error.reason != "unknown-key") throw error
        }
        return with(jwks(fresh = true))
    }

    private fun sameEnvironment(told: String) {
        if (told == environment) return
        throw UnexpectedAnswer(
            Text(
                "it rests on anchors of another environment than $environment",
                "$environment とは別の環境のトラストアンカーによる結果です",
            ),
        )
    }

    private suspend fun post(path: String, body: Map<String, Any?>, key: String?, status: Int): Pair<String, JsonObject> {
        val chosen = key?.also(::checkKey) ?: Base64.encodeUrl(ByteArray(KEY_BYTES).also(RANDOM::nextBytes))
        return withKey(chosen) {
            chosen to document(ask("POST", path, chosen, JsonWriter.compact(body).toByteArray(), auth = true), status)
        }
    }

    private inline fun <T> withKey(key: String, work: () -> T): T =
        try {
            work()
        } catch (error: ClientError) {
            error.idempotencyKey = key
            throw error
        }

    private suspend fun ask(method: String, path: String, key: String?, body: ByteArray?, auth: Boolean): HttpAnswer {
        val until = System.nanoTime() + pace.total * MILLI
        val request = HttpRequest(method, url + path, headers(key, body, auth), body, pace.connect, pace.answer, MAX_ANSWER)
        var attempt = 1
        while (true) {
            val answer =
                try {
                    http.exchange(request)
                } catch (_: TooLong) {
                    throw UnexpectedAnswer(Text("it is longer than any of this API", "この API の応答としては長すぎます"))
                }
            if (answer != null && answer.status !in PUT_OFF) return answer
            attempt++
            val asked = answer?.headers?.get("retry-after")?.takeIf { it.length in 1..6 && it.all { c -> c in '0'..'9' } }?.toLong()
            val wait = pace.waitBefore(attempt, asked, (until - System.nanoTime()) / MILLI)
            if (wait == null) throw if (answer == null) EndpointUnreachable() else EndpointBusy(asked)
            delay(wait)
        }
    }

    private fun headers(key: String?, body: ByteArray?, auth: Boolean): Map<String, String> =
        buildMap {
            put("Accept", "$JSON, $PROBLEM")
            put("Accept-Encoding", "identity")
            if (auth) put("Authorization", "Bearer ${apiKey.reveal()}")
            if (body != null) put("Content-Type", JSON)
            if (key != null) put("Idempotency-Key", key)
        }

    private fun document(answer: HttpAnswer, status: Int): JsonObject {
        val mediaType = answer.headers["content-type"].orEmpty().substringBefore(';').trim().lowercase()
        if (mediaType != JSON && mediaType != PROBLEM) {
            throw UnexpectedAnswer(
                Text("status ${answer.status} without JSON", "ステータス ${answer.status} の本文が JSON ではありません"),
            )
        }
        val document = ANSWER.load(answer.body)
        if (answer.status == status && mediaType == JSON) return document
        if (answer.status in 400..499 && mediaType == PROBLEM) {
            val code = document["code"] as? String ?: ""
            throw RequestRefused.of(answer.status, code, document["where"] as? String, answer.headers["x-request-id"])
        }
        throw UnexpectedAnswer(Text.of("status ${answer.status}"))
    }

    private companion object {
        const val MILLI = 1_000_000L // nanoseconds
        const val KEYS_LIVE = 300_000L * MILLI
        const val KEY_BYTES = 24
        const val MAX_ANSWER = 1 shl 20 // bytes
        const val JSON = "application/json"
        const val PROBLEM = "application/problem+json"
        val PUT_OFF = setOf(408, 429, 502, 503, 504)
        val ID = Regex("[A-Za-z0-9_-]{1,64}")
        val LOOPBACK = Regex("127(\\.[0-9]{1,3}){3}")
        val RANDOM = SecureRandom()

        /** A challenge lives 15 minutes at most, and a repeated answer is dated as the first. */
        val OLDEST_ANSWER: Duration = Duration.ofMinutes(20)
        val EVIDENCE = StrictJson("evidence", 64 * 1024, 4) { where, why -> EvidenceError(where, why) }
        val ANSWER =
            StrictJson("answer", MAX_ANSWER, 16, 24) { _, why ->
                UnexpectedAnswer(Text("its JSON: ${why.en}", "JSON: ${why.ja}"))
            }

        fun isVisible(c: Char): Boolean = c in '!'..'~'

        fun checkKey(key: String) {
            if (key.length !in 1..128 || !key.all(::isVisible)) {
                throw misused(
                    "an idempotency key has 1 to 128 visible ASCII characters",
                    "idempotencyKey は空白を含まない ASCII 1～128文字です",
                )
            }
        }

        fun endpointUrl(url: String): String {
            val parts =
                try {
                    URI(url)
                } catch (_: URISyntaxException) {
                    null
                }
            val host = parts?.host.orEmpty()
            val safe = parts?.scheme == "https" || parts?.scheme == "http" && isThisMachine(host)
            if (!safe || host.isEmpty() || parts.query != null || parts.fragment != null || parts.userInfo != null) {
                throw misused(
                    "the address is not https:// (plain HTTP is for this machine only)",
                    "接続先が https:// ではありません（http:// はこの機械の中だけで使えます）",
                )
            }
            return url.trimEnd('/')
        }

        /** By its digits alone: no name is looked up. */
        private fun isThisMachine(host: String): Boolean =
            host == "localhost" || host == "[::1]" || LOOPBACK.matches(host)

        fun misused(en: String, ja: String) =
            UsageError(
                Text(
                    "The client was called wrongly: $en. Nothing was sent.",
                    "呼び出しが正しくありません（$ja）。何も送信していません。",
                ),
            )
    }
}
