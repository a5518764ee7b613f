package mnverify.card

import mnverify.CardRefused
import mnverify.DifferentCard
import mnverify.EvidenceError
import mnverify.LinkCorrupt
import mnverify.LinkUnreliable
import mnverify.MaskedBytes
import mnverify.NotMyNumberCard
import mnverify.Text
import mnverify.UnsupportedCard
import mnverify.files.StrictTlv
import mnverify.profile.FileRule
import mnverify.profile.KeyRule
import java.io.ByteArrayOutputStream

/**
 * Is told how far a reading is, after each exchange. It must not call the session.
 *
 * The second number grows as the heads of files are read.
 */
public fun interface Progress {
    /** [done] bytes of [expected]. */
    public fun told(done: Int, expected: Int)
}

/** A growing reading. It shows its length only. */
internal class Growing {
    private val out = ByteArrayOutputStream()
    val size: Int get() = out.size()

    fun add(bytes: MaskedBytes) = out.write(bytes.toByteArray())

    fun bytes(): MaskedBytes = MaskedBytes.own(out.toByteArray())

    override fun toString(): String = "Growing($size bytes)"
}

/**
 * Everything between a session and the gate: 61xx, 6Cxx, short and extended lengths, cut answers, files by their head.
 *
 * An answer is never trusted to be whole: how long a file is comes from the TLV header of its object. Extended length is learnt by the
 * first read, never by VERIFY, and costs one exchange where it does not work.
 */
internal class Channel(private val gate: Gate) {
    private val carries = gate.capabilities
    private var extendedFailed = false

    suspend fun select(aid: ByteArray) {
        val command = Command(0x00, Ins.SELECT, 0x04, 0x0C, MaskedBytes.of(aid))
        var answer = once(command)
        if (answer.statusWord == JUST_POWERED) answer = once(command)
        if (answer.statusWord in FOREIGN) throw NotMyNumberCard()
        if (answer.statusWord != 0x9000) throw CardRefused(Text.of("SELECT"), answer.statusWord)
    }

    /** Ask how many tries a key has left, spending none; the status word as it comes. */
    suspend fun counter(key: KeyRule): Int = once(Command(0x00, Ins.VERIFY, 0x00, 0x80 or key.sfi)).statusWord

    /** Present a credential, once and never again by itself; the status word as it comes. */
    suspend fun verify(key: KeyRule, digits: MaskedBytes, allowLastTry: Boolean): Int =
        once(Command(0x00, Ins.VERIFY, 0x00, 0x80 or key.sfi, digits), allowLastTry).statusWord

    /** The card's signature over the DigestInfo of a challenge. */
    suspend fun sign(digestInfo: ByteArray, length: Int): MaskedBytes {
        val command = Command(0x80, Ins.SIGN, 0x00, 0x00, MaskedBytes.of(digestInfo), 256)
        if (carries.extended == true && !extendedFailed) {
            val answer = tried(command.extended())
            if (answer.ok && answer.data.size == length) return answer.data
        }
        val answer = send(command)
        if (!answer.ok) throw CardRefused(Text("the signature", "署名"), answer.statusWord)
        if (answer.data.size != length) throw LinkUnreliable(CUT_SIGNATURE)
        return answer.data
    }

    /**
     * Read what the TLV header of a file announces, and the filler that a digest covers.
     *
     * @param data takes the bytes as they come. What is in it already is taken for the beginning of this file, once the first bytes on
     *   the card were found to be the same.
     */
    suspend fun readFile(rule: FileRule, data: Growing = Growing(), progress: Progress? = null): MaskedBytes {
        if (data.size > 0) checkBeginning(rule, data)
        var total = if (data.size >= StrictTlv.HEADER_BYTES) wholeLength(rule, data.bytes()) else 0
        val hint = (rule.expectedLength + rule.filler).takeIf { it > 0 } ?: HEAD
        repeat(MAX_READS) {
            if (total in 1..data.size) return data.bytes().slice(0, total)
            val answer = read(rule, data.size, (if (total > 0) total else hint) - data.size)
            data.add(answer.data)
            if (total == 0 && (data.size >= StrictTlv.HEADER_BYTES || answer.atEnd)) total = wholeLength(rule, data.bytes())
            if (total > 0) progress?.told(minOf(data.size, total), total)
            if (answer.atEnd && total !in 1..data.size) throw EvidenceError("files.${rule.fileId}", TOO_SHORT)
        }
        throw cut()
    }

    /** Make the file the current one by reading its first bytes, and see that they are those that were read before. */
    private suspend fun checkBeginning(rule: FileRule, data: Growing) {
        val first = read(rule, 0, minOf(data.size, HEAD)).data
        if (first.size == 0 || !data.bytes().startsWith(first.toByteArray())) throw DifferentCard()
    }

    /** One exchange, whatever the answer. */
    private suspend fun once(command: Command, allowLastTry: Boolean = false): Response =
        Response.parse(gate.transmit(command.encode(), allowLastTry))

    /** One command with what belongs to its answer: `6Cxx` sent again with the right Le, `61xx` fetched. */
    private suspend fun send(command: Command): Response {
        var answer = once(command)
        var atEnd = false
        if (answer.sw1 == 0x6C && command.ins == Ins.READ_BINARY && command.data.size == 0) {
            val le = answer.sw2.takeIf { it > 0 } ?: 256
            atEnd = le < (command.le ?: 0)
            answer = once(command.withLe(le))
        }
        val data = Growing()
        data.add(answer.data)
        var left = MAX_RESPONSES
        while (answer.sw1 == 0x61 && data.size <= MAX_ANSWER && left-- > 0) {
            answer = once(Command(0x00, Ins.GET_RESPONSE, 0x00, 0x00, le = answer.sw2.takeIf { it > 0 } ?: 256))
            data.add(answer.data)
            if (answer.data.size == 0) break
        }
        if (answer.sw1 == 0x61) throw cut()
        return Response(data.bytes(), answer.statusWord, atEnd || answer.atEnd)
    }

