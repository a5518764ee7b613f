package mnverify

import mnverify.card.BirthDate
import mnverify.card.Credential
import mnverify.card.Pin
import mnverify.card.VerificationNumberB
import mnverify.json.JsonObject
import mnverify.profile.obj
import mnverify.values.CredentialKind
import mnverify.values.PartialDate
import java.io.NotSerializableException
import java.io.ObjectOutputStream
import java.io.OutputStream
import java.time.LocalDate
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNotEquals
import kotlin.test.assertTrue

class CredentialsTest {
    @Test
    fun `what people type gives the digits that Python gives`() {
        val typed = Repository.shared("credentials").obj("typed")
        var count = 0
        for (kind in CredentialKind.values()) {
            for (pair in typed[kind.word] as List<*>) {
                val (text, digits) = pair as List<*>
                assertEquals(digits, digitsOf(kind, text as String), "$kind '$text'")
                count++
            }
        }
        assertTrue(count > 80)
    }

    @Test
    fun `number B of what is printed`() {
        val digits = "60070320334102"
        for (birth in listOf("昭和60年7月3日", "S60.7.3", "1985-07-03", "600703")) {
            assertEquals(VerificationNumberB(digits), VerificationNumberB.fromPrinted(birth, "2033", "4102"))
        }
        assertEquals(
            VerificationNumberB("85070320334102"),
            VerificationNumberB.fromPrinted("1985-07-03", "2033", "4102", gregorian = true),
        )
        for ((birth, year, code) in listOf(Triple("", "2033", "4102"), Triple("600703", "33", "4102"), Triple("600703", "2033", "41022"))) {
            assertFailsWith<CredentialFormatError> { VerificationNumberB.fromPrinted(birth, year, code) }
        }
        assertEquals(BirthDate("850703"), BirthDate.fromGregorianPrint(LocalDate.of(1985, 7, 3)))
        assertEquals(BirthDate("600700"), BirthDate.of(PartialDate(1985, 7)))
        assertFailsWith<CredentialFormatError> { BirthDate.of(PartialDate(1989)) } // its days lie in two eras
    }

    @Test
    fun `a credential shows nothing and is not written`() {
        val pin = Pin("1357")
        for (shown in listOf("$pin", "${listOf(pin)}", pin.digitsForCard().toString(), pin.hashCode().toString())) {
            assertFalse("1357" in shown, shown)
        }
        assertEquals(Pin("0000").hashCode(), pin.hashCode())
        assertNotEquals(Pin("0000"), pin)
        assertFailsWith<NotSerializableException> { ObjectOutputStream(OutputStream.nullOutputStream()).writeObject(pin) }
        val error = assertFailsWith<CredentialFormatError> { Pin("13579") }
        assertFalse("1357" in error.toString() + error.text.ja)
    }

    private fun digitsOf(kind: CredentialKind, typed: String): String? =
        try {
            Credential.fromText(kind, typed).digitsForCard().ascii()
        } catch (_: CredentialFormatError) {
            null
        }
}
