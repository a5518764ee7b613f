package mnverify.client

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runInterruptible
import java.io.ByteArrayOutputStream
import java.io.IOException
import java.io.InputStream
import java.net.HttpURLConnection
import java.net.Proxy
import java.net.URL
import javax.net.ssl.HttpsURLConnection
import javax.net.ssl.SSLSocketFactory

/**
 * HTTP over what Java and Android bring. Calls run on the dispatcher for blocking work.
 *
 * @param proxy none by default, and none is taken from the environment
 * @param certificates makes the connections, where other certificates than the usual ones are trusted
 */
public class UrlConnectionHttp(
    private val proxy: Proxy = Proxy.NO_PROXY,
    private val certificates: SSLSocketFactory? = null,
) : Http {
    override suspend fun exchange(request: HttpRequest): HttpAnswer? = runInterruptible(Dispatchers.IO) { exchanged(request) }

    private fun exchanged(request: HttpRequest): HttpAnswer? {
        val until = System.nanoTime() + request.answer * NANOS
        var opened: HttpURLConnection? = null
        try {
            val connection = URL(request.url).openConnection(proxy) as HttpURLConnection
            opened = connection
            if (certificates != null && connection is HttpsURLConnection) connection.sslSocketFactory = certificates
            connection.requestMethod = request.method
            connection.instanceFollowRedirects = false
            connection.useCaches = false
            connection.connectTimeout = request.connect
            connection.readTimeout = request.answer
            request.headers.forEach(connection::setRequestProperty)
            if (request.body != null) {
                connection.doOutput = true
                connection.outputStream.use { it.write(request.body) }
            }
            val status = connection.responseCode
            val stream: InputStream? = if (status >= 400) connection.errorStream else connection.inputStream
            val body = stream?.use { whole(it, request.longest, until) } ?: ByteArray(0)
            val headers =
                connection.headerFields.entries
                    .filter { it.key != null && it.value.isNotEmpty() }
                    .associate { it.key.lowercase() to it.value.last() }
            return HttpAnswer(status, headers, body)
        } catch (_: IOException) {
            return null // what Java raises may carry the address with what was asked
        } finally {
            opened?.disconnect()
        }
    }

    private fun whole(stream: InputStream, longest: Int, until: Long): ByteArray {
        val out = ByteArrayOutputStream()
        val piece = ByteArray(1 shl 14)
        while (true) {
            val read = stream.read(piece)
            if (read < 0) return out.toByteArray()
            out.write(piece, 0, read)
            if (out.size() > longest) throw TooLong()
            if (System.nanoTime() > until) throw IOException()
        }
    }

    private companion object {
        const val NANOS = 1_000_000L // a millisecond
    }
}
