package mnverify.client

/**
 * One HTTP request. It shows neither its headers nor its body.
 *
 * @property method `GET` or `POST`
 * @property url the whole address
 * @property headers by name
 * @property body `null` for none
 * @property connect milliseconds to reach the endpoint
 * @property answer milliseconds for the answer, from the first byte sent to the last one received
 * @property longest bytes of an answer; one that is longer is refused unread
 */
public class HttpRequest internal constructor(
    public val method: String,
    public val url: String,
    public val headers: Map<String, String>,
    public val body: ByteArray?,
    public val connect: Int,
    public val answer: Int,
    public val longest: Int,
) {
    override fun toString(): String = "HttpRequest($method)"
}

/**
 * What came back, whole. It shows no content.
 *
 * @property status of HTTP
 * @property headers by name in lower case
 * @property body its bytes
 */
public class HttpAnswer(public val status: Int, public val headers: Map<String, String>, public val body: ByteArray) {
    override fun toString(): String = "HttpAnswer($status, ${body.size} bytes)"
}

/** The answer is longer than was asked for. */
public class TooLong : Exception(null, null, false, false)

/** A way to the endpoint: one method, so that every platform can have its own. `UrlConnectionHttp` of `mnverify-client` is one. */
public fun interface Http {
    /**
     * Make one request and read the whole answer, whatever its status. No redirect is followed, nothing is repeated or cached, no cookie
     * kept.
     *
     * @return `null` where no whole answer came: refused, reset, cut short, or too slow
     * @throws TooLong the answer is longer than asked for
     */
    public suspend fun exchange(request: HttpRequest): HttpAnswer?
}
