package mnverify

import kotlinx.coroutines.runBlocking
import mnverify.card.Allowed
import mnverify.card.Denied
import mnverify.card.Forbidden
import mnverify.card.Gate
import mnverify.json.JsonObject
import mnverify.link.Link
import mnverify.link.LinkCapabilities
import mnverify.link.Permits
import mnverify.profile.SharedData
import mnverify.profile.obj
import mnverify.profile.objs
import mnverify.profile.str
import mnverify.profile.texts
import mnverify.values.Domain
import mnverify.values.Role
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

/** A card that answers what it is told, whatever it is sent, and keeps what it was sent. */
internal class ToldCard : Link {
    override val capabilities = LinkCapabilities()
    var answer = "9000".fromHex()
    val sent = ArrayList<String>()
    var resets = 0

    override suspend fun transmit(command: ByteArray): ByteArray {
        sent += Permits.redeem(command, this).toHex()
        return answer
    }

    override suspend fun reset() {
        resets++
        Permits.wasReset(this)
    }
}

/** The gate decides as Python's does, command by command: all CLA/INS, P1/P2, file ids and SFIs, in every state, for every role. */
class GateTest {
    @Test
    fun `every decision is that of Python`() {
        val shared = Repository.shared("gate-decisions")
        var commands = 0
        for (domain in Domain.values()) {
            val rules = shared.obj("domains").obj(domain.word)
            val listed = rules.texts("listed").map { it.fromHex() }
            for (role in Role.values()) {
                for (sweep in rules.obj("roles")[role.word] as List<*>) {
                    commands += swept(domain, role, rules, sweep as JsonObject, listed)
                }
            }
        }
        assertTrue(commands > 2_000_000, "$commands")
    }

    @Test
    fun `the floor under the allow-list is the one of the shared data`() {
        val floor = SharedData.section("gate").obj("forbidden")
        assertEquals(floor.texts("instructions").map { it.toInt(16) }.toSet(), Forbidden.INSTRUCTIONS)
        for ((domain, bounds) in Forbidden.BOUNDS) {
            val said = floor.obj("domains").obj(domain.word)
            assertEquals(said.str("aid"), bounds.aid.toByteArray().toHex().uppercase())
            assertEquals(said.texts("number").map { it.toInt(16) }.toSet(), bounds.number)
            assertEquals(said.texts("nobody").map { it.toInt(16) }.toSet(), bounds.nobody)
        }
    }

    @Test
    fun `what a ruling denies is raised and recorded, and nothing is sent`(): Unit =
        runBlocking {
            val card = ToldCard()
            val gate = Gate.open(card, Domain.FACE_CHECK, Role.GENERAL)
            gate.transmit("00a4040c0ad3921000310001010402".fromHex())
            assertFailsWith<RoleError> { gate.transmit("00b0850000".fromHex()) } // the image of the 個人番号
            assertFailsWith<GateError> { gate.transmit("80ca9f7f00".fromHex()) }
            assertFailsWith<GateError> { gate.transmit("0020009206363030373033".fromHex()) }
            assertEquals(1, card.sent.size)
            val reasons = gate.audit.map { it.instruction to it.reason }
            assertEquals("READ BINARY" to "the role may not do this", reasons[1])
            assertEquals("INS CA" to "the instruction is not on the allow-list", reasons[2])
            gate.close()
            assertFailsWith<GateError> { gate.transmit("00a4040c0ad3921000310001010402".fromHex()) }
            assertEquals(1, card.resets)
        }

    private fun swept(domain: Domain, role: Role, rules: JsonObject, sweep: JsonObject, listed: List<ByteArray>): Int {
        val gate = gateIn(domain, role, rules.obj("states")[sweep.str("state")] as List<*>)
        val form = sweep["form"] as String?
        val count = if (form == null) listed.size else 0x10000
        val found = StringBuilder(count)
        val one = form?.let { it.replace("****", "0000").fromHex() }
        val place = form?.let { it.indexOf("****") / 2 } ?: 0
        for (n in 0 until count) {
            val command = one ?: listed[n]
            if (one != null) {
                one[place] = (n shr 8).toByte()
                one[place + 1] = n.toByte()
            }
            found.append(decision(gate, command))
        }
        val expected = StringBuilder(".".repeat(count))
        for (run in sweep["decisions"] as List<*>) {
            val (first, length, which) = run as List<*>
            for (n in 0 until (length as Long).toInt()) expected[(first as Long).toInt() + n] = (which as String)[0]
        }
        assertEquals(expected.toString(), found.toString(), "$domain $role ${sweep["state"]} $form")
        return count
    }

    private fun gateIn(domain: Domain, role: Role, steps: List<*>): Gate =
        runBlocking {
            val card = ToldCard()
            val gate = Gate.open(card, domain, role)
            for (step in steps) {
                val (command, answer) = step as List<*>
                card.answer = (answer as String).fromHex()
                gate.transmit((command as String).fromHex())
            }
            gate
        }

    private fun decision(gate: Gate, command: ByteArray): Char =
        when (val ruling = gate.ruling(command)) {
            is Allowed -> '+'
            is Denied -> if (ruling.byRole) 'r' else '.'
        }
}
