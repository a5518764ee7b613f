package mnverify.verification

import mnverify.EvidenceError
import mnverify.MaskedBytes
import mnverify.Text
import mnverify.TrustError
import mnverify.UnsupportedCard
import mnverify.files.Certificate
import mnverify.files.parseCertificate
import mnverify.fromHex
import mnverify.json.JsonObject
import mnverify.json.StrictJson
import mnverify.profile.CardProfile
import mnverify.profile.SharedData
import mnverify.sha256
import mnverify.toHex
import mnverify.values.Domain
import mnverify.values.KeyId
import java.text.Normalizer
import java.util.Locale

/**
 * A CA public key.
 *
 * @property name for people, as `5000023/001`
 * @property keyId the sixteen bytes that certificates name it by
 * @property domain the domain whose certificates it signs
 * @property environment `production`, `test`, or any other word; repeated in every result
 * @property provenance where the key comes from
 */
public class TrustAnchor internal constructor(
    public val name: String,
    public val keyId: KeyId,
    public val domain: Domain,
    public val environment: String,
    internal val modulus: ByteArray,
    internal val exponent: Long,
    public val provenance: Text,
) {
    internal val key = PublicKey(modulus, exponent)

    internal fun sameAs(other: TrustAnchor): Boolean =
        other.name == name &&
            other.keyId == keyId &&
            other.domain == domain &&
            other.environment == environment &&
            other.modulus.contentEquals(modulus) &&
            other.exponent == exponent &&
            other.provenance == provenance

    override fun toString(): String = "TrustAnchor($name, $environment)"
}

/**
 * The CA keys that a relying party has decided to trust, and nothing else. An explicit, immutable set; an empty one verifies nothing.
 *
 * @property anchors the anchors
 */
public class TrustStore private constructor(anchors: List<TrustAnchor>, certificates: List<Certificate>) {
    private val byId = LinkedHashMap<Pair<Domain, KeyId>, TrustAnchor>()
    private val bySubject: Map<KeyId, Certificate>

    init {
        val keys = HashMap<KeyId, ByteArray>()
        for (anchor in anchors) {
            checkAnchor(anchor)
            val name = anchor.keyId.name
            if (!keys.getOrPut(anchor.keyId) { anchor.modulus }.contentEquals(anchor.modulus)) {
                throw TrustError(
                    "anchors",
                    Text("key id $name stands for two different keys", "鍵ID $name に二つの鍵があります"),
                )
            }
            val known = byId.getOrPut(anchor.domain to anchor.keyId) { anchor }
            if (known.environment != anchor.environment) {
                throw TrustError("anchors", Text("key id $name is in two environments", "鍵ID $name が二つの環境にあります"))
            }
        }
        val distinct = certificates.distinctBy { it.signed to it.signature }
        bySubject = distinct.associateBy(Certificate::subject)
        if (bySubject.size != distinct.size) {
            throw TrustError(
                "certificates",
                Text("two of them have one subject", "同じ主体の証明書が二つあります"),
            )
        }
    }

    public val anchors: List<TrustAnchor> get() = byId.values.toList()

    /** The environment of the anchors; several are joined by `+`, none is `none`. */
    public val environment: String
        get() = byId.values.map(TrustAnchor::environment).toSortedSet().joinToString("+").ifEmpty { "none" }

    /**
     * The same store with further intermediate certificates (EF `0004` form), for chains longer than one link. They are not trusted:
     * each has to be signed by an anchor or by another of them.
     *
     * @throws TrustError bytes that are no certificate, or two different ones with one subject
     */
    public fun withCertificates(vararg certificates: ByteArray): TrustStore =
        TrustStore(anchors, bySubject.values + certificates.map(::certificateOf))

    internal fun find(domain: Domain, keyId: KeyId): TrustAnchor? = byId[domain to keyId]

    internal fun certificateOf(subject: KeyId): Certificate? = bySubject[subject]

    override fun toString(): String = "TrustStore($environment: ${byId.values.joinToString(", ", transform = TrustAnchor::name)})"

