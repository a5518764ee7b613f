/** What the endpoint answers, as types. The content of a verification is reachable only where it is verified. */
import { fromBase64 } from "../bytes.js";
import { type ErrorCode, MnverifyError } from "../errors.js";
import type { Json, JsonObject } from "../json/parse.js";
import { characters } from "../json/strict.js";
import type { Receipt } from "../receipts/receipt.js";
import type { Text } from "../text.js";
import { parseMoment } from "../values/moment.js";
import { CHALLENGE_LENGTH } from "../values/profile.js";
import { type Assurance, Field, type Outcome } from "../verification/result.js";

const MAX_TEXT = 4096;
const MAX_RECEIPT = 64 * 1024;

/** A challenge for one reading. */
export interface Challenge {
  /** Names it; the backend keeps this, and need not show it to the phone. */
  readonly id: string;
  /** The 32 bytes that the card has to sign. */
  readonly challenge: Uint8Array;
  /** When it is over, RFC 3339. */
  readonly expiresAt: string;
}

export interface CheckAnswer {
  readonly id: string;
  readonly outcome: Outcome;
  readonly code: string;
  readonly detail: string;
}

/** One field of the card: the text; of an image the hex SHA-256, or `null` where that would tell its content. */
export class FieldAnswer extends Field<string | null> {
  /** Of an image; `null` for a text. */
  readonly mediaType: string | null;

  constructor(value: string | null, assurance: Assurance, extent: "year" | null, mediaType: string | null) {
    super(value, assurance, extent);
    this.mediaType = mediaType;
  }
}

interface Common {
  readonly id: string;
  readonly challengeId: string;
  readonly environment: string;
  readonly checks: readonly CheckAnswer[];
  /** What this cannot say, by code, in plain words. */
  readonly limits: ReadonlyMap<string, string>;
  /** The receipt, verified; it says the same. */
  readonly receipt: Receipt;
  /** The same as text: keep this. With claims in it, it is personal data. */
  readonly receiptText: string;
  readonly idempotencyKey: string;
  /** What the comparison with printed data found, as the endpoint wrote it; `null` where none was asked for. */
  readonly comparison: JsonObject | null;
}

export interface VerifiedAnswer extends Common {
  readonly verdict: "verified";
  readonly fields: { readonly [name: string]: FieldAnswer };
}

export interface RejectedAnswer extends Common {
  readonly verdict: "rejected";
}

/** An answer whose receipt was verified and says the same. */
export type Verification = VerifiedAnswer | RejectedAnswer;

/** The error for an answer that this API does not give. */
export function unexpected(en: string, ja: string): MnverifyError {
  return new MnverifyError("unexpected-answer", {
    en: `The endpoint gave an answer that cannot be believed: ${en}. Nothing counts as verified; check the address, and tell its operator.`,
    ja: `検証サーバーの応答を信頼できません（${ja}）。検証済みとは扱わないでください。接続先を確かめ、運用者に伝えてください。`,
  });
}

function wrong(name: string): MnverifyError {
  return unexpected(`${name} has not the documented form`, `${name} が定められた形式ではありません`);
}

export function readChallenge(document: JsonObject): Challenge {
  const challenge = fromBase64(text(document, "challenge"));
  if (challenge?.length !== CHALLENGE_LENGTH) throw wrong("challenge");
  const expiresAt = text(document, "expires_at");
  if (parseMoment(expiresAt) === null) throw wrong("expires_at");
  return { id: text(document, "id"), challenge, expiresAt };
}

/** Read a verification, and have its receipt verified. */
export async function readVerification(
  document: JsonObject,
  idempotencyKey: string,
  checkReceipt: (token: string, verificationId: string) => Promise<Receipt>,
): Promise<Verification> {
  const verdict = word(document, "verdict", ["verified", "rejected"]);
  const fields = document.has("fields") ? fieldsOf(document.get("fields")) : {};
  if (verdict === "rejected" && Object.keys(fields).length) throw wrong("fields");
  const comparison = document.get("comparison") ?? null;
  if (comparison !== null && !(comparison instanceof Map)) throw wrong("comparison");
  const [id, receiptText] = [text(document, "id"), text(document, "receipt", MAX_RECEIPT)];
  const common: Common = {
    id,
    challengeId: text(document, "challenge_id"),
    environment: text(document, "environment"),
    checks: checksOf(document),
    limits: new Map(objects(document, "limits").map((limit) => [text(limit, "code"), text(limit, "detail")])),
    receipt: await checkReceipt(receiptText, id),
    receiptText,
    idempotencyKey,
    comparison,
  };
  agree(verdict, common);
  return Object.freeze(verdict === "verified" ? { ...common, verdict, fields } : { ...common, verdict });
}

