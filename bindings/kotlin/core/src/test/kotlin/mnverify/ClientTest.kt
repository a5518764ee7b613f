package mnverify

import kotlinx.coroutines.runBlocking
import mnverify.client.ClientError
import mnverify.client.ConfirmedByEndpoint
import mnverify.client.EndpointBusy
import mnverify.client.EndpointUnreachable
import mnverify.client.Http
import mnverify.client.HttpAnswer
import mnverify.client.HttpRequest
import mnverify.client.Pace
import mnverify.client.Refusal
import mnverify.client.RejectedByEndpoint
import mnverify.client.RequestRefused
import mnverify.client.TooLong
import mnverify.client.UnexpectedAnswer
import mnverify.client.VerificationClient
import mnverify.json.Base64
import mnverify.json.JsonWriter
import java.math.BigInteger
import java.security.KeyPairGenerator
import java.security.Signature
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertTrue

/** An endpoint that answers by a list; its receipts are signed by a key of its own. */
private class Endpoint(private val kid: String = "k1") : Http {
    private val pair = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()
    val requests = ArrayList<HttpRequest>()
    val answers = ArrayDeque<() -> HttpAnswer?>()
    var jwks: String = published()

    override suspend fun exchange(request: HttpRequest): HttpAnswer? {
        requests += request
        if (request.url.endsWith("jwks.json")) return json(200, jwks)
        return answers.removeFirst()()
    }

    fun published(): String {
        val point = (pair.public as ECPublicKey).w
        val (x, y) = listOf(point.affineX, point.affineY).map { Base64.encodeUrl(fixed(it)) }
        val key = mapOf("kty" to "EC", "crv" to "P-256", "x" to x, "y" to y, "kid" to kid, "use" to "sig", "alg" to "ES256")
        return JsonWriter.compact(mapOf("keys" to listOf(key)))
    }

    fun signed(payload: Map<String, Any?>): String {
        val header = mapOf("alg" to "ES256", "kid" to kid, "typ" to "mnverify-receipt+jwt")
        val first = listOf(header, payload).joinToString(".") { Base64.encodeUrl(JsonWriter.compact(it).toByteArray()) }
        val der =
            Signature.getInstance("SHA256withECDSA").run {
                initSign(pair.private)
                update(first.toByteArray())
                sign()
            }
        val length = der[3].toInt()
        val r = BigInteger(der.copyOfRange(4, 4 + length))
        val s = BigInteger(der.copyOfRange(6 + length, der.size))
        return "$first.${Base64.encodeUrl(fixed(r) + fixed(s))}"
    }

    private fun fixed(number: BigInteger): ByteArray = number.toByteArray().let { ByteArray(32 + it.size) { n -> if (n < 32) 0 else it[n - 32] } }.let { it.copyOfRange(it.size - 32, it.size) }
}

private fun json(status: Int, body: String, type: String = "application/json", vararg more: Pair<String, String>) =
    HttpAnswer(status, mapOf("content-type" to type) + more, body.toByteArray())

private fun problem(status: Int, code: String) =
    json(status, """{"code": "$code", "where": "evidence.files.0002", "detail": "<b>"}""", "application/problem+json")

class ClientTest {
    private val endpoint = Endpoint()
    private val quick = Pace(firstWait = 2, longestWait = 50)
    private val client =
        VerificationClient("https://verify.example.jp/", "secret-key", "example-bank", endpoint, environment = "virtual", pace = quick)
    private val evidence = """{"format": "mnverify.evidence/1"}""".toByteArray()
    private val challenge = json(201, """{"id": "c1", "challenge": "${Base64.encode(ByteArray(32))}", "expires_at": "2026-11-24T10:00:00+09:00"}""")

    private fun payload(vararg changes: Pair<String, Any?>): Map<String, Any?> =
        linkedMapOf<String, Any?>(
            "format" to "mnverify.receipt/1",
            "iss" to "https://verify.example.jp",
            "aud" to "example-bank",
            "iat" to System.currentTimeMillis() / 1000,
            "jti" to "v1",
            "challenge_id" to "c1",
            "verdict" to "verified",
            "environment" to "virtual",
            "domain" to "face-check",
            "role" to "general",
            "at" to "2026-11-24T10:00:00+09:00",
            "checks" to listOf(mapOf("id" to "chain", "outcome" to "pass", "code" to "ok")),
        ) + changes

