package jp.example.reader

import android.util.Base64
import android.util.JsonReader
import java.io.IOException
import java.io.InputStream
import java.net.HttpURLConnection
import java.net.URL

/**
 * The relying party's back end (`samples/mobile_backend`): it has the endpoint's API key, this app has none.
 *
 * @param url without a slash at the end; `https://` in earnest
 */
internal class Backend(private val url: String) {
    /** An application for an account, and what the card has to sign for it. */
    class Application(val id: String, val challenge: ByteArray)

    /** @throws IOException no answer, or another one than expected */
    fun apply(): Application {
        val answer = call("/applications", null)
        return Application(answer.getValue("application"), Base64.decode(answer.getValue("challenge"), Base64.DEFAULT))
    }

    /**
     * Send what was read. It is the body of this one request, and kept nowhere.
     *
     * @return whether the account was opened
     * @throws IOException no answer, or another one than expected
     */
    fun send(application: Application, evidence: ByteArray): Boolean =
        call("/applications/${application.id}/evidence", evidence)["state"] == "opened"

    private fun call(path: String, body: ByteArray?): Map<String, String> {
        val connection = URL(url + path).openConnection() as HttpURLConnection
        try {
            connection.requestMethod = "POST"
            connection.doOutput = true
            connection.connectTimeout = TIMEOUT
            connection.readTimeout = TIMEOUT
            connection.setRequestProperty("Content-Type", "application/json")
            connection.outputStream.use { it.write(body ?: ByteArray(0)) }
            if (connection.responseCode / 100 != 2) throw IOException("status ${connection.responseCode}")
            return connection.inputStream.use(::texts)
        } finally {
            connection.disconnect()
        }
    }

    /** The texts of a flat JSON object. */
    private fun texts(stream: InputStream): Map<String, String> {
        val found = HashMap<String, String>()
        val reader = JsonReader(stream.reader())
        reader.beginObject()
        while (reader.hasNext()) {
            val name = reader.nextName()
            if (reader.peek() == android.util.JsonToken.STRING) found[name] = reader.nextString() else reader.skipValue()
        }
        reader.endObject()
        return found
    }

    private companion object {
        const val TIMEOUT = 30_000 // milliseconds
    }
}
