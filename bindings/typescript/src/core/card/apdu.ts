/** Commands and responses of ISO/IEC 7816-4, encoded in one way only, and never showing what they carry. */
import { equal } from "../bytes.js";

export const SELECT = 0xa4;
export const READ_BINARY = 0xb0;
export const VERIFY = 0x20;
export const SIGN = 0x2a;
export const GET_RESPONSE = 0xc0;
export const SET_SESSION_KEY = 0xae;

/** Bytes of data in one answer, and of one file. */
export const MAX_ANSWER = 1 << 16;

const NAMES: ReadonlyMap<number, string> = new Map([
  [SELECT, "SELECT"],
  [READ_BINARY, "READ BINARY"],
  [VERIFY, "VERIFY"],
  [SIGN, "INTERNAL AUTHENTICATE"],
  [GET_RESPONSE, "GET RESPONSE"],
  [SET_SESSION_KEY, "SET SESSION KEY"],
]);

/** The name of an instruction for the audit; the hex byte where it is none of ours. */
export function instructionName(ins: number): string {
  return NAMES.get(ins) ?? `INS ${ins.toString(16).toUpperCase().padStart(2, "0")}`;
}

export interface Header {
  readonly cla: number;
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
}

const NONE = new Uint8Array();

/** One command APDU. */
export class Command {
  readonly cla: number;
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
  /** Bytes expected (256 or 65536 for "all"), `null` for no Le field. */
  readonly le: number | null;
  /** Three-byte lengths (ISO/IEC 7816-4, 5.2). */
  readonly extended: boolean;
  readonly #data: Uint8Array;

  constructor({ cla, ins, p1, p2 }: Header, data: Uint8Array = NONE, le: number | null = null, extended = false) {
    this.cla = cla;
    this.ins = ins;
    this.p1 = p1;
    this.p2 = p2;
    this.le = le;
    this.extended = extended;
    this.#data = data;
  }

  get data(): Uint8Array {
    return this.#data;
  }

  /** The bytes on the link; `null` where data or Le do not fit the form of length. */
  encode(): Uint8Array | null {
    const [longest, most] = this.extended ? [0xffff, 0x10000] : [0xff, 0x100];
    if (this.#data.length > longest || (this.le !== null && (this.le < 1 || this.le > most))) return null;
    const out = [this.cla, this.ins, this.p1, this.p2];
    if (this.#data.length) {
      if (this.extended) out.push(0, this.#data.length >> 8, this.#data.length & 0xff);
      else out.push(this.#data.length);
      for (const byte of this.#data) out.push(byte);
    }
    if (this.le !== null) {
      const le = this.le % most;
      if (this.extended) out.push(...(this.#data.length ? [] : [0]), le >> 8, le & 0xff);
      else out.push(le);
    }
    return Uint8Array.from(out);
  }

  /** A command that has exactly one of the forms that `encode` makes; `null` for anything else. */
  static parse(raw: Uint8Array): Command | null {
    if (raw.length < 4) return null;
    const [cla, ins, p1, p2] = raw as unknown as [number, number, number, number];
    const extended = raw.length >= 7 && raw[4] === 0;
    const found = split(raw.subarray(extended ? 5 : 4), extended ? 2 : 1);
    if (found === null) return null;
    const command = new Command({ cla, ins, p1, p2 }, found.data, found.le, extended);
    const encoded = command.encode();
    return encoded !== null && equal(encoded, raw) ? command : null;
  }

  with(change: { readonly le?: number; readonly extended?: boolean }): Command {
    return new Command(this, this.#data, change.le ?? this.le, change.extended ?? this.extended);
  }
}

/** Data and Le of a command body whose length fields have `width` bytes. */
function split(body: Uint8Array, width: 1 | 2): { data: Uint8Array; le: number | null } | null {
  const number = (at: number): number => (width === 1 ? body[at]! : (body[at]! << 8) | body[at + 1]!);
  const most = 1 << (8 * width);
  if (body.length === 0) return { data: NONE, le: null };
  if (body.length === width) return { data: NONE, le: number(0) || most };
  if (body.length < width) return null;
  const length = number(0);
  const rest = body.length - width - length;
  if (length === 0 || (rest !== 0 && rest !== width)) return null;
  return { data: body.slice(width, width + length), le: rest ? number(width + length) || most : null };
}

/** One response APDU. */
export class Response {
  readonly #data: Uint8Array;
  readonly statusWord: number;
  /** The card said that the file ends here (`6282`, or `6Cxx` with less than was asked for). */
  readonly atEnd: boolean;

  constructor(data: Uint8Array, statusWord: number, atEnd = false) {
    this.#data = data;
    this.statusWord = statusWord;
    this.atEnd = atEnd;
  }

  static parse(raw: Uint8Array): Response {
    const statusWord = statusWordOf(raw);
    return new Response(raw.slice(0, -2), statusWord, statusWord === 0x6282);
  }

  get data(): Uint8Array {
    return this.#data;
  }

  /** `9000`, or `6282` (end of file reached: the data is good). */
  get ok(): boolean {
    return this.statusWord === 0x9000 || this.statusWord === 0x6282;
  }

  get sw1(): number {
    return this.statusWord >> 8;
  }

  get sw2(): number {
    return this.statusWord & 0xff;
  }
}

export function statusWordOf(raw: Uint8Array): number {
  return (raw.at(-2)! << 8) | raw.at(-1)!;
}
