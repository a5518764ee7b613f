/** A client of the verification endpoint: what is repeated, and what is believed. */
import { fromUtf8, toBase64Url } from "../bytes.js";
import type { Crypto } from "../crypto/crypto.js";
import { defaultCrypto } from "../crypto/web.js";
import { evidenceError, MnverifyError, usageError } from "../errors.js";
import { Evidence } from "../evidence/evidence.js";
import { parseEvidence } from "../evidence/json.js";
import { data } from "../generated.js";
import type { JsonObject } from "../json/parse.js";
import { StrictJson } from "../json/strict.js";
import type { ClaimName, Receipt } from "../receipts/receipt.js";
import { verifyReceipt } from "../receipts/verify.js";
import { type Challenge, readChallenge, readVerification, refusal, unexpected, type Verification } from "./answers.js";
import { type Answer, exchange, type Fetch, MAX_ANSWER, sleep } from "./transport.js";

const KEYS_LIVE = 300_000; // milliseconds that published keys are kept without asking again
const OLDEST_ANSWER = 20 * 60; // seconds: a challenge lives 15 minutes at most, and a repeated answer is dated as the first
const PUT_OFF = [408, 429, 502, 503, 504];
const JSON_TYPE = "application/json";
const PROBLEM = "application/problem+json";
const ANSWER = new StrictJson("answer", (_, why) => unexpected(`its JSON: ${why.en}`, `JSON: ${why.ja}`), {
  maxBytes: MAX_ANSWER,
  maxDepth: 16,
  longestNumber: 24,
});

/** Times in milliseconds. */
export interface Pace {
  /** For one attempt, from the first byte sent to the last one received. Default 15000. */
  readonly answer?: number;
  /** For the whole call. Default 45000. */
  readonly total?: number;
  /** At most so many; 1 never repeats. Default 4. */
  readonly attempts?: number;
  /** About so long before the second attempt; each further wait is twice as long, up to ten seconds. Default 200. */
  readonly firstWait?: number;
}

export interface ClientOptions {
  /** The endpoint, `https://…`; plain HTTP only to this machine. */
  readonly url: string;
  /** The relying party's key. It belongs in a backend, never in an app. */
  readonly apiKey: string;
  /** The relying party's name at the endpoint, as receipts carry it. */
  readonly relyingParty: string;
  /** Default: the engine's WebCrypto. */
  readonly crypto?: Crypto;
  /** `globalThis.fetch` of Node, a browser, a worker or React Native. */
  readonly fetch: Fetch;
  /** The endpoint as receipts name it; default: `url`. */
  readonly issuer?: string;
  /** The anchors that answers have to rest on. Default `production`, so that a test endpoint never passes for a real one. */
  readonly environment?: string;
  /** The endpoint's keys, where they are pinned; else they are fetched, and kept for five minutes. */
  readonly jwks?: string | object;
  readonly pace?: Pace;
}

export interface VerifyCall {
  /** Field names that the receipt shall carry; it is personal data then. */
  readonly claims?: readonly ClaimName[];
  /** Printed data to compare with. */
  readonly printed?: object;
  /** What it is for, where the challenge did not say. */
  readonly purpose?: string;
  /** Staff compared the holder's face with the photo. */
  readonly faceCompared?: boolean;
  /** To make the same call again after `endpoint-unreachable`; default: a new one. */
  readonly idempotencyKey?: string;
}

/**
 * A relying party's client of one verification endpoint.
 *
 * Every answer's receipt is verified against the endpoint's published keys, and has to be from this issuer, for this relying party, of this
 * verification and challenge, and to say what the answer says. Calls are repeated only where that is safe: every POST carries an
 * Idempotency-Key, the same in all attempts.
 */
export class VerificationClient {
  readonly url: string;
  readonly #apiKey: string;
  readonly #options: ClientOptions;
  readonly #crypto: Crypto;
  readonly #pace: Required<Pace>;
  #fetched: { readonly at: number; readonly document: Uint8Array } | null = null;

  /** @throws MnverifyError `usage` */
  constructor(options: ClientOptions) {
    this.url = endpointUrl(options.url);
    if (!/^[\x21-\x7e]+$/.test(options.apiKey) || !options.relyingParty || typeof options.fetch !== "function") {
      throw misused("the API key, the relying party or fetch is missing or none", "API キー、事業者名、fetch のいずれかがないか正しくありません");
    }
    this.#apiKey = options.apiKey;
    this.#options = options;
    this.#crypto = options.crypto ?? defaultCrypto();
    this.#pace = { answer: 15_000, total: 45_000, attempts: 4, firstWait: 200, ...options.pace };
    Object.freeze(this);
  }

