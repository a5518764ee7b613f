package mnverify

import mnverify.profile.SharedData
import mnverify.profile.str
import mnverify.values.CredentialKind
import mnverify.values.Domain
import mnverify.values.Era
import mnverify.values.Purpose
import mnverify.values.Role
import mnverify.values.Sex
import mnverify.json.JsonObject
import mnverify.profile.obj
import kotlin.test.Test
import kotlin.test.assertEquals

/** What this library writes down itself is what the shared data says. */
class SharedDataTest {
    @Test
    fun `the words of the law are the same`() {
        assertEquals(SharedData.list("roles"), Role.values().map(Role::word))
        assertEquals(SharedData.list("purposes"), Purpose.values().map(Purpose::word))
        assertEquals(SharedData.section("profile").obj("domains").keys.toList(), Domain.values().map(Domain::word))
        assertEquals(SharedData.section("credentials").keys.toList(), CredentialKind.values().map(CredentialKind::word))
    }

    @Test
    fun `eras and sexes are the same`() {
        val eras = (Repository.shared("mnverify")["eras"] as List<*>).map { it as JsonObject }
        assertEquals(
            eras.map { Triple(it.str("japanese"), it.str("letter"), it.str("first_day")) },
            Era.values().map { Triple(it.japanese, it.letter.toString(), it.firstDay.toString()) },
        )
        val sexes = SharedData.section("sexes")
        assertEquals(sexes.keys, Sex.values().map { it.digit.toString() }.toSet())
        for (sex in Sex.values()) {
            val said = sexes.obj(sex.digit.toString())
            assertEquals(said.str("word") to said.str("ja"), sex.word to sex.japanese)
        }
    }
}
