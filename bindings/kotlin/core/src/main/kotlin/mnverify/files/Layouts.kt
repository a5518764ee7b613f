package mnverify.files

import mnverify.EvidenceError
import mnverify.MaskedBytes
import mnverify.UnsupportedCard
import mnverify.profile.SignatureScheme
import mnverify.values.KeyId
import mnverify.values.MyNumber

internal const val FACE_RECORD = "face-record"

/** Bytes after the number's object: the signed digest covers both. */
private const val NUMBER_FILLER = 2
private const val MAX_TEXT_BYTES = 2048

/**
 * Read a file by the layout name that the card profile gives it.
 *
 * @param fileId four hex digits, for errors
 * @param data the file, with or without filler
 * @param dropped segments that were left out (layout `face-record` only)
 */
internal fun readLayout(
    layout: String,
    fileId: String,
    data: MaskedBytes,
    scheme: SignatureScheme,
    dropped: Set<Int> = emptySet(),
): Record {
    if (layout == FACE_RECORD) return parseFaceRecord(data, dropped, fileId, scheme)
    if (dropped.isNotEmpty()) throw EvidenceError("files.$fileId", Reasons.NO_SEGMENTS)
    return when (layout) {
        "age-record" -> parseAgeRecord(data, fileId, scheme)
        "certificate" -> parseCertificate(data, fileId, scheme)
        "number-record" -> parseNumberRecord(data, fileId, scheme)
        "integrity-record" -> parseIntegrityRecord(data, fileId, scheme)
        "card-key-record" -> parseCardKeyRecord(data, fileId, scheme)
        "face-application-information" -> parseFaceApplicationInformation(data, fileId)
        "my-number" -> parseNumberFile(data, fileId)
        "attributes" -> parseAttributes(data, fileId)
        "input-application-information" -> parseInputApplicationInformation(data, fileId)
        "transport-key" -> parseTransportKey(data, fileId)
        else -> throw UnsupportedCard("files.$fileId", Reasons.UNKNOWN_LAYOUT)
    }
}

private fun parseAgeRecord(data: MaskedBytes, fileId: String, scheme: SignatureScheme): AgeRecord {
    val where = "files.$fileId"
    val children = StrictTlv.readFile(data, where, 0xFF10)
    checkTags(children, listOf(0xDF11, 0xDF12, 0xDF13), where, data.size)
    val (born, key, signedBy) = children
    return AgeRecord(
        birthDay(born, where),
        cardKey(key, where),
        signature(signedBy, where, scheme.signatureLength),
        data.slice(born.start, key.end),
    )
}

private fun parseNumberRecord(data: MaskedBytes, fileId: String, scheme: SignatureScheme): NumberRecord {
    val where = "files.$fileId"
    val children = StrictTlv.readFile(data, where, 0xFF40)
    checkTags(children, listOf(0xDF41, 0xDF42, 0xDF43), where, data.size)
    val (number, key, signedBy) = children
    return NumberRecord(
        image(number, Image.PNG, where),
        cardKey(key, where),
        signature(signedBy, where, scheme.signatureLength),
        data.slice(number.start, key.end),
    )
}

private fun parseNumberFile(data: MaskedBytes, fileId: String): NumberFile {
    val where = "files.$fileId"
    val outer = StrictTlv.readOuter(data, where, 0xFF10)
    val digits = sized(outer, 12, where)
    if (data.size != outer.end + NUMBER_FILLER) {
        throw EvidenceError(where, Reasons.NUMBER_FILLER.fill("right" to outer.end + NUMBER_FILLER, "found" to data.size))
    }
    val number =
        (if (digits.isDigits()) MyNumber.of(digits.ascii()) else null)
            ?: throw EvidenceError(outer.place(where), Reasons.NO_NUMBER)
    return NumberFile(number, data)
}

private fun parseAttributes(data: MaskedBytes, fileId: String): AttributesRecord {
    val where = "files.$fileId"
    val children = StrictTlv.readFile(data, where, 0xFF20)
    checkTags(children, (0xDF21..0xDF25).toList(), where, data.size)
    val (table, name, address, born, ofSex) = children
    return AttributesRecord(
        name = text(name, where, 1, MAX_TEXT_BYTES),
        address = text(address, where, 0, MAX_TEXT_BYTES),
        birthDate = birthDay(born, where),
        sex = sex(ofSex, where),
        digestInput = data.slice(name.start, ofSex.end),
        offsetsTrue = offsetsTrue(table, children.drop(1).map(Tlv::start), where),
    )
}

private fun parseIntegrityRecord(data: MaskedBytes, fileId: String, scheme: SignatureScheme): IntegrityRecord {
    val where = "files.$fileId"
    val children = StrictTlv.readFile(data, where, 0xFF30)
    checkTags(children, listOf(0xDF31, 0xDF32, 0xDF33), where, data.size)
    val (number, attributes, signedBy) = children
    return IntegrityRecord(
        digest(number, where, scheme.digestLength),
        digest(attributes, where, scheme.digestLength),
        signature(signedBy, where, scheme.signatureLength),
        data.slice(number.start, attributes.end),
    )
}

internal fun parseTransportKey(data: MaskedBytes, fileId: String): TransportKey {
    val where = "files.$fileId"
    val outer = StrictTlv.readOuter(data, where, Tags.TRANSPORT_KEY)
    return TransportKey(cardKey(outer, where))
}

private fun parseCardKeyRecord(data: MaskedBytes, fileId: String, scheme: SignatureScheme): CardKeyRecord {
    val where = "files.$fileId"
    val children = StrictTlv.readFile(data, where, 0xFF50)
    checkTags(children, listOf(0xDF51, 0xDF52), where, data.size)
    val (key, signedBy) = children
    return CardKeyRecord(cardKey(key, where), signature(signedBy, where, scheme.signatureLength), key.whole)
}

// Application information: its sizes are only those of the cards seen, though nothing is verified by it: EF 0003 of the input-assist
// domain, which leads back to the 個人番号, begins like EF 0003 of the face-check domain, and a more lenient reader would let it into
// evidence that may be kept.

private fun parseFaceApplicationInformation(data: MaskedBytes, fileId: String): ApplicationInformation {
    val where = "files.$fileId"
    val children = StrictTlv.readFile(data, where, 0xFF30)
    checkTags(children, (0xDF31..0xDF35).toList(), where, data.size)
    val (codes, keyId, version, municipality, opaque) = children
    val digits = sized(municipality, 5, where)
    if (!digits.isDigits()) throw UnsupportedCard(municipality.place(where), Reasons.NO_MUNICIPALITY)
    sized(codes, 4, where)
    sized(keyId, KeyId.LENGTH, where)
    sized(version, 1, where)
    sized(opaque, 16 + 256, where)
    return ApplicationInformation()
}

private fun parseInputApplicationInformation(data: MaskedBytes, fileId: String): ApplicationInformation {
    val where = "files.$fileId"
    val children = StrictTlv.readFile(data, where, 0xFF40)
    checkTags(children, listOf(0xDF41, 0xDF42, 0xDF43), where, data.size)
    val (codes, keyId, opaque) = children
    sized(codes, 4, where)
    sized(keyId, KeyId.LENGTH, where)
    sized(opaque, 128, where)
    return ApplicationInformation()
}
