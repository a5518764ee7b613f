/**
 * What the sessions of both domains share: open, ask the counters, present, read, close. One session is one domain.
 *
 * The order is fixed: form of the credential (when it is made) → role → counter → floor → VERIFY, once.
 */
import { ascii, equal } from "../bytes.js";
import type { Crypto } from "../crypto/crypto.js";
import { challengeDigestInfo } from "../crypto/digest-info.js";
import { acceptable, messageSigned } from "../crypto/signatures.js";
import { defaultCrypto } from "../crypto/web.js";
import { cardRefused, credentialBlocked, isError, MnverifyError, saidError, tooFewTries, usageError, wrongCredential } from "../errors.js";
import { type AcceptedNumberB, type Evidence, evidenceReadHere } from "../evidence/evidence.js";
import type { Presence } from "../evidence/json.js";
import { data } from "../generated.js";
import type { Link } from "../link/link.js";
import { localMoment, type Moment, parseMoment } from "../values/moment.js";
import type { CredentialKind, Domain, Purpose, Role } from "../values/numbers.js";
import { CHALLENGE_LENGTH, type KeyRule, keysFor, profileOf, SCHEME } from "../values/profile.js";
import { Credential, credentialDigits, sameCredential } from "./credentials.js";
import { Channel, type Progress, Taken } from "./exchange.js";
import { type AuditEntry, Gate } from "./gate.js";
import { PartialReading, type Reading, readingOf } from "./partial.js";
import { keyFor, planReading } from "./plan.js";
import { LOWEST_FLOOR } from "./state.js";

const ENDING = ["link-corrupt", "link-unreliable", "already-verified"] as const; // after these nothing more is asked of the card
const UNCOUNTED_TRIES = 15; // the most that 63Cx can say: stands for a key without a limit

export interface OpenOptions {
  /** Hashing, random challenges, and the check that a torn reading goes on with the same card. Default: the engine's WebCrypto. */
  readonly crypto?: Crypto;
  /** What the relying party is under the My Number Act; it cannot be changed later. Default `general`. */
  readonly role?: Role;
  /** The reader's name, for the evidence. Default: the link's `readerName`. */
  readonly reader?: string | null;
  /** The clock: RFC 3339 with a time zone. Default: local time, whole seconds. */
  readonly now?: () => string;
}

/**
 * What the card is to sign. Whoever verifies elsewhere names the challenge: evidence whose challenge was chosen here, or that has no answer,
 * is not given out for sending (`toRequest`).
 */
export type PresenceOption = { readonly challenge: Uint8Array } | "own-challenge" | "none";

export interface ReadOptions {
  readonly presence: PresenceOption;
  readonly progress?: Progress;
  /** Takes what was read, so that a torn reading can be resumed. What was in it is forgotten. */
  readonly partial?: PartialReading;
}

export interface PresentOptions {
  /** Tries that have to be left for the credential to be presented, 2 or more. Default 2. */
  readonly floor?: number;
  /** Spend even the last try. Say so to the holder first. */
  readonly allowLastTry?: boolean;
}

interface Tries {
  /** Tries left, 0 where it is blocked; `null` where the card names no number. */
  readonly left: number | null;
  readonly verified: boolean;
}

/** An open application of one card. A link error in mid-session closes it: what was read is lost, and the card is reset. */
export abstract class Session {
  readonly #gate: Gate;
  readonly #channel: Channel;
  readonly #crypto: Crypto;
  readonly #reader: string | null;
  readonly #now: () => Moment;
  readonly #accepted = new Map<CredentialKind, Credential>();
  #triesInDoubt: number | null = null;
  #signed: Presence | null = null;
  #last: Promise<unknown> = Promise.resolve();

  protected constructor(gate: Gate, options: OpenOptions, reader: string | null) {
    this.#gate = gate;
    this.#channel = new Channel(gate);
    this.#crypto = options.crypto ?? defaultCrypto();
    this.#reader = reader;
    this.#now = () => momentNow(options.now);
  }

