/**
 * The numbered checks, all in one place. Time, trust, challenge and cryptography are parameters; nothing here reads or writes anything.
 *
 * (1) structure          the files are laid out right and belong to one card
 * (2) chain              the issuer certificate leads to an anchor
 * (3) record-signature   the certified key signed every record at hand
 * (4) file-digests       input-assist: the files are the ones of the signed digests
 * (5) presence           the card's answer, with the key inside the verified record
 * (6) freshness          the answer is to our challenge
 * (7) expiry             the card's date, unsigned as it is
 *
 * Every check is always reported. What failed is never used by a later one.
 */
import { concat, equal } from "../bytes.js";
import type { Crypto } from "../crypto/crypto.js";
import { acceptable, digestsSigned, messageSigned, type RsaKey } from "../crypto/signatures.js";
import { defaultCrypto } from "../crypto/web.js";
import { usageError } from "../errors.js";
import { Evidence, openEvidence, type Opened } from "../evidence/evidence.js";
import type { CardKey } from "../files/fields.js";
import type { Certificate, FaceRecord, IntegrityRecord, Record } from "../files/records.js";
import { monthAndDay, spanOf } from "../values/dates.js";
import { isOver, type Moment, momentOf, parseMoment } from "../values/moment.js";
import type { Domain } from "../values/numbers.js";
import {
  cardImage,
  type Check as ToldCheck,
  Field,
  type Fields,
  type LimitCode,
  rejectedResult,
  type ResultParts,
  type VerificationResult,
  verifiedResult,
} from "./result.js";
import { checkLaboratory, isShipped, type TrustAnchor, TrustStore } from "./trust.js";

type Check = Omit<ToldCheck, "detail">;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface VerifyOptions {
  /** The anchors. */
  readonly trust: TrustStore;
  /** Hashing and public-key operations. Default: the engine's WebCrypto; `nodeCrypto` is faster in Node, React Native needs `nobleCrypto`. */
  readonly crypto?: Crypto;
  /** The moment to judge expiry by: a `Date` or RFC 3339 with a time zone; default now. */
  readonly at?: Date | string;
  /** The bytes that the presence signature has to answer, where freshness matters: 1 to 1024 of them. Make them yourself, 32 at random. */
  readonly challenge?: Uint8Array;
  /** Reject where presence did not pass. */
  readonly requirePresence?: boolean;
}

/**
 * Verify evidence against trust anchors.
 *
 * @throws MnverifyError `usage`: an argument is not of its kind
 */
export async function verify(evidence: Evidence, options: VerifyOptions): Promise<VerificationResult> {
  const { trust, challenge, requirePresence = false } = options;
  checkArguments(evidence, trust, challenge);
  const crypto = options.crypto ?? defaultCrypto();
  const at = momentOfOption(options.at);
  await checkLaboratory(trust, crypto);
  const opened = openEvidence(evidence);
  const structure = checkStructure(opened);
  const chain = await verifyChain(crypto, ofKind(opened, "certificate"), trust, evidence.domain);
  const [signatures, integrity] = await checkRecords(crypto, opened, evidence.domain, chain.key);
  const digests = await checkDigests(crypto, opened, evidence.domain, integrity);
  const sound = structure.outcome === "pass" && signatures.outcome === "pass" && digests.outcome !== "fail";
  const found = await checkPresence(crypto, opened, evidence.domain, sound ? cardKeyOf(opened) : null);
  const freshness = checkFreshness(opened, challenge, sound, found);
  const presence: Check = requirePresence && found.outcome !== "pass" ? { ...found, outcome: "fail" } : found;
  const expiry = checkExpiry(opened, sound, at);
  const chainCheck: Check = { id: "chain", outcome: chain.code === "ok" ? "pass" : "fail", code: chain.code };
  const checks = [structure, chainCheck, signatures, digests, presence, freshness, expiry];
  const good =
    [structure, chainCheck, signatures].every((check) => check.outcome === "pass") && checks.every((check) => check.outcome !== "fail");
  const corroborated = presence.outcome === "pass" && presence.code === "record" && opened.acceptedNumberB !== null;
  const parts: ResultParts = {
    checks,
    environment: chain.anchor?.environment ?? trust.environment,
    authority: chain.anchor?.name ?? null,
    domain: evidence.domain,
    role: evidence.role,
    credential: evidence.credential,
    at,
    limits: limitsOf(opened, chain.anchor, presence, freshness, corroborated),
  };
  return good ? verifiedResult(parts, await fieldsOf(crypto, opened, corroborated)) : rejectedResult(parts);
}

