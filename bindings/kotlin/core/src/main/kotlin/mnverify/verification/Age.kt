package mnverify.verification

import mnverify.Text
import mnverify.UsageError
import mnverify.json.JsonWriter
import mnverify.profile.SharedData
import mnverify.profile.obj
import mnverify.profile.sentence
import mnverify.values.ageOn

/**
 * Whether the holder is old enough. `unknown` is never a yes.
 *
 * @property word as results write it
 */
public enum class AgeAnswer(public val word: String) {
    YES("yes"),
    NO("no"),
    UNKNOWN("unknown"),
    ;

    override fun toString(): String = word
}

/**
 * The answer to "at least so old?".
 *
 * @property years the age asked for
 * @property answer yes, no or unknown
 * @property code stable code: `yes`, `no`, `partial-birth-date`, `no-birth-date` or `not-verified`
 * @property verdict the verification that it rests on
 */
public class AgeCheck internal constructor(
    public val years: Int,
    public val answer: AgeAnswer,
    public val code: String,
    public val verdict: Verdict,
) {
    /** The sentence for people. */
    public val detail: Text get() = SharedData.section("age").obj("answers").sentence(code).fill("years" to years)

    /** What the answer cannot say, by stable code: the result's limits, and those of an age. */
    public val limits: Map<String, Text>
        get() {
            val found = LinkedHashMap<String, Text>()
            val own = SharedData.section("age").obj("limits")
            found["age-holder"] = own.sentence("age-holder")
            if (verdict.findings.check("expiry").outcome == Outcome.NOT_PERFORMED) found["age-expiry"] = own.sentence("age-expiry")
            found.putAll(verdict.findings.limits.filterKeys { it != "holder" })
            return found
        }

    /** The object of `age --json`: the answer, and the result without its fields. The birth date is not in it. */
    public fun toMap(language: String = "en"): Map<String, Any?> {
        val document =
            linkedMapOf<String, Any?>(
                "at_least" to years,
                "old_enough" to
                    when (answer) {
                        AgeAnswer.YES -> true
                        AgeAnswer.NO -> false
                        AgeAnswer.UNKNOWN -> null
                    },
                "answer" to answer.word,
                "code" to code,
                "detail" to detail.inLanguage(language),
            )
        document.putAll(verdict.toMap(language = language).filterKeys { it != "fields" })
        document["limits"] = limits.map { (code, text) -> linkedMapOf("code" to code, "detail" to text.inLanguage(language)) }
        return document
    }

    /** The same as JSON text. */
    public fun toJson(language: String = "en"): String = JsonWriter.indented(toMap(language))

    override fun toString(): String = "AgeCheck(at least $years: $answer/$code)"
}

private const val MAX_YEARS = 150

/**
 * Whether the holder is at least so old on the day of the verdict's moment in Japan. An age is reached at midnight of the birthday in
 * Japan; who was born on 29 February is a year older on 1 March of a common year. Where a part of the birth date is not known, the
 * answer is yes where it holds for every day that it may be, no where it holds for none, else nobody can tell.
 *
 * @param years 0 to 150
 * @throws UsageError `years` is out of range
 */
public fun checkAge(verdict: Verdict, years: Int): AgeCheck {
    if (years !in 0..MAX_YEARS) {
        throw UsageError(
            Text(
                "checkAge takes 0 to $MAX_YEARS whole years. Nothing was answered.",
                "checkAge には 0〜$MAX_YEARS の年齢を渡してください。判定していません。",
            ),
        )
    }
    if (verdict !is Verified) return AgeCheck(years, AgeAnswer.UNKNOWN, "not-verified", verdict)
    val birth = verdict.birthDate ?: return AgeCheck(years, AgeAnswer.UNKNOWN, "no-birth-date", verdict)
    val day = verdict.findings.at.withOffsetSameInstant(JAPAN).toLocalDate()
    return when {
        ageOn(birth.latest, day) >= years -> AgeCheck(years, AgeAnswer.YES, "yes", verdict)
        ageOn(birth.earliest, day) < years -> AgeCheck(years, AgeAnswer.NO, "no", verdict)
        else -> AgeCheck(years, AgeAnswer.UNKNOWN, "partial-birth-date", verdict)
    }
}