  protected static async begin<S extends Session>(
    link: Link,
    domain: Domain,
    options: OpenOptions,
    make: (gate: Gate, reader: string | null) => S,
  ): Promise<S> {
    const { role = "general" } = options;
    if (typeof link?.transmit !== "function" || typeof link.reset !== "function") {
      throw usageError(
        "This is no link: it has no transmit and reset. The card was not touched.",
        "リンクではありません（transmit と reset がありません）。カードには触れていません。",
      );
    }
    if (!(data.roles as readonly string[]).includes(role)) {
      throw usageError(
        `There is no such role; the words are: ${data.roles.join(", ")}. The card was not touched.`,
        `そのような役割はありません。使えるのは ${data.roles.join(", ")} です。カードには触れていません。`,
      );
    }
    if (options.crypto === undefined) defaultCrypto(); // there has to be one before the card is touched
    const gate = await Gate.open(link, domain, role);
    try {
      const session = make(gate, options.reader === undefined ? (link.readerName ?? null) : options.reader);
      await session.#channel.select(profileOf(domain).aid);
      return session;
    } catch (error) {
      await gate.close();
      throw error;
    }
  }

  get domain(): Domain {
    return this.#gate.domain;
  }

  get role(): Role {
    return this.#gate.role;
  }

  /** What was asked of the card, passed or refused, without a data byte. */
  get audit(): readonly AuditEntry[] {
    return this.#gate.audit;
  }

  /** Whether the session was closed, by the caller or by a link error. */
  get closed(): boolean {
    return this.#gate.closed;
  }

  /**
   * Tries that were left before a VERIFY whose answer did not come, or says neither yes nor no: where fewer are left now, the card refused
   * the number. `null` where there is no such VERIFY.
   */
  get triesInDoubt(): number | null {
    return this.#triesInDoubt;
  }

  /** Tries left on each credential that the role may use, spending none; 0 where it is blocked, `null` where the card names none. */
  retries(): Promise<ReadonlyMap<CredentialKind, number | null>> {
    return this.#alone(async () => {
      const found = new Map<CredentialKind, number | null>();
      for (const key of keysFor(this.domain, this.role)) found.set(key.kind, (await this.#askTries(key)).left);
      return found;
    });
  }

  /**
   * Present what the holder gave. One try at most is spent, and none below the floor.
   *
   * @throws MnverifyError `too-few-tries`, `credential-blocked`, `not-for-role`, `already-verified`: not presented; `wrong-credential`; below
   *   `link`: whether a try was spent is known to the card alone
   */
  present(credential: Credential, options: PresentOptions = {}): Promise<void> {
    return this.#alone(() => this.#present(credential, options));
  }

  /**
   * Read what the purposes need, and nothing else; let the card answer a challenge.
   *
   * @throws MnverifyError `not-for-role`, `usage`: nothing was sent; `malformed-evidence`, `unsupported-card`, `card-refused`; below `link`: the
   *   session is closed
   */
  read(purposes: readonly Purpose[], { presence, progress, partial = new PartialReading() }: ReadOptions): Promise<Evidence> {
    return this.#alone(async () => {
      const challenge = challengeOf(presence);
      const plan = planReading(this.domain, this.role, new Set(this.#accepted.keys()), purposes);
      const { firstAnswer } = readingOf(partial);
      partial.clear();
      const reading = readingOf(partial);
      Object.assign(reading, {
        firstAnswer,
        domain: this.domain,
        role: this.role,
        plan,
        challenge,
        presence: presence !== "none",
        acceptedNumberB: this.#numberB(plan.credential),
      });
      return this.#goOn(partial, progress ?? null);
    });
  }

