package mnverify

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.runBlocking
import mnverify.card.BirthDate
import mnverify.card.Challenge
import mnverify.card.FaceCheck
import mnverify.card.InputAssist
import mnverify.card.PartialReading
import mnverify.card.Pin
import mnverify.card.Reading
import mnverify.card.VerificationNumberA
import mnverify.card.VerificationNumberB
import mnverify.card.readCard
import mnverify.card.use
import mnverify.link.Link
import mnverify.link.LinkCapabilities
import mnverify.link.Permits
import mnverify.link.ReplayLink
import mnverify.link.Script
import mnverify.values.CredentialKind
import mnverify.values.Domain
import mnverify.values.Purpose
import mnverify.values.Role
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertTrue

/** A card that answers each command of a list with what stands beside it, and anything else with 9000. */
private class AnsweringCard(private val answers: Map<String, String>) : Link {
    override val capabilities = LinkCapabilities()
    val sent = ArrayList<String>()

    override suspend fun transmit(command: ByteArray): ByteArray {
        sent += Permits.redeem(command, this).toHex()
        return (answers.entries.firstOrNull { sent.last().startsWith(it.key) }?.value ?: "9000").fromHex()
    }

    override suspend fun reset() = Permits.wasReset(this)
}

class SessionTest {
    private val b = VerificationNumberB("60070320334102")
    private val counterB = "00200092"
    private val verifyB = "002000920e"

    @Test
    fun `the counter comes before VERIFY, and the floor is kept`(): Unit =
        runBlocking {
            for (left in 0..15) {
                val card = AnsweringCard(mapOf(verifyB to "9000", counterB to "63c%x".format(left)))
                FaceCheck.open(card).use {
                    when (left) {
                        0 -> assertFailsWith<CredentialBlocked> { it.present(b) }
                        1 -> assertEquals(1, assertFailsWith<TooFewTries> { it.present(b) }.triesLeft)
                        else -> it.present(b)
                    }
                }
                assertEquals(if (left < 2) 0 else 1, card.sent.count { it.startsWith(verifyB) })
                assertEquals(counterB, card.sent[1])
            }
        }

    @Test
    fun `the last try is spent only where the caller says so, and a higher floor is kept`(): Unit =
        runBlocking {
            val card = AnsweringCard(mapOf(verifyB to "63c0", counterB to "63c1"))
            FaceCheck.open(card).use {
                assertFailsWith<UsageError> { it.present(b, floor = 1) }
                assertEquals(1, card.sent.size)
                assertFailsWith<CredentialBlocked> { it.present(b, allowLastTry = true) }
            }
            val full = AnsweringCard(mapOf(verifyB to "9000", counterB to "63c4"))
            FaceCheck.open(full).use { assertFailsWith<TooFewTries> { it.present(b, floor = 5) } }
            assertFalse(full.sent.any { it.startsWith(verifyB) })
        }

    @Test
    fun `a card that another program has left unlocked is not relied on`(): Unit =
        runBlocking {
            val card = AnsweringCard(mapOf(counterB to "9000"))
            val session = FaceCheck.open(card)
            assertFailsWith<AlreadyVerified> { session.present(b) }
            assertTrue(session.closed)
            assertFailsWith<UsageError> { session.present(b) }
            assertEquals(2, card.sent.size)
        }

    @Test
    fun `a wrong number is presented once, and is never in doubt`(): Unit =
        runBlocking {
            val card = AnsweringCard(mapOf(verifyB to "63c7", counterB to "63c8"))
            FaceCheck.open(card).use {
                assertEquals(7, assertFailsWith<WrongCredential> { it.present(b) }.triesLeft)
                assertEquals(null, it.triesInDoubt)
            }
            assertEquals(1, card.sent.count { it.startsWith(verifyB) })
        }

    @Test
    fun `number A and the number's files are not for role general`(): Unit =
        runBlocking {
            val card = AnsweringCard(mapOf("00200091" to "63ca"))
            FaceCheck.open(card).use {
                assertFailsWith<RoleError> { it.present(VerificationNumberA("987654320119")) }
                assertFailsWith<RoleError> { it.read(Purpose.NUMBER, challenge = Challenge.NONE) }
                assertFailsWith<UsageError> { it.present(Pin("1357")) }
                assertFailsWith<UsageError> { it.read(Purpose.AGE, challenge = Challenge.NONE) } // nothing was presented
                assertFailsWith<UsageError> { it.read(challenge = Challenge.NONE) }
            }
            assertEquals(1, card.sent.size)
            assertFailsWith<RoleError> {
                readCard(card, Reading(Domain.FACE_CHECK, VerificationNumberA("987654320119"), Challenge.NONE))
            }
            assertEquals(1, card.sent.size)
        }

