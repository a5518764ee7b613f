/**
 * Hashing, receipts' signatures and random bytes by WebCrypto (browsers, workers, Node, Deno, Bun). The card's RSA signatures are checked with
 * `BigInt`: WebCrypto hashes for itself, and cannot express the card face's DigestInfo of three digests.
 */
import { concat } from "../bytes.js";
import { usageError } from "../errors.js";
import { rsaSignedByBigInt } from "./bigint.js";
import type { Crypto } from "./crypto.js";

/** What is asked of the engine: `globalThis.crypto`. */
export interface WebCrypto {
  readonly subtle: {
    digest(algorithm: string, content: Uint8Array): Promise<ArrayBuffer>;
    importKey(format: "raw", key: Uint8Array, algorithm: object, extractable: boolean, usages: string[]): Promise<unknown>;
    verify(algorithm: object, key: unknown, signature: Uint8Array, content: Uint8Array): Promise<boolean>;
  };
  getRandomValues(bytes: Uint8Array): Uint8Array;
}

/** @param engine `globalThis.crypto`, or one like it */
export function webCryptoOf(engine: WebCrypto): Crypto {
  return Object.freeze({
    sha256: async (content: Uint8Array): Promise<Uint8Array> => new Uint8Array(await engine.subtle.digest("SHA-256", content.slice())),
    rsaSigned: rsaSignedByBigInt,
    async es256Signed(x: Uint8Array, y: Uint8Array, signature: Uint8Array, message: Uint8Array): Promise<boolean> {
      const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
      try {
        const key = await engine.subtle.importKey("raw", concat(Uint8Array.of(4), x, y), ecdsa, false, ["verify"]);
        return await engine.subtle.verify(ecdsa, key, signature.slice(), message.slice());
      } catch {
        return false; // no point of the curve
      }
    },
    random: (length: number): Uint8Array => engine.getRandomValues(new Uint8Array(length)),
  });
}

let found: Crypto | null = null;

/**
 * What is used where no cryptography is given: the engine's own WebCrypto.
 *
 * @throws MnverifyError `usage`: the engine has none (React Native): give `nobleCrypto`
 */
export function defaultCrypto(): Crypto {
  if (found !== null) return found;
  const engine = (globalThis as { readonly crypto?: WebCrypto }).crypto;
  if (typeof engine?.subtle?.digest !== "function") {
    throw usageError(
      "This engine has no WebCrypto. Nothing was done; give crypto: nobleCrypto(…) of mnverify/noble.",
      "この実行環境に WebCrypto がありません。何も実行していません。crypto に mnverify/noble の nobleCrypto(…) を渡してください。",
    );
  }
  found = webCryptoOf(engine);
  return found;
}
