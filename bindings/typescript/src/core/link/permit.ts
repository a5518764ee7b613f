/**
 * Permits: what a gate has let through, for one exchange, on one card, once.
 *
 * Which command is valid at this moment is written down here, by the identity of the object, so that nothing about a permit can be copied,
 * kept, altered or moved to another command. The lowest code of each reader redeems it in the moment of sending. Whatever stands between
 * gate and reader: a permit is valid only while its gate waits for this exchange; it is redeemed once; its gate is bound to the card
 * of its first exchange, and a card to one open gate; and what the gate knows of the card is so.
 */
import { cardLost, domainBusy, gateError, MnverifyError } from "../errors.js";
import { type Link, type LinkCapabilities, newCapabilities } from "./link.js";

/** What stands for one card at the bottom of a stack: always the same object. */
export interface CardSlot {
  reset(): Promise<void>;
}

interface Slot {
  holder: Binding | null;
  /** The card may hold what an earlier session has verified. */
  dirty: boolean;
  resets: number;
}

interface Issued {
  readonly content: Uint8Array;
  readonly binding: Binding;
  valid: boolean;
  card: CardSlot | null;
}

interface LinkState {
  holder: object | null;
  /** The card has to be reset before the next session. */
  dirty: boolean;
  card: CardSlot | null;
  readonly capabilities: LinkCapabilities;
}

const slots = new WeakMap<CardSlot, Slot>();
const links = new WeakMap<Link, LinkState>();
const permits = new WeakMap<Uint8Array, Issued>();

function slotOf(card: CardSlot): Slot {
  let slot = slots.get(card);
  if (slot === undefined) slots.set(card, (slot = { holder: null, dirty: false, resets: 0 }));
  return slot;
}

function stateOf(link: Link): LinkState {
  let state = links.get(link);
  if (state === undefined) links.set(link, (state = { holder: null, dirty: false, card: null, capabilities: newCapabilities() }));
  return state;
}

/**
 * Use up the permit of a command: the last thing before its bytes leave for the card.
 *
 * @param command what `transmit` was given, the object itself
 * @param card what stands for the card at the bottom of this stack, always the same object: usually the link
 * @returns the bytes to send
 * @throws MnverifyError `gate-refused`, `domain-busy`: the permit is void, and nothing may be sent
 */
export function redeem(command: Uint8Array, card: CardSlot): Uint8Array {
  const issued = permits.get(command);
  if (issued === undefined || !issued.valid) {
    throw gateError(
      "No gate waits for this command, or its permit was used before. It was not sent; use a session.",
      "ゲートが許可していないか、許可が使用済みのコマンドです。送信していません。セッションを使ってください。",
    );
  }
  issued.valid = false;
  issued.binding.bind(card, issued.content[1] === 0xa4 && issued.content[2] === 0x04);
  issued.card = card;
  return issued.content.slice();
}

/** Note that a card has lost its power: the last thing that the `reset` of a bottom link does. */
export function wasReset(card: CardSlot): void {
  const slot = slotOf(card);
  slot.resets++;
  slot.dirty = false;
}

/** The card was left by another session as it was. It was bound, and nothing was sent. For the gate alone. */
export class ResetFirst extends MnverifyError {
  constructor() {
    super("gate-refused", {
      en: "The card has not been reset since the last session. Nothing was sent; put the card on the reader again.",
      ja: "前のセッションの後、カードがリセットされていません。何も送っていません。カードを置き直してください。",
    });
  }
}

/** The card that one gate was bound to by its first exchange. */
class Binding {
  card: CardSlot | null = null;
  refused = false;
  /** Something above the card has answered in its place: nothing more reaches the card. */
  astray = false;
  #slot: Slot | null = null;
  #resets = 0;

  get resets(): number {
    return this.#slot?.resets ?? 0;
  }

