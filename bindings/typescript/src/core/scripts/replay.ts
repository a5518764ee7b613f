/** Recorded readings, `mnverify.script/1`, and a link that plays one and fails on any other command: for tests of programs, in any language. */
import { equal } from "../bytes.js";
import { type ErrorCode, linkError, MnverifyError, usageError } from "../errors.js";
import { data } from "../generated.js";
import type { Json } from "../json/parse.js";
import { StrictJson } from "../json/strict.js";
import { type Link, type LinkCapabilities, newCapabilities } from "../link/link.js";
import { redeem, wasReset } from "../link/permit.js";
import type { Text } from "../text.js";
import { type CredentialKind, type Domain, DOMAINS, type Purpose, PURPOSES, type Role, ROLES } from "../values/numbers.js";
import { CHALLENGE_LENGTH, profileOf } from "../values/profile.js";

/** One step: a command with its answer or the error of the link, or a reset (no command). */
export interface Exchange {
  readonly command: Uint8Array | null;
  readonly answer: Uint8Array | null;
  readonly error: ErrorCode | null;
}

/** One reading of an invented holder's card. */
export interface Script {
  readonly domain: Domain;
  readonly role: Role;
  readonly credential: CredentialKind;
  /** The digits that were presented: an invented holder's. */
  readonly credentialValue: string;
  readonly purposes: readonly Purpose[];
  readonly persona: string;
  /** What the card signed; `null` where presence was not asked for. */
  readonly challenge: Uint8Array | null;
  readonly extended: boolean | null;
  readonly maxShort: number;
  readonly exchanges: readonly Exchange[];
}

function scriptError(where: string, why: Text): MnverifyError {
  return new MnverifyError("malformed-script", {
    en: `This is not a script of a reading: ${where}: ${why.en}. Nothing of it was played; record it again.`,
    ja: `読み取りスクリプトとして読めません（${where}: ${why.ja}）。何も再生していません。記録し直してください。`,
  });
}

const JSON_ = new StrictJson("script", scriptError, { maxBytes: 1 << 20, maxDepth: 3, longestNumber: 16 });
const REQUIRED = ["format", "domain", "role", "credential", "credential_value", "purposes", "persona", "challenge", "extended", "exchanges"];
const LONGEST = 4 + 3 + 0xffff + 2;
const LONGEST_ANSWER = 0x10000 + 2;

/** The script in a JSON text. What was observed of a real reader (`observed`) is not looked at. */
export function parseScript(source: string | Uint8Array): Script {
  const members = JSON_.keys(JSON_.load(source), "script", REQUIRED, ["max_short", "faithful", "reason", "observed"]);
  JSON_.word(members.get("format"), "format", ["mnverify.script/1"]);
  const domain = JSON_.word(members.get("domain"), "domain", DOMAINS);
  const kinds = profileOf(domain).keys.map((key) => key.kind);
  const credential = JSON_.word(members.get("credential"), "credential", kinds);
  const { digits } = data.credentials[credential];
  const [challenge, extended] = [members.get("challenge"), members.get("extended")];
  return {
    domain,
    role: JSON_.word(members.get("role"), "role", ROLES),
    credential,
    credentialValue: JSON_.matching(members.get("credential_value"), "credential_value", new RegExp(`^[0-9]{${digits}}$`), {
      en: `${digits} digits`,
      ja: `${digits} 桁の数字`,
    }),
    purposes: JSON_.items(members.get("purposes"), "purposes").map((one, n) => JSON_.word(one, `purposes[${n}]`, PURPOSES)),
    persona: JSON_.text(members.get("persona"), "persona", 64, 1),
    challenge: challenge === null ? null : JSON_.base64(challenge, "challenge", CHALLENGE_LENGTH, CHALLENGE_LENGTH),
    extended: extended === null ? null : JSON_.flag(extended, "extended"),
    maxShort: members.has("max_short") ? JSON_.whole(members.get("max_short"), "max_short", 1, 256) : 256,
    exchanges: JSON_.items(members.get("exchanges"), "exchanges").map((one, n) => exchangeOf(one, `exchanges[${n}]`)),
  };
}