  /**
   * Have the card sign before a number is presented to it: the first time to be known by it, later to be known again. The same key gives the same
   * signature over the same challenge, so a reading that is torn before the card's key was read is not resumed on another holder's
   * card, which would cost a try there. The signature serves as the answer to the challenge too.
   *
   * @throws MnverifyError `different-card`: another card than the first time
   */
  recognise(partial: PartialReading, challenge: Uint8Array | null = null): Promise<void> {
    return this.#alone(async () => {
      const reading = readingOf(partial);
      if (challenge !== null) challengeOf({ challenge });
      const known = reading.firstAnswer;
      const carries = this.#gate.capabilities;
      if (known === null && !carries.extended && carries.maxShort < SCHEME.signatureLength) return;
      let signed: Presence;
      try {
        signed = await this.#answer(known === null ? challenge : known.challenge);
      } catch (error) {
        if (known !== null || !(isError(error, "link-corrupt") || isError(error, "link-unreliable"))) throw error;
        return;
      }
      if (known !== null && !equal(known.signature, signed.signature)) throw saidError("different-card");
      reading.firstAnswer = this.#signed = signed;
    });
  }

  /**
   * Go on with a reading that was torn. The card has to prove first that it is the same one, by its key and its certificate; only then, and only
   * if a file is missing that needs it, is the credential presented. Where the card's key had not been read yet, the reading begins anew.
   *
   * @throws MnverifyError `different-card`: no number was presented to it; and as `present` and `read`
   */
  resume(
    partial: PartialReading,
    credential: Credential,
    { floor, progress }: { readonly floor?: number; readonly progress?: Progress } = {},
  ): Promise<Evidence> {
    return this.#alone(async () => {
      const reading = readingOf(partial);
      const { plan } = reading;
      checkFloor(floor ?? LOWEST_FLOOR);
      if (plan === null || reading.domain !== this.domain || reading.role !== this.role || this.#accepted.size) {
        throw usageError(
          "There is no torn reading of this domain and role to resume in a new session. Nothing was sent.",
          "この領域と役割で、新しいセッションから再開できる読み取りがありません。何も送っていません。",
        );
      }
      if (credential.kind !== plan.credential) {
        throw usageError(
          `The torn reading was opened with ${plan.credential}. Nothing was sent.`,
          `中断した読み取りは ${plan.credential} で開いたものです。何も送っていません。`,
        );
      }
      if (reading.cardKey === null) reading.restart();
      else await this.#confirmSameCard(reading);
      if (reading.needsCredential) {
        await this.#present(credential, floor === undefined ? {} : { floor });
        reading.acceptedNumberB = this.#numberB(plan.credential);
      }
      return this.#goOn(partial, progress ?? null);
    });
  }

  /** Reset the card and give the link back; closing again does nothing. Credentials and signature are let go of. */
  async close(): Promise<void> {
    this.#accepted.clear();
    this.#signed = null;
    await this.#gate.close();
  }

  toJSON(): string {
    return this.toString();
  }

  toString(): string {
    return `Session(${this.domain}, ${this.role}${this.closed ? ", closed" : ""})`;
  }

  /** One operation at a time; none on a closed session; the session is closed where card or link are gone. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const guarded = async (): Promise<T> => {
      if (this.closed) {
        throw usageError(
          "The session is closed. Open a new one; the credential has to be presented again.",
          "セッションは閉じています。開き直して、番号をもう一度提示してください。",
        );
      }
      try {
        return await work();
      } catch (error) {
        if (ENDING.some((code) => isError(error, code)) || !this.#gate.selected) await this.close();
        throw error;
      }
    };
    const now = this.#last.then(guarded, guarded);
    this.#last = now.catch(() => undefined);
    return now;
  }

  /** Ask for the tries of a key, spending none: VERIFY without data (ISO/IEC 7816-4). */
  async #askTries(key: KeyRule): Promise<Tries> {
    const statusWord = await this.#channel.counter(key);
    if (statusWord === 0x9000 || statusWord === 0x6300) return { left: null, verified: statusWord === 0x9000 };
    if (statusWord === 0x6984) return { left: 0, verified: false };
    if ((statusWord & 0xfff0) === 0x63c0) return { left: statusWord & 0x0f, verified: false };
    throw cardRefused(
      { en: `the question for the tries of key ${key.keyId}`, ja: `鍵 ${key.keyId} の残り回数の問い合わせ` },
      statusWord,
    );
  }

  async #present(credential: Credential, { floor = LOWEST_FLOOR, allowLastTry = false }: PresentOptions): Promise<void> {
    if (!(credential instanceof Credential)) throw usageError("Present a Credential object.", "Credential オブジェクトを渡してください。");
    checkFloor(floor);
    const key = keyFor(this.domain, this.role, credential.kind);
    const tries = await this.#askTries(key);
    if (tries.verified) {
      this.#checkSameNumber(credential);
      return;
    }
    if (tries.left === 0) throw credentialBlocked();
    if (tries.left !== null && tries.left < floor && !allowLastTry) throw tooFewTries(tries.left, floor);
    this.#accepted.delete(credential.kind);
    await this.#verify(key, credential, tries.left, allowLastTry);
    this.#accepted.set(credential.kind, credential);
  }

  /** VERIFY, once; in doubt until the card has said yes or no. */
  async #verify(key: KeyRule, credential: Credential, left: number | null, allowLastTry: boolean): Promise<void> {
    this.#triesInDoubt = left;
    const statusWord = await this.#channel.verify(key, credentialDigits(credential), allowLastTry);
    const refused = refusalOf(statusWord);
    if (statusWord !== 0x9000 && refused === null) {
      throw cardRefused({ en: `VERIFY of key ${key.keyId}`, ja: `鍵 ${key.keyId} の照合` }, statusWord);
    }
    this.#triesInDoubt = null;
    if (refused !== null) throw refused;
  }

  /** The card says that this kind is verified already: that counts only where this session presented this very number. */
  #checkSameNumber(credential: Credential): void {
    const known = this.#accepted.get(credential.kind);
    if (known === undefined) throw saidError("already-verified");
    if (!sameCredential(known, credential)) {
      throw usageError(
        "The card has accepted another number in this session, so this one was not presented. Open a new session for it.",
        "このセッションでは別の番号が照合済みのため、提示していません。新しいセッションを開いてください。",
      );
    }
  }

  /** Read what is missing, have the challenge answered, make the evidence of it. */
  async #goOn(partial: PartialReading, progress: Progress | null): Promise<Evidence> {
    const reading = readingOf(partial);
    await this.#readFiles(reading, progress);
    if (reading.presence && reading.answer === null && this.#signed !== null && reading.isServedBy(this.#signed)) {
      reading.answer = this.#signed;
    }
    if (reading.presence) reading.answer ??= await this.#answer(reading.challenge);
    const evidence = evidenceReadHere(
      {
        domain: this.domain,
        role: this.role,
        credential: reading.plan!.credential,
        files: reading.files,
        segments: new Map(),
        presence: reading.answer,
        readAt: this.#now(),
        reader: this.#reader,
      },
      reading.acceptedNumberB,
      reading.challenge !== null,
    );
    partial.clear();
    this.#signed = null; // one answer, one reading
    return evidence;
  }

  /** Read the files that are missing, each into the reading as its bytes come. */
  async #readFiles(reading: Reading, progress: Progress | null): Promise<void> {
    const missing = reading.rules.filter((rule) => !reading.files.has(rule.fileId));
    let done = [...reading.files.values()].reduce((sum, file) => sum + file.length, 0);
    for (const [at, rule] of missing.entries()) {
      const [before, hints] = [done, missing.slice(at + 1).reduce((sum, later) => sum + later.expectedLength, 0)];
      const told: Progress = (read, total) => progress?.(before + read, before + total + hints);
      const taken = reading.torn.get(rule.fileId) ?? new Taken();
      reading.torn.set(rule.fileId, taken);
      const file = await this.#channel.readFile(rule, told, taken);
      reading.files.set(rule.fileId, file);
      reading.torn.delete(rule.fileId);
      done += file.length;
    }
  }

  /** Let the card sign the challenge, or one of our own. */
  async #answer(challenge: Uint8Array | null): Promise<Presence> {
    const chosen = challenge ?? this.#crypto.random(CHALLENGE_LENGTH);
    const info = await challengeDigestInfo(this.#crypto, chosen);
    return { challenge: chosen, signature: await this.#channel.sign(info, SCHEME.signatureLength) };
  }

  /**
   * See that the card holds the private half of the key that was read, and gives the certificate that was read. It needs no credential, so that
   * none is presented to another holder's card.
   */
  async #confirmSameCard(reading: Reading): Promise<void> {
    const answer = this.#signed !== null && reading.isServedBy(this.#signed) ? this.#signed : await this.#answer(reading.challenge);
    const key = reading.cardKey;
    const proved =
      key !== null && acceptable(key) && (await messageSigned(this.#crypto, key, answer.signature, answer.challenge));
    if (!proved) throw saidError("different-card");
    for (const rule of reading.rules) {
      if (rule.openedBy.length) continue;
      const fresh = await this.#channel.readFile(rule);
      const known = reading.files.get(rule.fileId);
      if (known !== undefined && !equal(known, fresh)) throw saidError("different-card");
      reading.torn.delete(rule.fileId);
      reading.files.set(rule.fileId, fresh);
    }
    if (reading.presence) reading.answer = answer;
  }

  /** Number B, where this session presented it and the chip accepted it. */
  #numberB(kind: CredentialKind): AcceptedNumberB | null {
    const credential = this.#accepted.get(kind);
    if (credential?.kind !== "verification-number-b") return null;
    const digits = ascii(credentialDigits(credential));
    return { birthDigits: digits.slice(0, 6), expiryYear: Number(digits.slice(6, 10)) };
  }
}