  bind(card: CardSlot, selects: boolean): void {
    if (this.astray) {
      throw gateError(
        "Something between this session and the card answered a command in the card's place. The command was not sent; open a new session, " +
          "over a link that passes every command on.",
        "このセッションとカードの間で、カードの代わりに応答したものがあります。送信していません。" +
          "すべてのコマンドをカードへ渡すリンクで、セッションを開き直してください。",
      );
    }
    const slot = slotOf(card);
    if (this.#slot === null) this.#take(slot, card);
    else if (this.#slot !== slot) {
      throw gateError(
        "The command was permitted for another card. It was not sent; one session talks to one card.",
        "別のカードに対して許可されたコマンドです。送信していません。1つのセッションで扱うカードは1枚だけです。",
      );
    }
    if (slot.dirty) throw new ResetFirst();
    if (slot.resets !== this.#resets && !selects) {
      throw gateError(
        "The card was reset since the last command of this session. The command was not sent; open a new session.",
        "このセッションの途中でカードがリセットされました。送信していません。セッションを開き直してください。",
      );
    }
    this.#resets = slot.resets;
  }

  #take(slot: Slot, card: CardSlot): void {
    if (slot.holder !== null) {
      this.refused = true;
      throw domainBusy();
    }
    slot.holder = this;
    this.#slot = slot;
    this.card = card;
  }

  free(dirty: boolean): void {
    const slot = this.#slot;
    this.#slot = this.card = null;
    if (slot?.holder === this) {
      slot.holder = null;
      slot.dirty ||= dirty;
    }
  }
}

/** Holds a link for one gate, and issues that gate's permits: one at a time, each after the gate has judged the command. */
export class PermitIssuer {
  readonly #link: Link;
  readonly #gate: object;
  readonly #binding = new Binding();
  #current: Issued | null = null;

  private constructor(link: Link, gate: object) {
    this.#link = link;
    this.#gate = gate;
  }

  /**
   * Take the link for one open session. The card is reset first where the last session could not do it.
   *
   * @throws MnverifyError `domain-busy`, or below `link`: a reset was needed and failed
   */
  static async claim(link: Link, gate: object): Promise<PermitIssuer> {
    const state = stateOf(link);
    if (state.holder !== null) throw domainBusy();
    state.holder = gate;
    try {
      if (state.dirty) {
        if (state.card !== null && slotOf(state.card).holder !== null) throw domainBusy();
        await mapped(() => link.reset());
        state.dirty = false;
      }
    } catch (error) {
      state.holder = null;
      throw error;
    }
    return new PermitIssuer(link, gate);
  }

  /** What the link was found to carry. */
  get capabilities(): LinkCapabilities {
    return this.#link.capabilities ?? stateOf(this.#link).capabilities;
  }

  /** One exchange: the command is valid while it lasts, and not longer. */
  async exchange(content: Uint8Array): Promise<Uint8Array> {
    const permit = content.slice();
    const issued: Issued = { content: content.slice(), binding: this.#binding, valid: true, card: null };
    permits.set(permit, issued);
    this.#current = issued;
    try {
      return await mapped(() => this.#link.transmit(permit));
    } finally {
      issued.valid = false;
      issued.content.fill(0);
      permit.fill(0);
    }
  }

  /** After an answer that the gate goes by: see whether it can be the card's. */
  checkRedeemed(): void {
    if (this.#current?.card === null) this.#binding.astray = true;
  }

  /** Take the power from the card: through the link, and at the bottom itself where the link did not do it. */
  async resetCard(): Promise<void> {
    const { card, resets } = this.#binding;
    if (card === null || (card as unknown) === this.#link) {
      await mapped(() => this.#link.reset());
      return;
    }
    try {
      await this.#link.reset();
    } catch {
      // whatever a wrapper does, the card itself is asked next
    }
    if (this.#binding.resets === resets) await mapped(() => card.reset());
  }

  /** Reset the card, give link and card back. Where the reset fails, the next session has to do it. */
  async release(): Promise<void> {
    const state = stateOf(this.#link);
    if (state.holder !== this.#gate) return;
    if (this.#binding.refused && this.#binding.card === null) {
      state.holder = null;
      return;
    }
    state.card = this.#binding.card;
    state.dirty = true;
    try {
      await this.resetCard();
      state.dirty = false;
    } finally {
      state.holder = null;
      this.#binding.free(state.dirty);
    }
  }
}

/** What a link throws that maps nothing itself becomes the loss of the card: its message could hold what was sent. */
async function mapped<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof MnverifyError) throw error;
  }
  throw cardLost();
}
