/** The one place that decides whether a signature of a card or an authority holds. */
import { SCHEME } from "../values/profile.js";
import type { Crypto } from "./crypto.js";
import { digestInfo } from "./digest-info.js";

export interface RsaKey {
  readonly exponent: number;
  /** Big-endian. */
  readonly modulus: Uint8Array;
}

/** Whether the scheme accepts such a key: full size, odd modulus, the one exponent. */
export function acceptable({ modulus, exponent }: RsaKey): boolean {
  const first = modulus.findIndex((byte) => byte !== 0);
  if (first < 0) return false;
  const bits = 8 * (modulus.length - first - 1) + (32 - Math.clz32(modulus[first]!));
  return bits >= SCHEME.keyBits && (modulus.at(-1)! & 1) === 1 && exponent === SCHEME.exponent;
}

/** Whether a signature is the key's over the message (one DigestInfo of the message's digest). */
export async function messageSigned(crypto: Crypto, key: RsaKey, signature: Uint8Array, message: Uint8Array): Promise<boolean> {
  return digestsSigned(crypto, key, signature, await crypto.sha256(message));
}

/** Whether a signature is the key's over one DigestInfo whose OCTET STRING is `digests` as it stands. */
export async function digestsSigned(crypto: Crypto, key: RsaKey, signature: Uint8Array, digests: Uint8Array): Promise<boolean> {
  if (signature.length !== SCHEME.signatureLength) return false;
  return (await crypto.rsaSigned(key.modulus, key.exponent, signature, digestInfo(digests))) === true;
}
