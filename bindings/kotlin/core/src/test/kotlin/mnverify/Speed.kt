package mnverify

import mnverify.evidence.Evidence
import mnverify.json.Base64
import mnverify.json.JsonWriter
import mnverify.verification.Verified
import mnverify.verification.verify
import java.io.File
import java.time.OffsetDateTime

/** How long a verification takes, for `python -m benchmarks.kotlin`: the best of seven rounds, in milliseconds. */
fun main() {
    val vector = Repository.json(File(Repository.vectors, "face-whole.json"))
    val text = JsonWriter.compact(vector["evidence"])
    val trust = Repository.trustOf(vector)
    val at = OffsetDateTime.parse(vector["at"] as String)
    val challenge = Base64.decode(vector["challenge"] as String)

    fun round(count: Int): Double {
        val began = System.nanoTime()
        repeat(count) { check(verify(Evidence.fromJson(text), trust, at, challenge) is Verified) }
        return (System.nanoTime() - began) / 1e6 / count
    }
    round(2000) // until the compiler has seen it
    println((1..7).minOf { round(200) })
}