  /**
   * A challenge for one reading.
   *
   * @param options `purpose`: what the reading is for; `reference`: your own word for it, no personal data; `expiresIn`: 60 to 900 seconds
   */
  newChallenge(
    options: { readonly purpose?: string; readonly reference?: string; readonly expiresIn?: number; readonly idempotencyKey?: string } = {},
  ): Promise<Challenge> {
    const body = JSON.stringify({ purpose: options.purpose, reference: options.reference, expires_in: options.expiresIn });
    return this.#post("/v1/challenges", body, options.idempotencyKey, 201, (_, document) => readChallenge(document));
  }

  /**
   * Have evidence verified. It serves its challenge once, whatever the verdict.
   *
   * @param evidence read here, or as it came from the phone: JSON text or its UTF-8
   * @throws MnverifyError `malformed-evidence`: nothing was sent; `request-refused`, `endpoint-busy`, `endpoint-unreachable`, `unexpected-answer`;
   *   `receipt-refused`: nothing counts as verified
   */
  async verify(challengeId: string, evidence: Evidence | string | Uint8Array, call: VerifyCall = {}): Promise<Verification> {
    const claims = call.claims ?? [];
    if (!claims.every((name) => data.receipt.claims.includes(name))) {
      throw misused("a receipt cannot carry one of these claims", "受領証に載せられない項目があります");
    }
    const options = {
      ...(claims.length && { claims }),
      ...(call.printed && { printed: call.printed }),
      ...(call.purpose && { purpose: call.purpose }),
      ...(call.faceCompared && { face_compared: true }),
    };
    const head = JSON.stringify({ challenge_id: challengeId, ...options });
    const body = `${head.slice(0, -1)},"evidence":${evidenceText(evidence)}}`;
    const verification = await this.#post("/v1/verifications", body, call.idempotencyKey, 200, (key, document) =>
      readVerification(document, key, (token, id) => this.#check(token, id, challengeId, OLDEST_ANSWER)),
    );
    const { environment = "production" } = this.#options;
    if (verification.environment !== environment) {
      throw unexpected(
        `it rests on anchors of another environment than ${environment}`,
        `${environment} とは別の環境のトラストアンカーによる結果です`,
      );
    }
    return verification;
  }

  /** A receipt that somebody brings, verified against the endpoint's keys, for this relying party. */
  checkReceipt(token: string, asked: { readonly verificationId?: string; readonly challengeId?: string } = {}): Promise<Receipt> {
    return this.#check(token, asked.verificationId, asked.challengeId);
  }

  /** The endpoint's keys, as it publishes them: keep them to verify receipts offline. */
  async jwks(fresh = false): Promise<Uint8Array> {
    if (this.#fetched !== null && !fresh && Date.now() - this.#fetched.at < KEYS_LIVE) return this.#fetched.document;
    const answer = await this.#ask("GET", "/.well-known/jwks.json", {}, undefined);
    this.#document(answer, 200);
    this.#fetched = { at: Date.now(), document: answer.body };
    return answer.body;
  }

  toJSON(): string {
    return this.toString();
  }

  toString(): string {
    return `VerificationClient(${this.url}, ${this.#options.relyingParty})`;
  }

  async #check(token: string, verificationId?: string, challengeId?: string, maxAge?: number): Promise<Receipt> {
    const { issuer = this.url, relyingParty, jwks } = this.#options;
    const judge = (keys: string | Uint8Array | object): Promise<Receipt> =>
      verifyReceipt(token, keys, {
        crypto: this.#crypto,
        issuer,
        relyingParty,
        ...(verificationId === undefined ? {} : { verificationId }),
        ...(challengeId === undefined ? {} : { challengeId }),
        ...(maxAge === undefined ? {} : { maxAge }),
      });
    if (jwks !== undefined) return judge(jwks);
    try {
      return await judge(await this.jwks());
    } catch (error) {
      if (!(error instanceof MnverifyError && error.details.reason === "unknown-key")) throw error;
    }
    return judge(await this.jwks(true)); // a key that was published since
  }