    /** One piece of a file: at most [want] bytes, at least one unless the file ends. */
    private suspend fun read(rule: FileRule, offset: Int, want: Int): Response {
        if (carries.extended != false && !extendedFailed) {
            val answer = tried(command(rule, offset, want, extended = true))
            if (isWhole(rule, answer, offset, want)) {
                carries.extended = true
                if (answer.data.size > HEAD) carries.doubts = 0
                return answer
            }
            if (answer.statusWord in DENIED) throw unread(rule, answer)
            doubtExtended()
        }
        val ask = minOf(want, carries.maxShort)
        if (ask > CAUTIOUS) {
            val answer = tried(command(rule, offset, ask))
            if (isWhole(rule, answer, offset, ask)) return answer
            if (answer.statusWord in DENIED) throw unread(rule, answer)
            carries.maxShort = CAUTIOUS
        }
        return readCautiously(rule, offset, minOf(want, CAUTIOUS))
    }

    /** No more of it in this session; nor in the next, if it never worked or broke twice in a row. */
    private fun doubtExtended() {
        if (carries.extended == true) carries.doubts++
        if (carries.extended == null || carries.doubts >= DOUBTS) carries.extended = false
        extendedFailed = true
    }

    private suspend fun readCautiously(rule: FileRule, offset: Int, want: Int): Response {
        val answer = send(command(rule, offset, want))
        if (!answer.ok) throw unread(rule, answer)
        if (answer.data.size > want || answer.data.size == 0 && !answer.atEnd) throw cut()
        return answer
    }

    /** The answer to a command that a reader may not be able to carry; an empty one where it broke the answer. */
    private suspend fun tried(command: Command): Response =
        try {
            send(command)
        } catch (_: LinkCorrupt) {
            Response.NONE
        } catch (_: LinkUnreliable) {
            Response.NONE
        }

    /** READ BINARY: the first piece selects the file by its SFI, the others go on in it. */
    private fun command(rule: FileRule, offset: Int, want: Int, extended: Boolean = false): Command {
        if (offset > MAX_OFFSET) throw EvidenceError("files.${rule.fileId}", TOO_FAR)
        val p1 = if (offset == 0) 0x80 or rule.sfi else offset shr 8
        return Command(0x00, Ins.READ_BINARY, p1, offset and 0xFF, le = want, extended = extended)
    }

    /** Whether an answer is all that was asked for, or all that the file has. */
    private fun isWhole(rule: FileRule, answer: Response, offset: Int, want: Int): Boolean {
        if (!answer.ok || answer.data.size == 0 && !answer.atEnd || answer.data.size > want) return false
        if (answer.data.size == want || answer.atEnd) return true
        return offset == 0 && holdsObject(rule, answer.data)
    }

    private fun holdsObject(rule: FileRule, data: MaskedBytes): Boolean =
        try {
            wholeLength(rule, data) <= data.size
        } catch (_: EvidenceError) {
            false
        } catch (_: UnsupportedCard) {
            false
        }

    /** How many bytes of a file are wanted: its one object, and the filler that a digest covers. */
    private fun wholeLength(rule: FileRule, head: MaskedBytes): Int {
        val total = StrictTlv.objectLength(head.slice(0, minOf(16, head.size)), "files.${rule.fileId}") + rule.filler
        if (total > MAX_ANSWER) throw EvidenceError("files.${rule.fileId}", TOO_LONG)
        return total
    }

    private fun unread(rule: FileRule, answer: Response) =
        CardRefused(Text("reading EF ${rule.fileId}", "EF ${rule.fileId} の読み取り"), answer.statusWord)

    private fun cut() = LinkUnreliable(CUT)

    private companion object {
        const val HEAD = 256 // bytes of the first read of a file of unknown length
        const val CAUTIOUS = 231 // what every reader can carry in a short answer
        const val DOUBTS = 2 // sessions
        const val MAX_READS = 600 // of one file: 64 KiB in answers of 231 bytes, twice
        const val MAX_RESPONSES = 300 // GET RESPONSE in a row
        const val MAX_OFFSET = 0x7FFF // READ BINARY has 15 bits of offset
        const val JUST_POWERED = 0x6F00 // some cards answer the first command after power-up with this, whatever it is

        /** Refusals that are not about lengths. */
        val DENIED = setOf(0x6981, 0x6982, 0x6984, 0x6985, 0x6986, 0x6A82, 0x6A86, 0x6A88, 0x6B00)

        /** What other cards answer to our SELECT. */
        val FOREIGN = setOf(0x6700, 0x6999, 0x6A81, 0x6A82, 0x6A86, 0x6D00, 0x6E00)
        val TOO_SHORT = Text("the file ends before its object", "ファイルがデータの途中で終わっています")
        val TOO_FAR = Text("the file is longer than this link can read", "ファイルが長すぎて、この通信方式では読めません")
        val TOO_LONG = Text("the object is longer than 64 KiB", "データが64 KiBを超えています")
        val CUT =
            Text(
                "The reader cuts the card's answers. Put the card on again, or use another reader.",
                "読み取り機がカードの応答を途中で切っています。置き直すか、別の読み取り機を使ってください。",
            )
        val CUT_SIGNATURE =
            Text(
                "The reader does not carry the card's signature whole. Use another reader, or read without presence.",
                "この読み取り機はカードの署名を最後まで受け取れません。別の読み取り機を使うか、存在確認なしで読み取ってください。",
            )
    }
}
