/**
 * The link of a phone, by interface: nothing of React Native is imported, so that any package that can exchange ISO-DEP frames will do. In
 * Android that is `IsoDep`, in iOS a `NFCISO7816Tag` (with the AIDs of the two applications in `Info.plist`).
 */
import { cardLost, linkError, MnverifyError } from "../core/errors.js";
import { type Link, type LinkCapabilities, newCapabilities } from "../core/link/link.js";
import { redeem, wasReset } from "../core/link/permit.js";

/** What is asked of the phone's NFC package. Each of the two may reject with anything: it is taken for the loss of the card. */
export interface IsoDep {
  /** Send one command APDU, give the answer with its two status bytes. `NfcManager.isoDepHandler.transceive` takes and gives `number[]`. */
  transceive(command: number[]): Promise<readonly number[] | Uint8Array>;
  /**
   * Let go of the card, so that it loses its power or is deselected, and forgets what was verified: `NfcManager.cancelTechnologyRequest`. The
   * link is over after it: a phone needs another tap.
   */
  close(): Promise<unknown>;
  /** Set time-outs of at least five seconds before: `NfcManager.isoDepHandler`/`IsoDep.setTimeout`, or phones say "Tag was lost". */
  readonly maxTransceiveLength?: number;
}

/** A way to one card in the phone's field; one for each tap. */
export class IsoDepLink implements Link {
  readonly readerName: string;
  readonly capabilities: LinkCapabilities;
  readonly #isoDep: IsoDep;
  #over = false;

  /**
   * @param capabilities keep one object for the phone, so that what it carries is learnt once
   */
  constructor(isoDep: IsoDep, readerName = "NFC", capabilities: LinkCapabilities = newCapabilities()) {
    this.#isoDep = isoDep;
    this.readerName = readerName;
    this.capabilities = capabilities;
    const most = isoDep.maxTransceiveLength;
    if (most !== undefined && most < 300) capabilities.extended = false;
  }

  async transmit(command: Uint8Array): Promise<Uint8Array> {
    if (this.#over) throw cardLost();
    const raw = Array.from(redeem(command, this));
    let answer: readonly number[] | Uint8Array | null = null;
    try {
      answer = await this.#isoDep.transceive(raw);
    } catch (error) {
      if (error instanceof MnverifyError) throw error;
    } finally {
      raw.fill(0);
    }
    if (answer !== null && answer.length >= 2) return Uint8Array.from(answer);
    this.#over = true;
    throw answer === null
      ? cardLost()
      : linkError("link-timeout", {
          en: "The card did not answer in time. Hold the phone still on the card and try again.",
          ja: "時間内にカードが応答しませんでした。カードにスマートフォンを当てたまま動かさず、やり直してください。",
        });
  }

  async reset(): Promise<void> {
    this.#over = true;
    try {
      await this.#isoDep.close();
    } catch {
      throw cardLost();
    }
    wasReset(this);
  }
}
