package mnverify.smartcardio

import mnverify.NoReader
import mnverify.ServiceNotRunning
import mnverify.Text
import java.io.File
import javax.smartcardio.CardException
import javax.smartcardio.CardTerminal
import javax.smartcardio.TerminalFactory

/** The PC/SC readers of this machine. */
public object Readers {
    private const val UNSEEN = 700L // milliseconds in which a card that left may still be reported
    private const val LIBRARY = "sun.security.smartcardio.library"
    private val LIBRARIES =
        listOf("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib/arm-linux-gnueabihf", "/usr/lib64", "/usr/lib")
            .map { "$it/libpcsclite.so.1" }
    private val NO_READER =
        Text(
            "There is no such card reader. Nothing was read; plug it in, or name another one.",
            "指定された読み取り機が見つかりません。何も読んでいません。接続を確認するか、別の読み取り機を指定してください。",
        )

    init {
        // Java would fetch what follows a 61xx and repeat a command after 6Cxx by itself, past the gate: that is for the session to do.
        // And it would leave the card unlocked where a reset is asked for, on versions that had "reset" the wrong way round.
        for (name in listOf("t0GetResponse", "t1GetResponse", "invertCardReset")) {
            System.setProperty("sun.security.smartcardio.$name", "false")
        }
        // Java looks for the library under the name that only its development package brings.
        if (System.getProperty(LIBRARY) == null) {
            LIBRARIES.firstOrNull { File(it).exists() }?.let { System.setProperty(LIBRARY, it) }
        }
    }

    /**
     * The names of the readers, in the service's order; none where there is no reader.
     *
     * @throws mnverify.LinkError the PC/SC service does not run, or refuses this user
     */
    public fun names(): List<String> = terminals().map(CardTerminal::getName)

    /**
     * A link to the card on a reader.
     *
     * @param reader its name, or the beginning of it, or its place in [names]; `null`: the first one
     * @throws NoReader there is no such reader
     * @throws mnverify.NoCard there is no card on it
     * @throws mnverify.LinkError reader or card
     */
    public fun connect(reader: String? = null): SmartCardIoLink = SmartCardIoLink(terminal(reader))

    /**
     * Wait for a card.
     *
     * @param reader as in [connect]
     * @param milliseconds how long
     * @return whether there is one
     * @throws mnverify.LinkError reader
     */
    public fun waitForCard(reader: String?, milliseconds: Long): Boolean {
        val terminal = terminal(reader)
        try {
            return terminal.waitForCardPresent(milliseconds)
        } catch (error: CardException) {
            throw mapped(error)
        }
    }

    /**
     * Wait for a card that was lost to be put back. The service sees that a card has left only a while after, so this looks for that first.
     *
     * @param reader as in [connect]
     * @param milliseconds how long
     * @return whether there is one
     * @throws mnverify.LinkError reader
     */
    public fun waitForReturn(reader: String?, milliseconds: Long): Boolean {
        val terminal = terminal(reader)
        try {
            terminal.waitForCardAbsent(UNSEEN)
            return terminal.waitForCardPresent(milliseconds)
        } catch (error: CardException) {
            throw mapped(error)
        }
    }

    private fun terminals(): List<CardTerminal> =
        try {
            // Java's own "no readers" stands in where it found no service when this program asked first, and for as long as it lives.
            val factory = TerminalFactory.getDefault()
            if (factory.type == "None") throw ServiceNotRunning(NO_SERVICE)
            factory.terminals().list()
        } catch (error: CardException) {
            val mapped = mapped(error)
            if (mapped is NoReader) emptyList() else throw mapped
        }

    private fun terminal(reader: String?): CardTerminal {
        val all = terminals()
        val found =
            when {
                reader == null -> all.firstOrNull()
                reader.isNotEmpty() && reader.all { it in '0'..'9' } -> all.getOrNull(reader.toIntOrNull() ?: -1)
                else -> all.firstOrNull { it.name == reader } ?: all.firstOrNull { it.name.startsWith(reader) }
            }
        return found ?: throw NoReader(NO_READER)
    }
}
