package mnverify.link

import mnverify.DomainBusy
import mnverify.GateError
import mnverify.Text
import java.lang.ref.WeakReference

/** A map by identity that holds neither its keys nor what they lead to alive. Guarded by the caller. */
internal class WeakIdentityMap<V> {
    private val entries = ArrayList<Pair<WeakReference<Any>, V>>()

    fun getOrPut(key: Any, make: () -> V): V {
        entries.removeAll { it.first.get() == null }
        return entries.firstOrNull { it.first.get() === key }?.second
            ?: make().also { entries.add(WeakReference(key) to it) }
    }
}

/** For the gate alone: the card was left by another session as it was. It was bound, and nothing was sent. */
internal class ResetFirst :
    GateError(
        Text(
            "The card has not been reset since the last session. Nothing was sent; put the card on the reader again.",
            "前のセッションの後、カードがリセットされていません。何も送っていません。カードを置き直してください。",
        ),
    )

/**
 * What is known of one card slot.
 *
 * @property holder the open gate's binding; a dead reference where a gate was lost without being closed
 * @property dirty the card may hold what an earlier session has verified
 * @property resets how often the card lost its power while anyone looked
 */
internal class Slot {
    var holder: WeakReference<Binding>? = null
    var dirty = false
    var resets = 0
}

/** Which card stands at the bottom of a link, and which gate has it: one open session on one card. */
internal object Slots {
    private val slots = WeakIdentityMap<Slot>()

    fun of(card: CardSlot): Slot = slots.getOrPut(card) { Slot() }

    @Synchronized
    fun <T> locked(work: () -> T): T = work()

    fun wasReset(card: CardSlot) =
        locked {
            val slot = of(card)
            slot.resets++
            slot.dirty = false
            if (slot.holder != null && slot.holder?.get() == null) slot.holder = null // the gate that nobody closed is made up for
        }

    fun isHeld(card: CardSlot): Boolean = locked { of(card).holder?.get() != null }
}

/**
 * The card that one gate was bound to by its first exchange.
 *
 * @property card the card; `null` where nothing was redeemed yet
 * @property refused the card had another open gate
 * @property astray a command of this gate that changes what the card is in was answered by something above the card, which never saw
 *   it. Nothing more reaches the card.
 */
internal class Binding {
    var card: CardSlot? = null
        private set
    var refused = false
        private set

    @Volatile var astray = false
    private var slot: Slot? = null
    private var seen = 0

    /** How often the card lost its power so far; 0 where no card is known. */
    val resets: Int get() = Slots.locked { slot?.resets ?: 0 }

    /** Bind the gate to a card, or see that it is the same one, and in the state that the gate knows. */
    fun bind(to: CardSlot, selects: Boolean) =
        Slots.locked {
            if (astray) throw GateError(ASTRAY)
            val its = Slots.of(to)
            if (slot == null) take(its, to) else if (slot !== its) throw GateError(ANOTHER_CARD)
            if (its.dirty) throw ResetFirst() // also where something in between kept the first refusal to itself
            if (its.resets != seen && !selects) throw GateError(NOT_SELECTED)
            seen = its.resets
        }

    private fun take(its: Slot, to: CardSlot) {
        its.holder?.let { holder ->
            if (holder.get() != null) {
                refused = true
                throw DomainBusy()
            }
            its.dirty = true // a gate that nobody closed
        }
        its.holder = WeakReference(this)
        slot = its
        card = to
    }

    /** Give the card back. [dirty]: it could not be reset; the next gate has to do it. */
    fun free(dirty: Boolean) =
        Slots.locked {
            val its = slot
            slot = null
            card = null
            if (its != null && its.holder?.get() === this) {
                its.holder = null
                its.dirty = its.dirty || dirty
            }
        }

    private companion object {
        val ANOTHER_CARD =
            Text(
                "The command was permitted for another card. It was not sent; one session talks to one card.",
                "別のカードに対して許可されたコマンドです。送信していません。1つのセッションで扱うカードは1枚だけです。",
            )
        val ASTRAY =
            Text(
                "Something between this session and the card answered a command in the card's place. The command was not sent; " +
                    "open a new session, over a link that passes every command on.",
                "このセッションとカードの間で、カードの代わりに応答したものがあります。送信していません。" +
                    "すべてのコマンドをカードへ渡すリンクで、セッションを開き直してください。",
            )
        val NOT_SELECTED =
            Text(
                "The card was reset since the last command of this session. The command was not sent; open a new session.",
                "このセッションの途中でカードがリセットされました。送信していません。セッションを開き直してください。",
            )
    }
}