    @Test
    fun `the tries of what the role may use, spending none`(): Unit =
        runBlocking {
            val card = AnsweringCard(mapOf("00200091" to "63c9", counterB to "63ca", "00200093" to "6984"))
            val general = mapOf(CredentialKind.BIRTH_DATE to 9, CredentialKind.VERIFICATION_NUMBER_B to 10)
            FaceCheck.open(card).use { assertEquals(general, it.retries()) }
            FaceCheck.open(card, Role.MY_NUMBER_OFFICE).use {
                assertEquals(general + (CredentialKind.VERIFICATION_NUMBER_A to 0), it.retries())
            }
            assertTrue(card.sent.all { it.length == 8 || it.startsWith("00a4") })
        }

    @Test
    fun `a reading that answers nobody's challenge is not sent away`(): Unit =
        runBlocking {
            for (challenge in listOf(Challenge.NONE, Challenge.ofOurOwn())) {
                assertFailsWith<UsageError>("$challenge") { replayed("face-extended", challenge) }
            }
            val asked = Script.fromJson(scriptOf("face-extended")).challenge!!
            assertTrue(replayed("face-extended", Challenge.ofVerifier(asked)).isNotEmpty())
            assertFailsWith<UsageError> { Challenge.ofVerifier(ByteArray(16)) }
        }

    /** The request's body of a replayed reading; without presence, or answered by a card that signs anything. */
    private suspend fun replayed(name: String, challenge: Challenge): ByteArray {
        val script = Script.fromJson(scriptOf(name))
        val replay = ReplayLink(script)
        val link =
            object : Link by replay {
                override suspend fun transmit(command: ByteArray): ByteArray {
                    if (command[1].toInt() != 0x2A) return replay.transmit(command)
                    val digest = DIGEST_INFO.find(command.toHex())!!.groupValues[1]
                    return replay.transmit(command.toHex().replace(digest, sha256(script.challenge!!).toHex()).fromHex())
                }
            }
        return FaceCheck.open(link).use {
            it.present(script.credential)
            it.read(Purpose.FACE, challenge = challenge).toRequest()
        }
    }

    private fun scriptOf(name: String) = File(Repository.vectors, "scripts/$name.json").readBytes()

    @Test
    fun `a reading that is cancelled leaves a card that is reset`(): Unit =
        runBlocking {
            val reached = CompletableDeferred<Unit>()
            val card =
                object : Link {
                    override val capabilities = LinkCapabilities()
                    var resets = 0

                    override suspend fun transmit(command: ByteArray): ByteArray {
                        Permits.redeem(command, this)
                        if (command[1] == 0xA4.toByte()) return "9000".fromHex()
                        reached.complete(Unit)
                        CompletableDeferred<Unit>().await() // for ever
                        error("not reached")
                    }

                    override suspend fun reset() {
                        resets++
                        Permits.wasReset(this)
                    }
                }
            val reading = async { readCard(card, Reading(Domain.FACE_CHECK, b, Challenge.ofOurOwn())) }
            reached.await()
            reading.cancelAndJoin()
            assertEquals(1, card.resets)
        }

    @Test
    fun `nothing is resumed that has not begun, nor with another kind of number`(): Unit =
        runBlocking {
            val card = AnsweringCard(emptyMap())
            FaceCheck.open(card).use { assertFailsWith<UsageError> { it.resume(PartialReading(), b) } }
            InputAssist.open(card).use { assertFailsWith<UsageError> { it.resume(PartialReading(), Pin("1357")) } }
            assertEquals(2, card.sent.size)
        }

    @Test
    fun `what is said of a session holds no digit`(): Unit =
        runBlocking {
            val card = AnsweringCard(mapOf(verifyB to "63c7", counterB to "63c8"))
            val session = FaceCheck.open(card)
            val error = assertFailsWith<WrongCredential> { session.present(b) }
            session.close()
            val reading = Reading(Domain.FACE_CHECK, BirthDate("600703"), Challenge.NONE)
            for (shown in listOf("$session", "${session.audit}", "$error", error.text.ja, "$reading", "$b")) {
                assertFalse("600703" in shown || "4102" in shown, shown)
            }
        }

    private companion object {
        val DIGEST_INFO = Regex("3031300d060960864801650304020105000420([0-9a-f]{64})")
    }
}
