/** Cryptography by an engine's WebCrypto, which is what is used where none is given: here for another than `globalThis.crypto`. */
import type { Crypto } from "../core/crypto/crypto.js";
import { defaultCrypto, type WebCrypto, webCryptoOf } from "../core/crypto/web.js";

export type { WebCrypto } from "../core/crypto/web.js";

/** @param engine default: `globalThis.crypto` */
export function webCrypto(engine?: WebCrypto): Crypto {
  return engine === undefined ? defaultCrypto() : webCryptoOf(engine);
}
