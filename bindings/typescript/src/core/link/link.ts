/** What is asked of a reader: one method to exchange, one to reset, and what is remembered of what it carries. */

/**
 * A way to one powered card. A reader of your own knows nothing else of a card:
 *
 * - `transmit` calls {@link redeem} with the command *as the object that it was given*, and sends what comes back, at once and never again.
 *   A wrapper around another link passes the object on.
 * - it maps every foreign error once, at this edge, to a `MnverifyError` below `link`. `link-corrupt` means that this exchange failed, and it
 *   alone; after any other the link is dead until `reset`.
 * - `reset` takes the power from the card, or throws, and then calls {@link wasReset}.
 * - it logs no command and no answer: VERIFY carries the credential.
 */
export interface Link {
  /** Send one command APDU; the response data and the two status bytes. */
  transmit(command: Uint8Array): Promise<Uint8Array>;
  /** Take the power from the card, so that it forgets the application selected and the credentials verified. */
  reset(): Promise<void>;
  /** The reader's name, for the evidence. */
  readonly readerName?: string;
  /** What the reader was found to carry; one object for all links of a reader. */
  readonly capabilities?: LinkCapabilities;
}

/** What a reader was found to carry; learnt by the first read, remembered for the next. */
export interface LinkCapabilities {
  /** Extended-length commands and answers; `null` until it is known. */
  extended: boolean | null;
  /** Most bytes to ask for in a short read: 256, or less where a reader cuts an answer that long. */
  maxShort: number;
  /** Sessions in a row in which an extended answer broke after extended length had worked. */
  doubts: number;
}

export function newCapabilities(): LinkCapabilities {
  return { extended: null, maxShort: 256, doubts: 0 };
}
