package phone

import kotlinx.coroutines.runBlocking
import mnverify.MnverifyError
import mnverify.NoCard
import mnverify.card.Challenge
import mnverify.card.OnTorn
import mnverify.card.Reading
import mnverify.card.VerificationNumberB
import mnverify.card.readCard
import mnverify.smartcardio.Readers
import mnverify.smartcardio.SmartCardIoLink
import mnverify.values.Domain
import mnverify.values.Purpose
import java.net.HttpURLConnection
import java.net.URL
import java.util.Base64
import kotlin.system.exitProcess

/**
 * The simulated phone: it asks the back end for a challenge, reads the card through PC/SC, and sends what it read. It verifies nothing,
 * and nobody has to believe it.
 *
 *     java -cp mnverify-cli.jar:kotlin-phone.jar phone.PhoneKt http://127.0.0.1:8000 "Virtual PCD 00 00" < number-b
 *
 * 照合番号B, as the holder types it, is the first line of standard input. The last line printed is the back end's decision.
 */
fun main(words: Array<String>) {
    val (backend, reader) = words
    try {
        val number = VerificationNumberB(readlnOrNull().orEmpty())
        val application = post("$backend/applications", ByteArray(0))
        val challenge = Base64.getDecoder().decode(member(application, "challenge"))
        val evidence =
            connected(reader).use { link ->
                val reading = Reading(Domain.FACE_CHECK, number, Challenge.ofVerifier(challenge), purposes = setOf(Purpose.FACE))
                val putBack = OnTorn { link.takeIf { Readers.waitForReturn(reader, PATIENCE) } }
                runBlocking { readCard(link, reading, progress = { done, of -> println("$done of $of bytes") }, onTorn = putBack) }
            }
        val decision = post("$backend/applications/${member(application, "application")}/evidence", evidence.toRequest())
        println(decision)
        exitProcess(if (member(decision, "state") == "opened") 0 else 1)
    } catch (error: MnverifyError) {
        System.err.println(error.text)
        exitProcess(3)
    }
}

private const val PATIENCE = 10_000L // milliseconds
private const val AGAIN = 100L

/** A link to the card that the holder lays on. A card that was taken away may be reported for a moment longer, so this looks again. */
private fun connected(reader: String): SmartCardIoLink {
    val until = System.nanoTime() + PATIENCE * 1_000_000
    while (true) {
        Readers.waitForCard(reader, PATIENCE)
        try {
            return Readers.connect(reader)
        } catch (error: NoCard) {
            if (System.nanoTime() > until) throw error
            Thread.sleep(AGAIN)
        }
    }
}

private fun post(url: String, body: ByteArray): String {
    val connection = URL(url).openConnection() as HttpURLConnection
    connection.requestMethod = "POST"
    connection.doOutput = true
    connection.setRequestProperty("Content-Type", "application/json")
    connection.outputStream.use { it.write(body) }
    val stream = if (connection.responseCode < 400) connection.inputStream else connection.errorStream
    return stream.use { String(it.readBytes()) }
}

/** A text in a flat JSON object; an app takes its platform's JSON for this. */
private fun member(document: String, name: String): String? =
    Regex("\"$name\"\\s*:\\s*\"([^\"\\\\]*)\"").find(document)?.groupValues?.get(1)
