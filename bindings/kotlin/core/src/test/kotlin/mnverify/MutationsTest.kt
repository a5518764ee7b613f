package mnverify

import mnverify.evidence.Evidence
import mnverify.json.Base64
import mnverify.json.JsonObject
import mnverify.json.JsonWriter
import mnverify.profile.int
import mnverify.profile.obj
import mnverify.profile.str
import mnverify.profile.texts
import mnverify.verification.TrustStore
import mnverify.verification.Verified
import java.io.ByteArrayOutputStream
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** Vectors altered at random, the same way in every language (`bindings/shared/README.md`): each comes to what Python makes of it. */
class MutationsTest {
    private val shared = Repository.shared("mutations")
    private val words = shared.texts("words")

    @Test
    fun `no mutation comes to another outcome than in Python`() {
        val each = shared.int("each")
        var count = 0
        val wrong = ArrayList<String>()
        for ((name, outcomes) in shared.obj("outcomes")) {
            val vector = Repository.json(File(Repository.vectors, "$name.json"))
            val trust = Repository.trustOf(vector)
            val random = Random(sha256(name.toByteArray()))
            for (number in 0 until each) {
                val line = outcome(vector, mutated(vector, random), trust)
                val digits = sha256(line.toByteArray()).toHex().substring(0, 6)
                if ((outcomes as String).substring(6 * number, 6 * number + 6) != digits) wrong += "$name $number: $line"
                count++
            }
        }
        assertEquals(emptyList(), wrong)
        assertEquals(shared.int("count"), count)
        assertTrue(count >= 20_000)
    }

    private fun outcome(vector: JsonObject, data: ByteArray, trust: TrustStore): String {
        val evidence =
            try {
                Evidence.fromJson(data, VectorsTest.roleOf(vector))
            } catch (error: EvidenceRoleError) {
                return "RoleError ${error.where}"
            } catch (error: UnsupportedCard) {
                return "UnsupportedCard ${error.where}"
            } catch (error: EvidenceError) {
                return "EvidenceError ${error.where}"
            }
        val verdict = VectorsTest.judge(vector, evidence, trust)
        val checks = verdict.findings.checks.joinToString(" ") { "${it.id}=${it.outcome}/${it.code}" }
        val fields = (verdict as? Verified)?.fields.orEmpty().map { (name, field) -> "$name:${field.assurance}" }
        return "${verdict.word} ${verdict.findings.environment} $checks ${fields.sorted().joinToString(",")}"
    }

    private class Random(seed: ByteArray) {
        private var x = seed.take(4).fold(0) { sum, byte -> sum shl 8 or (byte.toInt() and 0xFF) }.let { if (it == 0) 1 else it }

        fun below(most: Int): Int {
            x = x xor (x shl 13)
            x = x xor (x ushr 17)
            x = x xor (x shl 5)
            return Integer.remainderUnsigned(x, most)
        }
    }

    private fun mutated(vector: JsonObject, random: Random): ByteArray {
        val evidence = vector["evidence"]
        if (evidence is String) return altered(evidence.toByteArray(), random)
        val document = mutable(evidence) as LinkedHashMap<String, Any?>
        val kind = random.below(8)
        if (kind == 0 || !whole(document)) return altered(JsonWriter.compact(document).toByteArray(), random)
        when {
            kind == 1 -> alterMember(document, random)
            kind == 2 && "presence" in document -> {
                alterBytes(members(document, "presence"), listOf("challenge", "signature")[random.below(2)], random)
            }
            else -> members(document, "files").let { alterBytes(it, one(it.keys, random), random) }
        }
        return JsonWriter.compact(document).toByteArray()
    }

    private fun mutable(value: Any?): Any? =
        when (value) {
            is Map<*, *> -> value.entries.associateTo(LinkedHashMap<String, Any?>()) { (k, v) -> k as String to mutable(v) }
            is List<*> -> value.map(::mutable)
            else -> value
        }

    private fun whole(document: Map<String, Any?>): Boolean {
        val files = document["files"] as? Map<*, *>
        val presence = document.getOrDefault("presence", mapOf("challenge" to "", "signature" to "")) as? Map<*, *>
        if (files.isNullOrEmpty() || presence?.keys != setOf("challenge", "signature")) return false
        return (files.values + presence.values).all { it is String && Base64.decode(it) != null }
    }

    @Suppress("UNCHECKED_CAST")
    private fun members(document: Map<String, Any?>, name: String) = document[name] as MutableMap<String, Any?>

    private fun one(names: Collection<String>, random: Random): String = names.sorted()[random.below(names.size)]

    private fun alterBytes(members: MutableMap<String, Any?>, name: String, random: Random) {
        members[name] = Base64.encode(altered(checkNotNull(Base64.decode(members[name] as String)), random))
    }

    private fun alterMember(document: LinkedHashMap<String, Any?>, random: Random) {
        val files = members(document, "files")
        when (random.below(5)) {
            0 -> files.remove(one(files.keys, random))
            1 -> {
                val content = files[one(files.keys, random)]
                files[one(files.keys, random)] = content
            }
            2 -> {
                val content = files[one(files.keys, random)]
                files["00%02X".format(random.below(16))] = content
            }
            3 -> {
                val word = words[random.below(words.size)]
                document[listOf("domain", "role", "credential", "format")[random.below(4)]] = word
            }
            else -> document.remove(one(document.keys, random))
        }
    }

    private fun altered(data: ByteArray, random: Random): ByteArray {
        val size = data.size
        if (size == 0) return byteArrayOf(random.below(256).toByte())
        val near = random.below(2) == 0
        val at = random.below(if (near) minOf(size, 64) else size)
        val out = ByteArrayOutputStream()
        when (random.below(7)) {
            0 -> return data.copyOf().also { it[at] = random.below(256).toByte() }
            1 -> return data.copyOf().also { it[at] = (it[at].toInt() xor (1 shl random.below(8))).toByte() }
            2 -> return data.copyOf(at) + data.drop(at + 1 + random.below(4))
            3 -> {
                out.write(data, 0, at)
                repeat(1 + random.below(4)) { out.write(random.below(256)) }
                out.write(data, at, size - at)
            }
            4 -> return data.copyOf(at)
            5 -> {
                out.write(data)
                val more = 1 + random.below(8)
                val filler = random.below(2) == 0
                repeat(more) { out.write(if (filler) 0xFF else random.below(256)) }
            }
            else -> {
                val length = 1 + random.below(16)
                val source = random.below(size)
                val put = data.copyOfRange(source, minOf(size, source + length))
                out.write(data, 0, at)
                out.write(put)
                if (at + length < size) out.write(data, at + length, size - at - length)
            }
        }
        return out.toByteArray()
    }
}
