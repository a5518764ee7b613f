/** Whether a receipt may be relied on. Pure and offline: the caller brings keys, names and time, the receipt chooses nothing. */
import { fromBase64Url, toUtf8 } from "../bytes.js";
import { p256Point } from "../crypto/bigint.js";
import type { Crypto } from "../crypto/crypto.js";
import { defaultCrypto } from "../crypto/web.js";
import { MnverifyError, usageError } from "../errors.js";
import { data } from "../generated.js";
import type { JsonObject } from "../json/parse.js";
import { StrictJson } from "../json/strict.js";
import { fill, type Text } from "../text.js";
import { type Receipt, readReceipt, WrongForm } from "./receipt.js";

const MAX_BYTES = 32 * 1024;
const ALGORITHM = "ES256";
const TYPE = "mnverify-receipt+jwt";
const COORDINATE = 32;
const CLOCKS = 60; // seconds that two clocks may differ by

export type ReceiptReason = keyof typeof data.receipt.reasons;

export interface ReceiptOptions {
  /** Default: the engine's WebCrypto. */
  readonly crypto?: Pick<Crypto, "es256Signed">;
  /** The endpoint that has to have issued it. */
  readonly issuer: string;
  /** Whom it has to be for. */
  readonly relyingParty: string;
  /** The verification that it has to be of; left out takes any. */
  readonly verificationId?: string;
  /** The challenge that it has to answer; left out takes any. */
  readonly challengeId?: string;
  /** Now; default the clock. */
  readonly at?: Date;
  /** Seconds up to which it is taken; left out takes any age. */
  readonly maxAge?: number;
}

function refusal(reason: ReceiptReason, why: Text = { en: "", ja: "" }): MnverifyError {
  return new MnverifyError("receipt-refused", fill(data.receipt.reasons[reason], { why }), { reason });
}

/**
 * The receipt in a compact JWS, after everything about it was checked.
 *
 * @param jwks the endpoint's keys (RFC 7517), from where the caller trusts them to be: fetched over TLS, or kept; text, UTF-8 or the object
 * @throws MnverifyError `receipt-refused`: it may not be relied on; `details.reason` says why
 */
export async function verifyReceipt(token: string, jwks: string | Uint8Array | object, options: ReceiptOptions): Promise<Receipt> {
  const { issuer, relyingParty, at = new Date(), maxAge, crypto = defaultCrypto() } = options;
  if (!issuer || !relyingParty || Number.isNaN(at.getTime())) {
    throw usageError(
      "verifyReceipt takes an issuer, a relying party and a moment. Nothing was verified.",
      "verifyReceipt には発行者、事業者、時刻を渡してください。検証はしていません。",
    );
  }
  const [first, second, third] = partsOf(token);
  const keyId = header(first);
  const key = parseJwks(jwks).get(keyId);
  if (key === undefined) throw refusal("unknown-key");
  const signature = fromBase64Url(third);
  const signed = signature !== null && (await crypto.es256Signed(key.x, key.y, signature, toUtf8(`${first}.${second}`)));
  if (signed !== true) throw refusal("signature");
  const receipt = content(second, keyId);
  compare(receipt, options);
  const now = at.getTime() / 1000;
  if (receipt.issuedAt > now + CLOCKS) throw refusal("future");
  if (maxAge !== undefined && now - receipt.issuedAt > maxAge) throw refusal("too-old");
  return receipt;
}

function partsOf(token: unknown): [string, string, string] {
  const parts = typeof token === "string" && token.length <= MAX_BYTES ? token.split(".") : [];
  if (parts.length === 3) return parts as [string, string, string];
  throw refusal("malformed", {
    en: `it is not three parts of base64url in at most ${MAX_BYTES} characters`,
    ja: `${MAX_BYTES}文字以内の、三つの部分からなる base64url ではありません`,
  });
}

