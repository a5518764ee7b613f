// The vectors and what this package makes of them.
import { readdirSync, readFileSync } from "node:fs";
import { Evidence, isError, TrustStore, verify } from "mnverify";

export const ROOT = new URL("../../../../", import.meta.url);
export const VECTORS = new URL("tests/vectors/", ROOT);
export const SHARED = new URL("bindings/shared/", ROOT);
export const virtualTrust = TrustStore.fromJson(readFileSync(new URL("anchors/virtual.json", VECTORS)));
const NAMED = { production: () => TrustStore.production(), test: () => TrustStore.test(), virtual: () => virtualTrust };

export const shared = (name) => JSON.parse(readFileSync(new URL(name, SHARED), "utf8"));
export const bytes = (base64) => new Uint8Array(Buffer.from(base64, "base64"));
export const hex = (text) => new Uint8Array(Buffer.from(text, "hex"));

export function vectorNames() {
  return readdirSync(VECTORS).filter((name) => name.endsWith(".json")).map((name) => name.slice(0, -5)).sort();
}

export function vector(name) {
  return JSON.parse(readFileSync(new URL(`${name}.json`, VECTORS), "utf8"));
}

export function trustOf({ trust, certificates = [] }) {
  const store = typeof trust === "string" ? NAMED[trust]() : TrustStore.fromJson(JSON.stringify(trust));
  return store.withCertificates(...certificates.map(bytes));
}

/** The bytes or text that a parser is given. */
export function evidenceOf({ evidence }) {
  return typeof evidence === "string" ? evidence : JSON.stringify(evidence);
}

const REFUSALS = { "malformed-evidence": "EvidenceError", "unsupported-card": "UnsupportedCard", "evidence-not-for-role": "RoleError" };

/** The object of `verify --json`, or the refusal with its place. */
export async function run(document, evidence, trust, crypto) {
  let read;
  try {
    read = Evidence.fromJson(evidence, document.role ?? "general");
  } catch (error) {
    if (!isError(error) || !(error.code in REFUSALS)) throw error;
    return { error: REFUSALS[error.code], where: error.details.where };
  }
  const result = await verify(read, {
    trust,
    crypto,
    at: document.at,
    challenge: document.challenge === undefined ? undefined : bytes(document.challenge),
    requirePresence: document.require_presence ?? false,
  });
  return result.toObject();
}
