/** What a receipt says, `mnverify.receipt/1`. Its claims are reachable only where the verdict is `verified`: the type says so. */
import { data } from "../generated.js";
import { type Json, JsonNumber, type JsonObject } from "../json/parse.js";
import { characters } from "../json/strict.js";
import type { Text } from "../text.js";
import type { Domain, Role } from "../values/numbers.js";
import { Field, type Outcome } from "../verification/result.js";

const MAX_TEXT = 1024;
const MAX_CHECKS = 64;
const LAST_SECOND = 253402300799; // 9999-12-31T23:59:59Z

export type ClaimName = (typeof data.receipt.claims)[number];

/** One check, as the receipt tells it. */
export interface ReceiptCheck {
  readonly id: string;
  readonly outcome: Outcome;
  readonly code: string;
}

/** One field that the receipt carries: the text, or of an image the hex SHA-256 of its bytes. */
export class ReceiptClaim extends Field {
  /** Of an image; `null` for a text. */
  readonly mediaType: string | null;

  constructor(value: string, assurance: Field["assurance"], extent: "year" | null, mediaType: string | null) {
    super(value, assurance, extent);
    this.mediaType = mediaType;
  }
}

interface Common {
  readonly issuer: string;
  /** Whom it is for. */
  readonly relyingParty: string;
  readonly verificationId: string;
  readonly challengeId: string;
  /** Seconds since 1970. */
  readonly issuedAt: number;
  /** A receipt of another environment than `production` says nothing of a real card. */
  readonly environment: string;
  readonly domain: Domain;
  readonly role: Role;
  /** The moment by which expiry was judged. */
  readonly at: string;
  readonly checks: readonly ReceiptCheck[];
  readonly reference: string | null;
  readonly purpose: string | null;
  readonly evidenceSha256: string | null;
  /** Names the key that signed. */
  readonly keyId: string;
}

export interface VerifiedReceipt extends Common {
  readonly verdict: "verified";
  /** The fields that it carries. With any of them the receipt is personal data. */
  readonly claims: { readonly [name in ClaimName]?: ReceiptClaim };
}

export interface RejectedReceipt extends Common {
  readonly verdict: "rejected";
}

/** A receipt whose signature was verified. */
export type Receipt = VerifiedReceipt | RejectedReceipt;

/** A part of a receipt or key has not its form; made into an error one room further up. */
export class WrongForm extends Error {
  readonly why: Text;
  constructor(en: string, ja: string) {
    super(en);
    this.why = { en, ja };
  }
}

/** The receipt in a payload. Members that this version does not know are passed over. */
export function readReceipt(payload: JsonObject, keyId: string): Receipt {
  const { format } = data.receipt;
  if (payload.get("format") !== format) throw new WrongForm(`format: it is not ${format}`, `format が ${format} ではありません`);
  const verdict = word(payload, "verdict", ["verified", "rejected"]);
  const checks = checksOf(payload.get("checks"));
  const failed = checks.length === 0 || checks.some((check) => check.outcome === "fail");
  if ((verdict === "verified") === failed) throw new WrongForm("checks: they contradict the verdict", "checks が verdict と食い違っています");
  const claims = payload.has("claims") ? claimsOf(payload.get("claims"), verdict) : {};
  const optional = (name: string): string | null => (payload.has(name) ? text(payload, name) : null);
  const common: Common = {
    issuer: text(payload, "iss"),
    relyingParty: text(payload, "aud"),
    verificationId: text(payload, "jti"),
    challengeId: text(payload, "challenge_id"),
    issuedAt: moment(payload.get("iat")),
    environment: text(payload, "environment"),
    domain: word(payload, "domain", ["face-check", "input-assist"]),
    role: word(payload, "role", ["general", "my-number-office"]),
    at: text(payload, "at"),
    checks,
    reference: optional("reference"),
    purpose: optional("purpose"),
    evidenceSha256: payload.has("evidence_sha256") ? digest(payload, "evidence_sha256") : null,
    keyId,
  };
  return Object.freeze(verdict === "verified" ? { ...common, verdict, claims } : { ...common, verdict });
}

function text(members: JsonObject, name: string): string {
  const value = members.get(name);
  if (typeof value === "string" && value && characters(value) <= MAX_TEXT) return value;
  throw new WrongForm(`${name}: it is not a text of 1 to ${MAX_TEXT} characters`, `${name} が1～${MAX_TEXT}文字の文字列ではありません`);
}

function digest(members: JsonObject, name: string): string {
  const value = members.get(name);
  if (typeof value === "string" && /^[0-9a-f]{64}$/.test(value)) return value;
  throw new WrongForm(`${name}: it is not a SHA-256 in lower-case hex`, `${name} が小文字16進の SHA-256 ではありません`);
}

function word<W extends string>(members: JsonObject, name: string, words: readonly W[]): W {
  const found = words.find((one) => one === members.get(name));
  if (found !== undefined) return found;
  throw new WrongForm(`${name}: it is none of ${words.join(", ")}`, `${name} が ${words.join("、")} のいずれでもありません`);
}

function moment(value: Json | undefined): number {
  const found = value instanceof JsonNumber ? value.whole() : null;
  if (found !== null && found >= 0 && found <= LAST_SECOND) return found;
  throw new WrongForm("iat: it is not a time in seconds", "iat が秒単位の時刻ではありません");
}

function object(value: Json | undefined, where: string): JsonObject {
  if (value instanceof Map) return value;
  throw new WrongForm(`${where}: it is not an object`, `${where} がオブジェクトではありません`);
}

function checksOf(value: Json | undefined): readonly ReceiptCheck[] {
  if (!Array.isArray(value) || value.length > MAX_CHECKS || !value.every((check) => check instanceof Map)) {
    throw new WrongForm("checks: it is not a list of objects", "checks がオブジェクトの配列ではありません");
  }
  const checks = (value as readonly JsonObject[]).map((check) => ({
    id: text(check, "id"),
    outcome: word(check, "outcome", ["pass", "fail", "not-performed"]),
    code: text(check, "code"),
  }));
  if (new Set(checks.map((check) => check.id)).size !== checks.length) {
    throw new WrongForm("checks: one stands twice", "checks に同じ検査が2つあります");
  }
  return Object.freeze(checks);
}

function claimsOf(value: Json | undefined, verdict: string): { readonly [name in ClaimName]?: ReceiptClaim } {
  const members = object(value, "claims");
  if (verdict !== "verified" && members.size) throw new WrongForm("claims: a rejected verification has none", "不合格の検証に claims があります");
  const claims: { [name in ClaimName]?: ReceiptClaim } = {};
  for (const [name, claim] of members) {
    const known = data.receipt.claims.find((one) => one === name);
    if (known === undefined) throw new WrongForm("claims: one that no receipt carries", "claims に受領証に載らない項目があります");
    claims[known] = claimOf(object(claim, `claims.${known}`), `claims.${known}`);
  }
  return Object.freeze(claims);
}

function claimOf(claim: JsonObject, where: string): ReceiptClaim {
  const assurance = word(claim, "assurance", ["signed", "corroborated", "unsigned"]);
  if (claim.has("media_type")) {
    const hash = digest(claim, "sha256");
    return new ReceiptClaim(hash, assurance, null, text(claim, "media_type"));
  }
  const value = claim.get("value");
  if (typeof value !== "string") throw new WrongForm(`${where}: value is not a text`, `${where} の value が文字列ではありません`);
  return new ReceiptClaim(value, assurance, claim.has("extent") ? (text(claim, "extent") as "year") : null, null);
}
