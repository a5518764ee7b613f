package mnverify.link

/**
 * What stands for one card at the bottom of a stack of links. The link of a reader is one itself.
 */
public interface CardSlot {
    /**
     * Take the power from the card, so that it forgets the application selected and the credentials verified, then call
     * [Permits.wasReset] with this object.
     *
     * @throws mnverify.LinkError the reset did not happen, or nobody knows
     */
    public suspend fun reset()
}

/**
 * A way to one powered card: NFC, PC/SC, a replay, or a wrapper around one of them.
 *
 * The lowest link of a stack calls [Permits.redeem] with the command that it was given and with the object that stands for the card, and
 * sends what that returns, at once and never again. A wrapper passes the command on as the object that it was given: a copy is not
 * permitted to anyone. Nothing on the way is copied, kept or repeated.
 */
public interface Link : CardSlot {
    /** What it was found to carry; learnt by the first read, remembered for the next. Keep one object for each reader. */
    public val capabilities: LinkCapabilities

    /** The reader's name, for evidence, or `null`. */
    public val readerName: String? get() = null

    /**
     * Send one command APDU, return the response data and the two status bytes.
     *
     * @throws mnverify.GateError the command has no valid permit; nothing was sent
     * @throws mnverify.LinkCorrupt this exchange went wrong; the card is the same and was not reset. A read may be asked again.
     * @throws mnverify.LinkError any other class: the link is dead until [reset]
     */
    public suspend fun transmit(command: ByteArray): ByteArray
}

/**
 * What a reader was found to carry.
 *
 * @property extended extended-length commands and answers; `null` until it is known
 * @property maxShort most bytes to ask for in a short read: 256, or less where a reader cuts an answer that long
 */
public class LinkCapabilities(
    @Volatile public var extended: Boolean? = null,
    @Volatile public var maxShort: Int = 256,
) {
    /** Sessions in a row in which an extended answer broke after extended length had worked. */
    @Volatile internal var doubts: Int = 0
}
