package mnverify.card

import mnverify.CredentialFormatError
import mnverify.MaskedBytes
import mnverify.profile.CardProfile
import mnverify.profile.SharedData
import mnverify.profile.obj
import mnverify.profile.int
import mnverify.profile.sentence
import mnverify.values.BirthDay
import mnverify.values.CredentialKind
import mnverify.values.MyNumber
import mnverify.values.PartialDate
import mnverify.values.Wareki
import mnverify.values.WholeDate
import mnverify.values.dayOrNull
import java.time.LocalDate

/**
 * What a holder presents: form-checked before anything is sent, never shown, and compared in constant time.
 *
 * Full-width digits and blanks around them are taken as typed; so are blanks and hyphens within the numbers that are written in groups.
 *
 * @property kind which one
 */
public sealed class Credential protected constructor(public val kind: CredentialKind, private val digits: String) {
    /** The ASCII digits that VERIFY carries. Only a session asks for them. */
    internal fun digitsForCard(): MaskedBytes = MaskedBytes.own(digits.toByteArray(Charsets.US_ASCII))

    internal fun part(start: Int, end: Int): String = digits.substring(start, end)

    override fun equals(other: Any?): Boolean =
        other is Credential && other.kind == kind && other.digitsForCard() == digitsForCard()

    /** The same for all of a kind: a hash of so few digits is the digits. */
    override fun hashCode(): Int = kind.hashCode()

    override fun toString(): String = "${javaClass.simpleName}(${"*".repeat(digits.length)})"

    public companion object {
        /**
         * The credential of a kind from what a person typed.
         *
         * @throws CredentialFormatError it has not the form of that kind. The message holds no digit; nothing was sent.
         */
        public fun fromText(kind: CredentialKind, typed: String): Credential =
            when (kind) {
                CredentialKind.BIRTH_DATE -> BirthDate(typed)
                CredentialKind.VERIFICATION_NUMBER_B -> VerificationNumberB(typed)
                CredentialKind.VERIFICATION_NUMBER_A -> VerificationNumberA(typed)
                CredentialKind.PIN -> Pin(typed)
            }
    }
}

/**
 * Date of birth 生年月日, key of the face-check age record.
 *
 * @param typed six digits `YYMMDD` as the card wants them (和暦), `YYYY-MM-DD` or a 和暦 date as printed; all but the six digits are turned
 *   into 和暦. In the six digits `00` stands for a day, or a month and day, that nobody knows.
 * @throws CredentialFormatError not such a date
 */
public class BirthDate(typed: String) :
    Credential(
        CredentialKind.BIRTH_DATE,
        checked(CredentialKind.BIRTH_DATE, birthDigits(typed, gregorian = false)) { isMonthAndDay(it.substring(2)) },
    ) {
    public companion object {
        /** The credential of a date, turned into 和暦. */
        public fun of(date: BirthDay): BirthDate = BirthDate(digitsOf(date, gregorian = false) ?: "")

        /** The same of a card that prints the Gregorian year (foreign residents): its last two digits. Never tried by itself. */
        public fun fromGregorianPrint(date: LocalDate): BirthDate = BirthDate(digitsOf(WholeDate(date), gregorian = true) ?: "")
    }
}

/**
 * Verification number B 照合番号B: birth `YYMMDD` ‖ expiry year `YYYY` ‖ security code.
 *
 * @param typed the fourteen digits, also in groups, as `600703-2033-4102`
 * @throws CredentialFormatError not fourteen digits of that form
 */
public class VerificationNumberB(typed: String) :
    Credential(
        CredentialKind.VERIFICATION_NUMBER_B,
        checked(CredentialKind.VERIFICATION_NUMBER_B, typed) {
            isMonthAndDay(it.substring(2, 6)) && it.substring(6, 10).toInt() in FIRST_EXPIRY_YEAR..LAST_EXPIRY_YEAR
        },
    ) {
    public companion object {
        /**
         * Number B made of what is printed on the front of the card.
         *
         * @param birth six digits, `YYYY-MM-DD`, or 和暦 as printed
         * @param expiryYear Gregorian year of the card's expiry, four digits
         * @param securityCode the four digits beside the expiry
         * @param gregorian the card prints the year of birth in Gregorian years
         * @throws CredentialFormatError one of the three has not its form
         */
        public fun fromPrinted(
            birth: String,
            expiryYear: String,
            securityCode: String,
            gregorian: Boolean = false,
        ): VerificationNumberB {
            val six = birthDigits(birth, gregorian)
            val parts = listOf(six, plain(expiryYear), plain(securityCode))
            return VerificationNumberB(if (parts.map { it?.length } == listOf(6, 4, 4)) parts.joinToString("") else "")
        }
    }

    internal val birthDigits: String get() = part(0, 6)
    internal val expiryYear: Int get() = part(6, 10).toInt()
}

