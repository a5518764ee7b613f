package mnverify.values

import mnverify.MaskedBytes
import java.time.DateTimeException
import java.time.LocalDate
import java.time.LocalDateTime
import java.time.OffsetDateTime
import java.time.YearMonth

/** A birth date, whole or partial. [toString] gives either as people and JSON read it (ISO 8601). */
public sealed interface BirthDay {
    /** The first day that it may be. */
    public val earliest: LocalDate

    /** The last day that it may be. */
    public val latest: LocalDate
}

/** A birth date of which the day is known. */
public class WholeDate(public val date: LocalDate) : BirthDay {
    override val earliest: LocalDate get() = date
    override val latest: LocalDate get() = date

    override fun equals(other: Any?): Boolean = other is WholeDate && other.date == date

    override fun hashCode(): Int = date.hashCode()

    override fun toString(): String = date.toString()
}

/**
 * A birth date of which the day, or month and day, is not known (`00` on the card). Genuine: an age by it has bounds.
 *
 * @property year Gregorian, 1 to 9999
 * @property month 1 to 12; `null` where it is not known either
 * @throws IllegalArgumentException no such year or month
 */
public class PartialDate(public val year: Int, public val month: Int? = null) : BirthDay {
    init {
        require(year in 1..9999 && (month == null || month in 1..12)) { "no such year or month" }
    }

    override val earliest: LocalDate get() = LocalDate.of(year, month ?: 1, 1)
    override val latest: LocalDate get() = YearMonth.of(year, month ?: 12).atEndOfMonth()

    override fun equals(other: Any?): Boolean = other is PartialDate && other.year == year && other.month == month

    override fun hashCode(): Int = 31 * year + (month ?: 0)

    override fun toString(): String = if (month == null) "%04d".format(year) else "%04d-%02d".format(year, month)
}

/** Eight digits `YYYYMMDD` as the card writes them, `00` for what is not known. */
internal fun compactDigits(birth: BirthDay): String =
    when (birth) {
        is WholeDate -> "%04d%02d%02d".format(birth.date.year, birth.date.monthValue, birth.date.dayOfMonth)
        is PartialDate -> "%04d%02d00".format(birth.year, birth.month ?: 0)
    }

/** Eight ASCII digits `YYYYMMDD`; `null` where they are none, or no day. */
internal fun parseCompactDate(raw: MaskedBytes): LocalDate? {
    if (raw.size != 8 || !raw.isDigits()) return null
    val digits = raw.ascii().toInt()
    return dayOrNull(digits / 10000, digits / 100 % 100, digits % 100)
}

/** The same with `00` for a day, or for month and day, that is not known. */
internal fun parseCompactBirthDay(raw: MaskedBytes): BirthDay? {
    if (raw.size != 8 || !raw.isDigits()) return null
    val digits = raw.ascii()
    if (!digits.endsWith("00")) return parseCompactDate(raw)?.let(::WholeDate)
    val year = digits.substring(0, 4).toInt()
    val month = digits.substring(4, 6).toInt()
    return if (year >= 1 && month <= 12) PartialDate(year, month.takeIf { it > 0 }) else null
}

/** A day of the years 1 to 9999, or `null`. */
internal fun dayOrNull(year: Int, month: Int, day: Int): LocalDate? =
    try {
        if (year in 1..9999) LocalDate.of(year, month, day) else null
    } catch (_: DateTimeException) {
        null
    }

/** Full years of age on a day. Who was born on 29 February is a year older on 1 March of a common year. */
internal fun ageOn(birth: LocalDate, day: LocalDate): Int {
    val before = day.monthValue < birth.monthValue || day.monthValue == birth.monthValue && day.dayOfMonth < birth.dayOfMonth
    return day.year - birth.year - if (before) 1 else 0
}

/** A moment as evidence writes it: local time and its distance from UTC, which may be up to 24 hours. */
public class Moment internal constructor(internal val local: LocalDateTime, internal val offsetMinutes: Int) {
    override fun equals(other: Any?): Boolean =
        other is Moment && other.local.minusMinutes(other.offsetMinutes.toLong()) == local.minusMinutes(offsetMinutes.toLong())

    override fun hashCode(): Int = local.minusMinutes(offsetMinutes.toLong()).hashCode()

    /** `2026-11-22T10:00:00+09:00`; microseconds only where there are any. */
    override fun toString(): String = isoMoment(local, offsetMinutes)

    public companion object {
        private val FORM =
            Regex("([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")
        private const val DAY = 24 * 60

        /** The same moment; parts of a second beyond microseconds are left out. */
        public fun of(at: OffsetDateTime): Moment =
            Moment(at.toLocalDateTime().withNano(at.nano / 1000 * 1000), at.offset.totalSeconds / 60)

        internal fun hasForm(text: String): Boolean = FORM.matches(text)

        /** The moment in RFC 3339 text, `null` where it has not the form or there is none such. */
        public fun parse(text: String): Moment? {
            val parts = FORM.matchEntire(text)?.groupValues ?: return null
            val (year, month, day, hour, minute) = parts.subList(1, 6).map(String::toInt)
            val nanos = if (parts[7].isEmpty()) 0 else parts[7].drop(1).padEnd(9, '0').toInt()
            val sign = if (parts[8].startsWith("-")) -1 else 1
            val offset =
                if (parts[8] == "Z") 0 else sign * (parts[8].substring(1, 3).toInt() * 60 + parts[8].substring(4).toInt())
            if (year < 1 || offset <= -DAY || offset >= DAY) return null
            return try {
                Moment(LocalDateTime.of(year, month, day, hour, minute, parts[6].toInt(), nanos), offset)
            } catch (_: DateTimeException) {
                null
            }
        }
    }
}

internal fun isoMoment(local: LocalDateTime, offsetMinutes: Int): String {
    val micros = local.nano / 1000
    val distance = Math.abs(offsetMinutes)
    return "%04d-%02d-%02dT%02d:%02d:%02d%s%s%02d:%02d".format(
        local.year,
        local.monthValue,
        local.dayOfMonth,
        local.hour,
        local.minute,
        local.second,
        if (micros == 0) "" else ".%06d".format(micros),
        if (offsetMinutes < 0) "-" else "+",
        distance / 60,
        distance % 60,
    )
}
