/**
 * Strict BER-TLV (ISO/IEC 7816-4 §6.3): the only reader of card bytes.
 *
 * Tags of one to three bytes in their shortest form, definite lengths of up to two length bytes in any form, nothing past the end,
 * nothing but `FF` after a file's one object. Every offset, digest and signature runs over the bytes as they stand.
 */
import { evidenceError, unsupportedCard } from "../errors.js";
import { data } from "../generated.js";
import { fill } from "../text.js";

export const reasons = data.reasons;
export const MAX_FILE_BYTES = 64 * 1024;
/** Enough for the header of any object: three bytes of tag and three of length. */
export const HEADER_BYTES = 6;
const MAX_CHILDREN = 32;

/** One object of a file: where it lies, not a copy of it. */
export interface Tlv {
  readonly tag: number;
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
  readonly source: Uint8Array;
}

export const valueOf = (tlv: Tlv): Uint8Array => tlv.source.subarray(tlv.valueStart, tlv.end);
export const wholeOf = (tlv: Tlv): Uint8Array => tlv.source.subarray(tlv.start, tlv.end);
export const lengthOf = (tlv: Tlv): number => tlv.end - tlv.valueStart;

const OTHERS = new Set([0x7f21, 0x5f4e, 0x5f37, 0xa1, 0x90, 0x91]);

/** Whether a tag looks like the card's own, so that an error may name it: any other may be content. */
export function isOfTheCard(tag: number): boolean {
  const [first, second] = [tag >> 8, tag & 0xff];
  return OTHERS.has(tag) || ((first === 0xff || first === 0xdf) && second >= 0x10 && second < 0x60);
}

function hex(tag: number): string {
  const digits = tag.toString(16).toUpperCase();
  return digits.padStart(2, "0");
}

/** The place of an object for an error; no tag where it may be content. */
export function place(where: string, tag: number, offset: number): string {
  return isOfTheCard(tag) ? `${where} tag ${hex(tag)} offset ${offset}` : `${where} offset ${offset}`;
}

export const placeOf = (tlv: Tlv, where: string): string => place(where, tlv.tag, tlv.start);

/** The object by its header; its end may lie past the end of the bytes. */
function header(source: Uint8Array, at: number, where: string): Tlv {
  const cut = (): Error => evidenceError(`${where} offset ${at}`, reasons.CUT_HEADER);
  const byte = (n: number): number => {
    const value = source[n];
    if (value === undefined) throw cut();
    return value;
  };
  let pos = at;
  let tag = byte(pos++);
  if ((tag & 0x1f) === 0x1f) {
    tag = (tag << 8) | byte(pos++);
    if (tag & 0x80) {
      if ((tag & 0xff) === 0x80 || byte(pos) & 0x80) throw evidenceError(`${where} offset ${at}`, reasons.LONG_TAG);
      tag = (tag << 8) | byte(pos++);
    }
  } else if (tag === 0) {
    throw evidenceError(`${where} offset ${at}`, reasons.NO_TAG);
  }
  let length = byte(pos++);
  if (length === 0x82) {
    length = (byte(pos) << 8) | byte(pos + 1);
    pos += 2;
  } else if (length === 0x81) {
    length = byte(pos++);
  } else if (length >= 0x80) {
    throw evidenceError(place(where, tag, at), length === 0x80 ? reasons.INDEFINITE : reasons.LONG_LENGTH);
  }
  return { tag, start: at, valueStart: pos, end: pos + length, source };
}

/** The object that begins at `at` and has to end at or before `end`. */
export function readTlv(source: Uint8Array, at: number, end: number, where: string): Tlv {
  const found = header(source, at, where);
  if (found.end <= end) return found;
  if (!isOfTheCard(found.tag)) throw evidenceError(`${where} offset ${at}`, reasons.CUT_OBJECT);
  throw evidenceError(placeOf(found, where), fill(reasons.TRUNCATED, { needed: found.end - at, there: end - at }));
}

/** The length in bytes, header included, of the one object of a file, by its first bytes; six are always enough. */
export function objectLength(head: Uint8Array, where: string): number {
  if (head.length > 0 && !(head[0]! & 0x20)) throw unsupportedCard(`${where} offset 0`, reasons.NOT_AN_OBJECT);
  const outer = header(head, 0, where);
  if (!isOfTheCard(outer.tag)) throw unsupportedCard(`${where} offset 0`, reasons.NOT_AN_OBJECT);
  if (outer.end > MAX_FILE_BYTES) throw evidenceError(where, reasons.TOO_LONG_OBJECT);
  return outer.end;
}

/** Where the content of a file's one object begins. */
export function valueStart(head: Uint8Array, where: string): number {
  return header(head, 0, where).valueStart;
}

/** A file's one object, its end and filler checked, its inside not looked at. */
export function readOuter(source: Uint8Array, where: string, tag: number): Tlv {
  if (source.length > MAX_FILE_BYTES) throw evidenceError(where, fill(reasons.TOO_LONG_FILE, { length: source.length }));
  const first = tag > 0xff ? [tag >> 8, tag & 0xff] : [tag];
  if (!first.every((byte, n) => source[n] === byte)) {
    if (source.every((byte) => byte === 0xff)) throw evidenceError(`${where} offset 0`, reasons.EMPTY_FILE);
    if (source.length < first.length && first.slice(0, source.length).every((byte, n) => source[n] === byte)) {
      throw evidenceError(`${where} offset 0`, reasons.CUT_TAG);
    }
    throw unsupportedCard(`${where} offset 0`, fill(reasons.OTHER_BEGINNING, { tag: hex(tag) }));
  }
  const outer = readTlv(source, 0, source.length, where);
  for (let at = outer.end; at < source.length; at++) {
    if (source[at] !== 0xff) throw evidenceError(`${where} offset ${at}`, reasons.NOT_FILLER);
  }
  return outer;
}

/** The objects inside a file's one object, in file order. After it only `FF` filler is allowed. */
export function readFileObject(source: Uint8Array, where: string, tag: number): Tlv[] {
  const outer = readOuter(source, where, tag);
  const children: Tlv[] = [];
  for (let at = outer.valueStart; at < outer.end; ) {
    const child = readTlv(source, at, outer.end, where);
    if (!isOfTheCard(child.tag)) throw unsupportedCard(`${where} offset ${at}`, reasons.UNKNOWN_OBJECT);
    if (children.length === MAX_CHILDREN) {
      throw evidenceError(placeOf(child, where), fill(reasons.TOO_MANY_OBJECTS, { most: MAX_CHILDREN }));
    }
    children.push(child);
    at = child.end;
  }
  return children;
}
