package mnverify.profile

import mnverify.fromHex
import mnverify.json.JsonObject
import mnverify.values.CredentialKind
import mnverify.values.Domain
import mnverify.values.Purpose
import mnverify.values.Role

/**
 * One EF.
 *
 * @property fileId four hex digits, as in evidence
 * @property layout the name of the reader that knows its bytes
 * @property openedBy credentials that open it; empty where it is free
 * @property holdsNumber it holds the 個人番号 itself (text or image)
 * @property expectedLength usual length of the object in bytes; 0 where unknown
 * @property filler bytes of `FF` after the object that a digest covers
 */
internal class FileRule(
    val fileId: String,
    val layout: String,
    val openedBy: Set<CredentialKind>,
    val holdsNumber: Boolean,
    val expectedLength: Int,
    val filler: Int,
) {
    val sfi: Int = fileId.toInt(16)
}

/**
 * One key EF: where a credential is presented.
 *
 * @property keyId four hex digits
 * @property digits its length in ASCII digits
 * @property isNumber presenting it means to know the 個人番号
 */
internal class KeyRule(val keyId: String, val kind: CredentialKind, val digits: Int, val isNumber: Boolean) {
    val sfi: Int = keyId.toInt(16)
}

/** One permitted application. */
internal class DomainProfile(
    val domain: Domain,
    val aid: ByteArray,
    val files: Map<String, FileRule>,
    val keys: Map<CredentialKind, KeyRule>,
    val purposes: Map<Purpose, List<String>>,
) {
    fun filesFor(role: Role): Set<String> =
        files.values.filter { role == Role.MY_NUMBER_OFFICE || !it.holdsNumber }.map(FileRule::fileId).toSet()

    fun fileWith(layout: String): FileRule = files.values.first { it.layout == layout }

    fun keysFor(role: Role): Map<CredentialKind, KeyRule> =
        keys.filterValues { role == Role.MY_NUMBER_OFFICE || !it.isNumber }

    /** The purposes that a role can reach with one credential, in the order of the profile. */
    fun purposesFor(role: Role, kind: CredentialKind): List<Purpose> {
        val allowed = filesFor(role)
        if (kind !in keysFor(role)) return emptyList()
        return purposes
            .filterValues { ids ->
                ids.all { it in allowed && files.getValue(it).openedBy.let { by -> by.isEmpty() || kind in by } }
            }.keys
            .toList()
    }
}

/**
 * The one place that names the algorithm of a generation.
 *
 * @property keyBits smallest modulus accepted
 * @property exponent the only public exponent accepted
 * @property signatureLength bytes
 * @property digestLength bytes
 */
internal class SignatureScheme(
    val name: String,
    val keyBits: Int,
    val exponent: Long,
    val signatureLength: Int,
    val digestLength: Int,
)

/** A card generation as data: AIDs, file map, access rules, credential rules, algorithms. */
internal class CardProfile(
    val name: String,
    val domains: Map<Domain, DomainProfile>,
    val scheme: SignatureScheme,
    val challengeLength: Int,
) {
    internal companion object {
        /** The card issued since 2016. */
        val PRESENT: CardProfile by lazy { profileOf(SharedData.section("profile")) }
    }
}

private fun profileOf(document: JsonObject): CardProfile {
    val scheme = document.obj("scheme")
    return CardProfile(
        document.str("name"),
        document.obj("domains").mapKeys { (word, _) -> domainOf(word) }.mapValues { (domain, rules) ->
            domainProfileOf(domain, rules as JsonObject)
        },
        SignatureScheme(
            scheme.str("name"),
            scheme.int("key_bits"),
            scheme.int("exponent").toLong(),
            scheme.int("signature_length"),
            scheme.int("digest_length"),
        ),
        document.int("challenge_length"),
    )
}

private fun domainProfileOf(domain: Domain, rules: JsonObject): DomainProfile =
    DomainProfile(
        domain,
        rules.str("aid").fromHex(),
        rules.objs("files").map(::fileRuleOf).associateBy(FileRule::fileId),
        rules
            .objs("keys")
            .map { KeyRule(it.str("key_id"), kindOf(it.str("kind")), it.int("digits"), it["is_number"] as Boolean) }
            .associateBy(KeyRule::kind),
        rules.obj("purposes").let { purposes ->
            purposes.keys.associate { word -> Purpose.values().first { it.word == word } to purposes.texts(word) }
        },
    )

private fun fileRuleOf(rule: JsonObject): FileRule =
    FileRule(
        rule.str("file_id"),
        rule.str("layout"),
        rule.texts("opened_by").map(::kindOf).toSet(),
        rule["holds_number"] as Boolean,
        rule.int("expected_length"),
        rule.int("filler"),
    )

private fun domainOf(word: String): Domain = Domain.values().first { it.word == word }

private fun kindOf(word: String): CredentialKind = CredentialKind.values().first { it.word == word }
