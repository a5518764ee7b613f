package mnverify.evidence

import mnverify.EvidenceError
import mnverify.MaskedBytes
import mnverify.Text
import mnverify.json.Base64
import mnverify.json.JsonObject
import mnverify.json.JsonWriter
import mnverify.json.StrictJson
import mnverify.toHex
import mnverify.values.CredentialKind
import mnverify.values.Domain
import mnverify.values.Moment
import mnverify.values.Role

internal const val MAX_EVIDENCE_BYTES = 64 * 1024
internal const val DIGEST_LENGTH = 32
private const val FORMAT = "mnverify.evidence/1"
private val REQUIRED = listOf("format", "domain", "role", "credential", "files")
private val OPTIONAL = listOf("segments", "presence", "read_at", "reader")
private val A_MOMENT = Text("a moment of RFC 3339 with a time zone", "タイムゾーン付きの RFC 3339 の日時")
private val STRICT = StrictJson("evidence", MAX_EVIDENCE_BYTES, maxDepth = 4) { where, why -> EvidenceError(where, why) }

/** The members of evidence, before anything of the files was looked at. */
internal class EvidenceMembers(
    val domain: Domain,
    val role: Role,
    val credential: CredentialKind,
    val files: Map<String, MaskedBytes>,
    val segments: Map<Int, MaskedBytes> = emptyMap(),
    val presence: Presence? = null,
    val readAt: Moment? = null,
    val reader: String? = null,
)

/** The form `mnverify.evidence/1`, strictly. */
internal fun parseEvidence(data: ByteArray): EvidenceMembers = members(STRICT.load(data))

internal fun parseEvidence(text: String): EvidenceMembers = members(STRICT.load(text))

private fun members(document: JsonObject): EvidenceMembers {
    STRICT.keys(document, "evidence", REQUIRED, OPTIONAL)
    STRICT.word(document["format"], "format", listOf(FORMAT))
    return EvidenceMembers(
        domain = term(document, "domain", Domain.values()),
        role = term(document, "role", Role.values()),
        credential = term(document, "credential", CredentialKind.values()),
        files = files(document["files"]),
        segments = if ("segments" in document) segments(document["segments"]) else emptyMap(),
        presence = if ("presence" in document) presence(document["presence"]) else null,
        readAt = if ("read_at" in document) moment(document["read_at"]) else null,
        reader = if ("reader" in document) STRICT.text(document["reader"], "reader", MAX_EVIDENCE_BYTES) else null,
    )
}

private fun <T> term(document: JsonObject, name: String, terms: Array<T>): T {
    val word = STRICT.word(document[name], name, terms.map(Any?::toString))
    return terms.first { it.toString() == word }
}

private fun isFileId(name: String): Boolean = name.length == 4 && name.all { it in '0'..'9' || it in 'A'..'F' }

private fun files(value: Any?): Map<String, MaskedBytes> {
    val files = STRICT.keys(value, "files", emptyList(), null)
    if (!files.keys.all(::isFileId)) {
        throw EvidenceError(
            "files",
            Text("a key that is not a file id of four hex digits", "16進4桁のファイルIDでないキーがあります"),
        )
    }
    return files.mapValues { (name, text) -> STRICT.base64(text, "files.$name") }
}

private fun segments(value: Any?): Map<Int, MaskedBytes> =
    STRICT.keys(value, "segments", emptyList(), listOf("2", "3")).entries.associate { (name, text) ->
        name.toInt() to MaskedBytes.own(STRICT.hex(text, "segments.$name", DIGEST_LENGTH, DIGEST_LENGTH))
    }

private fun presence(value: Any?): Presence {
    val members = STRICT.keys(value, "presence", listOf("challenge", "signature"))
    return Presence(
        STRICT.base64(members["challenge"], "presence.challenge"),
        STRICT.base64(members["signature"], "presence.signature"),
    )
}

private fun moment(value: Any?): Moment {
    if (value !is String || !Moment.hasForm(value)) {
        throw EvidenceError("read_at", Text("it is not ${A_MOMENT.en}", "${A_MOMENT.ja}ではありません"))
    }
    return Moment.parse(value) ?: throw EvidenceError("read_at", Text("there is no such moment", "存在しない日時です"))
}

/** The JSON text of evidence, the same bytes as Python's. The caller has decided that it may exist. */
internal fun buildEvidence(evidence: Evidence): ByteArray {
    val document = LinkedHashMap<String, Any>()
    document["format"] = FORMAT
    document["domain"] = evidence.domain.word
    document["role"] = evidence.role.word
    document["credential"] = evidence.credential.word
    document["files"] = evidence.files.mapValues { (_, data) -> Base64.encode(data.toByteArray()) }
    if (evidence.segments.isNotEmpty()) {
        document["segments"] = evidence.segments.entries.associate { (n, digest) -> n.toString() to digest.toByteArray().toHex() }
    }
    evidence.presence?.let {
        document["presence"] =
            mapOf(
                "challenge" to Base64.encode(it.challenge.toByteArray()),
                "signature" to Base64.encode(it.signature.toByteArray()),
            )
    }
    evidence.readAt?.let { document["read_at"] = it.toString() }
    evidence.reader?.let { document["reader"] = it }
    val text = JsonWriter.indented(document).toByteArray()
    if (text.size > MAX_EVIDENCE_BYTES) {
        throw EvidenceError(
            "evidence",
            Text(
                "${text.size} bytes, more than $MAX_EVIDENCE_BYTES",
                "${text.size} バイトで、上限 $MAX_EVIDENCE_BYTES バイトを超えています",
            ),
        )
    }
    return text
}
