/** What the card is in, as far as the commands that passed the gate and their answers tell; and what a command does to it. */
import { data } from "../generated.js";
import type { Text } from "../text.js";
import type { CredentialKind } from "../values/numbers.js";

export const LOWEST_FLOOR: number = data.floor.lowest;
const UNCOUNTED = 16; // a key without a limit: more than 63Cx can say

/** What follows from the success of a command. */
export type Effect = "none" | "select-domain" | "select-ef" | "counter" | "verify" | "session-key";

/** A command that may pass. */
export interface Allowed {
  /** Instruction and target, for the audit; it holds no data byte. */
  readonly what: string;
  readonly effect: Effect;
  /** The file that becomes the current one. */
  readonly ef?: number | null;
  /** The credential that is presented. */
  readonly kind?: CredentialKind;
  /** The short id of the key that it is about. */
  readonly key?: number;
}

const said = data.gate_reasons;

export class CardState {
  /** SELECT DF succeeded, and nothing was lost since. */
  selected = false;
  /** The current EF; `null` where it is not sure. */
  current: number | null = null;
  /** Credentials that the card accepted by VERIFY with data. */
  readonly verified = new Set<CredentialKind>();
  /** By key, what the card has answered to the question for its tries since the last VERIFY. */
  readonly tries = new Map<number, number>();
  /** The last answer was `61xx`. */
  more = false;
  /** A session key is set. */
  secure = false;

  /** Nobody knows what the card is in: start from SELECT. */
  forget(): void {
    this.selected = this.more = this.secure = false;
    this.current = null;
    this.verified.clear();
    this.tries.clear();
  }

  /** Why a credential is not presented now; `null` where it may be, and for any command that presents none. */
  whyNotPresented(allowed: Allowed, allowLastTry: boolean): Text | null {
    if (allowed.kind === undefined) return null;
    const left = this.tries.get(allowed.key ?? 0);
    if (left === undefined) return said.NOT_ASKED;
    if (left === 0) return said.BLOCKED;
    return left < LOWEST_FLOOR && !allowLastTry ? said.LAST_TRY : null;
  }

  /** Give up what a command may change, so that only its success brings it back. */
  before(allowed: Allowed): void {
    this.more = false;
    if (allowed.effect === "select-domain") this.forget();
    if (allowed.effect !== "none") this.current = null;
    if (allowed.kind !== undefined) {
      this.verified.delete(allowed.kind);
      this.tries.clear();
    }
    if (allowed.effect === "session-key") this.secure = false;
  }

  /** Take what the answer says. */
  after(allowed: Allowed, statusWord: number): void {
    const done = statusWord === 0x9000;
    this.more = statusWord >> 8 === 0x61;
    if (statusWord === 0x6988 || statusWord === 0x69fc) this.secure = false;
    const ef = allowed.ef ?? null;
    switch (allowed.effect) {
      case "select-domain":
        this.selected = done;
        break;
      case "select-ef":
        if (done || statusWord === 0x6282 || this.more) this.current = ef;
        break;
      case "counter":
        this.current = ef;
        this.#takeTries(allowed.key ?? 0, statusWord);
        break;
      case "verify":
        this.current = ef;
        if (done && allowed.kind !== undefined) this.verified.add(allowed.kind);
        break;
      case "session-key":
        this.secure = done;
        break;
      default:
        break;
    }
  }

  #takeTries(key: number, statusWord: number): void {
    this.tries.delete(key);
    if (statusWord === 0x6300) this.tries.set(key, UNCOUNTED);
    else if ((statusWord & 0xfff0) === 0x63c0) this.tries.set(key, statusWord & 0x0f);
  }
}
