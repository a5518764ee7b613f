/** The thin functions that know a reading from its beginning to its end: open, present, read; and verify. */
import { challengeOf, checkFloor, type PresenceOption } from "../card/session.js";
import { Credential } from "../card/credentials.js";
import { openSession } from "../card/domains.js";
import type { Progress } from "../card/exchange.js";
import { PartialReading } from "../card/partial.js";
import { keyFor, planReading } from "../card/plan.js";
import { LOWEST_FLOOR } from "../card/state.js";
import type { Crypto } from "../crypto/crypto.js";
import { defaultCrypto } from "../crypto/web.js";
import { isError, type MnverifyError, usageError, wrongCredential } from "../errors.js";
import type { Evidence } from "../evidence/evidence.js";
import { data } from "../generated.js";
import type { Link } from "../link/link.js";
import type { Domain, Purpose, Role } from "../values/numbers.js";
import { CHALLENGE_LENGTH, purposesFor } from "../values/profile.js";
import type { VerificationResult } from "../verification/result.js";
import { TrustStore } from "../verification/trust.js";
import { momentOfOption, verify } from "../verification/verify.js";

const FINAL = ["cancelled", "not-my-number-card", "unexpected-command"] as const; // another try changes nothing

export interface ReadCardOptions {
  /** Hashing and public-key operations. Default: the engine's WebCrypto; in React Native give `nobleCrypto`. */
  readonly crypto?: Crypto;
  /** The challenge of whoever verifies: mandatory where the evidence is to be sent away. */
  readonly presence: PresenceOption;
  /** Default `general`. */
  readonly role?: Role;
  /** What the reading is for, at least one; default: all that role and credential open. */
  readonly purposes?: readonly Purpose[];
  /** Tries that have to be left for the credential to be presented. Default 2. */
  readonly floor?: number;
  /** The reader's name, for the evidence; default: the link's. */
  readonly reader?: string | null;
  /** The clock of the evidence; default local time. */
  readonly now?: () => string;
  readonly progress?: Progress;
  /**
   * Is asked for a link to go on with when a link error tore the reading, at most ten times; `null` gives up. What was read is kept for the same
   * card. With it the card answers the challenge before a number is presented, so that it can be known again: to another card no number is
   * presented. Where nobody knows the end of a VERIFY, the counter tells: a number that cost a try is not presented again.
   */
  readonly onTorn?: (error: MnverifyError) => Promise<Link | null> | Link | null;
}

/**
 * Read a card: what a phone does for an endpoint.
 *
 * @throws MnverifyError `usage`, `not-for-role`: the card was not touched; whatever else stopped the reading
 */
export async function readCard(link: Link, domain: Domain, credential: Credential, options: ReadCardOptions): Promise<Evidence> {
  const reading = prepare(domain, credential, options);
  const partial = new PartialReading();
  try {
    return await untilWhole(reading, partial, link);
  } finally {
    partial.clear();
  }
}

export interface CheckCardOptions extends Omit<ReadCardOptions, "presence"> {
  /** The anchors. */
  readonly trust: TrustStore;
  /** Default: a challenge of our own, which the card has to answer freshly. */
  readonly presence?: PresenceOption;
  /** Reject where the card did not prove its presence. */
  readonly requirePresence?: boolean;
  /** The moment to judge expiry by; default now. */
  readonly at?: Date | string;
}

/** A reading and what its verification found. */
export interface CheckedCard {
  readonly evidence: Evidence;
  readonly result: VerificationResult;
}

/** Read a card and verify what it gave, in this process. */
export async function checkCard(link: Link, domain: Domain, credential: Credential, options: CheckCardOptions): Promise<CheckedCard> {
  const { trust, crypto = defaultCrypto(), requirePresence, at, presence = "own-challenge" } = options;
  if (!(trust instanceof TrustStore)) {
    throw usageError("trust has to be a TrustStore. The card was not touched.", "trust には TrustStore を渡してください。カードには触れていません。");
  }
  momentOfOption(at);
  const named = presence === "own-challenge" ? crypto.random(CHALLENGE_LENGTH) : challengeOf(presence);
  const chosen: PresenceOption = named === null ? "none" : { challenge: named };
  const evidence = await readCard(link, domain, credential, { ...options, crypto, presence: chosen });
  const result = await verify(evidence, {
    trust,
    crypto,
    ...(at === undefined ? {} : { at }),
    ...(named === null ? {} : { challenge: named }),
    ...(requirePresence === undefined ? {} : { requirePresence }),
  });
  return { evidence, result };
}

interface Reading {
  readonly domain: Domain;
  readonly credential: Credential;
  readonly purposes: readonly Purpose[];
  readonly options: ReadCardOptions;
  readonly floor: number;
  /** Tries that were left before a VERIFY that nobody knows the end of. */
  doubt: number;
}

function prepare(domain: Domain, credential: Credential, options: ReadCardOptions): Reading {
  const { role = "general", floor = LOWEST_FLOOR, presence, onTorn, progress } = options;
  if (!(domain in data.profile.domains) || !(data.roles as readonly string[]).includes(role) || !(credential instanceof Credential)) {
    throw usageError(
      "There is no such domain or role, or the credential is none. The card was not touched.",
      "領域・役割・番号のいずれかが正しくありません。カードには触れていません。",
    );
  }
  for (const call of [onTorn, progress]) {
    if (call !== undefined && typeof call !== "function") {
      throw usageError("onTorn and progress are functions. The card was not touched.", "onTorn と progress には関数を渡してください。カードには触れていません。");
    }
  }
  checkFloor(floor);
  challengeOf(presence);
  keyFor(domain, role, credential.kind);
  const purposes = options.purposes ?? purposesFor(domain, role, credential.kind);
  planReading(domain, role, new Set([credential.kind]), purposes);
  return { domain, credential, purposes, options, floor, doubt: 0 };
}

async function untilWhole(reading: Reading, partial: PartialReading, first: Link): Promise<Evidence> {
  const { onTorn } = reading.options;
  let link = first;
  for (let resumed = 0; ; resumed++) {
    try {
      return await readFrom(reading, partial, link);
    } catch (error) {
      const torn = isError(error, "link") && !FINAL.some((code) => error.is(code));
      if (!torn || onTorn === undefined || resumed === data.floor.most_resumptions) throw error;
      const again = await onTorn(error);
      if (again === null) throw error;
      link = again;
    }
  }
}

/** Read in one session, or go on with what an earlier one has left. */
async function readFrom(reading: Reading, partial: PartialReading, link: Link): Promise<Evidence> {
  const { domain, credential, options } = reading;
  const floor = Math.max(reading.floor, reading.doubt);
  const { crypto = defaultCrypto(), role, reader, now, presence, progress } = options;
  const session = await openSession(link, domain, {
    crypto,
    ...(role === undefined ? {} : { role }),
    ...(reader === undefined ? {} : { reader }),
    ...(now === undefined ? {} : { now }),
  });
  try {
    if (options.onTorn !== undefined && presence !== "none") await session.recognise(partial, challengeOf(presence));
    const telling = progress === undefined ? {} : { progress };
    if (partial.started) return await session.resume(partial, credential, { floor, ...telling });
    await session.present(credential, { floor });
    return await session.read(reading.purposes, { presence, partial, ...telling });
  } catch (error) {
    const left = isError(error, "too-few-tries") ? error.details.triesLeft! : reading.doubt;
    throw left < reading.doubt ? wrongCredential(left) : error;
  } finally {
    reading.doubt = Math.max(reading.doubt, session.triesInDoubt ?? 0);
    await session.close();
  }
}