/** The answer came over TLS, the receipt is signed: they have to say the same. */
function agree(verdict: string, { receipt, environment, challengeId, checks }: Common): void {
  const plain = (all: readonly { id: string; outcome: string; code: string }[]): string =>
    JSON.stringify(all.map(({ id, outcome, code }) => [id, outcome, code]));
  const same =
    receipt.verdict === verdict &&
    receipt.environment === environment &&
    receipt.challengeId === challengeId &&
    plain(receipt.checks) === plain(checks);
  if (!same) throw unexpected("its receipt says something else", "受領証と内容が一致しません");
}

function checksOf(document: JsonObject): readonly CheckAnswer[] {
  return objects(document, "checks").map((check) => ({
    id: text(check, "id"),
    outcome: word(check, "outcome", ["pass", "fail", "not-performed"]),
    code: text(check, "code"),
    detail: text(check, "detail"),
  }));
}

function fieldsOf(value: Json | undefined): { readonly [name: string]: FieldAnswer } {
  if (!(value instanceof Map)) throw wrong("fields");
  return Object.freeze(Object.fromEntries([...value].map(([name, one]) => [name, fieldOf(one)])));
}

function fieldOf(value: Json): FieldAnswer {
  if (!(value instanceof Map)) throw wrong("fields");
  const assurance = word(value, "assurance", ["signed", "corroborated", "unsigned"]);
  const optional = (name: string): string | null => (value.get(name) == null ? null : text(value, name));
  if (value.has("media_type")) return new FieldAnswer(optional("sha256"), assurance, null, text(value, "media_type"));
  return new FieldAnswer(text(value, "value"), assurance, optional("extent") as "year" | null, null);
}

function objects(document: JsonObject, name: string): readonly JsonObject[] {
  const value = document.get(name);
  if (!Array.isArray(value) || !value.every((one) => one instanceof Map)) throw wrong(name);
  return value as readonly JsonObject[];
}

function text(document: JsonObject, name: string, longest = MAX_TEXT): string {
  const value = document.get(name);
  if (typeof value !== "string" || !value || characters(value) > longest) throw wrong(name);
  return value;
}

function word<W extends string>(document: JsonObject, name: string, words: readonly W[]): W {
  const found = words.find((one) => one === document.get(name));
  if (found === undefined) throw wrong(name);
  return found;
}

const REFUSED: Readonly<Record<string, Text>> = {
  "401": {
    en: "The endpoint does not take this API key: {why}. Nothing was done; use a key that is in force.",
    ja: "検証サーバーがこの API キーを受け付けません（{why}）。何もしていません。有効なキーを使ってください。",
  },
  "403": {
    en: "This API key may not do that: {why}. Nothing was verified or kept; use the key of the right role and purpose.",
    ja: "この API キーではできません（{why}）。検証も保存もしていません。役割と目的に合ったキーを使ってください。",
  },
  "challenge-used": {
    en: "The challenge has been used: {why}. This attempt was not verified; ask for a new challenge and read the card again.",
    ja: "チャレンジは使用済みです（{why}）。今回は検証していません。新しいチャレンジを取得し、カードを読み直してください。",
  },
  "challenge-expired": {
    en: "The challenge has expired: {why}. Nothing was verified; ask for a new challenge and read the card again.",
    ja: "チャレンジは期限切れです（{why}）。検証はしていません。新しいチャレンジを取得し、カードを読み直してください。",
  },
  other: {
    en: "The endpoint refused the request: {why}. Nothing was verified; correct the call.",
    ja: "検証サーバーが要求を拒否しました（{why}）。検証はしていません。呼び出しを直してください。",
  },
};

/** The error for a problem (RFC 9457). No message repeats what was sent, or what the endpoint wrote about it. */
export function refusal(status: number, problem: JsonObject, requestId: string | null): MnverifyError {
  const said = (name: string, form: RegExp): string | undefined => {
    const value = problem.get(name);
    return typeof value === "string" && form.test(value) ? value : undefined;
  };
  const endpointCode = said("code", /^[a-z]+(-[a-z]+){0,7}$/);
  const where = said("where", /^[A-Za-z0-9_.\- ]{1,96}$/);
  const id = requestId !== null && /^[A-Za-z0-9_.-]{1,64}$/.test(requestId) ? requestId : undefined;
  const why = [`${status} ${endpointCode ?? "request-refused"}`, where, id && `request ${id}`].filter(Boolean).join(", ");
  const text = REFUSED[endpointCode ?? ""] ?? REFUSED[String(status)] ?? REFUSED["other"]!;
  const code: ErrorCode = "request-refused";
  return new MnverifyError(
    code,
    { en: text.en.replace("{why}", why), ja: text.ja.replace("{why}", why) },
    {
      status,
      ...(endpointCode && { endpointCode }),
      ...(where && { where }),
      ...(id && { requestId: id }),
    },
  );
}
