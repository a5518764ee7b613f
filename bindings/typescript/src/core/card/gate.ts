/**
 * The gate: the only way to the link, below every session.
 *
 * What is not on the allow-list of the domain and role throws before a byte is sent and is recorded; so does what no data can allow, and a
 * credential whose counter was not asked or leaves too little. What passes gets a permit for this one exchange.
 */
import { MnverifyError, roleError } from "../errors.js";
import { data } from "../generated.js";
import type { Link, LinkCapabilities } from "../link/link.js";
import { PermitIssuer, ResetFirst } from "../link/permit.js";
import type { Text } from "../text.js";
import type { CredentialKind, Domain, Role } from "../values/numbers.js";
import { AllowList, forbidden, isAllowed } from "./allowlist.js";
import { Command, GET_RESPONSE, instructionName, MAX_ANSWER, READ_BINARY, SIGN, statusWordOf } from "./apdu.js";
import { type Allowed, CardState } from "./state.js";

const REPEATABLE = [READ_BINARY, SIGN, GET_RESPONSE]; // a broken answer to these leaves the card as it was
const GONE_BY = [0x90, 0x61, 0x62, 0x63]; // first status bytes of answers that say what the card is in
const MOST_ENTRIES = 4096;
const said = data.gate_reasons;

/** One command that was asked for. It holds no data byte. */
export interface AuditEntry {
  /** `READ BINARY 0002`; of a refused one the instruction alone. */
  readonly instruction: string;
  /** Why it was refused; `null` where it passed. */
  readonly reason: string | null;
  /** The card's answer; `null` where there is none. */
  readonly statusWord: number | null;
}

