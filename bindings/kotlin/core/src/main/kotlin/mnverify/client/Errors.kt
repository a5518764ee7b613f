package mnverify.client

import mnverify.MnverifyError
import mnverify.Text

/**
 * The endpoint did not do what was asked, or could not be asked.
 *
 * ```
 * ClientError                  client-error
 * ├── EndpointUnreachable      endpoint-unreachable   no whole answer came; the same call may be made again with its key
 * ├── EndpointBusy             endpoint-busy          it answered 408, 429, 502, 503 or 504 to every attempt; retryAfter
 * ├── UnexpectedAnswer         unexpected-answer      an answer that this API does not give; nothing of it was believed
 * └── RequestRefused           (the endpoint's)       a problem of RFC 9457: status, code, where, requestId
 * ```
 *
 * @property idempotencyKey of the call that failed. With it the same call may be made again, and is done once.
 */
public open class ClientError(text: Text, code: String = "client-error") : MnverifyError(text, code) {
    public var idempotencyKey: String? = null
        internal set
}

/** No whole answer came, in all attempts. Whether the endpoint did it is not known; make the same call with its key. */
public class EndpointUnreachable internal constructor() :
    ClientError(
        Text(
            "The endpoint gave no whole answer. Whether it did what was asked is not known; make the same call again with the same " +
                "idempotencyKey, and it is done once.",
            "検証サーバーから応答が得られません。処理されたかどうかは分かりません。同じ idempotencyKey で同じ呼び出しをすれば、" +
                "二重には処理されません。",
        ),
        "endpoint-unreachable",
    )

/**
 * The endpoint put every attempt off.
 *
 * @property retryAfter seconds after which it wants to be asked again, or `null`
 */
public class EndpointBusy internal constructor(public val retryAfter: Long?) :
    ClientError(
        Text(
            "The endpoint put the call off in every attempt. Nothing counts as verified; make the same call again later.",
            "検証サーバーが混み合っているか停止しています。検証済みとは扱わないでください。しばらくして同じ呼び出しをしてください。",
        ),
        "endpoint-busy",
    )

/** An answer that this API does not give, or that its receipt contradicts. Nothing of it was believed. */
public class UnexpectedAnswer internal constructor(why: Text) :
    ClientError(
        Text(
            "The endpoint gave an answer that cannot be believed: ${why.en}. Nothing counts as verified; check the address, " +
                "and tell its operator.",
            "検証サーバーの応答を信頼できません（${why.ja}）。検証済みとは扱わないでください。接続先を確かめ、運用者に伝えてください。",
        ),
        "unexpected-answer",
    )

/** What a refusal of the endpoint asks for. */
public enum class Refusal {
    /** The API key is missing, unknown, revoked or over: use a key that is in force. */
    NOT_AUTHENTICATED,

    /** The API key's role or purpose does not permit this. */
    NOT_PERMITTED,

    /** The relying party has no such challenge or verification. */
    UNKNOWN,

    /** The challenge has served: ask for a new one, and have the card read again. */
    CHALLENGE_USED,

    /** The challenge is over: likewise. */
    CHALLENGE_EXPIRED,

    /** The idempotency key was used with another request, or the first answer cannot be made again. */
    REPEAT_REFUSED,

    /** What was sent is no evidence that the endpoint can judge: have the card read again. */
    EVIDENCE_REFUSED,

    /** Anything else: correct the call. */
    OTHER,
}

/**
 * The endpoint refused the request (RFC 9457). No message repeats what was sent, or what the endpoint wrote about it.
 *
 * @property status of HTTP
 * @property refusal what it asks for
 * @property where the place in the request, as `evidence.files.0002`, or `null`
 * @property requestId what the endpoint's operator finds it by, or `null`
 */
