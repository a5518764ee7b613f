package mnverify.verification

import mnverify.MaskedText
import mnverify.NotVerifiedError
import mnverify.Text
import mnverify.files.Image
import mnverify.json.Base64
import mnverify.json.JsonWriter
import mnverify.profile.SharedData
import mnverify.profile.sentence
import mnverify.profile.obj
import mnverify.values.BirthDay
import mnverify.values.CredentialKind
import mnverify.values.Domain
import mnverify.values.MyNumber
import mnverify.values.Role
import mnverify.values.Sex
import mnverify.values.isoMoment
import java.time.LocalDate
import java.time.OffsetDateTime

/**
 * What a check came to. `not-performed` is never a pass.
 *
 * @property word as results write it
 */
public enum class Outcome(public val word: String) {
    PASS("pass"),
    FAIL("fail"),
    NOT_PERFORMED("not-performed"),
    ;

    override fun toString(): String = word
}

/**
 * How well a field is vouched for.
 *
 * @property word as results write it
 */
public enum class Assurance(public val word: String) {
    /** The issuer's signature covers it. */
    SIGNED("signed"),

    /** Unsigned, but what answered here accepted 照合番号B made of it (expiry year alone). */
    CORROBORATED("corroborated"),

    /** As read, vouched for by nobody. */
    UNSIGNED("unsigned"),
    ;

    override fun toString(): String = word
}

/**
 * One numbered check.
 *
 * @property id stable id, as `chain`
 * @property outcome pass, fail or not performed
 * @property code stable code, as `unknown-authority`
 */
public class Check internal constructor(public val id: String, public val outcome: Outcome, public val code: String) {
    /** The sentence for people. */
    public val detail: Text get() = SharedData.section("checks").obj(id).sentence(code)

    internal fun failed() = Check(id, Outcome.FAIL, code)

    override fun toString(): String = "$id: $outcome/$code"
}

/** What a field holds. None shows its content. */
public sealed class FieldValue {
    /** A birth date, whole or partial. */
    public class Birth internal constructor(public val value: BirthDay) : FieldValue()

    /** A day. */
    public class Day internal constructor(public val value: LocalDate) : FieldValue()

    /** Sex by JIS X 0303. */
    public class OfSex internal constructor(public val value: Sex) : FieldValue()

    /** A text. */
    public class Words internal constructor(public val value: MaskedText) : FieldValue()

    /** An image. */
    public class Picture internal constructor(public val value: Image) : FieldValue()

    /** The 個人番号. */
    public class Number internal constructor(public val value: MyNumber) : FieldValue()

    final override fun toString(): String = javaClass.simpleName
}

/**
 * One verified field. It shows its assurance only.
 *
 * @property value what it holds
 * @property assurance how well it is vouched for
 * @property extent `year` where only the year of a date is corroborated, else `null`
 */
public class Field internal constructor(
    public val value: FieldValue,
    public val assurance: Assurance,
    public val extent: String? = null,
) {
    override fun toString(): String = "Field($assurance)"

    internal fun toMap(name: String, images: Boolean): Map<String, Any?> {
        val shown = LinkedHashMap<String, Any?>()
        when (value) {
            is FieldValue.Picture -> {
                shown["media_type"] = value.value.mediaType
                if (name !in DIGITS_IN_A_PICTURE) shown["sha256"] = value.value.sha256
                if (images) shown["data"] = Base64.encode(value.value.data.toByteArray())
            }
            is FieldValue.Number -> shown["value"] = value.value.reveal()
            is FieldValue.Words -> shown["value"] = value.value.reveal()
            is FieldValue.Birth -> shown["value"] = value.value.toString()
            is FieldValue.Day -> shown["value"] = value.value.toString()
            is FieldValue.OfSex -> shown["value"] = value.value.word
        }
        shown["assurance"] = assurance.word
        if (extent != null) shown["extent"] = extent
        return shown
    }

    private companion object {
        /** Images whose hash would be the digits that they show. */
        val DIGITS_IN_A_PICTURE = setOf("security_code_image", "my_number_image")
    }
}

/** What stands in a result whatever the verdict. */
public class Findings internal constructor(
    /** All seven checks, in order, whatever failed. */
    public val checks: List<Check>,
    /** Of the anchor that the chain reached; of the whole trust store where it reached none. */
    public val environment: String,
    /** Name of that anchor, or `null`. */
    public val authority: String?,
    /** The domain of the evidence. */
    public val domain: Domain,
    /** Its role. */
    public val role: Role,
    /** Its credential kind (a claim, where the evidence came from outside). */
    public val credential: CredentialKind,
    /** The card generation. */
    public val generation: String,
    /** The moment that expiry was judged by. */
    public val at: OffsetDateTime,
    private val limitCodes: List<String>,
) {
    /** What this result cannot say, by stable code, in plain words. */
    public val limits: Map<String, Text>
        get() = limitCodes.associateWith { SharedData.sentence("limits", it) }

    /** The check of that id. */
    public fun check(id: String): Check = checks.first { it.id == id }

    internal fun toMap(verdict: String, language: String): LinkedHashMap<String, Any?> =
        linkedMapOf(
            "format" to "mnverify.result/1",
            "verdict" to verdict,
            "environment" to environment,
            "authority" to authority,
            "domain" to domain.word,
            "role" to role.word,
            "credential" to credential.word,
            "generation" to generation,
            "at" to isoMoment(at.toLocalDateTime(), at.offset.totalSeconds / 60),
            "checks" to
                checks.map {
                    linkedMapOf(
                        "id" to it.id,
                        "outcome" to it.outcome.word,
                        "code" to it.code,
                        "detail" to it.detail.inLanguage(language),
                    )
                },
            "limits" to limits.map { (code, text) -> linkedMapOf("code" to code, "detail" to text.inLanguage(language)) },
        )
}

