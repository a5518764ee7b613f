package mnverify

import kotlinx.coroutines.runBlocking
import mnverify.card.Challenge
import mnverify.card.FaceCheck
import mnverify.card.InputAssist
import mnverify.card.PartialReading
import mnverify.card.Session
import mnverify.card.use
import mnverify.evidence.Evidence
import mnverify.json.JsonObject
import mnverify.json.JsonParser
import mnverify.link.Link
import mnverify.link.ReplayLink
import mnverify.link.Script
import mnverify.profile.SharedData
import mnverify.profile.int
import mnverify.profile.obj
import mnverify.profile.str
import mnverify.values.Domain
import mnverify.verification.TrustStore
import mnverify.verification.verify
import java.io.File
import java.time.OffsetDateTime
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertTrue

/** Every recorded reading: the same commands in the same order, the same evidence byte for byte, the same result or error. */
class ScriptsTest {
    private val folder = File(Repository.vectors, "scripts")
    private val shared = Repository.shared("scripts")
    private val clock = { OffsetDateTime.parse(shared.str("read_at")) }
    private val trust = TrustStore.fromJson(File(Repository.vectors, "anchors/virtual.json").readBytes())

    @Test
    fun `every script is played to its end and comes to what stands beside it`() {
        val names = Repository.files(folder).map { it.name }.filterNot { it.endsWith(".expected.json") }
        assertEquals(names.map { it.removeSuffix(".json") + ".expected.json" }.toSet(), names(folder) - names.toSet())
        assertTrue(names.size >= 18)
        for (name in names) play(name.removeSuffix(".json"))
        val withEvidence = names.map { it.removeSuffix(".json") }.filter { "result" in expected(it) }.toSet()
        assertEquals(shared.obj("scripts").keys, withEvidence)
    }

    @Test
    fun `a reader that sends anything else is found out`(): Unit =
        runBlocking {
            val link = ReplayLink(script("face-extended"))
            assertFailsWith<UnexpectedCommand> { link.transmit("00a4040c00".fromHex()) }
            assertFalse(link.finished)
            assertFailsWith<UnexpectedCommand> { link.transmit("00a4040c0ad3921000310001010402".fromHex()) }
        }

    @Test
    fun `the words of the errors in scripts are those of the shared data`() {
        val words = SharedData.section("link_errors")
        assertEquals(words.mapValues { it.value as String }, ReplayLink.ERRORS.mapValues { it.value(Text.of("")).code })
    }

    private fun names(folder: File) = Repository.files(folder).map(File::getName).toSet()

    private fun script(name: String) = Script.fromJson(File(folder, "$name.json").readBytes())

    private fun expected(name: String): JsonObject = Repository.json(File(folder, "$name.expected.json"))

    private fun play(name: String) {
        val script = script(name)
        val expected = expected(name)
        val link = ReplayLink(script)
        val partial = PartialReading()
        var sessions = 0
        while (true) {
            sessions++
            try {
                val evidence = runBlocking { read(script, link, partial) }
                assertTrue(link.finished, name)
                judge(name, script, evidence, expected)
                break
            } catch (error: MnverifyError) {
                if (error is LinkError && !link.finished) continue
                val told = expected.obj("error")
                assertEquals(told.str("class") to told.str("code"), error.javaClass.simpleName to error.code, name)
                assertEquals(told["tries_left"], error.details()["tries_left"]?.let { (it as Int).toLong() }, name)
                break
            }
        }
        assertTrue(link.finished, name)
        assertEquals(expected.int("sessions"), sessions, name)
    }

    private suspend fun read(script: Script, link: Link, partial: PartialReading): Evidence {
        val reader = shared.str("reader")
        val session: Session =
            when (script.domain) {
                Domain.FACE_CHECK -> FaceCheck.open(link, script.role, reader, clock)
                Domain.INPUT_ASSIST -> InputAssist.open(link, script.role, reader, clock)
            }
        val challenge = script.challenge?.let(Challenge::ofVerifier) ?: Challenge.NONE
        return session.use {
            if (script.signsFirst) it.recognise(partial, challenge)
            if (partial.started) return@use it.resume(partial, script.credential)
            it.present(script.credential)
            it.read(*script.purposes.toTypedArray(), challenge = challenge, partial = partial)
        }
    }

    private fun judge(name: String, script: Script, evidence: Evidence, expected: JsonObject) {
        val digests = shared.obj("scripts").obj(name)
        assertEquals(digests.str("request"), sha256(evidence.toRequest()).toHex(), name)
        assertEquals(digests["storable"], evidence.storable, name)
        if (evidence.storable) {
            assertEquals(digests.str("json"), sha256(evidence.toJson().toByteArray()).toHex(), name)
            val document = JsonParser(evidence.toJson(), 0).document() as JsonObject
            assertEquals(expected["evidence"], document.filterKeys { it != "read_at" && it != "reader" }, name)
        } else {
            assertEquals(null, expected["evidence"], name)
            assertFailsWith<NotStorable> { evidence.toJson() }
        }
        val at = OffsetDateTime.parse(expected.str("at"))
        assertEquals(expected["result"], verify(evidence, trust, at, script.challenge).toMap(), name)
    }
}
