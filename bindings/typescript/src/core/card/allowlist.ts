/**
 * Which commands one domain and role may send: the data of Python's allow-list, and the floor under it that no data can lift. Forms are exact;
 * whatever is not written here is refused. Who may what is the standard's 第3の2(7)ウ, 第6 and 第7.
 */
import { areDigits, equal, fromHex, startsWith } from "../bytes.js";
import { data } from "../generated.js";
import type { Text } from "../text.js";
import type { CredentialKind, Domain, Role } from "../values/numbers.js";
import { type Command, READ_BINARY, SELECT, VERIFY } from "./apdu.js";
import type { Allowed, CardState } from "./state.js";

type Refusal = Text & { readonly what?: never };
type Ruling = Allowed | Refusal;
type Rule = (command: Command, state: CardState) => Ruling;

const said = data.gate_reasons;
const DIGEST_INFO = fromHex("3031300d060960864801650304020105000420"); // SHA-256, 32 bytes follow (RFC 8017, 9.2)
const SECURE_PIN = fromHex("861101"); // one block of ciphertext follows
const SECURE_LE = fromHex("960300");

const hex4 = (ef: number): string => ef.toString(16).toUpperCase().padStart(4, "0");

/** Whether a ruling lets the command pass. */
export function isAllowed(ruling: Ruling): ruling is Allowed {
  return ruling.what !== undefined;
}

/** The commands of one domain and role. */
export class AllowList {
  readonly #aid: Uint8Array;
  readonly #files: ReadonlySet<number>;
  readonly #keys: ReadonlyMap<number, { readonly kind: CredentialKind; readonly digits: number }>;
  readonly #rules: ReadonlyMap<number, Rule>;

  constructor(domain: Domain, role: Role) {
    const allowed = data.gate.allowed[`${domain}/${role}`];
    this.#aid = fromHex(allowed.aid);
    this.#files = new Set(allowed.files.map((id) => Number.parseInt(id, 16)));
    this.#keys = new Map(Object.entries(allowed.keys).map(([id, key]) => [Number.parseInt(id, 16), key]));
    const rules: Readonly<Record<(typeof allowed.commands)[number]["rule"], Rule>> = {
      select: (command) => this.#select(command),
      read: (command, state) => this.#read(command, state),
      verify: (command, state) => this.#verify(command, state),
      "get-response": (command, state) => getResponse(command, state),
      sign: (command) => sign(command),
      "set-session-key": (command, state) => setSessionKey(command, state),
      "secure-read": (command, state) => this.#secureRead(command, state),
      "secure-verify": (command, state) => this.#secureVerify(command, state),
    };
    this.#rules = new Map(allowed.commands.map(({ cla, ins, rule }) => [Number.parseInt(cla + ins, 16), rules[rule]]));
  }

  /** What follows from the command, or the reason of refusal. */
  judge(command: Command, state: CardState): Ruling {
    const rule = this.#rules.get((command.cla << 8) | command.ins);
    if (rule === undefined) return said.UNKNOWN;
    if (!state.selected && !(command.ins === SELECT && command.p1 === 0x04)) return said.NOT_SELECTED;
    return rule(command, state);
  }

  #select(command: Command): Ruling {
    if (command.extended || command.le !== null || command.p2 !== 0x0c) return said.FORM;
    if (command.p1 === 0x04) {
      return equal(command.data, this.#aid) ? { what: "SELECT application", effect: "select-domain" } : said.AID;
    }
    if (command.p1 !== 0x02 || command.data.length !== 2) return said.FORM;
    const ef = (command.data[0]! << 8) | command.data[1]!;
    if (!this.#files.has(ef) && !this.#keys.has(ef)) return said.FILE;
    return { what: `SELECT ${hex4(ef)}`, effect: "select-ef", ef };
  }

  #read(command: Command, state: CardState): Ruling {
    if (command.data.length || command.le === null) return said.FORM;
    if (command.p1 & 0x80) return this.#bySfi(command);
    if (state.current === null || !this.#files.has(state.current)) return said.CURRENT;
    return { what: `READ BINARY ${hex4(state.current)}`, effect: "none" };
  }

  #bySfi(command: Command): Ruling {
    if ((command.p1 & 0xe0) !== 0x80) return said.FORM;
    const ef = command.p1 & 0x1f;
    return this.#files.has(ef) ? { what: `READ BINARY ${hex4(ef)}`, effect: "select-ef", ef } : said.FILE;
  }

