package mnverify.link

import mnverify.DomainBusy
import mnverify.GateError
import mnverify.Text
import kotlinx.coroutines.CancellationException
import java.lang.ref.WeakReference

/**
 * What makers of links call: a permit is what a gate has let through, for one exchange, on one card, once.
 *
 * A permit is the command's array itself, valid by its identity, and only while its gate waits for this one exchange: it can be neither
 * hoarded nor sent late, and nothing between gate and card can repeat a VERIFY. What is sent are the bytes that the gate judged,
 * whatever was done to the array since.
 */
public object Permits {
    private val valid = ArrayList<Issued>()

    /**
     * Use up the permit of a command: the last thing before its bytes leave for the card.
     *
     * @param command what `transmit` was given, the object itself
     * @param card what stands for the card at the bottom of this stack, always the same object
     * @return the bytes to send
     * @throws GateError no gate waits for this exchange, the permit was used before, the gate is bound to another card, or the card was
     *   reset; nothing may be sent
     * @throws DomainBusy the card has another open session; nothing may be sent
     */
    public fun redeem(command: ByteArray, card: CardSlot): ByteArray {
        val issued = Slots.locked { valid.firstOrNull { it.permit === command }?.also(valid::remove) }
        if (issued == null) throw GateError(NOT_PERMITTED)
        issued.binding.bind(card, selects = issued.judged.size > 2 && issued.judged[1] == 0xA4.toByte() && issued.judged[2].toInt() == 4)
        issued.redeemed = true
        return issued.judged.copyOf()
    }

    /** Note that a card has lost its power: the last thing that the `reset` of a bottom link does. */
    public fun wasReset(card: CardSlot): Unit = Slots.wasReset(card)

    /** The same as [redeem] for a link that reaches no card (a replay), and takes plain bytes too. */
    internal fun redeemIfPermitted(command: ByteArray, card: CardSlot): ByteArray =
        if (Slots.locked { valid.any { it.permit === command } }) redeem(command, card) else command.copyOf()

    internal fun issue(issued: Issued) = Slots.locked { valid.add(issued) }

    internal fun withdraw(issued: Issued) = Slots.locked { valid.remove(issued) }

    private val NOT_PERMITTED =
        Text(
            "No gate waits for this command, or its permit was used before. It was not sent; use a session.",
            "ゲートが許可していないか、許可が使用済みのコマンドです。送信していません。セッションを使ってください。",
        )
}

/** A permit whose gate is in its exchange. Its bytes are copied twice, so that neither caller nor link can change what was judged. */
internal class Issued(command: ByteArray, val binding: Binding) {
    val permit: ByteArray = command.copyOf()
    val judged: ByteArray = command.copyOf()

    @Volatile var redeemed = false
}

/** Holds a link for one gate, and issues that gate's permits: one at a time. */
internal class PermitIssuer(private val link: Link) {
    private val binding = Binding()

    /** Take the link. The card is reset first where the last session could not do it. */
    suspend fun open(holder: Any) = Claims.claim(link, holder)

    /** One exchange: the permit is valid within it. [goesBy]: whether an answer tells what the card is in. */
    suspend fun exchange(command: ByteArray, goesBy: (ByteArray) -> Boolean): ByteArray {
        val issued = Issued(command, binding)
        Permits.issue(issued)
        try {
            val answer = link.transmit(issued.permit)
            if (goesBy(answer)) binding.astray = binding.astray || !issued.redeemed
            return answer
        } finally {
            Permits.withdraw(issued)
        }
    }

    /** Take the power from the card: through the link, and at the bottom itself where the link did not do it. */
    suspend fun resetCard() {
        val card = binding.card
        if (card == null || card === link) {
            link.reset()
            return
        }
        val before = binding.resets
        try {
            link.reset()
        } catch (error: CancellationException) {
            throw error
        } catch (_: Exception) {
            // whatever a wrapper does, the card itself is asked next
        }
        if (binding.resets == before) card.reset()
    }

    /** Reset the card, give link and card back. A card that turned out to be another session's is left alone. */
    suspend fun release(holder: Any) {
        if (binding.refused && binding.card == null) {
            Claims.leave(link, holder)
            return
        }
        var dirty = true
        try {
            Claims.release(link, holder, binding.card, ::resetCard)
            dirty = false
        } finally {
            binding.free(dirty)
        }
    }
}

/** Who has a link: one open session on each link object, and what is remembered of it between sessions. */
internal object Claims {
    private class State {
        var holder: WeakReference<Any>? = null
        var dirty = false
        var card: WeakReference<CardSlot>? = null
    }

    private val states = WeakIdentityMap<State>()

    suspend fun claim(link: Link, holder: Any) {
        val dirty =
            Slots.locked {
                val state = states.getOrPut(link, ::State)
                state.holder?.let {
                    if (it.get() != null) throw DomainBusy()
                    state.dirty = true
                }
                val card = state.card?.get()
                if (state.dirty && card != null && Slots.isHeld(card)) throw DomainBusy()
                state.holder = WeakReference(holder)
                state.dirty
            }
        if (!dirty) return
        try {
            link.reset()
            Slots.locked { states.getOrPut(link, ::State).dirty = false }
        } catch (error: Exception) {
            leave(link, holder)
            throw error
        }
    }

    suspend fun release(link: Link, holder: Any, card: CardSlot?, reset: suspend () -> Unit) {
        val held =
            Slots.locked {
                val state = states.getOrPut(link, ::State)
                val held = state.holder?.get() === holder
                if (held) {
                    state.card = card?.let(::WeakReference)
                    state.dirty = true
                }
                held
            }
        if (!held) return
        try {
            reset()
            Slots.locked { states.getOrPut(link, ::State).dirty = false }
        } finally {
            leave(link, holder)
        }
    }

    /** Give the link back without a reset. */
    fun leave(link: Link, holder: Any) =
        Slots.locked {
            val state = states.getOrPut(link, ::State)
            if (state.holder?.get() === holder) state.holder = null
        }
}