/** What the card's answer to VERIFY refuses; `null` where it is no refusal of the number. */
function refusalOf(statusWord: number): MnverifyError | null {
  if (statusWord === 0x6984 || statusWord === 0x63c0) return credentialBlocked();
  if ((statusWord & 0xfff0) === 0x63c0) return wrongCredential(statusWord & 0x0f);
  return statusWord === 0x6300 ? wrongCredential(UNCOUNTED_TRIES) : null;
}

/** Refuse a floor below 2. */
export function checkFloor(floor: number): void {
  if (!Number.isInteger(floor) || floor < LOWEST_FLOOR) {
    throw usageError(
      "The floor is 2 or more; to spend the last try, pass allowLastTry: true. Nothing was sent.",
      "下限は2以上です。最後の1回を使うには allowLastTry: true を指定してください。何も送っていません。",
    );
  }
}

/** The challenge of the caller, a copy; `null` where there is none. */
export function challengeOf(presence: PresenceOption): Uint8Array | null {
  if (presence === "none" || presence === "own-challenge") return null;
  const challenge: unknown = presence?.challenge;
  if (challenge instanceof Uint8Array && challenge.length === CHALLENGE_LENGTH) return challenge.slice();
  throw usageError(
    `presence is a challenge of ${CHALLENGE_LENGTH} bytes, "own-challenge" or "none". Nothing was read.`,
    `presence には${CHALLENGE_LENGTH}バイトのチャレンジ、"own-challenge"、"none" のいずれかを指定してください。何も読んでいません。`,
  );
}

function momentNow(now: (() => string) | undefined): Moment {
  const moment = now === undefined ? localMoment() : parseMoment(now());
  if (moment !== null) return moment;
  throw usageError("now gives RFC 3339 with a time zone. Nothing was kept.", "now は時差付きの RFC 3339 を返してください。何も保存していません。");
}
