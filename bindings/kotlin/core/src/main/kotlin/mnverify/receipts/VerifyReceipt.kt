package mnverify.receipts

import mnverify.ReceiptError
import mnverify.Text
import mnverify.UsageError
import mnverify.json.Base64
import mnverify.json.JsonObject
import mnverify.json.StrictJson
import mnverify.profile.SharedData
import mnverify.profile.obj
import mnverify.profile.sentence
import java.math.BigInteger
import java.security.AlgorithmParameters
import java.security.KeyFactory
import java.security.PublicKey
import java.security.Signature
import java.security.SignatureException
import java.security.interfaces.ECPublicKey
import java.security.spec.ECFieldFp
import java.security.spec.ECGenParameterSpec
import java.security.spec.ECParameterSpec
import java.security.spec.ECPoint
import java.security.spec.ECPublicKeySpec
import java.time.Duration
import java.time.Instant

private const val ALGORITHM = "ES256"
private const val TYPE = "mnverify-receipt+jwt"
private const val MAX_BYTES = 32 * 1024 // of a compact receipt
private const val MAX_KEYS = 100
private const val COORDINATE = 32 // bytes
private const val LONGEST_NUMBER = 16
private const val CLOCKS = 60L // seconds by which two clocks may differ

/**
 * The receipt in a compact JWS, after everything about it was checked. Pure and offline: the caller brings keys, names and time, the
 * receipt chooses nothing; the one algorithm is ES256.
 *
 * @param token the compact JWS
 * @param jwks the endpoint's keys in JSON, from where the caller trusts them to be: fetched over TLS, or kept
 * @param issuer the endpoint that has to have issued it
 * @param relyingParty whom it has to be for
 * @param verificationId the verification that it has to be of; `null` takes any
 * @param challengeId the challenge that it has to answer; `null` takes any
 * @param at now
 * @param maxAge the age up to which it is taken; `null` takes any
 * @throws ReceiptError it may not be relied on; nothing of it is given out
 * @throws UsageError no issuer or no relying party was named
 */
public fun verifyReceipt(
    token: String,
    jwks: String,
    issuer: String,
    relyingParty: String,
    verificationId: String? = null,
    challengeId: String? = null,
    at: Instant = Instant.now(),
    maxAge: Duration? = null,
): Receipt {
    if (issuer.isEmpty() || relyingParty.isEmpty()) {
        throw UsageError(
            Text(
                "verifyReceipt takes an issuer and a relying party. Nothing was verified.",
                "verifyReceipt には発行者と事業者を渡してください。検証はしていません。",
            ),
        )
    }
    val kid = keyNamed(token)
    val key = parseJwks(jwks)[kid] ?: throw refusal("unknown-key")
    if (!signedBy(token, key)) throw refusal("signature")
    val receipt =
        try {
            ReceiptPayload.read(part(token.split(".")[1], Text("the payload", "本文"), 4), kid)
        } catch (fault: WrongForm) {
            throw refusal("malformed", fault.why)
        }
    compare("issuer", receipt.issuer, issuer)
    compare("relying-party", receipt.relyingParty, relyingParty)
    compare("verification", receipt.verificationId, verificationId)
    compare("challenge", receipt.challengeId, challengeId)
    if (receipt.issuedAt > at.plusSeconds(CLOCKS)) throw refusal("future")
    if (maxAge != null && Duration.between(receipt.issuedAt, at) > maxAge) throw refusal("too-old")
    return receipt
}

/** The key that the header names. Three members, and no other: no `crit`, `b64`, `jku`, `jwk`, `x5c`. */
private fun keyNamed(token: String): String {
    if (token.length > MAX_BYTES || token.count { it == '.' } != 2) {
        throw refusal(
            "malformed",
            Text(
                "it is not three parts of base64url in at most $MAX_BYTES characters",
                "${MAX_BYTES}文字以内の、三つの部分からなる base64url ではありません",
            ),
        )
    }
    val header = part(token.substringBefore('.'), Text("the header", "ヘッダー"), 1)
    val kid = header["kid"]
    if (header.keys != setOf("alg", "kid", "typ") || header["typ"] != TYPE || kid !is String) {
        throw refusal(
            "malformed",
            Text("its header is not alg, kid and typ $TYPE", "ヘッダーが alg、kid、typ（$TYPE）ではありません"),
        )
    }
    if (header["alg"] != ALGORITHM) throw refusal("algorithm", Text.of(ALGORITHM))
    return kid
}

