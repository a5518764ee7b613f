package mnverify.android

import android.nfc.Tag
import android.nfc.TagLostException
import android.nfc.tech.IsoDep
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runInterruptible
import mnverify.CardLost
import mnverify.LinkCorrupt
import mnverify.LinkError
import mnverify.ReaderUnsuitable
import mnverify.Text
import mnverify.link.Link
import mnverify.link.LinkCapabilities
import mnverify.link.Permits
import java.io.IOException

/** What an [IsoDepLink] asks of Android's [IsoDep]: an interface of its own so that it can be tried without a phone. */
internal interface Dep {
    val connected: Boolean

    /** @throws IOException the card is gone */
    fun connect(timeout: Int)

    /** @throws IOException the card is gone, or the exchange failed */
    fun transceive(command: ByteArray): ByteArray

    val maxTransceiveLength: Int

    /** @throws IOException the card is gone */
    fun close()
}

/**
 * A card in the NFC field of an Android phone.
 *
 * Android has no call that takes the power from a card: [reset] closes the connection and opens it again, which deselects the card
 * (ISO/IEC 14443-4), and a card that was deselected has forgotten the application and what was verified. Calls run on the dispatcher for
 * blocking work.
 */
public class IsoDepLink internal constructor(private val dep: Dep) :
    Link,
    AutoCloseable {
    override val capabilities: LinkCapabilities = CAPABILITIES
    override val readerName: String get() = "Android NFC"

    @Volatile private var lost = false

    override suspend fun transmit(command: ByteArray): ByteArray {
        val sent = Permits.redeem(command, this)
        return runInterruptible(Dispatchers.IO) { exchange(sent) }
    }

    override suspend fun reset() {
        runInterruptible(Dispatchers.IO) { again() }
        Permits.wasReset(this)
    }

    /** Let go of the card. */
    override fun close() {
        lost = true
        try {
            dep.close()
        } catch (_: IOException) {
            // it is gone anyway
        }
    }

    override fun toString(): String = "IsoDepLink(${if (lost) "closed" else "open"})"

    private fun exchange(command: ByteArray): ByteArray {
        if (lost) throw CardLost()
        if (command.size > dep.maxTransceiveLength) throw LinkCorrupt(TOO_LONG)
        try {
            if (!dep.connected) dep.connect(TIMEOUT)
            return dep.transceive(command)
        } catch (error: TagLostException) {
            lost = true
            throw CardLost()
        } catch (error: IOException) {
            lost = true
            throw LinkError(FAILED)
        } catch (error: SecurityException) { // newer versions: the tag is out of date, another one was found
            lost = true
            throw CardLost()
        }
    }

    private fun again() {
        try {
            dep.close()
            dep.connect(TIMEOUT)
            lost = false
        } catch (error: IOException) {
            lost = true
            throw CardLost()
        } catch (error: SecurityException) {
            lost = true
            throw CardLost()
        }
    }

    public companion object {
        /** Milliseconds: a card that signs needs more than Android's default, and phones say "Tag was lost" before it has answered. */
        internal const val TIMEOUT = 10_000

        /** What this phone's controller was found to carry, for as long as the app lives. */
        private val CAPABILITIES = LinkCapabilities()
        private val UNSUITABLE =
            Text(
                "What was put on the phone does not speak as a My Number Card does (ISO-DEP). Nothing was read; put the card on alone.",
                "かざされたものはマイナンバーカードの通信方式（ISO-DEP）に対応していません。何も読んでいません。カードだけをかざしてください。",
            )
        private val FAILED =
            Text(
                "The exchange with the card failed. Nothing that was read is used; hold the card still and start again.",
                "カードとの通信に失敗しました。読み取った内容は使いません。カードを動かさずに、最初からやり直してください。",
            )
        private val TOO_LONG =
            Text("The phone does not carry a command that long.", "この端末では送れない長さのコマンドです。")

        /**
         * The link to a tag that reader mode or foreground dispatch gave.
         *
         * @throws ReaderUnsuitable it is no ISO-DEP tag
         * @throws CardLost it is gone already
         */
        @JvmStatic
        public fun of(tag: Tag): IsoDepLink {
            val isoDep = IsoDep.get(tag) ?: throw ReaderUnsuitable(UNSUITABLE)
            return of(AndroidDep(isoDep))
        }

        internal fun of(dep: Dep): IsoDepLink {
            try {
                if (!dep.connected) dep.connect(TIMEOUT)
            } catch (error: IOException) {
                throw CardLost()
            }
            return IsoDepLink(dep)
        }
    }
}

/** Android's own. */
private class AndroidDep(private val isoDep: IsoDep) : Dep {
    override val connected: Boolean get() = isoDep.isConnected

    override fun connect(timeout: Int) {
        isoDep.connect()
        isoDep.timeout = timeout
    }

    override fun transceive(command: ByteArray): ByteArray = isoDep.transceive(command)

    override val maxTransceiveLength: Int get() = isoDep.maxTransceiveLength

    override fun close() = isoDep.close()
}
