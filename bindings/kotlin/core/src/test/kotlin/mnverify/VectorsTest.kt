package mnverify

import mnverify.evidence.Evidence
import mnverify.json.Base64
import mnverify.json.JsonObject
import mnverify.json.JsonWriter
import mnverify.profile.SharedData
import mnverify.profile.obj
import mnverify.values.Role
import mnverify.verification.Verdict
import mnverify.verification.verify
import java.time.OffsetDateTime
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** Every vector comes to exactly what it says: verdict, checks, codes, sentences, fields, or the refusal and its place. */
class VectorsTest {
    private val members = setOf("name", "reason", "source", "trust", "at", "evidence", "expected")
    private val optional = setOf("certificates", "challenge", "require_presence", "role")

    @Test
    fun `every vector comes to what it expects`() {
        val wrong = ArrayList<String>()
        for (file in Repository.files(Repository.vectors)) {
            val vector = Repository.json(file)
            assertTrue(vector.keys.containsAll(members) && (members + optional).containsAll(vector.keys), file.name)
            val found = run(vector)
            if (found != vector["expected"]) wrong += "${file.name}: ${JsonWriter.compact(found)}"
        }
        assertEquals(emptyList(), wrong)
    }

    @Test
    fun `the other languages run as many`() {
        val mutated = Repository.shared("mutations").obj("outcomes").keys
        assertEquals(mutated, Repository.files(Repository.vectors).map { it.nameWithoutExtension }.toSet())
        assertTrue(mutated.size >= 146)
    }

    @Test
    fun `the vectors have no check, code or limit that this library does not know, and all that evidence from outside can have`() {
        val known = SharedData.section("checks").flatMap { (id, codes) -> (codes as JsonObject).keys.map { id to it } }.toSet()
        val expected = Repository.files(Repository.vectors).map { Repository.json(it).obj("expected") }
        val told = expected.flatMap { codes(it, "checks") { check -> check["id"] to check["code"] } }.toSet()
        val session = setOf("presence" to "session", "expiry" to "contradicted", "structure" to "birth-dates-differ")
        assertEquals(known, told + session)
        val limits = expected.flatMap { codes(it, "limits") { limit -> limit["code"] } }.toSet()
        assertTrue(SharedData.section("limits").keys.containsAll(limits))
    }

    @Test
    fun `what was read is written again as it was`() {
        for (file in Repository.files(Repository.vectors)) {
            val vector = Repository.json(file)
            val evidence = vector["evidence"]
            if (evidence !is JsonObject || "error" in vector.obj("expected")) continue
            val read = Evidence.fromJson(JsonWriter.compact(evidence), roleOf(vector))
            assertEquals(JsonWriter.indented(evidence), String(read.toRequest()), file.name)
        }
    }

    @Test
    fun `what is printed of evidence and results holds nothing of the holder`() {
        var shown = 0
        for (file in Repository.files(Repository.vectors)) {
            val vector = Repository.json(file)
            val fields = vector.obj("expected")["fields"] as JsonObject? ?: continue
            val evidence = Evidence.fromJson(JsonWriter.compact(vector["evidence"]), roleOf(vector))
            val verdict = judge(vector, evidence).require()
            val printed =
                listOf(evidence, evidence.files, evidence.presence, evidence.records, verdict, verdict.fields, verdict.findings)
                    .joinToString() + verdict.fields.values.joinToString { "${it.value}" }
            for ((name, field) in fields) {
                val value = (field as JsonObject)["value"] as String? ?: continue
                if (name == "sex") continue // a word that may stand elsewhere
                assertTrue(value !in printed && value.replace("-", "") !in printed, "${file.name}: $name")
                shown++
            }
        }
        assertTrue(shown > 50)
    }

    private fun <T> codes(expected: JsonObject, list: String, of: (JsonObject) -> T): List<T> =
        (expected[list] as List<*>? ?: emptyList<Any>()).map { of(it as JsonObject) }

    internal companion object {
        fun roleOf(vector: JsonObject): Role = Role.values().first { it.word == (vector["role"] ?: "general") }

        fun run(vector: JsonObject): Map<String, Any?> {
            val evidence = vector["evidence"]
            val text = evidence as? String ?: JsonWriter.compact(evidence)
            return try {
                judge(vector, Evidence.fromJson(text, roleOf(vector))).toMap()
            } catch (error: EvidenceRoleError) {
                mapOf("error" to "RoleError", "where" to error.where)
            } catch (error: UnsupportedCard) {
                mapOf("error" to "UnsupportedCard", "where" to error.where)
            } catch (error: EvidenceError) {
                mapOf("error" to "EvidenceError", "where" to error.where)
            }
        }

        fun judge(vector: JsonObject, evidence: Evidence, trust: mnverify.verification.TrustStore = Repository.trustOf(vector)): Verdict =
            verify(
                evidence,
                trust,
                at = OffsetDateTime.parse(vector["at"] as String),
                challenge = (vector["challenge"] as String?)?.let(Base64::decode),
                requirePresence = vector["require_presence"] == true,
            )
    }
}
