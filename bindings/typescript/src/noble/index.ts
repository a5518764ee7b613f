/** Hashing by `@noble/hashes` and signature checks by `BigInt`: for engines without WebCrypto, as React Native's. */
import { sha256 } from "@noble/hashes/sha2.js";
import { p256Signed, rsaSignedByBigInt } from "../core/crypto/bigint.js";
import type { Crypto } from "../core/crypto/crypto.js";

/**
 * @param random so many bytes of a cryptographic random source. React Native has none of its own: give that of a package as
 *   `react-native-get-random-values`. Only readings whose challenge nobody names need it.
 */
export function nobleCrypto(random: (length: number) => Uint8Array): Crypto {
  return Object.freeze({
    sha256: (content: Uint8Array): Uint8Array => sha256(content),
    rsaSigned: rsaSignedByBigInt,
    es256Signed: (x: Uint8Array, y: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean =>
      p256Signed(x, y, signature, sha256(message)),
    random,
  });
}
