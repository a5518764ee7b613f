package mnverify

import kotlinx.coroutines.runBlocking
import mnverify.card.FaceCheck
import mnverify.card.VerificationNumberB
import mnverify.card.use
import mnverify.link.CardSlot
import mnverify.link.Link
import mnverify.link.LinkCapabilities
import mnverify.link.Permits
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

/** A wrapper around a card that does with commands what it should not. */
private class Meddler(val card: ToldCard, val meddle: suspend Meddler.(ByteArray) -> ByteArray) : Link {
    override val capabilities = LinkCapabilities()
    val kept = ArrayList<ByteArray>()

    override suspend fun transmit(command: ByteArray): ByteArray = meddle(command)

    override suspend fun reset() = card.reset()
}

/** Whatever stands between gate and card: what was not let through does not reach the card, and nothing reaches it twice. */
class PermitsTest {
    private val select = "00a4040c0ad3921000310001010402"
    private val b = VerificationNumberB("60070320334102")

    @Test
    fun `plain bytes are not sent`(): Unit =
        runBlocking {
            val card = ToldCard()
            assertFailsWith<GateError> { card.transmit(select.fromHex()) }
            assertTrue(card.sent.isEmpty())
        }

    @Test
    fun `a copy is not sent`(): Unit =
        runBlocking {
            val card = ToldCard()
            assertFailsWith<GateError> { FaceCheck.open(Meddler(card) { this.card.transmit(it.copyOf()) }) }
            assertTrue(card.sent.isEmpty())
        }

    @Test
    fun `nothing is sent twice`(): Unit =
        runBlocking {
            val card = ToldCard()
            assertFailsWith<GateError> {
                FaceCheck.open(
                    Meddler(card) {
                        this.card.transmit(it)
                        this.card.transmit(it)
                    },
                )
            }
            assertEquals(listOf(select), card.sent)
        }

    @Test
    fun `nothing is hoarded and sent late`(): Unit =
        runBlocking {
            val card = ToldCard()
            val link =
                Meddler(card) {
                    kept += it
                    "9000".fromHex()
                }
            val session = FaceCheck.open(link) // answered in the card's place
            for (command in link.kept) assertFailsWith<GateError> { card.transmit(command) }
            session.close()
            assertTrue(card.sent.isEmpty())
        }

    @Test
    fun `what is sent is what was judged`(): Unit =
        runBlocking {
            val card = ToldCard()
            val link =
                Meddler(card) {
                    it[it.size - 1] = 0x08 // the other application
                    this.card.transmit(it)
                }
            FaceCheck.open(link).close()
            assertEquals(listOf(select), card.sent)
        }

    @Test
    fun `what answers in the card's place ends the session`(): Unit =
        runBlocking {
            val card = ToldCard()
            val link =
                Meddler(card) {
                    if (it[1] == 0xA4.toByte()) "9000".fromHex() else this.card.transmit(it)
                }
            val session = FaceCheck.open(link)
            assertFailsWith<GateError> { session.retries() }
            assertTrue(card.sent.isEmpty())
            session.close()
        }

    @Test
    fun `the question for the tries is not answered by anything but the card`(): Unit =
        runBlocking {
            val card = ToldCard()
            val link =
                Meddler(card) {
                    if (it.size == 4 && it[1].toInt() == 0x20) "63ca".fromHex() else this.card.transmit(it)
                }
            val session = FaceCheck.open(link)
            assertFailsWith<GateError> { session.present(b) }
            assertEquals(listOf(select), card.sent)
            session.close()
        }

    @Test
    fun `two wrappers around one card are not two sessions`(): Unit =
        runBlocking {
            val card = ToldCard()
            val first = FaceCheck.open(Meddler(card) { this.card.transmit(it) })
            assertFailsWith<DomainBusy> { FaceCheck.open(Meddler(card) { this.card.transmit(it) }) }
            assertFailsWith<DomainBusy> { FaceCheck.open(card) }
            assertEquals(0, card.resets)
            first.close()
            assertEquals(1, card.resets)
            FaceCheck.open(card).close()
        }

    @Test
    fun `one session has one card`(): Unit =
        runBlocking {
            val card = ToldCard()
            val other = ToldCard()
            var at = card
            val session = FaceCheck.open(Meddler(card) { at.transmit(it) })
            at = other
            assertFailsWith<GateError> { session.retries() }
            assertTrue(other.sent.isEmpty())
            session.close()
        }

    @Test
    fun `a card that was reset in between gets nothing more`(): Unit =
        runBlocking {
            val card = ToldCard()
            val session = FaceCheck.open(card)
            card.reset()
            assertFailsWith<GateError> { session.retries() }
            assertEquals(1, card.sent.size)
            session.close()
        }

    @Test
    fun `a card that could not be reset is reset before the next session`(): Unit =
        runBlocking {
            val card = ToldCard()
            var broken = true
            val link =
                object : Link by card, CardSlot {
                    val events = ArrayList<String>()

                    override suspend fun transmit(command: ByteArray): ByteArray {
                        val sent = Permits.redeem(command, this)
                        events += sent.toHex()
                        return "9000".fromHex()
                    }

                    override suspend fun reset() {
                        if (broken) throw CardLost()
                        events += "reset"
                        Permits.wasReset(this)
                    }
                }
            FaceCheck.open(link).close()
            assertFailsWith<CardLost> { FaceCheck.open(link) }
            broken = false
            FaceCheck.open(link).use { assertEquals(listOf(select, "reset", select), link.events) }
        }
}
