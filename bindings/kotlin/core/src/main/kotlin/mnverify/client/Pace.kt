package mnverify.client

import mnverify.Text
import mnverify.UsageError
import java.util.concurrent.ThreadLocalRandom

/**
 * How patient a client is, and how it waits between attempts. Times in milliseconds.
 *
 * @property connect to reach the endpoint
 * @property answer for the answer of one attempt
 * @property total for the whole call, attempts and waits together
 * @property attempts at most so many; 1 never repeats
 * @property firstWait about so long before the second attempt; each further wait is twice as long
 * @property longestWait up to this. An endpoint that asks for a longer one is not asked again.
 * @throws UsageError a number that makes no sense
 */
public class Pace(
    public val connect: Int = 5_000,
    public val answer: Int = 15_000,
    public val total: Long = 45_000,
    public val attempts: Int = 4,
    public val firstWait: Long = 200,
    public val longestWait: Long = 10_000,
) {
    init {
        if (attempts < 1 || listOf(connect.toLong(), answer.toLong(), total, firstWait, longestWait).min() <= 0) {
            throw UsageError(
                Text(
                    "A pace has at least one attempt and times above zero. No client was made.",
                    "試行回数は1以上、時間は0より大きくしてください。クライアントは作っていません。",
                ),
            )
        }
    }

    /** Milliseconds to wait before an attempt; `null` where there shall be no further one. [asked] is Retry-After, [left] of [total]. */
    internal fun waitBefore(attempt: Int, asked: Long?, left: Long): Long? {
        if (attempt > attempts) return null
        val own = minOf(longestWait, firstWait shl minOf(attempt - 2, 20))
        val spread = own / 2 + ThreadLocalRandom.current().nextLong(own / 2 + 1)
        val wait = maxOf(spread, (asked ?: 0) * 1000)
        return wait.takeIf { it <= longestWait && it < left }
    }
}
