package mnverify.verification

import mnverify.files.AgeRecord
import mnverify.files.AttributesRecord
import mnverify.files.FaceRecord
import mnverify.files.NumberFile
import mnverify.files.NumberRecord
import mnverify.files.Record

/** The fields of records that were verified. The signed digests of input-assist lead back to the 個人番号 and are not among them. */
internal fun collectFields(records: Collection<Record>, corroborated: Boolean): Map<String, Field> {
    val fields = LinkedHashMap<String, Field>()
    for (record in records) {
        for ((name, value) in signed(record)) if (value != null) fields[name] = Field(value, Assurance.SIGNED)
        if (record is FaceRecord) {
            val assurance = if (corroborated) Assurance.CORROBORATED else Assurance.UNSIGNED
            fields["expiry"] = Field(FieldValue.Day(record.expiry), assurance, if (corroborated) "year" else null)
            fields["security_code_image"] = Field(FieldValue.Picture(record.securityCodeImage), Assurance.UNSIGNED)
        }
    }
    return fields
}

private fun signed(record: Record): List<Pair<String, FieldValue?>> =
    when (record) {
        is AgeRecord -> listOf("birth_date" to FieldValue.Birth(record.birthDate))
        is FaceRecord ->
            listOf(
                "birth_date" to FieldValue.Birth(record.birthDate),
                "sex" to FieldValue.OfSex(record.sex),
                "name_image" to record.nameImage?.let(FieldValue::Picture),
                "address_image" to record.addressImage?.let(FieldValue::Picture),
                "photo" to record.photo?.let(FieldValue::Picture),
            )
        is NumberRecord -> listOf("my_number_image" to FieldValue.Picture(record.numberImage))
        is AttributesRecord ->
            listOf(
                "name" to FieldValue.Words(record.name),
                "address" to FieldValue.Words(record.address),
                "birth_date" to FieldValue.Birth(record.birthDate),
                "sex" to FieldValue.OfSex(record.sex),
            )
        is NumberFile -> listOf("my_number" to FieldValue.Number(record.number))
        else -> emptyList()
    }
