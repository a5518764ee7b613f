/**
 * Smart-card readers through PC/SC, by the package `smartcard`: contact readers, and contactless ones that speak ISO 14443 Type B. It is an
 * optional dependency, loaded when a reader is asked for. Browsers cannot do this: readers (CCID) are a class that WebUSB protects.
 */
import { type ErrorCode, linkError, MnverifyError } from "../core/errors.js";
import { type Link, type LinkCapabilities, newCapabilities } from "../core/link/link.js";
import { type CardSlot, redeem, wasReset } from "../core/link/permit.js";
import type { Text } from "../core/text.js";

/** What is used of `smartcard`. */
interface Native {
  readonly Context: new () => NativeContext;
  readonly SCARD_SHARE_EXCLUSIVE: number;
  readonly SCARD_PROTOCOL_T0: number;
  readonly SCARD_PROTOCOL_T1: number;
  readonly SCARD_UNPOWER_CARD: number;
  readonly SCARD_STATE_PRESENT: number;
  readonly SCARD_STATE_MUTE: number;
}
interface NativeContext {
  listReaders(): NativeReader[];
  waitForChange(readers: readonly { name: string; state: number }[], timeout: number): Promise<readonly { state: number }[] | null>;
  cancel(): void;
  close(): void;
}
interface NativeReader {
  readonly name: string;
  readonly state: number;
  connect(shareMode: number, protocol: number): Promise<NativeCard>;
}
interface NativeCard {
  readonly protocol: number;
  transmit(command: Buffer, options: { maxRecvLength: number }): Promise<Buffer>;
  disconnect(disposition: number): void;
  reconnect(shareMode: number, protocol: number, initialization: number): Promise<number>;
}

const LONGEST_ANSWER = 65_540;
const DEADLINE = 30_000; // of one exchange, in milliseconds
const SLICE = 500; // of a wait for a card, so that it can be given up

const SAID: Readonly<Record<string, Text>> = {
  "no-reader": {
    en: "There is no such reader, or it was unplugged. Plug it in and try again.",
    ja: "読み取り機がないか、取り外されました。接続してやり直してください。",
  },
  "no-card": {
    en: "There is no card on the reader. Nothing was read; put one My Number Card on it and try again.",
    ja: "読み取り機にカードがありません。何も読んでいません。マイナンバーカードを1枚だけ置いてやり直してください。",
  },
  "card-lost": {
    en: "The card was lost in mid-session. Nothing that was read is used; put the card back and start again.",
    ja: "処理の途中でカードとの通信が切れました。読み取った内容は使いません。置き直して最初からやり直してください。",
  },
  "service-not-running": {
    en: "The PC/SC service does not run. Start it (on Linux: systemctl start pcscd) and try again.",
    ja: "PC/SC サービスが動いていません。起動（Linux では systemctl start pcscd）してやり直してください。",
  },
  "reader-in-use": {
    en: "Another program holds the reader. Close it and try again.",
    ja: "別のプログラムが読み取り機を使用中です。終了してからやり直してください。",
  },
  "link-timeout": {
    en: "The card did not answer in time. Put the card on the reader again.",
    ja: "時間内にカードが応答しませんでした。カードを置き直してください。",
  },
};

/** The native part tells a cause by one of these sentences alone, and by no number. What is not here is the loss of the card. */
const CAUSES: ReadonlyMap<string, ErrorCode> = new Map([
  ["PC/SC service not running", "service-not-running"],
  ["PC/SC service stopped", "service-not-running"],
  ["Invalid handle", "card-lost"],
  ["No smart card present", "no-card"],
  ["Unknown reader", "no-reader"],
  ["Reader unavailable", "no-reader"],
  ["No readers available", "no-reader"],
  ["Sharing violation", "reader-in-use"],
  ["Operation timed out", "link-timeout"],
]);

function said(code: ErrorCode): MnverifyError {
  return linkError(code, SAID[code] ?? SAID["card-lost"]!);
}

async function mapped<T>(call: () => T | Promise<T>, otherwise: ErrorCode): Promise<T> {
  let code: ErrorCode;
  try {
    return await call();
  } catch (error) {
    if (error instanceof MnverifyError) throw error;
    code = CAUSES.get(error instanceof Error ? error.message : "") ?? otherwise;
  }
  throw said(code); // outside: the native error is not kept
}

async function native(): Promise<Native> {
  try {
    const found = (await import("smartcard" as string)) as { default?: Native } & Native;
    return found.Context === undefined ? found.default! : found;
  } catch {
    throw linkError("no-reader", {
      en: "This needs the package smartcard, which is not installed or was not built. Nothing was done.",
      ja: "smartcard パッケージがインストール（ビルド）されていないため、実行していません。",
    });
  }
}

/** The names of the readers here. */
export async function listReaders(): Promise<string[]> {
  const pcsc = await native();
  return mapped(() => {
    const context = new pcsc.Context();
    try {
      return context.listReaders().map((reader) => reader.name);
    } finally {
      context.close();
    }
  }, "service-not-running");
}

/**
 * Open a reader.
 *
 * @param which its name, the beginning of it, or its index; default the first
 * @throws MnverifyError `no-reader`, `service-not-running`
 */
