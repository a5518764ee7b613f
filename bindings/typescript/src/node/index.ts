/** What Node adds: cryptography by OpenSSL, and smart-card readers through PC/SC. */
export { nodeCrypto } from "./crypto.js";
