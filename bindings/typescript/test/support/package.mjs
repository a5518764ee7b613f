// The package as its users import it, by its exports.
export * from "mnverify";
export { nodeCrypto } from "mnverify/node";
export { nobleCrypto } from "mnverify/noble";
export { webCrypto } from "mnverify/webcrypto";
export { data } from "../../dist/core/generated.js";
