/** Public-key operations and hashing, as a parameter: no engine of JavaScript has all of them everywhere. */
export interface Crypto {
  /** SHA-256. */
  sha256(content: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /**
   * Whether `signature` is RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.2) of the key over exactly this encoded DigestInfo: whole padding, nothing
   * parsed. The DigestInfo of the card face holds three digests, so a function that hashes for itself cannot do it.
   *
   * @param modulus big-endian, 2048 bits or more; the caller has checked its size and the exponent.
   */
  rsaSigned(modulus: Uint8Array, exponent: number, signature: Uint8Array, digestInfo: Uint8Array): boolean | Promise<boolean>;
  /** Whether `signature` (64 bytes, r and s) is ECDSA on P-256 with SHA-256 of the point `x`, `y` over the message. For receipts. */
  es256Signed(x: Uint8Array, y: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean | Promise<boolean>;
  /** So many bytes of a cryptographic random source: challenges. */
  random(length: number): Uint8Array;
}
