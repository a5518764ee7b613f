package mnverify.card

import mnverify.MaskedBytes
import mnverify.Text
import mnverify.fromHex
import mnverify.values.Domain
import mnverify.values.Role

/**
 * What no gate lets through, whatever the shared data says: written down here a second time. The data grows with card generations; this
 * is the floor under it: the standard's clauses on what a system for one application may never touch (第6の1, 第7の1, 第5, 第8, 第9),
 * and the My Number Act's on who may touch the 個人番号.
 */
internal object Forbidden {
    class Bounds(aid: String, val number: Set<Int>, val nobody: Set<Int>) {
        val aid = MaskedBytes.of(aid.fromHex())
    }

    val BOUNDS: Map<Domain, Bounds> =
        mapOf(
            Domain.FACE_CHECK to Bounds("D3921000310001010402", number = setOf(0x0005, 0x0013), nobody = setOf(0x0006)),
            Domain.INPUT_ASSIST to Bounds("D3921000310001010408", number = setOf(0x0001, 0x0014), nobody = setOf(0x0012)),
        )
    val INSTRUCTIONS: Set<Int> =
        setOf(Ins.SELECT, Ins.READ_BINARY, Ins.VERIFY, Ins.SIGN, Ins.GET_RESPONSE, Ins.SET_SESSION_KEY)

    private val UNKNOWN = Text("the instruction is never sent", "送信してはならない命令です")
    private val AID = Text("only the full AID of the domain is ever selected", "この領域の完全なAID以外は選択できません")
    private val NEVER = Text("nobody may touch this file or key", "だれも触れてはならないファイルまたは鍵です")
    private val NUMBER = Text("the role may not touch what holds the My Number", "この役割では個人番号を含むものに触れられません")

    /** Why a command is never sent, in whatever form; `null` where the allow-list decides. */
    fun why(command: Command, domain: Domain, role: Role, current: Int?): Text? {
        val bounds = BOUNDS.getValue(domain)
        if (command.ins !in INSTRUCTIONS) return UNKNOWN
        if (command.ins == Ins.SELECT && command.p1 != 0x02) return if (command.data == bounds.aid) null else AID
        val touched = touched(command, current)
        if (touched in bounds.nobody) return NEVER
        return if (touched in bounds.number && role != Role.MY_NUMBER_OFFICE) NUMBER else null
    }

    /** The file or key that a command is about. */
    private fun touched(command: Command, current: Int?): Int? =
        when {
            command.ins == Ins.SELECT -> command.data.toNumber()
            command.ins == Ins.READ_BINARY && command.p1 and 0x80 != 0 -> command.p1 and 0x1F
            command.ins == Ins.VERIFY && command.p2 and 0x1F != 0 -> command.p2 and 0x1F
            command.ins == Ins.READ_BINARY || command.ins == Ins.VERIFY -> current
            else -> null
        }
}
