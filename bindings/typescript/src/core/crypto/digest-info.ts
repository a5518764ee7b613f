/** DigestInfo (RFC 8017 §9.2) with SHA-256, in the two forms of the card: over one digest, and over three in a row. */
import { concat } from "../bytes.js";
import type { Crypto } from "./crypto.js";

const ALGORITHM = Uint8Array.of(0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00);

/** The DigestInfo whose OCTET STRING holds 32 bytes of one digest, or the 96 of the card face's three. */
export function digestInfo(octets: Uint8Array): Uint8Array {
  if (octets.length > 96) throw new RangeError("too many octets for a DigestInfo of a card");
  return concat(Uint8Array.of(0x30, ALGORITHM.length + 2 + octets.length), ALGORITHM, Uint8Array.of(0x04, octets.length), octets);
}

/** The 51 bytes that the card signs to answer a challenge: DigestInfo(SHA-256(challenge)). */
export async function challengeDigestInfo(crypto: Pick<Crypto, "sha256">, challenge: Uint8Array): Promise<Uint8Array> {
  return digestInfo(await crypto.sha256(challenge));
}
