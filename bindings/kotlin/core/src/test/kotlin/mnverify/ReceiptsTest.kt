package mnverify

import mnverify.json.JsonObject
import mnverify.json.JsonWriter
import mnverify.profile.SharedData
import mnverify.profile.obj
import mnverify.profile.str
import mnverify.receipts.Receipt
import mnverify.receipts.ToldField
import mnverify.receipts.verifyReceipt
import java.io.File
import java.time.Duration
import java.time.OffsetDateTime
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

/** Every vector of receipts: the same content, or the same reason of refusal. */
class ReceiptsTest {
    private val files = Repository.files(File(Repository.root, "tests/receipts/vectors"))

    @Test
    fun `every receipt comes to what its vector expects`() {
        val wrong = ArrayList<String>()
        for (file in files) {
            val vector = Repository.json(file)
            val expected = vector.obj("expected")
            val found =
                try {
                    mapOf("receipt" to told(verified(vector)))
                } catch (error: ReceiptError) {
                    mapOf("error" to "ReceiptError", "reason" to error.reason)
                }
            if (found != expected) wrong += "${file.name}: $found, not $expected"
        }
        assertEquals(emptyList(), wrong)
        assertTrue(files.size >= 100)
    }

    @Test
    fun `all reasons occur, and no other`() {
        val reasons = files.mapNotNull { Repository.json(it).obj("expected")["reason"] as String? }.toSet()
        assertEquals(SharedData.section("receipt").obj("reasons").keys, reasons)
    }

    @Test
    fun `a rejected receipt has no claims to give out`() {
        val rejected = files.map(Repository::json).first { (it.obj("expected")["receipt"] as JsonObject?)?.get("verdict") == "rejected" }
        assertFailsWith<NotVerifiedError> { verified(rejected).claims }
    }

    private fun verified(vector: JsonObject): Receipt {
        val asked = vector.obj("asked")
        return verifyReceipt(
            vector["receipt"] as String,
            vector["jwks"] as? String ?: JsonWriter.compact(vector["jwks"]),
            asked.str("issuer"),
            asked.str("relying_party"),
            asked["verification_id"] as String?,
            asked["challenge_id"] as String?,
            OffsetDateTime.parse(asked.str("at")).toInstant(),
            (asked["max_age"] as Long?)?.let(Duration::ofSeconds),
        )
    }

    private fun told(receipt: Receipt): Map<String, Any?> =
        buildMap {
            put("issuer", receipt.issuer)
            put("relying_party", receipt.relyingParty)
            put("verification_id", receipt.verificationId)
            put("challenge_id", receipt.challengeId)
            put("issued_at", receipt.issuedAt.epochSecond)
            put("verdict", receipt.verdict)
            put("environment", receipt.environment)
            put("domain", receipt.domain)
            put("role", receipt.role)
            put("at", receipt.at)
            put("checks", receipt.checks.map { mapOf("id" to it.id, "outcome" to it.outcome, "code" to it.code) })
            put("reference", receipt.reference)
            put("purpose", receipt.purpose)
            put("evidence_sha256", receipt.evidenceSha256)
            put("kid", receipt.kid)
            if (receipt.verified) put("claims", receipt.claims.mapValues { (_, claim) -> told(claim) })
        }

    private fun told(claim: ToldField): Map<String, Any?> {
        val media = claim.mediaType
        if (media == null) {
            return mapOf("value" to claim.value, "assurance" to claim.assurance) + listOfNotNull(claim.extent?.let { "extent" to it })
        }
        return mapOf("media_type" to media, "sha256" to claim.value, "assurance" to claim.assurance)
    }
}