    public companion object {
        private const val FORMAT = "mnverify.trust-anchors/1"
        private const val MAX_BYTES = 1024 * 1024
        private const val MAX_ANCHORS = 1000
        private val SHIPPED = listOf("production", "test")
        private val KEYS = listOf("name", "key_id", "domain", "environment", "algorithm", "modulus", "exponent")
        private val IN_HEX = Text("bytes in hex", "16進数のバイト列")
        private val HEX = Regex("(?:[0-9a-fA-F]{2}){1,1024}")
        private val STRICT = StrictJson("anchors", MAX_BYTES, 3, 10) { where, why -> TrustError(where, why) }
        private val laboratory: Set<String> by lazy { SharedData.list("laboratory_keys").toSet() }
        private val shipped: List<TrustAnchor> by lazy { anchorsOf(SharedData.section("trust_anchors")) }

        /** The CA keys of cards in circulation (they travel in the jar; provenance in each anchor). */
        public fun production(): TrustStore = TrustStore(shipped.filter { it.environment == "production" }, emptyList())

        /** The CA keys of the JPKI test cards. Never for real customers. */
        public fun test(): TrustStore = TrustStore(shipped.filter { it.environment == "test" }, emptyList())

        /**
         * Anchors in JSON text (`mnverify.trust-anchors/1`).
         *
         * @throws TrustError too large, or not of that format, or they contradict each other
         */
        public fun fromJson(data: ByteArray): TrustStore = TrustStore(anchorsOf(STRICT.load(data)), emptyList())

        /** The same from a text. */
        public fun fromJson(text: String): TrustStore = TrustStore(anchorsOf(STRICT.load(text)), emptyList())

        /** Whether it is one of the keys that were recovered from cards, as shipped, rather than one from J-LIS. */
        internal fun isShipped(anchor: TrustAnchor): Boolean =
            anchor.environment in SHIPPED && shipped.any { it.sameAs(anchor) }

        private fun anchorsOf(document: JsonObject): List<TrustAnchor> {
            STRICT.keys(document, "anchors", listOf("format", "anchors"), listOf("provenance"))
            STRICT.word(document["format"], "format", listOf(FORMAT))
            val provenance = if ("provenance" in document) provenance(document["provenance"], "provenance") else Text.of("")
            return STRICT.items(document["anchors"], "anchors", MAX_ANCHORS).mapIndexed { n, entry ->
                anchorOf(entry, "anchors[$n]", provenance)
            }
        }

        private fun anchorOf(entry: Any?, where: String, provenance: Text): TrustAnchor {
            val members = STRICT.keys(entry, where, KEYS, listOf("provenance"))
            STRICT.word(members["algorithm"], "$where.algorithm", listOf("RSA"))
            val keyId = STRICT.matching(members["key_id"], "$where.key_id", HEX, IN_HEX).fromHex()
            val modulus = STRICT.matching(members["modulus"], "$where.modulus", HEX, IN_HEX).fromHex()
            if (keyId.size != KeyId.LENGTH) {
                throw TrustError(
                    "$where.key_id",
                    Text("it has not ${KeyId.LENGTH} bytes", "${KeyId.LENGTH} バイトではありません"),
                )
            }
            val name = STRICT.text(members["name"], "$where.name", 128, 1)
            val domain = STRICT.word(members["domain"], "$where.domain", Domain.values().map(Domain::word))
            return TrustAnchor(
                name = name,
                keyId = KeyId(MaskedBytes.own(keyId)),
                domain = Domain.values().first { it.word == domain },
                environment = STRICT.text(members["environment"], "$where.environment", 64, 1),
                modulus = modulus,
                exponent = STRICT.whole(members["exponent"], "$where.exponent", 1, 1L shl 32),
                provenance = if ("provenance" in members) provenance(members["provenance"], "$where.provenance") else provenance,
            )
        }

        private fun provenance(value: Any?, where: String): Text {
            val text = STRICT.text(value, where, 4096)
            return Text(text, SharedData.section("provenance_ja")[text] as? String ?: text)
        }

        private fun checkAnchor(anchor: TrustAnchor) {
            val scheme = CardProfile.PRESENT.scheme
            if (!anchor.key.acceptable(scheme)) {
                throw TrustError(
                    anchor.name,
                    Text(
                        "the key is weaker than RSA ${scheme.keyBits} with e = ${scheme.exponent}",
                        "鍵が RSA ${scheme.keyBits} ビット、e = ${scheme.exponent} より弱いものです",
                    ),
                )
            }
            if (!anchor.environment.all(::ofAnEnvironment)) {
                throw TrustError(
                    anchor.name,
                    Text(
                        "the environment has letters other than Latin and Japanese ones, or a '+'",
                        "環境名には、英数字と日本語の文字以外（および +）を使えません",
                    ),
                )
            }
            val word = likeAWordOfOurs(anchor.environment) ?: return
            if (anchor.environment != word) {
                throw TrustError(
                    anchor.name,
                    Text("an environment that looks like $word and is not", "環境名が $word と紛らわしいものです"),
                )
            }
            if (sha256(anchor.modulus.dropWhile { it.toInt() == 0 }.toByteArray()).toHex() in laboratory) {
                throw TrustError(
                    anchor.name,
                    Text(
                        "a key of mnverify's laboratory, whose private half is public, calls itself $word",
                        "mnverify の試験用の鍵（秘密鍵は公開されています）が $word を名乗っています",
                    ),
                )
            }
        }

        /** No letter of another script, which may look like a Latin one, and no mark on top; `+` joins the environments of a store. */
        private fun ofAnEnvironment(c: Char): Boolean =
            c in ' '..'*' || c in ','..'~' || c in '\u3000'..'\u30FF' || c in '\u3400'..'\u9FFF' ||
                c in '\uFF01'..'\uFF0A' || c in '\uFF0C'..'\uFF9F'

        /** `production` or `test` where a person would read that, whatever the case, the width, and what stands between. */
        private fun likeAWordOfOurs(environment: String): String? =
            Normalizer
                .normalize(environment, Normalizer.Form.NFKC)
                .lowercase(Locale.ROOT)
                .filter(::isLetterOrNumber)
                .takeIf { it in SHIPPED }

        private fun isLetterOrNumber(c: Char): Boolean =
            c.isLetterOrDigit() || c.category == CharCategory.LETTER_NUMBER || c.category == CharCategory.OTHER_NUMBER

        private fun certificateOf(data: ByteArray): Certificate =
            try {
                parseCertificate(MaskedBytes.of(data), "0004", CardProfile.PRESENT.scheme)
            } catch (_: EvidenceError) {
                throw unreadable()
            } catch (_: UnsupportedCard) {
                throw unreadable()
            }

        private fun unreadable() = TrustError("certificates", Text("one cannot be read", "読めないものがあります"))
    }
}