  #key(command: Command, state: CardState): { readonly ef: number; readonly kind: CredentialKind; readonly digits: number } | Text {
    if (command.extended || command.le !== null || command.p1 || (command.p2 & 0xe0) !== 0x80) return said.FORM;
    const ef = command.p2 & 0x1f || state.current;
    const key = ef === null ? undefined : this.#keys.get(ef);
    return key === undefined ? said.KEY : { ef: ef!, ...key };
  }

  #verify(command: Command, state: CardState): Ruling {
    const key = this.#key(command, state);
    if ("en" in key) return key;
    const ef = command.p2 === 0x80 ? state.current : null; // by SFI: not sure which file is current afterwards
    const what = `VERIFY ${hex4(key.ef)}`;
    if (command.data.length === 0) return { what: `${what} (counter)`, effect: "counter", ef, key: key.ef };
    if (command.data.length !== key.digits || !areDigits(command.data)) return said.FORM;
    return { what, effect: "verify", ef, kind: key.kind, key: key.ef };
  }

  #secureRead(command: Command, state: CardState): Ruling {
    if (!state.secure) return said.NO_KEY;
    const whole = command.extended && command.le === 65536 && command.p2 === 0;
    if (!whole || command.data.length !== 5 || !startsWith(command.data, SECURE_LE) || !(command.p1 & 0x80)) return said.FORM;
    return this.#bySfi(command);
  }

  #secureVerify(command: Command, state: CardState): Ruling {
    if (!state.secure) return said.NO_KEY;
    if (command.data.length !== 3 + 16 || !startsWith(command.data, SECURE_PIN) || command.p2 === 0x80) return said.FORM;
    const key = this.#key(command, state);
    if ("en" in key) return key;
    return { what: `VERIFY ${hex4(key.ef)}`, effect: "verify", ef: null, kind: key.kind, key: key.ef };
  }
}

function sign(command: Command): Ruling {
  const whole = command.extended ? command.le === 256 || command.le === 65536 : command.le === 256;
  const info = command.data.length === DIGEST_INFO.length + 32 && startsWith(command.data, DIGEST_INFO);
  return command.p1 || command.p2 || !whole || !info ? said.FORM : { what: "INTERNAL AUTHENTICATE", effect: "none" };
}

function getResponse(command: Command, state: CardState): Ruling {
  if (command.p1 || command.p2 || command.data.length || command.extended || command.le === null) return said.FORM;
  return state.more ? { what: "GET RESPONSE", effect: "none" } : said.NO_MORE;
}

function setSessionKey(command: Command, state: CardState): Ruling {
  if (command.p1 || command.p2 || !command.extended || command.le !== null || command.data.length !== 256) return said.FORM;
  return state.verified.has("pin") ? { what: "SET SESSION KEY", effect: "session-key" } : said.NO_PIN;
}

const INSTRUCTIONS = new Set(data.gate.forbidden.instructions.map((ins) => Number.parseInt(ins, 16)));
const BOUNDS = new Map(
  Object.entries(data.gate.forbidden.domains).map(([domain, { aid, number, nobody }]) => [
    domain,
    {
      aid: fromHex(aid),
      number: new Set(number.map((id) => Number.parseInt(id, 16))),
      nobody: new Set(nobody.map((id) => Number.parseInt(id, 16))),
    },
  ]),
);

/** Why a command is never sent, in whatever form; `null` where the allow-list decides. */
export function forbidden(command: Command, domain: Domain, role: Role, current: number | null): Text | null {
  const bounds = BOUNDS.get(domain)!;
  if (!INSTRUCTIONS.has(command.ins)) return said.UNKNOWN;
  if (command.ins === SELECT && command.p1 !== 0x02) return equal(command.data, bounds.aid) ? null : said.AID;
  const touched = touchedBy(command, current);
  if (touched === null) return null;
  if (bounds.nobody.has(touched)) return said.NEVER;
  return bounds.number.has(touched) && role !== "my-number-office" ? said.NUMBER : null;
}

/** The file or key that a command is about. */
function touchedBy(command: Command, current: number | null): number | null {
  if (command.ins === SELECT) return command.data.reduce((sum, byte) => sum * 256 + byte, 0);
  if (command.ins === READ_BINARY && command.p1 & 0x80) return command.p1 & 0x1f;
  if (command.ins === VERIFY && command.p2 & 0x1f) return command.p2 & 0x1f;
  return command.ins === READ_BINARY || command.ins === VERIFY ? current : null;
}
