/** Hashing and signature checks by `node:crypto` (OpenSSL). */
import { constants, createHash, createPublicKey, type JsonWebKey, type KeyObject, publicDecrypt, randomBytes, verify } from "node:crypto";
import { equal } from "../core/bytes.js";
import type { Crypto } from "../core/crypto/crypto.js";
import { encodedMessage } from "../core/crypto/bigint.js";

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");

function rsaKey(modulus: Uint8Array, exponent: number): KeyObject {
  const e = exponent.toString(16);
  const jwk: JsonWebKey = { kty: "RSA", n: base64url(modulus), e: Buffer.from(e.padStart(e.length + (e.length % 2), "0"), "hex").toString("base64url") };
  return createPublicKey({ key: jwk, format: "jwk" });
}

/** The default in Node. */
export const nodeCrypto: Crypto = Object.freeze({
  sha256: (content: Uint8Array): Uint8Array => createHash("sha256").update(content).digest(),

  rsaSigned(modulus: Uint8Array, exponent: number, signature: Uint8Array, digestInfo: Uint8Array): boolean {
    const expected = encodedMessage(digestInfo, signature.length);
    if (expected === null) return false;
    try {
      const key = { key: rsaKey(modulus, exponent), padding: constants.RSA_NO_PADDING };
      return equal(publicDecrypt(key, signature), expected);
    } catch {
      return false; // a number that is not below the modulus
    }
  },

  es256Signed(x: Uint8Array, y: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean {
    try {
      const key = createPublicKey({ key: { kty: "EC", crv: "P-256", x: base64url(x), y: base64url(y) }, format: "jwk" });
      return signature.length === 64 && verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
    } catch {
      return false; // no point of the curve
    }
  },

  random: (length: number): Uint8Array => new Uint8Array(randomBytes(length)),
});