    private fun verification(said: Map<String, Any?>, receipt: String = endpoint.signed(said), vararg more: Pair<String, Any?>): HttpAnswer {
        val checks = (said["checks"] as List<*>).map { (it as Map<*, *>) + ("detail" to "…") }
        val document =
            mapOf("id" to "v1", "limits" to emptyList<Any>(), "receipt" to receipt, "checks" to checks) +
                said.filterKeys { it in setOf("challenge_id", "verdict", "environment") } + more
        return json(200, JsonWriter.compact(document))
    }

    private fun verified(answer: HttpAnswer) =
        runBlocking {
            endpoint.answers += { answer }
            client.verify("c1", evidence)
        }

    @Test
    fun `a call is repeated with the same key until there is an answer`(): Unit =
        runBlocking {
            endpoint.answers += { null }
            endpoint.answers += { json(503, "{}", "application/json", "retry-after" to "0") }
            endpoint.answers += { challenge }
            val made = client.newChallenge(purpose = "account-opening", expiresIn = 60)
            assertEquals("c1" to 32, made.id to made.challenge().size)
            assertEquals(3, endpoint.requests.size)
            assertEquals(1, endpoint.requests.map { it.headers["Idempotency-Key"] }.distinct().size)
            assertEquals("""{"purpose":"account-opening","expires_in":60}""", String(endpoint.requests[0].body!!))
            assertEquals("https://verify.example.jp/v1/challenges", endpoint.requests[0].url)
        }

    @Test
    fun `where no whole answer comes, the key is told, and a long wait is not waited`(): Unit =
        runBlocking {
            repeat(4) { endpoint.answers += { null } }
            assertNotNull(assertFailsWith<EndpointUnreachable> { client.newChallenge() }.idempotencyKey)
            endpoint.answers += { json(429, "{}", "application/json", "retry-after" to "60") }
            val busy = assertFailsWith<EndpointBusy> { client.newChallenge(idempotencyKey = "mine") }
            assertEquals(60L to "mine", busy.retryAfter to busy.idempotencyKey)
            assertFailsWith<UsageError> { client.newChallenge(idempotencyKey = "a b") }
        }

    @Test
    fun `answers that this API does not give are not believed`(): Unit =
        runBlocking {
            val strange =
                listOf<() -> HttpAnswer>(
                    { json(302, "", "text/html") },
                    { json(200, "<html>", "text/html") },
                    { json(201, "{") },
                    { json(201, """{"id": "c1", "id": "c2"}""") },
                    { json(201, """{"id": "c1", "challenge": "AAAA", "expires_at": "2026-11-24T10:00:00+09:00"}""") },
                    { json(200, """{"id": "c1"}""") },
                    { json(500, "{}") },
                    { throw TooLong() },
                )
            for (answer in strange) {
                endpoint.answers += answer
                assertFailsWith<UnexpectedAnswer> { client.newChallenge() }
            }
        }

    @Test
    fun `a refusal says what to do, by the endpoint's code`(): Unit =
        runBlocking {
            val refusals =
                mapOf(
                    problem(401, "key-refused") to Refusal.NOT_AUTHENTICATED,
                    problem(403, "role") to Refusal.NOT_PERMITTED,
                    problem(404, "challenge-unknown") to Refusal.UNKNOWN,
                    problem(409, "challenge-used") to Refusal.CHALLENGE_USED,
                    problem(410, "challenge-expired") to Refusal.CHALLENGE_EXPIRED,
                    problem(409, "idempotency-conflict") to Refusal.REPEAT_REFUSED,
                    problem(422, "malformed-evidence") to Refusal.EVIDENCE_REFUSED,
                    problem(400, "<script>") to Refusal.OTHER,
                )
            for ((answer, refusal) in refusals) {
                endpoint.answers += { answer }
                val error = assertFailsWith<RequestRefused> { client.verify("c1", evidence) }
                assertEquals(refusal, error.refusal)
                assertFalse("<" in "$error${error.text.ja}${error.code}")
                assertEquals("evidence.files.0002", error.details()["where"])
            }
        }

