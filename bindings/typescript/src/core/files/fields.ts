/** What the objects of all layouts are made of: tags in order, dates, sex, images, digests, signatures, keys, offset tables. */
import { areDigits, ascii, fromUtf8 } from "../bytes.js";
import { evidenceError, unsupportedCard } from "../errors.js";
import { data } from "../generated.js";
import { fill, type Text } from "../text.js";
import { compactBirthDay, compactDay, type IsoDay } from "../values/dates.js";
import { lengthOf, place, placeOf, readTlv, reasons, type Tlv, valueOf } from "./tlv.js";

export type Sex = (typeof data.sexes)[keyof typeof data.sexes]["word"];

/** An RSA public key as the card holds it. Whether it is strong enough is for the verification to say. */
export interface CardKey {
  readonly exponent: number;
  /** 256 bytes, big-endian. */
  readonly modulus: Uint8Array;
}

/** An image as bytes; nothing of it is decoded. */
export interface RawImage {
  readonly mediaType: "image/png" | "image/jp2";
  readonly data: Uint8Array;
}

/** Ask that the objects are exactly the expected ones, each once, in that order. */
export function checkTags(children: readonly Tlv[], expected: readonly number[], where: string, end: number): void {
  if (children.length === expected.length && children.every((child, n) => child.tag === expected[n])) return;
  const seen = new Set<number>();
  for (const child of children) {
    if (seen.has(child.tag)) throw evidenceError(placeOf(child, where), reasons.TWICE);
    if (!expected.includes(child.tag)) throw unsupportedCard(placeOf(child, where), reasons.UNKNOWN_OBJECT);
    seen.add(child.tag);
  }
  for (const [n, tag] of expected.entries()) {
    if (seen.has(tag)) continue;
    const after = children.filter((child) => expected.slice(n).includes(child.tag)).map((child) => child.start);
    throw unsupportedCard(place(where, tag, after.length ? Math.min(...after) : end), reasons.MISSING);
  }
  const misplaced = children.find((child, n) => child.tag !== expected[n])!;
  throw unsupportedCard(placeOf(misplaced, where), reasons.OUT_OF_ORDER);
}

/** A value of exactly `length` bytes. */
export function sized(tlv: Tlv, length: number, where: string): Uint8Array {
  if (lengthOf(tlv) === length) return valueOf(tlv);
  throw unsupportedCard(placeOf(tlv, where), fill(reasons.WRONG_SIZE, { right: length, found: lengthOf(tlv) }));
}

export function day(tlv: Tlv, where: string): IsoDay {
  return compactDay(valueOf(tlv)) ?? refuseDay(tlv, where);
}

export function birthDay(tlv: Tlv, where: string): IsoDay {
  return compactBirthDay(valueOf(tlv)) ?? refuseDay(tlv, where);
}

function refuseDay(tlv: Tlv, where: string): never {
  if (lengthOf(tlv) === 8 && areDigits(valueOf(tlv))) throw evidenceError(placeOf(tlv, where), reasons.NO_SUCH_DAY);
  throw unsupportedCard(placeOf(tlv, where), reasons.NO_DATE);
}

export function sex(tlv: Tlv, where: string): Sex {
  const value = valueOf(tlv);
  const found = value.length === 1 ? Object.entries(data.sexes).find(([digit]) => digit === ascii(value)) : undefined;
  if (found === undefined) throw evidenceError(placeOf(tlv, where), reasons.NO_SEX);
  return found[1].word;
}

export function image(tlv: Tlv, mediaType: RawImage["mediaType"], where: string): RawImage {
  const found = optionalImage(tlv, mediaType);
  if (found === null) throw unsupportedCard(placeOf(tlv, where), reasons.NO_IMAGE);
  return found;
}

/** An image that a card may have or not. */
export function optionalImage(tlv: Tlv | undefined, mediaType: RawImage["mediaType"]): RawImage | null {
  return tlv === undefined || lengthOf(tlv) === 0 ? null : { mediaType, data: valueOf(tlv) };
}

const NOT_TEXT = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;

/** A UTF-8 text of `least` to `most` bytes without control characters. */
export function text(tlv: Tlv, where: string, least: number, most: number): string {
  const length = lengthOf(tlv);
  if (length < least || length > most) throw evidenceError(placeOf(tlv, where), fill(reasons.TEXT_SIZE, { found: length, least, most }));
  const found = fromUtf8(valueOf(tlv));
  if (found === null) throw evidenceError(placeOf(tlv, where), reasons.NOT_UTF_8);
  if (NOT_TEXT.test(found)) throw evidenceError(placeOf(tlv, where), reasons.CONTROL_CHARACTERS);
  return found;
}

export function signature(tlv: Tlv, where: string): Uint8Array {
  return ofSize(tlv, where, data.profile.scheme.signature_length, reasons.SIGNATURE_SIZE);
}

export function digest(tlv: Tlv, where: string): Uint8Array {
  return ofSize(tlv, where, data.profile.scheme.digest_length, reasons.DIGEST_SIZE);
}

function ofSize(tlv: Tlv, where: string, length: number, otherwise: Text): Uint8Array {
  if (lengthOf(tlv) === length) return valueOf(tlv);
  throw unsupportedCard(placeOf(tlv, where), fill(otherwise, { found: lengthOf(tlv) }));
}

/** Whether an offset table of big-endian u16 says where the objects begin. An untrue one is not an error here. */
export function offsetsTrue(table: Tlv, starts: readonly number[], where: string): boolean {
  const value = sized(table, 2 * starts.length, where);
  return starts.every((start, n) => ((value[2 * n]! << 8) | value[2 * n + 1]!) === start);
}

const MODULUS_LENGTH = 256;
const MAX_EXPONENT_BYTES = 4;

/**
 * The key that fills `source[start:end]`.
 *
 * @param at the object that holds the key, for errors about the key as a whole
 */
export function cardKeyIn(source: Uint8Array, start: number, end: number, where: string, at: string): CardKey {
  const parts: Tlv[] = [];
  for (let next = start; next < end && parts.length < 3; next = parts.at(-1)!.end) parts.push(readTlv(source, next, end, where));
  const [exponent, modulus] = parts;
  if (parts.length !== 2 || exponent!.tag !== 0x90 || modulus!.tag !== 0x91) throw unsupportedCard(at, reasons.OTHER_KEY);
  if (lengthOf(modulus!) !== MODULUS_LENGTH) {
    throw unsupportedCard(placeOf(modulus!, where), fill(reasons.MODULUS_SIZE, { found: lengthOf(modulus!) }));
  }
  if (lengthOf(exponent!) < 1 || lengthOf(exponent!) > MAX_EXPONENT_BYTES) {
    throw unsupportedCard(placeOf(exponent!, where), fill(reasons.EXPONENT_SIZE, { found: lengthOf(exponent!) }));
  }
  return { exponent: valueOf(exponent!).reduce((sum, byte) => sum * 256 + byte, 0), modulus: valueOf(modulus!) };
}

/** The key that is an object's value. */
export function cardKey(tlv: Tlv, where: string): CardKey {
  return cardKeyIn(tlv.source, tlv.valueStart, tlv.end, where, placeOf(tlv, where));
}
