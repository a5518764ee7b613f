package mnverify.android

import android.nfc.TagLostException
import kotlinx.coroutines.runBlocking
import mnverify.CardLost
import mnverify.GateError
import mnverify.LinkError
import mnverify.card.FaceCheck
import java.io.IOException
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue

/** A card that answers 9000, or fails as Android does. */
private class FakeDep : Dep {
    override var connected = false
    override var maxTransceiveLength = 65_546
    val events = ArrayList<String>()
    var failure: (() -> Exception)? = null

    override fun connect(timeout: Int) {
        failure?.let { throw it() }
        events += "connect $timeout"
        connected = true
    }

    override fun transceive(command: ByteArray): ByteArray {
        failure?.let { throw it() }
        events += "%02x".format(command[1])
        return byteArrayOf(0x90.toByte(), 0)
    }

    override fun close() {
        events += "close"
        connected = false
    }
}

class IsoDepLinkTest {
    private val dep = FakeDep()

    @Test
    fun `the card has more than five seconds, also after a reset`(): Unit =
        runBlocking {
            FaceCheck.open(IsoDepLink.of(dep)).close()
            assertEquals(listOf("connect 10000", "a4", "close", "connect 10000"), dep.events)
            assertTrue(IsoDepLink.TIMEOUT >= 5000)
        }

    @Test
    fun `nothing is sent without a gate`(): Unit =
        runBlocking {
            assertFailsWith<GateError> { IsoDepLink.of(dep).transmit(byteArrayOf(0, 0xA4.toByte(), 4, 0x0C)) }
            assertEquals(listOf("connect 10000"), dep.events)
        }

    @Test
    fun `what Android throws is one of ours, and the link is dead until a reset`(): Unit =
        runBlocking {
            val failures: List<() -> Exception> =
                listOf({ tagLost() }, { IOException("Transceive failed") }, { SecurityException("out of date") })
            for (make in failures) {
                val dep = FakeDep()
                val link = IsoDepLink.of(dep)
                val session = FaceCheck.open(link)
                dep.failure = make
                val error = assertFailsWith<LinkError> { session.retries() }
                assertFalse("Transceive" in "$error")
                if (make().javaClass != IOException::class.java) assertIs<CardLost>(error)
                assertTrue(session.closed)
                dep.failure = null
                FaceCheck.open(link).close() // which resets it first: the last session could not
                assertEquals(listOf("connect 10000", "a4", "close"), dep.events.take(3))
            }
        }

    @Test
    fun `a command that the phone does not carry breaks no session`(): Unit =
        runBlocking {
            dep.maxTransceiveLength = 10
            assertFailsWith<LinkError> { FaceCheck.open(IsoDepLink.of(dep)) }
            assertFalse("a4" in dep.events)
        }

    @Test
    fun `a card that is gone at once is lost`() {
        dep.failure = { IOException() }
        assertFailsWith<CardLost> { IsoDepLink.of(dep) }
    }

    /** Made without its constructor, which in the stubs of Android's API does nothing but throw. */
    private fun tagLost(): Exception {
        val unsafe = Class.forName("sun.misc.Unsafe").getDeclaredField("theUnsafe").apply { isAccessible = true }.get(null)
        val make = unsafe.javaClass.getMethod("allocateInstance", Class::class.java)
        return make.invoke(unsafe, TagLostException::class.java) as Exception
    }
}
