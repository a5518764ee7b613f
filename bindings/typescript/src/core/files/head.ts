/** The card's public key in the first bytes of a record: enough of a torn reading to know the card again. */
import { isError } from "../errors.js";
import { cardKey, type CardKey } from "./fields.js";
import { keyTag } from "./records.js";
import { HEADER_BYTES, readTlv, valueStart } from "./tlv.js";

/** The card's key, if the layout has one and the bytes reach so far. Nothing is verified. */
export function keyInHead(layout: string, head: Uint8Array): CardKey | null {
  const wanted = keyTag(layout);
  if (wanted === undefined || head.length < HEADER_BYTES) return null;
  try {
    let at = valueStart(head, "head");
    for (let n = 0; n < 4; n++) {
      const found = readTlv(head, at, head.length, "head");
      if (found.tag === wanted) return cardKey(found, "head");
      at = found.end;
    }
  } catch (error) {
    if (!isError(error)) throw error;
  }
  return null;
}
