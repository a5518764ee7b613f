import { data } from "./generated.js";
import { fill, type Text } from "./text.js";

/** What happened, in one word that never changes: the same in Python, Kotlin, over HTTP and in the JSON of the command lines. */
export type ErrorCode = keyof typeof data.errors;

/** What else a program can use. No credential and no personal data. */
export interface ErrorDetails {
  /** The place in evidence: `files.0002 tag DF25 offset 612`. */
  readonly where?: string;
  /** Tries left of a credential. */
  readonly triesLeft?: number;
  /** Tries that have to be left for it to be presented. */
  readonly floor?: number;
  /** The card's two status bytes, four hex digits. */
  readonly statusWord?: string;
  /** Why a receipt is refused. */
  readonly reason?: string;
  /** Of an answer of the endpoint. */
  readonly status?: number;
  /** The endpoint's own code, where it is none of ours. */
  readonly endpointCode?: string;
  readonly requestId?: string;
  /** With it the same call can be made again and is done once. */
  readonly idempotencyKey?: string;
  /** Seconds after which the endpoint wants to be asked again. */
  readonly retryAfter?: number;
}

/**
 * The one class of errors that this package throws on purpose. A program decides by `code` or `is`, never by the message.
 *
 * The message says what happened, what was not done and what to do, in English (`message`) and Japanese (`text.ja`).
 */
export class MnverifyError extends Error {
  readonly code: ErrorCode;
  readonly text: Text;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, text: Text, details: ErrorDetails = {}) {
    super(text.en);
    this.name = data.errors[code].class;
    this.code = code;
    this.text = text;
    this.details = details;
  }

  /** Whether it is of this kind or of one below it: `error.is("link")` for anything about reader or card. */
  is(code: ErrorCode): boolean {
    return this.code === code || (data.errors[this.code].parents as readonly string[]).includes(code);
  }
}

/** Whether something that was thrown is an error of this package, of this kind or of one below it. */
export function isError(error: unknown, code: ErrorCode = "error"): error is MnverifyError {
  return error instanceof MnverifyError && error.is(code);
}

/** The exit status of the command lines for an error. `reading`: a card is read, so that unreadable data is the card's fault. */
export function exitStatus(error: MnverifyError, reading: boolean): number {
  return reading ? data.errors[error.code].exit_reading : data.errors[error.code].exit;
}

const said: Readonly<Record<keyof typeof data.sentences, Text>> = data.sentences;

export function evidenceError(where: string, why: Text): MnverifyError {
  const ofAFile = where.startsWith("files.") || where.startsWith("segments.");
  const text = fill(ofAFile ? said["malformed-evidence-file"] : said["malformed-evidence"], { where, why });
  return new MnverifyError("malformed-evidence", text, { where });
}

export function evidenceRoleError(where: string, why: Text): MnverifyError {
  return new MnverifyError("evidence-not-for-role", fill(said["evidence-not-for-role"], { where, why }), { where });
}

export function unsupportedCard(where: string, why: Text): MnverifyError {
  return new MnverifyError("unsupported-card", fill(said["unsupported-card"], { where, why }), { where });
}

export function usageError(en: string, ja: string): MnverifyError {
  return new MnverifyError("usage", { en, ja });
}

export function roleError(text: Text): MnverifyError {
  return new MnverifyError("not-for-role", text);
}

export function gateError(en: string, ja: string): MnverifyError {
  return new MnverifyError("gate-refused", { en, ja });
}

export function linkError(code: ErrorCode, text: Text): MnverifyError {
  return new MnverifyError(code, text);
}

export function cardRefused(doing: Text, statusWord: number): MnverifyError {
  const word = statusWord.toString(16).toUpperCase().padStart(4, "0");
  return new MnverifyError("card-refused", fill(said["card-refused"], { doing, status_word: word }), { statusWord: word });
}

export function wrongCredential(triesLeft: number): MnverifyError {
  return new MnverifyError("wrong-credential", fill(said["wrong-credential"], { tries_left: triesLeft }), { triesLeft });
}

export function tooFewTries(triesLeft: number, floor: number): MnverifyError {
  const text = fill(said["too-few-tries"], { tries_left: triesLeft, floor });
  return new MnverifyError("too-few-tries", text, { triesLeft, floor });
}

export function credentialBlocked(): MnverifyError {
  return new MnverifyError("credential-blocked", said["credential-blocked"], { triesLeft: 0 });
}

export function saidError(code: ErrorCode & keyof typeof data.sentences): MnverifyError {
  return new MnverifyError(code, said[code]);
}

/** The error for a card that is not there any more. */
export function cardLost(): MnverifyError {
  return saidError("card-lost");
}

/** The error for a card or link that has an open session. */
export function domainBusy(): MnverifyError {
  return saidError("domain-busy");
}