/**
 * What a verification found. The content exists only in [Verified]:
 *
 * ```
 * when (val verdict = verify(evidence, trust)) {
 *     is Verified -> welcome(verdict.birthDate)
 *     is Rejected -> refuse(verdict.failed)
 * }
 * ```
 */
public sealed interface Verdict {
    /** The checks, and what else stands in a result whatever the verdict. */
    public val findings: Findings

    /** `verified` or `rejected`. */
    public val word: String

    /**
     * The verified result.
     *
     * @throws NotVerifiedError it was rejected; the message names the checks that failed
     */
    public fun require(): Verified

    /** The object of `verify --json`, for a JSON writer. [images] gives the bytes of images too, in base64. */
    public fun toMap(images: Boolean = false, language: String = "en"): Map<String, Any?>

    /** The same as JSON text. */
    public fun toJson(images: Boolean = false, language: String = "en"): String = JsonWriter.indented(toMap(images, language))
}

/** The evidence was rejected. There is no content. */
public class Rejected internal constructor(override val findings: Findings) : Verdict {
    override val word: String get() = "rejected"

    /** The checks that failed. */
    public val failed: List<Check> get() = findings.checks.filter { it.outcome == Outcome.FAIL }

    override fun require(): Verified {
        val names = failed.joinToString(", ") { "${it.id} (${it.code})" }
        throw NotVerifiedError(
            Text(
                "The evidence was rejected: $names. Its content is not given out; read the card itself, or refuse.",
                "検証に不合格のため（$names）、内容は取り出せません。カードそのものを読み取るか、受け付けないでください。",
            ),
        )
    }

    override fun toMap(images: Boolean, language: String): Map<String, Any?> = findings.toMap(word, language)

    override fun toString(): String = "Rejected(${findings.environment}, ${findings.checks.joinToString(", ")})"
}

/**
 * The evidence was verified: here is its content. `null` where the reading does not hold it. How well each is vouched for stands in
 * [fields].
 */
public class Verified internal constructor(override val findings: Findings, public val fields: Map<String, Field>) : Verdict {
    override val word: String get() = "verified"

    /** 生年月日, signed. A `PartialDate` where the register knows no day, or neither month nor day. */
    public val birthDate: BirthDay? get() = (value("birth_date") as? FieldValue.Birth)?.value

    /** 性別, signed. */
    public val sex: Sex? get() = (value("sex") as? FieldValue.OfSex)?.value

    /** 氏名 as text, signed (input-assist). */
    public val name: String? get() = (value("name") as? FieldValue.Words)?.value?.reveal()

    /** 住所 as text, signed (input-assist). */
    public val address: String? get() = (value("address") as? FieldValue.Words)?.value?.reveal()

    /** 氏名 (and 通称) as an image, signed (face-check). */
    public val nameImage: Image? get() = picture("name_image")

    /** 住所 as an image, signed (face-check). */
    public val addressImage: Image? get() = picture("address_image")

    /** 顔写真, signed (face-check). */
    public val photo: Image? get() = picture("photo")

    /** 有効期限 (face-check). No signature covers it; see its assurance. */
    public val expiry: LocalDate? get() = (value("expiry") as? FieldValue.Day)?.value

    /** セキュリティコード as an image (face-check). No signature covers it. */
    public val securityCodeImage: Image? get() = picture("security_code_image")

    /** 個人番号, signed (input-assist, role `my-number-office`). */
    public val myNumber: MyNumber? get() = (value("my_number") as? FieldValue.Number)?.value

    /** 個人番号 as an image, signed (face-check, role `my-number-office`). */
    public val myNumberImage: Image? get() = picture("my_number_image")

    override fun require(): Verified = this

    override fun toMap(images: Boolean, language: String): Map<String, Any?> =
        findings.toMap(word, language).apply { put("fields", fields.mapValues { (name, field) -> field.toMap(name, images) }) }

    override fun toString(): String = "Verified(${findings.environment}, ${findings.checks.joinToString(", ")})"

    private fun value(name: String): FieldValue? = fields[name]?.value

    private fun picture(name: String): Image? = (value(name) as? FieldValue.Picture)?.value
}