/** The keys of a JWKS (RFC 7517) that can verify receipts, by `kid`; keys for other things are passed over. */
private fun parseJwks(jwks: String): Map<String, PublicKey> {
    val strict = StrictJson("keys", 256 * 1024, 6, LONGEST_NUMBER) { _, why -> refusal("bad-keys", why) }
    val found = LinkedHashMap<String, PublicKey>()
    for (entry in strict.items(strict.load(jwks)["keys"], "keys", MAX_KEYS)) {
        val key = strict.keys(entry, "keys", emptyList(), null)
        if ("d" in key || "k" in key) throw refusal("bad-keys", Text("it holds a secret", "秘密鍵が含まれています"))
        val kid = key["kid"]
        if (kid !is String || key["alg"] != ALGORITHM || key["use"] != "sig") continue
        if (kid in found) {
            throw refusal("bad-keys", Text("one kid stands for two keys", "一つの kid に二つの鍵があります"))
        }
        found[kid] =
            try {
                publicKey(key)
            } catch (fault: WrongForm) {
                throw refusal("bad-keys", fault.why)
            }
    }
    return found
}

private fun publicKey(jwk: JsonObject): PublicKey {
    if (jwk["kty"] != "EC" || jwk["crv"] != "P-256") {
        throw WrongForm(Text("it is not an EC key on P-256", "P-256 の EC 鍵ではありません"))
    }
    val (x, y) =
        listOf("x", "y").map { name ->
            val raw = (jwk[name] as? String)?.let(Base64::decodeUrl)
            if (raw?.size != COORDINATE) {
                throw WrongForm(Text("$name is not $COORDINATE bytes", "$name が $COORDINATE バイトではありません"))
            }
            BigInteger(1, raw)
        }
    val curve = AlgorithmParameters.getInstance("EC").apply { init(ECGenParameterSpec("secp256r1")) }
    val spec = curve.getParameterSpec(ECParameterSpec::class.java)
    if (!onCurve(spec, x, y)) throw WrongForm(Text("there is no such point on P-256", "P-256 上にない点です"))
    return KeyFactory.getInstance("EC").generatePublic(ECPublicKeySpec(ECPoint(x, y), spec)) as ECPublicKey
}

private fun onCurve(spec: ECParameterSpec, x: BigInteger, y: BigInteger): Boolean {
    val p = (spec.curve.field as ECFieldFp).p
    if (x >= p || y >= p) return false
    return (y * y - (x * x * x + spec.curve.a * x + spec.curve.b)).mod(p).signum() == 0
}

private fun signedBy(token: String, key: PublicKey): Boolean {
    val signature = Base64.decodeUrl(token.substringAfterLast('.'))
    if (signature?.size != 2 * COORDINATE) return false
    return try {
        Signature.getInstance("SHA256withECDSA").run {
            initVerify(key)
            update(token.substringBeforeLast('.').toByteArray(Charsets.UTF_8))
            verify(der(signature))
        }
    } catch (_: SignatureException) {
        false
    }
}

/** `SEQUENCE { INTEGER r, INTEGER s }` (RFC 3279 §2.2.3) of the two numbers in a row that JWS has (RFC 7518 §3.4). */
private fun der(signature: ByteArray): ByteArray {
    val numbers =
        listOf(signature.copyOf(COORDINATE), signature.copyOfRange(COORDINATE, signature.size)).map {
            val number = BigInteger(1, it).toByteArray()
            byteArrayOf(0x02, number.size.toByte()) + number
        }
    val inside = numbers[0] + numbers[1]
    return byteArrayOf(0x30, inside.size.toByte()) + inside
}

private fun compare(reason: String, said: String, asked: String?) {
    if (asked != null && said != asked) throw refusal(reason)
}

private fun part(text: String, name: Text, depth: Int): JsonObject {
    val refuse = { why: Text -> refusal("malformed", Text("${name.en}: ${why.en}", "${name.ja}: ${why.ja}")) }
    val raw = Base64.decodeUrl(text) ?: throw refuse(Text("it is not canonical base64url", "正規の base64url ではありません"))
    return StrictJson(name.en, MAX_BYTES, depth, LONGEST_NUMBER) { _, why -> refuse(why) }.load(raw)
}

private fun refusal(reason: String, why: Text = Text.of("")): ReceiptError =
    ReceiptError(reason, SharedData.section("receipt").obj("reasons").sentence(reason).fill("why" to why))