public class RequestRefused private constructor(
    public val status: Int,
    public val refusal: Refusal,
    code: String,
    public val where: String?,
    public val requestId: String?,
) : ClientError(
        sentence(refusal).fill("why" to listOfNotNull("$status $code", where, requestId?.let { "request $it" }).joinToString(", ")),
        code,
    ) {
    override fun details(): Map<String, Any> =
        buildMap {
            put("status", status)
            where?.let { put("where", it) }
            requestId?.let { put("request_id", it) }
        }

    internal companion object {
        private val CODE = Regex("[a-z]+(-[a-z]+){0,7}")
        private val PLACE = Regex("[A-Za-z0-9_.\\- ]{1,96}")
        private val REQUEST_ID = Regex("[A-Za-z0-9_.\\-]{1,64}")
        private val BY_CODE =
            mapOf(
                "challenge-used" to Refusal.CHALLENGE_USED,
                "challenge-expired" to Refusal.CHALLENGE_EXPIRED,
                "idempotency-conflict" to Refusal.REPEAT_REFUSED,
                "answer-changed" to Refusal.REPEAT_REFUSED,
                "malformed-evidence" to Refusal.EVIDENCE_REFUSED,
                "unsupported-card" to Refusal.EVIDENCE_REFUSED,
            )
        private val BY_STATUS = mapOf(401 to Refusal.NOT_AUTHENTICATED, 403 to Refusal.NOT_PERMITTED, 404 to Refusal.UNKNOWN)

        fun of(status: Int, code: String, where: String?, requestId: String?): RequestRefused =
            RequestRefused(
                status,
                BY_CODE[code] ?: BY_STATUS[status] ?: Refusal.OTHER,
                code.takeIf(CODE::matches) ?: "request-refused",
                where?.takeIf(PLACE::matches),
                requestId?.takeIf(REQUEST_ID::matches),
            )

        private fun sentence(refusal: Refusal): Text =
            when (refusal) {
                Refusal.NOT_AUTHENTICATED ->
                    Text(
                        "The endpoint does not take this API key: {why}. Nothing was done; use a key that is in force.",
                        "検証サーバーがこの API キーを受け付けません（{why}）。何もしていません。有効なキーを使ってください。",
                    )
                Refusal.NOT_PERMITTED ->
                    Text(
                        "This API key may not do that: {why}. Nothing was verified or kept; use the key of the right role and purpose.",
                        "この API キーではできません（{why}）。検証も保存もしていません。役割と目的に合ったキーを使ってください。",
                    )
                Refusal.UNKNOWN ->
                    Text(
                        "The endpoint knows no such challenge or verification of yours: {why}. Ask for a new challenge.",
                        "そのチャレンジまたは検証は見つかりません（{why}）。新しいチャレンジを取得してください。",
                    )
                Refusal.CHALLENGE_USED ->
                    Text(
                        "The challenge has been used: {why}. This attempt was not verified; ask for a new challenge and read the card again.",
                        "チャレンジは使用済みです（{why}）。今回は検証していません。新しいチャレンジを取得し、カードを読み直してください。",
                    )
                Refusal.CHALLENGE_EXPIRED ->
                    Text(
                        "The challenge has expired: {why}. Nothing was verified; ask for a new challenge and read the card again.",
                        "チャレンジは期限切れです（{why}）。検証はしていません。新しいチャレンジを取得し、カードを読み直してください。",
                    )
                Refusal.REPEAT_REFUSED ->
                    Text(
                        "The endpoint cannot give that answer again: {why}. Read the stored outcome, or make a new call with a new key.",
                        "同じ応答を返せません（{why}）。保存済みの結果を取得するか、新しいキーで要求し直してください。",
                    )
                Refusal.EVIDENCE_REFUSED ->
                    Text(
                        "What the phone sent is no evidence that can be judged: {why}. Nothing was verified; have the card read again.",
                        "受け取ったデータを証拠データとして扱えません（{why}）。検証はしていません。カードを読み直してください。",
                    )
                Refusal.OTHER ->
                    Text(
                        "The endpoint refused the request: {why}. Nothing was verified; correct the call.",
                        "検証サーバーが要求を拒否しました（{why}）。検証はしていません。呼び出しを直してください。",
                    )
            }
    }
}