/** The key that the header names. Three members, and no other: no `crit`, `b64`, `jku`, `jwk`, `x5c`. */
function header(part: string): string {
  const members = object(part, { en: "the header", ja: "ヘッダー" }, 1);
  const keyId = members.get("kid");
  if (members.size !== 3 || !members.has("alg") || members.get("typ") !== TYPE || typeof keyId !== "string") {
    throw refusal("malformed", { en: `its header is not alg, kid and typ ${TYPE}`, ja: `ヘッダーが alg、kid、typ（${TYPE}）ではありません` });
  }
  if (members.get("alg") !== ALGORITHM) throw refusal("algorithm", { en: ALGORITHM, ja: ALGORITHM });
  return keyId;
}

interface PublicKey {
  readonly x: Uint8Array;
  readonly y: Uint8Array;
}

const JWKS = new StrictJson("keys", (_, why) => refusal("bad-keys", why), { maxBytes: 256 * 1024, maxDepth: 6, longestNumber: 16 });

/** The keys of a JWKS that can verify receipts, by `kid`; keys for other things are passed over. */
export function parseJwks(jwks: string | Uint8Array | object): ReadonlyMap<string, PublicKey> {
  const source = typeof jwks === "string" || jwks instanceof Uint8Array ? jwks : JSON.stringify(jwks);
  const found = new Map<string, PublicKey>();
  for (const item of JWKS.items(JWKS.load(source).get("keys"), "keys", 100)) {
    const key = JWKS.keys(item, "keys", [], null);
    const keyId = key.get("kid");
    if (key.has("d") || key.has("k")) throw refusal("bad-keys", { en: "it holds a secret", ja: "秘密鍵が含まれています" });
    if (typeof keyId !== "string" || key.get("alg") !== ALGORITHM || key.get("use") !== "sig") continue;
    if (found.has(keyId)) throw refusal("bad-keys", { en: "one kid stands for two keys", ja: "一つの kid に二つの鍵があります" });
    found.set(keyId, publicKey(key));
  }
  return found;
}

function publicKey(key: JsonObject): PublicKey {
  const coordinate = (name: string): Uint8Array => {
    const value = key.get(name);
    const raw = typeof value === "string" ? fromBase64Url(value) : null;
    if (raw?.length === COORDINATE) return raw;
    throw refusal("bad-keys", { en: `${name} is not ${COORDINATE} bytes`, ja: `${name} が ${COORDINATE} バイトではありません` });
  };
  if (key.get("kty") !== "EC" || key.get("crv") !== "P-256") {
    throw refusal("bad-keys", { en: "it is not an EC key on P-256", ja: "P-256 の EC 鍵ではありません" });
  }
  const [x, y] = [coordinate("x"), coordinate("y")];
  if (p256Point(x, y) === null) throw refusal("bad-keys", { en: "there is no such point on P-256", ja: "P-256 上にない点です" });
  return { x, y };
}

function content(part: string, keyId: string): Receipt {
  const payload = object(part, { en: "the payload", ja: "本文" }, 4);
  try {
    return readReceipt(payload, keyId);
  } catch (error) {
    if (!(error instanceof WrongForm)) throw error;
    throw refusal("malformed", error.why);
  }
}

function compare(receipt: Receipt, { issuer, relyingParty, verificationId, challengeId }: ReceiptOptions): void {
  const asked: readonly [ReceiptReason, string, string | undefined][] = [
    ["issuer", receipt.issuer, issuer],
    ["relying-party", receipt.relyingParty, relyingParty],
    ["verification", receipt.verificationId, verificationId],
    ["challenge", receipt.challengeId, challengeId],
  ];
  for (const [reason, said, wanted] of asked) if (wanted !== undefined && said !== wanted) throw refusal(reason);
}

function object(part: string, name: Text, maxDepth: number): JsonObject {
  const refuse = (_: string, why: Text): MnverifyError => refusal("malformed", { en: `${name.en}: ${why.en}`, ja: `${name.ja}: ${why.ja}` });
  const raw = fromBase64Url(part);
  if (raw === null) throw refuse("", { en: "it is not canonical base64url", ja: "正規の base64url ではありません" });
  return new StrictJson(name.en, refuse, { maxBytes: MAX_BYTES, maxDepth, longestNumber: 16 }).load(raw);
}