    @Test
    fun `the content is there only where the signed receipt says verified`() {
        val fields = mapOf("birth_date" to mapOf("value" to "1985-07-03", "assurance" to "signed"))
        val confirmed = assertIs<ConfirmedByEndpoint>(verified(verification(payload(), more = arrayOf("fields" to fields))))
        assertEquals("1985-07-03", confirmed.fields.getValue("birth_date").value)
        assertFalse("1985" in "$confirmed ${confirmed.fields}")
        val failed = listOf(mapOf("id" to "chain", "outcome" to "fail", "code" to "unknown-authority"))
        val rejected = payload("verdict" to "rejected", "checks" to failed)
        val verdict = assertIs<RejectedByEndpoint>(verified(verification(rejected)))
        assertFailsWith<NotVerifiedError> { verdict.require() }
        assertFailsWith<UnexpectedAnswer> { verified(verification(rejected, more = arrayOf("fields" to fields))) }
    }

    @Test
    fun `a receipt that says something else, or is not for us, is not believed`() {
        assertFailsWith<UnexpectedAnswer> { verified(verification(payload(), endpoint.signed(payload("environment" to "test")))) }
        assertFailsWith<UnexpectedAnswer> { verified(verification(payload("environment" to "test"))) }
        for ((member, reason) in listOf("iss" to "issuer", "aud" to "relying-party", "jti" to "verification")) {
            val error = assertFailsWith<ReceiptError> { verified(verification(payload(member to "another"))) }
            assertEquals(reason, error.reason)
        }
        val other = payload("challenge_id" to "c2")
        assertEquals("challenge", assertFailsWith<ReceiptError> { verified(verification(other)) }.reason)
        val old = payload("iat" to System.currentTimeMillis() / 1000 - 3600)
        assertEquals("too-old", assertFailsWith<ReceiptError> { verified(verification(old)) }.reason)
        val forged = Endpoint().signed(payload())
        assertEquals("signature", assertFailsWith<ReceiptError> { verified(verification(payload(), forged)) }.reason)
    }

    @Test
    fun `keys are fetched once, and once more where one was published since`() {
        verified(verification(payload()))
        verified(verification(payload()))
        assertEquals(1, endpoint.requests.count { it.url.endsWith("jwks.json") })
        assertTrue(endpoint.requests.filter { it.url.endsWith("jwks.json") }.none { "Authorization" in it.headers })
        val next = Endpoint("k2").signed(payload())
        assertEquals("unknown-key", assertFailsWith<ReceiptError> { verified(verification(payload(), next)) }.reason)
        assertEquals(2, endpoint.requests.count { it.url.endsWith("jwks.json") })
    }

    @Test
    fun `evidence goes in as an object, never as text`(): Unit =
        runBlocking {
            for (text in listOf("{}, \"claims\": [\"name\"]", "[]", """{"a": 1, "a": 2}""", "{".repeat(9))) {
                assertFailsWith<EvidenceError> { client.verify("c1", text.toByteArray()) }
            }
            assertFailsWith<UsageError> { client.verify("c1", evidence, claims = setOf("my_number")) }
            assertTrue(endpoint.requests.isEmpty())
        }

    @Test
    fun `the address is https, or this machine, and the key is shown nowhere`() {
        for (url in listOf("http://verify.example.jp", "https://", "https://a@b", "https://a?b", "ftp://a", "http://127.0.0.1.example.jp")) {
            assertFailsWith<UsageError>(url) { VerificationClient(url, "key", "bank", endpoint) }
        }
        for (url in listOf("http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:8080")) {
            assertEquals(url, VerificationClient("$url/", "key", "bank", endpoint).url)
        }
        assertFailsWith<UsageError> { VerificationClient("https://a.jp", "ke y", "bank", endpoint) }
        assertFalse("secret" in "$client")
        endpoint.answers += { problem(401, "key-refused") }
        val error = assertFailsWith<ClientError> { runBlocking { client.newChallenge() } }
        assertFalse("secret" in "$error${endpoint.requests}")
    }
}