function checkArguments(evidence: unknown, trust: unknown, challenge: unknown): void {
  const wrong = (name: string, en: string, ja: string): Error =>
    usageError(`verify: ${name} has to be ${en}. Nothing was verified.`, `verify の ${name} には ${ja} を指定してください。検証していません。`);
  if (!(evidence instanceof Evidence)) throw wrong("evidence", "Evidence, as of Evidence.fromJson", "Evidence（Evidence.fromJson などで作成）");
  if (!(trust instanceof TrustStore)) throw wrong("trust", "a TrustStore, as TrustStore.production()", "TrustStore（TrustStore.production() など）");
  if (challenge !== undefined && !(challenge instanceof Uint8Array && challenge.length > 0 && challenge.length <= 1024)) {
    throw wrong("challenge", "bytes, 1 to 1024 of them", "1〜1024 バイトの Uint8Array");
  }
}

/** A moment as a caller gives it; now where there is none. */
export function momentOfOption(at: Date | string | undefined): Moment {
  const found = at === undefined ? momentOf(new Date()) : typeof at === "string" ? parseMoment(at) : dated(at);
  if (found !== null) return found;
  throw usageError(
    "The moment to judge expiry by is a Date, or RFC 3339 with a time zone as +09:00. Nothing was done.",
    "有効期限を判定する日時は Date か、タイムゾーン（+09:00 など）付きの RFC 3339 で指定してください。何もしていません。",
  );
}

function dated(at: unknown): Moment | null {
  return at instanceof Date && !Number.isNaN(at.getTime()) && at.getUTCFullYear() >= 1 && at.getUTCFullYear() <= 9999 ? momentOf(at) : null;
}

function ofKind<K extends Record["kind"]>(opened: Opened, kind: K): Extract<Record, { kind: K }> | undefined {
  for (const record of opened.records.values()) if (record.kind === kind) return record as Extract<Record, { kind: K }>;
  return undefined;
}

// (1) ----------------------------------------------------------------------------------------------

function checkStructure(opened: Opened): Check {
  const fail = (code: Check["code"]): Check => ({ id: "structure", outcome: "fail", code });
  const keys: CardKey[] = [];
  const births: string[] = [];
  for (const record of opened.records.values()) {
    if ("offsetsTrue" in record && !record.offsetsTrue) return fail("offset-table");
    if ("cardKey" in record && !acceptable(record.cardKey)) return fail("weak-card-key");
    if ("cardKey" in record && record.kind !== "card-key-record") keys.push(record.cardKey);
    if (record.kind === "age-record" || record.kind === "face-record") births.push(record.birthDate);
  }
  const [first] = keys;
  if (!keys.every((key) => key.exponent === first!.exponent && equal(key.modulus, first!.modulus))) return fail("card-keys-differ");
  if (!births.every((birth) => birth === births[0])) return fail("birth-dates-differ");
  return { id: "structure", outcome: "pass", code: "ok" };
}

// (2) ----------------------------------------------------------------------------------------------

const MAX_LINKS = 8;

interface Chain {
  readonly code: "ok" | "unknown-authority" | "bad-signature" | "weak-key" | "missing-certificate";
  readonly anchor?: TrustAnchor | undefined;
  /** The certified key that signs records; only where the code is `ok`. */
  readonly key?: RsaKey;
}