  async #post<T>(
    path: string,
    body: string,
    givenKey: string | undefined,
    status: number,
    read: (key: string, document: JsonObject) => T | Promise<T>,
  ): Promise<T> {
    const key = givenKey ?? toBase64Url(this.#crypto.random(24));
    if (!/^[\x21-\x7e]{1,128}$/.test(key)) {
      throw misused("an idempotency key has 1 to 128 visible ASCII characters", "idempotencyKey は空白を含まない ASCII 1～128文字です");
    }
    try {
      const headers = { authorization: `Bearer ${this.#apiKey}`, "content-type": JSON_TYPE, "idempotency-key": key };
      return await read(key, this.#document(await this.#ask("POST", path, headers, body), status));
    } catch (error) {
      if (!(error instanceof MnverifyError) || !error.is("client-error")) throw error;
      throw new MnverifyError(error.code, error.text, { ...error.details, idempotencyKey: key });
    }
  }

  /** Attempts that are repeated only where that is safe, until there is an answer of the API's own form. */
  async #ask(method: string, path: string, headers: { readonly [name: string]: string }, body: string | undefined): Promise<Answer> {
    const { answer: longest, total, attempts, firstWait } = this.#pace;
    const until = Date.now() + total;
    const request = { method, headers: { accept: `${JSON_TYPE}, ${PROBLEM}`, ...headers }, ...(body === undefined ? {} : { body }) };
    for (let attempt = 1; ; attempt++) {
      const answer = await exchange(this.#options.fetch, this.url + path, request, Math.min(longest, Math.max(1, until - Date.now())));
      if (answer === "too-much") throw unexpected("it is longer than any of this API", "この API の応答としては長すぎます");
      if (answer !== null && !PUT_OFF.includes(answer.status)) return answer;
      const asked = (answer?.retryAfter ?? 0) * 1000;
      const wait = Math.max(asked, Math.min(10_000, firstWait * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2));
      if (attempt >= attempts || wait > 10_000 || Date.now() + wait >= until) throw answer === null ? unreachable() : busy(answer);
      await sleep(wait);
    }
  }

  #document(answer: Answer, status: number): JsonObject {
    if (answer.mediaType !== JSON_TYPE && answer.mediaType !== PROBLEM) {
      throw unexpected(`status ${answer.status} without JSON`, `ステータス ${answer.status} の本文が JSON ではありません`);
    }
    const document = ANSWER.load(answer.body);
    if (answer.status === status && answer.mediaType === JSON_TYPE) return document;
    if (answer.status >= 400 && answer.status < 500 && answer.mediaType === PROBLEM) {
      throw refusal(answer.status, document, answer.requestId);
    }
    throw unexpected(`status ${answer.status}`, `ステータス ${answer.status}`);
  }
}

/** Never pasted in unread: what comes from a phone must not reach beyond its place in the request. */
function evidenceText(evidence: Evidence | string | Uint8Array): string {
  if (evidence instanceof Evidence) return fromUtf8(evidence.toRequest())!;
  parseEvidence(evidence);
  const text = typeof evidence === "string" ? evidence : fromUtf8(evidence);
  if (text === null) throw evidenceError("evidence", { en: "it is not UTF-8 text", ja: "UTF-8 の文字列ではありません" });
  return text;
}

function endpointUrl(url: string): string {
  const found = /^(https?):\/\/([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?(\/[^?#]*)?$/.exec(url);
  const local = found !== null && (/^(localhost|\[::1\])$/.test(found[2]!) || /^127\.[0-9.]+$/.test(found[2]!));
  if (found !== null && (found[1] === "https" || local)) return url.replace(/\/+$/, "");
  throw misused(
    "the address is not https:// (plain HTTP is for this machine only)",
    "接続先が https:// ではありません（http:// はこの機械の中だけで使えます）",
  );
}

function misused(en: string, ja: string): MnverifyError {
  return usageError(`The client was called wrongly: ${en}. Nothing was sent.`, `呼び出しが正しくありません（${ja}）。何も送信していません。`);
}

function unreachable(): MnverifyError {
  return new MnverifyError("endpoint-unreachable", {
    en:
      "The endpoint gave no whole answer. Whether it did what was asked is not known; make the same call again with the same idempotencyKey, " +
      "and it is done once.",
    ja: "検証サーバーから応答が得られません。処理されたかどうかは分かりません。同じ idempotencyKey で同じ呼び出しをすれば、二重には処理されません。",
  });
}

function busy(answer: Answer): MnverifyError {
  return new MnverifyError(
    "endpoint-busy",
    {
      en: "The endpoint put the call off in every attempt. Nothing counts as verified; make the same call again later.",
      ja: "検証サーバーが混み合っているか停止しています。検証済みとは扱わないでください。しばらくして同じ呼び出しをしてください。",
    },
    answer.retryAfter === null ? {} : { retryAfter: answer.retryAfter },
  );
}
