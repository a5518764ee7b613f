package mnverify.smartcardio

import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import mnverify.CardLost
import mnverify.LinkError
import mnverify.link.Link
import mnverify.link.LinkCapabilities
import mnverify.link.Permits
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.Executors
import javax.smartcardio.Card
import javax.smartcardio.CardException
import javax.smartcardio.CardTerminal
import javax.smartcardio.CommandAPDU

/**
 * A card on a PC/SC reader, held exclusively from the first exchange to the next reset. Made by [Readers.connect]; close it.
 *
 * Calls run on a thread of the link's own: Java binds exclusive access to the thread that asked for it. `SCardTransmit` knows no time limit
 * and cannot be interrupted: who cancels waits until the card has answered or left.
 */
public class SmartCardIoLink internal constructor(private val terminal: CardTerminal) :
    Link,
    AutoCloseable {
    override val readerName: String = terminal.name
    override val capabilities: LinkCapabilities = KNOWN.getOrPut(readerName) { LinkCapabilities() }
    private val thread =
        Executors.newSingleThreadExecutor { work -> Thread(work, "mnverify-smartcardio").apply { isDaemon = true } }
    private val dispatcher = thread.asCoroutineDispatcher()
    private var card: Card? = null // this and the next two belong to the thread
    private var failed = false
    private var unsure = false

    init {
        try {
            runBlocking(dispatcher) { card = connected() }
        } catch (error: LinkError) {
            thread.shutdown()
            throw error
        }
    }

    override suspend fun transmit(command: ByteArray): ByteArray {
        val sent = Permits.redeem(command, this)
        return withContext(dispatcher) { exchange(sent) }
    }

    override suspend fun reset() {
        withContext(dispatcher) { disconnect() }
        Permits.wasReset(this)
    }

    /** Reset the card and let go of the reader. Closing again does nothing. */
    override fun close() {
        if (thread.isShutdown) return
        try {
            runBlocking(dispatcher) { disconnect() }
        } catch (_: LinkError) {
            // it is gone anyway
        } finally {
            thread.shutdown()
        }
    }

    override fun toString(): String = "SmartCardIoLink($readerName)"

    private fun exchange(command: ByteArray): ByteArray {
        if (failed) throw CardLost()
        val apdu = CommandAPDU(command)
        try {
            val held = card ?: connected().also { card = it }
            return held.basicChannel.transmit(apdu).bytes
        } catch (error: CardException) {
            failed = true
            throw mapped(error)
        } catch (_: IllegalArgumentException) { // an answer without a status word: the service gives one where the card has just left
            failed = true
            throw CardLost()
        } catch (error: IllegalStateException) { // the card was closed by somebody else
            failed = true
            throw mapped(error)
        }
    }

    private fun connected(): Card =
        try {
            terminal.connect("*").also { held ->
                try {
                    held.beginExclusive()
                } catch (error: CardException) {
                    held.disconnect(true)
                    throw error
                }
            }
        } catch (error: CardException) {
            throw mapped(error)
        }

    /** Take the power from the card. The next exchange connects anew; where it did not work, the next reset has to begin with that. */
    private fun disconnect() {
        val held = card ?: if (unsure) connected() else null
        card = null
        failed = false
        try {
            unsure = held != null
            held?.disconnect(true)
            unsure = false
        } catch (error: CardException) {
            throw mapped(error)
        } catch (error: IllegalStateException) {
            throw mapped(error)
        }
    }

    private companion object {
        /** What each reader was found to carry, for as long as this process lives. */
        val KNOWN = ConcurrentHashMap<String, LinkCapabilities>()
    }
}