/** Walk from a card's certificate to an anchor of its domain. */
async function verifyChain(crypto: Crypto, leaf: Certificate | undefined, trust: TrustStore, domain: Domain): Promise<Chain> {
  if (leaf === undefined) return { code: "missing-certificate" };
  let certificate = leaf;
  for (let link = 0; link < MAX_LINKS; link++) {
    if (!acceptable(certificate.key)) return { code: "weak-key" };
    const anchor = trust.find(domain, certificate.issuer);
    const issuer = trust.certificateOf(certificate.issuer);
    const key = anchor ?? (issuer !== undefined && acceptable(issuer.key) ? issuer.key : undefined);
    if (key === undefined) return { code: issuer === undefined ? "unknown-authority" : "weak-key" };
    if (!(await messageSigned(crypto, key, certificate.signature, certificate.signed))) return { code: "bad-signature", anchor };
    if (anchor !== undefined) return { code: "ok", anchor, key: leaf.key };
    certificate = issuer!;
  }
  return { code: "unknown-authority" };
}

// (3) ----------------------------------------------------------------------------------------------

async function checkRecords(
  crypto: Crypto,
  opened: Opened,
  domain: Domain,
  key: RsaKey | undefined,
): Promise<[Check, IntegrityRecord | null]> {
  const check = (outcome: Check["outcome"], code: Check["code"]): Check => ({ id: "record-signature", outcome, code });
  if (key === undefined) return [check("not-performed", "no-trusted-key"), null];
  let [verified, bad] = [0, 0];
  let integrity: IntegrityRecord | null = null;
  for (const record of opened.records.values()) {
    const holds = await recordHolds(crypto, opened, record, key);
    if (holds === null) continue;
    if (holds) verified++;
    else bad++;
    if (holds && record.kind === "integrity-record") integrity = record;
  }
  if (bad) return [check("fail", "bad-signature"), integrity];
  if (!verified || (domain === "input-assist" && integrity === null)) return [check("fail", "missing-record"), null];
  return [check("pass", "ok"), integrity];
}

/** Whether a record's signature holds; `null` for a file that carries none. */
async function recordHolds(crypto: Crypto, opened: Opened, record: Record, key: RsaKey): Promise<boolean | null> {
  switch (record.kind) {
    case "face-record":
      return digestsSigned(crypto, key, record.signature, await segmentDigests(crypto, opened, record));
    case "age-record":
    case "number-record":
    case "integrity-record":
    case "card-key-record":
      return messageSigned(crypto, key, record.signature, record.signed);
    default:
      return null;
  }
}

async function segmentDigests(crypto: Crypto, opened: Opened, face: FaceRecord): Promise<Uint8Array> {
  const digests: Uint8Array[] = [];
  for (const [n, segment] of face.segments.entries()) {
    digests.push(segment === null ? opened.segments.get(n + 1)! : await crypto.sha256(segment));
  }
  return concat(...digests);
}

// (4) ----------------------------------------------------------------------------------------------

async function checkDigests(crypto: Crypto, opened: Opened, domain: Domain, integrity: IntegrityRecord | null): Promise<Check> {
  const check = (outcome: Check["outcome"], code: Check["code"]): Check => ({ id: "file-digests", outcome, code });
  if (domain !== "input-assist") return check("not-performed", "not-applicable");
  if (integrity === null) return check("not-performed", "no-verified-record");
  const pairs: [Uint8Array, Uint8Array][] = [];
  for (const record of opened.records.values()) {
    if (record.kind === "my-number") pairs.push([integrity.numberDigest, record.digestInput]);
    if (record.kind === "attributes") pairs.push([integrity.attributesDigest, record.digestInput]);
  }
  if (pairs.length === 0) return check("fail", "missing-file");
  for (const [signed, content] of pairs) if (!equal(signed, await crypto.sha256(content))) return check("fail", "mismatch");
  return check("pass", "ok");
}

// (5) ----------------------------------------------------------------------------------------------

function cardKeyOf(opened: Opened): CardKey | null {
  for (const record of opened.records.values()) if ("cardKey" in record) return record.cardKey;
  return null;
}

async function checkPresence(crypto: Crypto, opened: Opened, domain: Domain, key: CardKey | null): Promise<Check> {
  const check = (outcome: Check["outcome"], code: Check["code"]): Check => ({ id: "presence", outcome, code });
  if (opened.presence === null) return check("not-performed", "none-given");
  if (key === null) return check("not-performed", "unbound");
  const { challenge, signature } = opened.presence;
  if (!(await messageSigned(crypto, key, signature, challenge))) return check("fail", "bad-signature");
  if (domain === "face-check") return check("pass", "record");
  return opened.readHere ? check("pass", "session") : check("not-performed", "unbound");
}