function exchangeOf(value: Json, where: string): Exchange {
  const step = JSON_.keys(value, where, [], null);
  if (step.has("reset")) {
    JSON_.keys(step, where, ["reset"]);
    if (step.get("reset") !== true) throw scriptError(`${where}.reset`, { en: "it is not true", ja: "true ではありません" });
    return { command: null, answer: null, error: null };
  }
  const ending = step.has("error") ? "error" : "answer";
  JSON_.keys(step, where, ["command", ending]);
  const command = JSON_.hex(step.get("command"), `${where}.command`, 4, LONGEST);
  if (ending === "answer") {
    return { command, answer: JSON_.hex(step.get("answer"), `${where}.answer`, 2, LONGEST_ANSWER), error: null };
  }
  const words = Object.keys(data.link_errors) as (keyof typeof data.link_errors)[];
  return { command, answer: null, error: data.link_errors[JSON_.word(step.get("error"), `${where}.error`, words)] };
}

/** Whether the card answered the challenge before a number was presented, as in a reading that may be resumed. */
export function signsFirst(script: Script): boolean {
  for (const { command } of script.exchanges) {
    if (command?.[1] === 0x2a) return true;
    if (command?.[1] === 0x20) return false; // also the question for the tries, which comes before
  }
  return false;
}

/**
 * Plays a script. Each command has to be the next one, byte for byte. A reset has to come where the script has one; before the first command,
 * after the last, after an error and after another reset it may come or not. Once a command was another one, nothing is answered any more.
 */
export class ReplayLink implements Link {
  readonly readerName: string;
  readonly capabilities: LinkCapabilities;
  readonly #exchanges: readonly Exchange[];
  #at = 0;
  #astray = false;
  #error: ErrorCode | null = null;

  constructor(script: Script, readerName = "replay") {
    this.readerName = readerName;
    this.capabilities = { ...newCapabilities(), extended: script.extended, maxShort: script.maxShort };
    this.#exchanges = script.exchanges;
  }

  /** Whether every command of the script was played, and no other. */
  get finished(): boolean {
    return !this.#astray && this.#exchanges.slice(this.#at).every((step) => step.command === null);
  }

  async transmit(command: Uint8Array): Promise<Uint8Array> {
    const raw = redeem(command, this);
    if (this.#error !== null) throw scripted(this.#error);
    let at = this.#at;
    while (this.#atEdge(at) && this.#isReset(at)) at++;
    const step = this.#exchanges[at];
    if (this.#astray || step?.command == null || !equal(step.command, raw)) throw this.#unexpected(at);
    this.#at = at + 1;
    if (step.error === null) return step.answer!.slice();
    if (step.error !== "link-corrupt") this.#error = step.error;
    throw scripted(step.error);
  }

  async reset(): Promise<void> {
    if (this.#astray || !(this.#isReset(this.#at) || this.#error !== null || this.#atEdge(this.#at))) throw this.#unexpected(this.#at);
    while (this.#isReset(this.#at)) this.#at++;
    this.#error = null;
    wasReset(this);
  }

  #isReset(at: number): boolean {
    return this.#exchanges[at]?.command === null;
  }

  /** Before the first command, after the last, or after a reset. */
  #atEdge(at: number): boolean {
    return at === 0 || at === this.#exchanges.length || this.#isReset(at - 1);
  }

  #unexpected(at: number): MnverifyError {
    this.#astray = true;
    return linkError("unexpected-command", {
      en: `Step ${at} of the script is another command. Nothing was answered.`,
      ja: `スクリプトの${at}番目は別のコマンドです。応答していません。`,
    });
  }
}

function scripted(code: ErrorCode): MnverifyError {
  return linkError(code, {
    en: `The script has an error of the link here: ${code}. Nothing that was read is used.`,
    ja: `スクリプトのこの位置には接続エラー（${code}）が記録されています。読み取った内容は使いません。`,
  });
}

/** What a caller of `random` has to give for a script: its challenge. */
export function scriptedRandom(script: Script): (length: number) => Uint8Array {
  return (length) => {
    if (script.challenge?.length === length) return script.challenge.slice();
    throw usageError("This script has no challenge. Nothing was read.", "このスクリプトにはチャレンジがありません。何も読んでいません。");
  };
}
