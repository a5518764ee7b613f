package mnverify.files

import mnverify.MaskedBytes
import mnverify.MaskedText
import mnverify.sha256
import mnverify.toHex
import mnverify.values.BirthDay
import mnverify.values.KeyId
import mnverify.values.MyNumber
import mnverify.values.Sex
import java.time.LocalDate

/**
 * An image of a card record. It shows its size in bytes only.
 *
 * @property mediaType `image/png` (1-bit grey) or `image/jp2` (8-bit grey), by the record that holds it
 * @property data the bytes as signed, untouched. Nothing of them was decoded: bound the size before you do.
 */
public class Image internal constructor(public val mediaType: String, public val data: MaskedBytes) {
    /** Hex SHA-256 of the bytes. */
    public val sha256: String get() = sha256(data).toHex()

    override fun toString(): String = "Image($mediaType, ${data.size} bytes)"

    internal companion object {
        const val PNG = "image/png"
        const val JP2 = "image/jp2"
    }
}

/** An RSA public key of a card or certificate. Two are one key if exponent and modulus are the same. */
internal class CardKey(val exponent: Long, val modulus: MaskedBytes) {
    override fun equals(other: Any?): Boolean = other is CardKey && other.exponent == exponent && other.modulus == modulus

    override fun hashCode(): Int = modulus.hashCode()

    override fun toString(): String = "CardKey(${8 * modulus.size} bits)"
}

/** What the readers of card files yield. Each knows which of its bytes are signed; none was verified. None shows its content. */
internal sealed class Record {
    final override fun toString(): String = javaClass.simpleName
}

/** A record that holds the card's public key. */
internal interface WithCardKey {
    val cardKey: CardKey
}

/** A record that is signed as a whole. */
internal interface SignedWhole {
    val signed: MaskedBytes
    val signature: MaskedBytes
}

/** A record with an offset table. */
internal interface WithOffsets {
    val offsetsTrue: Boolean
}

internal class AgeRecord(
    val birthDate: BirthDay,
    override val cardKey: CardKey,
    override val signature: MaskedBytes,
    override val signed: MaskedBytes,
) : Record(),
    WithCardKey,
    SignedWhole

internal class NumberRecord(
    val numberImage: Image,
    override val cardKey: CardKey,
    override val signature: MaskedBytes,
    override val signed: MaskedBytes,
) : Record(),
    WithCardKey,
    SignedWhole

/** @property segments the bytes that are hashed, each segment alone; `null` where dropped */
internal class FaceRecord(
    val birthDate: BirthDay,
    val sex: Sex,
    override val cardKey: CardKey,
    val nameImage: Image?,
    val addressImage: Image?,
    val photo: Image?,
    val signature: MaskedBytes,
    val expiry: LocalDate,
    val securityCodeImage: Image,
    val segments: List<MaskedBytes?>,
    override val offsetsTrue: Boolean,
) : Record(),
    WithCardKey,
    WithOffsets

/** @property digestInput what the signed digest covers: the whole file, its two bytes of filler too */
internal class NumberFile(val number: MyNumber, val digestInput: MaskedBytes) : Record()

/** @property digestInput what the signed digest covers: the TLVs after the offset table */
internal class AttributesRecord(
    val name: MaskedText,
    val address: MaskedText,
    val birthDate: BirthDay,
    val sex: Sex,
    val digestInput: MaskedBytes,
    override val offsetsTrue: Boolean,
) : Record(),
    WithOffsets

/** 署名券面情報. It leads back to the 個人番号: it is never written in role `general`. */
internal class IntegrityRecord(
    val numberDigest: MaskedBytes,
    val attributesDigest: MaskedBytes,
    override val signature: MaskedBytes,
    override val signed: MaskedBytes,
) : Record(),
    SignedWhole

internal class CardKeyRecord(
    override val cardKey: CardKey,
    override val signature: MaskedBytes,
    override val signed: MaskedBytes,
) : Record(),
    WithCardKey,
    SignedWhole

internal class TransportKey(val key: CardKey) : Record()

/** Application information of either domain: free, unsigned, and for support only. Nothing of it is kept. */
internal class ApplicationInformation : Record()

internal class Certificate(
    val issuer: KeyId,
    val subject: KeyId,
    val key: CardKey,
    val signed: MaskedBytes,
    val signature: MaskedBytes,
) : Record()
