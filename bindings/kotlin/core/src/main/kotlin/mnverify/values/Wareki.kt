package mnverify.values

import java.time.LocalDate

/**
 * The Japanese eras with their first days. The first year of each is 01 (元年).
 *
 * @property japanese as printed
 * @property letter as in `S60.7.3`
 * @property firstDay Gregorian
 */
public enum class Era(public val japanese: String, public val letter: Char, public val firstDay: LocalDate) {
    MEIJI("明治", 'M', LocalDate.of(1868, 1, 25)),
    TAISHO("大正", 'T', LocalDate.of(1912, 7, 30)),
    SHOWA("昭和", 'S', LocalDate.of(1926, 12, 25)),
    HEISEI("平成", 'H', LocalDate.of(1989, 1, 8)),
    REIWA("令和", 'R', LocalDate.of(2019, 5, 1)),
    ;

    public companion object {
        /** The era that a day belongs to; `null` before 明治 (1868-01-25). */
        public fun of(day: LocalDate): Era? = values().lastOrNull { day >= it.firstDay }
    }
}

/**
 * A date of the Japanese calendar (和暦).
 *
 * @property era the era
 * @property year in the era, 1 for 元年
 * @property date the Gregorian date
 */
public class Wareki private constructor(public val era: Era, public val year: Int, public val date: LocalDate) {
    /** Six digits `YYMMDD` as the card wants them; `null` where the year of the era has three digits. */
    internal val digits: String?
        get() = if (year > 99) null else "%02d%02d%02d".format(year, date.monthValue, date.dayOfMonth)

    override fun toString(): String =
        "${era.japanese}${if (year == 1) "元" else year.toString()}年${date.monthValue}月${date.dayOfMonth}日"

    public companion object {
        private val PRINTED =
            Regex("(明治|大正|昭和|平成|令和|[MTSHRmtshr])[ \\t\\n\\r\\f]*(元|[0-9]{1,4})[年./-]([0-9]{1,2})[月./-]([0-9]{1,2})日?")

        /** The Japanese date of a Gregorian one; `null` before 1868-01-25. */
        public fun of(date: LocalDate): Wareki? = Era.of(date)?.let { Wareki(it, date.year - it.firstDay.year + 1, date) }

        /** `昭和60年7月3日`, `平成元年1月8日` or `S60.7.3` (full-width digits too); `null` where it is no such date. */
        public fun parse(text: String): Wareki? {
            val parts = PRINTED.matchEntire(halfWidth(text.trim()))?.groupValues ?: return null
            val era = Era.values().first { parts[1] == it.japanese || parts[1].uppercase() == it.letter.toString() }
            val year = if (parts[2] == "元") 1 else parts[2].toInt()
            val date = dayOrNull(era.firstDay.year + year - 1, parts[3].toInt(), parts[4].toInt()) ?: return null
            return if (year >= 1 && Era.of(date) == era) Wareki(era, year, date) else null
        }

        private fun halfWidth(text: String): String =
            text
                .map {
                    when (it) {
                        in '０'..'９' -> '0' + (it - '０')
                        '．' -> '.'
                        '／' -> '/'
                        else -> it
                    }
                }.joinToString("")
    }
}