// (6) ----------------------------------------------------------------------------------------------

function checkFreshness(opened: Opened, challenge: Uint8Array | undefined, sound: boolean, presence: Check): Check {
  const check = (outcome: Check["outcome"], code: Check["code"]): Check => ({ id: "freshness", outcome, code });
  if (challenge === undefined) return check("not-performed", "none-given");
  if (opened.presence === null) return check("fail", "not-answered");
  if (!equal(opened.presence.challenge, challenge)) return check("fail", "other-challenge");
  if (!sound) return check("not-performed", "not-verified");
  if (presence.outcome === "pass") return check("pass", "ok");
  return presence.outcome === "fail" ? check("fail", "not-answered") : check("not-performed", "unbound");
}

// (7) ----------------------------------------------------------------------------------------------

function checkExpiry(opened: Opened, sound: boolean, at: Moment): Check {
  const check = (outcome: Check["outcome"], code: Check["code"]): Check => ({ id: "expiry", outcome, code });
  const face = ofKind(opened, "face-record");
  if (face === undefined) return check("not-performed", "no-expiry");
  if (!sound) return check("not-performed", "not-verified");
  const accepted = opened.acceptedNumberB;
  const expiry = spanOf(face.expiry).latest;
  if (accepted !== null && (accepted.expiryYear !== expiry.year || accepted.birthDigits.slice(2) !== monthAndDay(face.birthDate))) {
    return check("fail", "contradicted");
  }
  return isOver(expiry, at) ? check("fail", "expired") : check("pass", "ok");
}

function limitsOf(
  opened: Opened,
  anchor: TrustAnchor | undefined,
  presence: Check,
  freshness: Check,
  corroborated: boolean,
): LimitCode[] {
  const limits: LimitCode[] = ["revocation", "holder"];
  if (ofKind(opened, "face-record")) limits.push(corroborated ? "expiry-year" : "expiry-unsigned");
  if (presence.outcome !== "pass") limits.push("copy");
  else if (presence.code === "session") limits.push("session-tie");
  if (presence.outcome === "pass") {
    limits.push("relay");
    if (freshness.outcome !== "pass") limits.push("age-of-answer");
  }
  if (anchor !== undefined && isShipped(anchor)) limits.push("anchor-provenance");
  return limits;
}

/** The fields of records that were verified. The signed digests of input-assist are not among them, and end with the verification. */
async function fieldsOf(crypto: Crypto, opened: Opened, corroborated: boolean): Promise<Fields> {
  const fields: Mutable<Fields> = {};
  const signed = <V>(value: V): Field<V> => new Field(value, "signed");
  for (const record of opened.records.values()) {
    switch (record.kind) {
      case "age-record":
        fields.birth_date = signed(record.birthDate);
        break;
      case "face-record":
        fields.birth_date = signed(record.birthDate);
        fields.sex = signed(record.sex);
        if (record.nameImage) fields.name_image = signed(await cardImage(crypto, record.nameImage));
        if (record.addressImage) fields.address_image = signed(await cardImage(crypto, record.addressImage));
        if (record.photo) fields.photo = signed(await cardImage(crypto, record.photo));
        fields.expiry = corroborated ? new Field(record.expiry, "corroborated", "year") : new Field(record.expiry, "unsigned");
        fields.security_code_image = new Field(await cardImage(crypto, record.securityCodeImage), "unsigned");
        break;
      case "number-record":
        fields.my_number_image = signed(await cardImage(crypto, record.numberImage));
        break;
      case "attributes":
        fields.name = signed(record.name);
        fields.address = signed(record.address);
        fields.birth_date = signed(record.birthDate);
        fields.sex = signed(record.sex);
        break;
      case "my-number":
        fields.my_number = signed(record.number);
        break;
      default:
        break;
    }
  }
  return fields;
}