export async function openReader(which: string | number = 0): Promise<PcscReader> {
  const pcsc = await native();
  const context = await mapped(() => new pcsc.Context(), "service-not-running");
  try {
    const names = await mapped(() => context.listReaders().map((reader) => reader.name), "no-reader");
    const index = typeof which === "number" ? which : /^[0-9]{1,3}$/.test(which) ? Number(which) : -1;
    const name = names[index] ?? names.find((one) => one === which) ?? names.find((one) => index < 0 && one.startsWith(String(which)));
    if (name === undefined) throw said("no-reader");
    return new PcscReader(pcsc, context, name);
  } catch (error) {
    context.close();
    throw error;
  }
}

/** One reader: waits for a card, gives links to it. All its links share one card slot, and what the reader was found to carry. */
export class PcscReader {
  readonly name: string;
  readonly capabilities: LinkCapabilities = newCapabilities();
  readonly #pcsc: Native;
  readonly #context: NativeContext;
  readonly #slot = new ReaderSlot();
  #closed = false;

  constructor(pcsc: Native, context: NativeContext, name: string) {
    this.#pcsc = pcsc;
    this.#context = context;
    this.name = name;
  }

  /** Whether a card came within so many milliseconds. */
  async waitForCard(milliseconds: number): Promise<boolean> {
    return this.#waitFor((present) => present, milliseconds);
  }

  /** Whether the card left within so many milliseconds. */
  async waitForRemoval(milliseconds: number): Promise<boolean> {
    return this.#waitFor((present) => !present, milliseconds);
  }

  /**
   * Take the card, for this program alone.
   *
   * @throws MnverifyError `no-card`, `reader-in-use`, `no-reader`, `service-not-running`
   */
  async connect(deadline: number = DEADLINE): Promise<PcscLink> {
    const { SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_T0, SCARD_PROTOCOL_T1 } = this.#pcsc;
    const card = await mapped(() => this.#find().connect(SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1), "no-card");
    return new PcscLink(this.#pcsc, card, this.#slot, this.name, this.capabilities, deadline);
  }

  /** Let go of the reader. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#context.close();
  }

  #find(): NativeReader {
    const found = this.#context.listReaders().find((reader) => reader.name === this.name);
    if (found === undefined) throw said("no-reader");
    return found;
  }

  async #waitFor(wanted: (present: boolean) => boolean, milliseconds: number): Promise<boolean> {
    const until = Date.now() + milliseconds;
    const { SCARD_STATE_PRESENT, SCARD_STATE_MUTE } = this.#pcsc;
    const usable = (state: number): boolean => (state & SCARD_STATE_PRESENT) !== 0 && (state & SCARD_STATE_MUTE) === 0;
    for (;;) {
      const { state } = await mapped(() => this.#find(), "no-reader");
      if (wanted(usable(state))) return true;
      const left = until - Date.now();
      if (left <= 0) return false;
      await mapped(() => this.#context.waitForChange([{ name: this.name, state }], Math.min(left, SLICE)), "no-reader");
    }
  }
}

/** The card at the bottom: it is reset through the link that has it now. */
class ReaderSlot implements CardSlot {
  link: PcscLink | null = null;

  async reset(): Promise<void> {
    if (this.link === null) throw said("card-lost");
    await this.link.reset();
  }
}

/** A way to one card over PC/SC. */
export class PcscLink implements Link {
  readonly readerName: string;
  readonly capabilities: LinkCapabilities;
  readonly #pcsc: Native;
  readonly #card: NativeCard;
  readonly #slot: ReaderSlot;
  readonly #deadline: number;
  #dead: ErrorCode | null = null;
  #closed = false;

  constructor(pcsc: Native, card: NativeCard, slot: ReaderSlot, readerName: string, capabilities: LinkCapabilities, deadline: number) {
    this.#pcsc = pcsc;
    this.#card = card;
    this.#slot = slot;
    this.#deadline = deadline;
    this.readerName = readerName;
    this.capabilities = capabilities;
    slot.link = this;
  }

  async transmit(command: Uint8Array): Promise<Uint8Array> {
    if (this.#dead !== null || this.#closed) throw said(this.#dead ?? "card-lost");
    const raw = Buffer.from(redeem(command, this.#slot));
    try {
      const sent = mapped(() => this.#card.transmit(raw, { maxRecvLength: LONGEST_ANSWER }), "card-lost");
      const answer = await withDeadline(sent, this.#deadline);
      const content = new Uint8Array(answer);
      answer.fill(0);
      return content;
    } catch (error) {
      this.#dead = (error as MnverifyError).code;
      throw error;
    } finally {
      raw.fill(0);
    }
  }

  /** Take the power from the card. */
  async reset(): Promise<void> {
    if (this.#closed) throw said("card-lost");
    const { SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_T0, SCARD_PROTOCOL_T1, SCARD_UNPOWER_CARD } = this.#pcsc;
    const done = mapped(
      () => this.#card.reconnect(SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, SCARD_UNPOWER_CARD),
      "card-lost",
    );
    await withDeadline(done, this.#deadline);
    this.#dead = null;
    wasReset(this.#slot);
  }

  /** Take the power from the card and let go of it. Closing again does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#card.disconnect(this.#pcsc.SCARD_UNPOWER_CARD);
    } catch {
      return; // the card has gone, or nobody knows: the next session resets it first
    }
    if (this.#slot.link === this) wasReset(this.#slot);
  }
}

/** An exchange cannot be cancelled; who waits for it is told after so long, and the link is dead. */
async function withDeadline<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(said("link-timeout")), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
