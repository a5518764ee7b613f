/** What Node adds: cryptography by OpenSSL, and smart-card readers through PC/SC. */
export { nodeCrypto } from "./crypto.js";
export { listReaders, openReader, PcscLink, PcscReader } from "./pcsc.js";