/**
 * Verification number A 照合番号A: the 個人番号 itself; for role `my-number-office` only.
 *
 * @param typed the twelve digits, the last a check digit; also in groups, as printed
 * @throws CredentialFormatError not twelve digits, or the check digit is wrong
 */
public class VerificationNumberA(typed: String) :
    Credential(
        CredentialKind.VERIFICATION_NUMBER_A,
        checked(CredentialKind.VERIFICATION_NUMBER_A, typed) { MyNumber.of(it) != null },
    )

/**
 * The PIN 暗証番号 of the input-assist application: four digits. It has three tries.
 *
 * @throws CredentialFormatError not four digits
 */
public class Pin(typed: String) : Credential(CredentialKind.PIN, checked(CredentialKind.PIN, typed) { true })

private const val FIRST_EXPIRY_YEAR = 2016 // cards are issued since then; four digits of this century
private const val LAST_EXPIRY_YEAR = 2099
private const val LEAP_YEAR = 2000
private const val BETWEEN = " \u3000-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30FC\uFF0D"
private const val MOST_BETWEEN = 3

/** The digits, if they have the form that the kind wants. */
private fun checked(kind: CredentialKind, typed: String?, form: (String) -> Boolean): String {
    val rules = SharedData.section("credentials").obj(kind.word)
    val plain = typed?.let(::plain)?.let { if (rules["grouped"] == true) ungrouped(it) else it }
    if (plain == null || plain.length != rules.int("digits") || !isDigits(plain) || !form(plain)) {
        throw CredentialFormatError(rules.sentence("form"))
    }
    return plain
}

private fun isDigits(text: String): Boolean = text.isNotEmpty() && text.all { it in '0'..'9' }

/** What was typed, with half-width digits and no blanks around it. */
private fun plain(typed: String): String = typed.trim().map { if (it in '０'..'９') '0' + (it - '０') else it }.joinToString("")

/** Without up to three blanks or hyphens between two digits. */
private fun ungrouped(text: String): String {
    val out = StringBuilder()
    var at = 0
    while (at < text.length) {
        var after = at
        while (after < text.length && text[after] in BETWEEN) after++
        val between = after - at in 1..MOST_BETWEEN && at > 0 && text[at - 1] in '0'..'9'
        if (between && after < text.length && text[after] in '0'..'9') at = after else out.append(text[at++])
    }
    return out.toString()
}

/** Six digits of a birth date in any of the forms that a caller may give; digits are passed on unchecked, `null` for no date. */
private fun birthDigits(typed: String, gregorian: Boolean): String? {
    val plain = plain(typed)
    if (isDigits(plain)) return plain
    val date = isoDate(plain) ?: Wareki.parse(plain)?.date ?: return null
    return digitsOf(WholeDate(date), gregorian)
}

private fun isoDate(text: String): LocalDate? {
    val parts = text.split("-")
    if (parts.map(String::length) != listOf(4, 2, 2) || !parts.all(::isDigits)) return null
    return dayOrNull(parts[0].toInt(), parts[1].toInt(), parts[2].toInt())
}

/** `null` where its days lie in two eras, or the year has three digits. */
private fun digitsOf(birth: BirthDay, gregorian: Boolean): String? {
    val first = Wareki.of(birth.earliest)
    if (gregorian) return "%02d".format(birth.earliest.year % 100) + monthAndDay(birth)
    if (first == null || first.year > 99 || Wareki.of(birth.latest)?.era != first.era) return null
    return "%02d".format(first.year) + monthAndDay(birth)
}

private fun monthAndDay(birth: BirthDay): String =
    when (birth) {
        is WholeDate -> "%02d%02d".format(birth.date.monthValue, birth.date.dayOfMonth)
        is PartialDate -> "%02d00".format(birth.month ?: 0)
    }

/** Whether four digits are a month and a day, or say that nobody knows the day, or both. */
private fun isMonthAndDay(digits: String): Boolean {
    val month = digits.substring(0, 2).toInt()
    val day = digits.substring(2).toInt()
    return if (day == 0) month <= 12 else dayOrNull(LEAP_YEAR, month, day) != null
}