export class Gate {
  readonly domain: Domain;
  readonly role: Role;
  readonly #issuer: PermitIssuer;
  readonly #allowed: AllowList;
  readonly #office: AllowList;
  readonly #state = new CardState();
  readonly #audit: AuditEntry[] = [];
  #closed = false;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(issuer: PermitIssuer, domain: Domain, role: Role) {
    this.domain = domain;
    this.role = role;
    this.#issuer = issuer;
    this.#allowed = new AllowList(domain, role);
    this.#office = new AllowList(domain, "my-number-office");
    Object.freeze(this);
  }

  /** @throws MnverifyError `domain-busy`: the link has an open session; below `link`: a reset was needed and failed */
  static async open(link: Link, domain: Domain, role: Role): Promise<Gate> {
    return new Gate(await PermitIssuer.claim(link, {}), domain, role);
  }

  /** What was asked for, in order: at most the last 4096. */
  get audit(): readonly AuditEntry[] {
    return this.#audit.slice(-MOST_ENTRIES);
  }

  get capabilities(): LinkCapabilities {
    return this.#issuer.capabilities;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Whether the application is selected; no longer after an exchange that nobody knows the end of. */
  get selected(): boolean {
    return this.#state.selected;
  }

  /** Credentials that the card accepted by VERIFY with data, through this gate. */
  get verified(): ReadonlySet<CredentialKind> {
    return new Set(this.#state.verified);
  }

  /**
   * Send a command if it may pass; response data and the two status bytes.
   *
   * @throws MnverifyError `gate-refused`, `not-for-role`, `domain-busy`: nothing was sent; below `link`: the exchange failed
   */
  transmit(command: Uint8Array, allowLastTry = false): Promise<Uint8Array> {
    const raw = command.slice();
    return this.#alone(async () => {
      try {
        return await this.#pass(raw, allowLastTry);
      } catch (error) {
        if (!(error instanceof ResetFirst)) throw error;
        await this.#issuer.resetCard(); // an earlier session on this card was lost: now the card is known, and can be reset
        return await this.#pass(raw, allowLastTry);
      } finally {
        raw.fill(0);
      }
    });
  }

  /**
   * Whether a command may pass now; nothing is sent. A refusal is recorded.
   *
   * @throws MnverifyError `gate-refused`, `not-for-role`
   */
  judge(command: Uint8Array, allowLastTry = false): Allowed {
    const name = command.length >= 4 ? instructionName(command[1]!) : "nothing";
    const parsed = Command.parse(command);
    if (parsed === null || this.#closed) throw this.#refusal(name, this.#closed ? said.CLOSED : said.MALFORMED);
    const ruling = this.#allowed.judge(parsed, this.#state);
    if (!isAllowed(ruling)) {
      if (isAllowed(this.#office.judge(parsed, this.#state))) throw this.#refusalByRole(name);
      throw this.#refusal(name, ruling);
    }
    const reason =
      forbidden(parsed, this.domain, this.role, this.#state.current) ?? this.#state.whyNotPresented(ruling, allowLastTry);
    if (reason !== null) throw this.#refusal(name, reason);
    return ruling;
  }

  /** Reset the card and give the link back. A reset that fails is recorded: the next session has to do it before it sends anything. */
  close(): Promise<void> {
    return this.#alone(async () => {
      if (this.#closed) return;
      this.#closed = true;
      this.#state.forget();
      try {
        await this.#issuer.release();
        this.#record("RESET", null, 0x9000);
      } catch {
        this.#record("RESET", "the card was not reset; the next session has to do it", null);
      }
    });
  }

  toString(): string {
    return `Gate(${this.domain}, ${this.role}${this.#closed ? ", closed" : ""})`;
  }

  /** One exchange at a time. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const now = this.#last.then(work, work);
    this.#last = now.catch(() => undefined);
    return now;
  }

  async #pass(raw: Uint8Array, allowLastTry: boolean): Promise<Uint8Array> {
    const allowed = this.judge(raw, allowLastTry);
    this.#state.before(allowed);
    let answer: Uint8Array;
    try {
      answer = checked(await this.#issuer.exchange(raw));
    } catch (error) {
      if (!(error instanceof ResetFirst)) this.#record(allowed.what, refusedBelow(error), null);
      const repeatable = error instanceof MnverifyError && error.code === "link-corrupt" && REPEATABLE.includes(raw[1]!);
      if (!repeatable) this.#state.forget();
      throw error;
    }
    const statusWord = statusWordOf(answer);
    this.#state.after(allowed, statusWord);
    if (allowed.effect !== "none" && GONE_BY.includes(statusWord >> 8)) this.#issuer.checkRedeemed();
    this.#record(allowed.what, null, statusWord);
    return answer;
  }

  #refusal(name: string, reason: Text): MnverifyError {
    this.#record(name, reason.en, null);
    return new MnverifyError("gate-refused", {
      en: `The gate refused ${name}: ${reason.en}. Nothing was sent.`,
      ja: `ゲートが ${name} を拒否しました（${reason.ja}）。何も送っていません。`,
    });
  }

  #refusalByRole(name: string): MnverifyError {
    this.#record(name, "the role may not do this", null);
    return roleError({
      en: `Role ${this.role} may not touch what holds the My Number (${name}). Nothing was sent.`,
      ja: `この役割（${this.role}）では個人番号を含むものに触れられません（${name}）。何も送っていません。`,
    });
  }

  #record(instruction: string, reason: string | null, statusWord: number | null): void {
    this.#audit.push(Object.freeze({ instruction, reason, statusWord }));
    if (this.#audit.length > 2 * MOST_ENTRIES) this.#audit.splice(0, MOST_ENTRIES);
  }
}

/** Why the link let a command not through to the card; `null` where it may have. */
function refusedBelow(error: unknown): string | null {
  if (!(error instanceof MnverifyError)) return null;
  if (error.code === "domain-busy") return "the card has another open session";
  return error.code === "gate-refused" ? "the permit was refused" : null;
}

/** The answer, if a card can give it. */
function checked(answer: unknown): Uint8Array {
  if (answer instanceof Uint8Array && answer.length >= 2 && answer.length <= MAX_ANSWER + 2) {
    const high = answer.at(-2)! >> 4;
    if (high === 6 || high === 9) return answer.slice();
  }
  throw new MnverifyError("link-corrupt", {
    en: "The reader passed on an answer that no card gives. Put the card on the reader again.",
    ja: "カードの応答として正しくないデータを受け取りました。カードを置き直してください。",
  });
}
