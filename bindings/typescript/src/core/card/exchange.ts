/**
 * Everything between a session and the gate: 61xx, 6Cxx, short and extended lengths, cut answers, files by their head.
 *
 * An answer is never trusted to be whole: how long a file is comes from the TLV header of its object. Extended length is learnt by the first
 * read, never by VERIFY, and costs one exchange where it does not work.
 */
import { startsWith } from "../bytes.js";
import { cardRefused, evidenceError, isError, linkError, MnverifyError, saidError } from "../errors.js";
import { objectLength } from "../files/tlv.js";
import type { LinkCapabilities } from "../link/link.js";
import type { Text } from "../text.js";
import type { FileRule, KeyRule } from "../values/profile.js";
import { Command, GET_RESPONSE, MAX_ANSWER, READ_BINARY, Response, SELECT, SIGN, VERIFY } from "./apdu.js";
import type { Gate } from "./gate.js";

/** Is told bytes done and bytes expected so far; the second number grows as the heads of files are read. */
export type Progress = (done: number, expected: number) => void;

/** Bytes as they come. */
export class Taken {
  #bytes: Uint8Array = new Uint8Array();

  get length(): number {
    return this.#bytes.length;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  add(more: Uint8Array): void {
    const whole = new Uint8Array(this.#bytes.length + more.length);
    whole.set(this.#bytes);
    whole.set(more, this.#bytes.length);
    this.#bytes.fill(0);
    this.#bytes = whole;
  }
}

const HEAD = 256; // bytes of the first read of a file of unknown length
const HEADER = 6; // bytes that are enough for the header of any file's object
const CAUTIOUS = 231; // what every reader can carry in a short answer
const DOUBTS = 2; // sessions
const MAX_READS = 600; // of one file
const MAX_RESPONSES = 300; // GET RESPONSE in a row
const MAX_OFFSET = 0x7fff; // READ BINARY has 15 bits of offset
const DENIED = [0x6981, 0x6982, 0x6984, 0x6985, 0x6986, 0x6a82, 0x6a86, 0x6a88, 0x6b00]; // not about lengths
const FOREIGN = [0x6700, 0x6999, 0x6a81, 0x6a82, 0x6a86, 0x6d00, 0x6e00]; // what other cards answer to our SELECT
const JUST_POWERED = 0x6f00; // a card that answers the first command after power-up with this, whatever it is
const TOO_SHORT: Text = { en: "the file ends before its object", ja: "ファイルがデータの途中で終わっています" };
const TOO_FAR: Text = { en: "the file is longer than this link can read", ja: "ファイルが長すぎて、この通信方式では読めません" };
const TOO_LONG: Text = { en: "the object is longer than 64 KiB", ja: "データが64 KiBを超えています" };

/** Commands in the clear through one gate. */
export class Channel {
  readonly #gate: Gate;
  readonly #carries: LinkCapabilities;
  #extendedFailed = false;

  constructor(gate: Gate) {
    this.#gate = gate;
    this.#carries = gate.capabilities;
  }

  /** Select the application. */
  async select(aid: Uint8Array): Promise<void> {
    const command = new Command({ cla: 0, ins: SELECT, p1: 0x04, p2: 0x0c }, aid);
    let answer = await this.#once(command);
    if (answer.statusWord === JUST_POWERED) answer = await this.#once(command);
    if (FOREIGN.includes(answer.statusWord)) {
      throw linkError("not-my-number-card", {
        en: "This is not a My Number Card, or it lacks the application. Put a My Number Card on the reader.",
        ja: "マイナンバーカードではないか、必要なアプリがありません。マイナンバーカードを置いてください。",
      });
    }
    if (answer.statusWord !== 0x9000) throw cardRefused({ en: "SELECT", ja: "SELECT" }, answer.statusWord);
  }

  /** Ask how many tries a key has left, spending none; the status word as it comes. */
  async counter(key: KeyRule): Promise<number> {
    return (await this.#once(new Command({ cla: 0, ins: VERIFY, p1: 0, p2: 0x80 | key.sfi }))).statusWord;
  }

  /** Present a credential, once and never again by itself; the status word as it comes. */
  async verify(key: KeyRule, digits: Uint8Array, allowLastTry: boolean): Promise<number> {
    const command = new Command({ cla: 0, ins: VERIFY, p1: 0, p2: 0x80 | key.sfi }, digits);
    return (await this.#once(command, allowLastTry)).statusWord;
  }

  /** The card's signature of `length` bytes over the DigestInfo of a challenge. */
  async sign(digestInfo: Uint8Array, length: number): Promise<Uint8Array> {
    const command = new Command({ cla: 0x80, ins: SIGN, p1: 0, p2: 0 }, digestInfo, 256);
    if (this.#carries.extended === true && !this.#extendedFailed) {
      const answer = await this.#tried(command.with({ extended: true }));
      if (answer?.ok && answer.data.length === length) return answer.data;
    }
    const answer = await this.#send(command);
    if (!answer.ok) throw cardRefused({ en: "the signature", ja: "署名" }, answer.statusWord);
    if (answer.data.length !== length) {
      throw linkError("link-unreliable", {
        en: "The reader does not carry the card's signature whole. Use another reader, or read without presence.",
        ja: "この読み取り機はカードの署名を最後まで受け取れません。別の読み取り機を使うか、存在確認なしで読み取ってください。",
      });
    }
    return answer.data;
  }

  /**
   * Read what the TLV header of a file announces, and the filler that a digest covers.
   *
   * @param taken takes the bytes as they come. What is in it already is taken for the beginning of this file, once the first bytes on the
   *   card were found to be the same.
   */
  async readFile(rule: FileRule, progress: Progress | null = null, taken: Taken = new Taken()): Promise<Uint8Array> {
    if (taken.length) await this.#checkBeginning(rule, taken);
    let total = taken.length >= HEADER ? wholeLength(rule, taken.bytes) : 0;
    const hint = rule.expectedLength + rule.filler || HEAD;
    for (let n = 0; n < MAX_READS; n++) {
      if (total > 0 && total <= taken.length) return taken.bytes.slice(0, total);
      const answer = await this.#read(rule, taken.length, (total || hint) - taken.length);
      taken.add(answer.data);
      if (!total && (taken.length >= HEADER || answer.atEnd)) total = wholeLength(rule, taken.bytes);
      if (total) progress?.(Math.min(taken.length, total), total);
      if (answer.atEnd && !(total > 0 && total <= taken.length)) throw evidenceError(`files.${rule.fileId}`, TOO_SHORT);
    }
    throw saidError("link-unreliable");
  }

  /** Make the file the current one by reading its first bytes, and see that they are those that were read before. */
  async #checkBeginning(rule: FileRule, taken: Taken): Promise<void> {
    const { data: first } = await this.#read(rule, 0, Math.min(taken.length, HEAD));
    if (!first.length || !startsWith(taken.bytes, first)) throw saidError("different-card");
  }

  async #once(command: Command, allowLastTry = false): Promise<Response> {
    const raw = command.encode()!;
    try {
      return Response.parse(await this.#gate.transmit(raw, allowLastTry));
    } finally {
      raw.fill(0);
    }
  }

  /** One command with what belongs to its answer: `6Cxx` sent again with the right Le, `61xx` fetched. */
  async #send(command: Command): Promise<Response> {
    let answer = await this.#once(command);
    let atEnd = false;
    if (answer.sw1 === 0x6c && command.ins === READ_BINARY && !command.data.length) {
      const le = answer.sw2 || 256;
      atEnd = le < (command.le ?? 0);
      answer = await this.#once(command.with({ le, extended: false }));
    }
    const taken = new Taken();
    taken.add(answer.data);
    for (let n = 0; n < MAX_RESPONSES && answer.sw1 === 0x61 && taken.length <= MAX_ANSWER; n++) {
      answer = await this.#once(new Command({ cla: 0, ins: GET_RESPONSE, p1: 0, p2: 0 }, undefined, answer.sw2 || 256));
      taken.add(answer.data);
      if (!answer.data.length) break;
    }
    if (answer.sw1 === 0x61) throw saidError("link-unreliable");
    return new Response(taken.bytes, answer.statusWord, atEnd || answer.atEnd);
  }

  /** One piece of a file: at most `want` bytes, at least one unless the file ends. */
  async #read(rule: FileRule, offset: number, want: number): Promise<Response> {
    if (this.#carries.extended !== false && !this.#extendedFailed) {
      const answer = await this.#tried(readCommand(rule, offset, want, true));
      if (answer !== null && isWhole(rule, answer, offset, want)) {
        this.#carries.extended = true;
        if (answer.data.length > HEAD) this.#carries.doubts = 0;
        return answer;
      }
      if (answer !== null && DENIED.includes(answer.statusWord)) throw unread(rule, answer);
      this.#doubtExtended();
    }
    const ask = Math.min(want, this.#carries.maxShort);
    if (ask > CAUTIOUS) {
      const answer = await this.#tried(readCommand(rule, offset, ask, false));
      if (answer !== null && isWhole(rule, answer, offset, ask)) return answer;
      if (answer !== null && DENIED.includes(answer.statusWord)) throw unread(rule, answer);
      this.#carries.maxShort = CAUTIOUS;
    }
    return this.#readCautiously(rule, offset, Math.min(want, CAUTIOUS));
  }

  /** No more of it in this session; nor in the next, if it never worked or broke twice in a row. */
  #doubtExtended(): void {
    if (this.#carries.extended) this.#carries.doubts++;
    if (this.#carries.extended === null || this.#carries.doubts >= DOUBTS) this.#carries.extended = false;
    this.#extendedFailed = true;
  }

  async #readCautiously(rule: FileRule, offset: number, want: number): Promise<Response> {
    const answer = await this.#send(readCommand(rule, offset, want, false));
    if (!answer.ok) throw unread(rule, answer);
    if (answer.data.length > want || !(answer.data.length || answer.atEnd)) throw saidError("link-unreliable");
    return answer;
  }

  /** The answer to a command that a reader may not be able to carry; `null` where it broke the answer. */
  async #tried(command: Command): Promise<Response | null> {
    try {
      return await this.#send(command);
    } catch (error) {
      if (isError(error, "link-corrupt") || isError(error, "link-unreliable")) return null;
      throw error;
    }
  }
}

/** READ BINARY: the first piece selects the file by its SFI, the others go on in it. */
function readCommand(rule: FileRule, offset: number, want: number, extended: boolean): Command {
  if (offset > MAX_OFFSET) throw evidenceError(`files.${rule.fileId}`, TOO_FAR);
  const [p1, p2] = offset === 0 ? [0x80 | rule.sfi, 0] : [offset >> 8, offset & 0xff];
  return new Command({ cla: 0, ins: READ_BINARY, p1: p1!, p2: p2! }, undefined, want, extended);
}

/** Whether an answer is all that was asked for, or all that the file has. */
function isWhole(rule: FileRule, answer: Response, offset: number, want: number): boolean {
  if (!answer.ok || !(answer.data.length || answer.atEnd) || answer.data.length > want) return false;
  if (answer.data.length === want || answer.atEnd) return true;
  return offset === 0 && holdsObject(rule, answer.data);
}

function holdsObject(rule: FileRule, bytes: Uint8Array): boolean {
  try {
    return wholeLength(rule, bytes) <= bytes.length;
  } catch (error) {
    if (!isError(error)) throw error;
    return false;
  }
}

/** How many bytes of a file are wanted: its one object, and the filler that a digest covers. */
function wholeLength(rule: FileRule, head: Uint8Array): number {
  const total = objectLength(head.subarray(0, 16), `files.${rule.fileId}`) + rule.filler;
  if (total > MAX_ANSWER) throw evidenceError(`files.${rule.fileId}`, TOO_LONG);
  return total;
}

function unread(rule: FileRule, answer: Response): MnverifyError {
  return cardRefused({ en: `reading EF ${rule.fileId}`, ja: `EF ${rule.fileId} の読み取り` }, answer.statusWord);
}
