/** From the bytes of card files to typed records that know which of their bytes are signed. Nothing is verified here. */
import { areDigits, ascii, concat } from "../bytes.js";
import { evidenceError, unsupportedCard } from "../errors.js";
import { fill } from "../text.js";
import type { IsoDay } from "../values/dates.js";
import { isMyNumber, KEY_ID_LENGTH } from "../values/numbers.js";
import {
  birthDay,
  type CardKey,
  cardKey,
  cardKeyIn,
  checkTags,
  day,
  digest,
  image,
  offsetsTrue,
  optionalImage,
  type RawImage,
  type Sex,
  sex,
  signature,
  sized,
  text,
} from "./fields.js";
import { lengthOf, place, placeOf, readFileObject, readOuter, reasons, type Tlv, valueOf, wholeOf } from "./tlv.js";

interface Signed {
  readonly signature: Uint8Array;
  /** The bytes that the signature covers. */
  readonly signed: Uint8Array;
}

/** EF 0001 of face-check: the birth date, signed alone. */
export interface AgeRecord extends Signed {
  readonly kind: "age-record";
  readonly birthDate: IsoDay;
  readonly cardKey: CardKey;
}

/** EF 0002 of face-check: the card face. */
export interface FaceRecord {
  readonly kind: "face-record";
  readonly birthDate: IsoDay;
  readonly sex: Sex;
  readonly cardKey: CardKey;
  readonly nameImage: RawImage | null;
  readonly addressImage: RawImage | null;
  readonly photo: RawImage | null;
  readonly signature: Uint8Array;
  /** Not signed. */
  readonly expiry: IsoDay;
  /** Not signed. */
  readonly securityCodeImage: RawImage;
  /** The bytes that are hashed, each segment alone; `null` where it was dropped. */
  readonly segments: readonly [Uint8Array, Uint8Array | null, Uint8Array | null];
  readonly offsetsTrue: boolean;
}

/** EF 0005 of face-check: the image of the 個人番号. */
export interface NumberRecord extends Signed {
  readonly kind: "number-record";
  readonly numberImage: RawImage;
  readonly cardKey: CardKey;
}

/** EF 0001 of input-assist: the 個人番号. */
export interface NumberFile {
  readonly kind: "my-number";
  readonly number: string;
  /** What the signed digest covers: the whole file, its two bytes of filler too. */
  readonly digestInput: Uint8Array;
}

/** EF 0002 of input-assist: the four attributes (基本4情報) as text. */
export interface AttributesRecord {
  readonly kind: "attributes";
  readonly name: string;
  readonly address: string;
  readonly birthDate: IsoDay;
  readonly sex: Sex;
  readonly digestInput: Uint8Array;
  readonly offsetsTrue: boolean;
}

/** EF 0003 of input-assist: 署名券面情報. It leads back to the 個人番号. */
export interface IntegrityRecord extends Signed {
  readonly kind: "integrity-record";
  readonly numberDigest: Uint8Array;
  readonly attributesDigest: Uint8Array;
}

/** EF 0007 of input-assist: the key that answers this domain's challenges. Nothing ties it to EF 0003. */
export interface CardKeyRecord extends Signed {
  readonly kind: "card-key-record";
  readonly cardKey: CardKey;
}

/** The issuer certificate, EF 0004 of both domains. It holds no dates, no usages, no revocation. */
export interface Certificate extends Signed {
  readonly kind: "certificate";
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly key: CardKey;
}

/** What no purpose reads and nothing is verified by. */
export interface OtherRecord {
  readonly kind: "face-application-information" | "input-application-information" | "transport-key";
}

export type Record =
  | AgeRecord
  | FaceRecord
  | NumberRecord
  | NumberFile
  | AttributesRecord
  | IntegrityRecord
  | CardKeyRecord
  | Certificate
  | OtherRecord;

const PNG = "image/png";
const JP2 = "image/jp2";
const NUMBER_FILLER = 2;
const MAX_TEXT_BYTES = 2048;
const FACE_TAGS = [0xdf22, 0xdf23, 0xdf24, 0xdf25, 0xdf26, 0xdf27, 0xdf28, 0xdf29, 0xdf2a] as const;
/** Objects of the card face's segments that can be left out: name and address image; photo. */
const DROPPABLE: ReadonlyMap<number, readonly number[]> = new Map([
  [2, [0xdf25, 0xdf26]],
  [3, [0xdf27]],
]);

type Reader = (source: Uint8Array, where: string) => Record;

function objects(source: Uint8Array, where: string, outer: number, tags: readonly number[]): Tlv[] {
  const children = readFileObject(source, where, outer);
  checkTags(children, tags, where, source.length);
  return children;
}

const READERS: Readonly<{ [layout: string]: Reader }> = {
  "age-record": (source, where) => {
    const [born, key, by] = objects(source, where, 0xff10, [0xdf11, 0xdf12, 0xdf13]) as [Tlv, Tlv, Tlv];
    return {
      kind: "age-record",
      birthDate: birthDay(born, where),
      cardKey: cardKey(key, where),
      signature: signature(by, where),
      signed: source.subarray(born.start, key.end),
    };
  },
  "number-record": (source, where) => {
    const [number, key, by] = objects(source, where, 0xff40, [0xdf41, 0xdf42, 0xdf43]) as [Tlv, Tlv, Tlv];
    return {
      kind: "number-record",
      numberImage: image(number, PNG, where),
      cardKey: cardKey(key, where),
      signature: signature(by, where),
      signed: source.subarray(number.start, key.end),
    };
  },
  certificate: (source, where) => readCertificate(source, where),
  "my-number": (source, where) => {
    const outer = readOuter(source, where, 0xff10);
    const digits = sized(outer, 12, where);
    const right = outer.end + NUMBER_FILLER;
    if (source.length !== right) throw evidenceError(where, fill(reasons.NUMBER_FILLER, { right, found: source.length }));
    const number = ascii(digits);
    if (!isMyNumber(number)) throw evidenceError(placeOf(outer, where), reasons.NO_NUMBER);
    return { kind: "my-number", number, digestInput: source };
  },
  attributes: (source, where) => {
    const children = objects(source, where, 0xff20, [0xdf21, 0xdf22, 0xdf23, 0xdf24, 0xdf25]);
    const [table, name, address, born, ofSex] = children as [Tlv, Tlv, Tlv, Tlv, Tlv];
    return {
      kind: "attributes",
      name: text(name, where, 1, MAX_TEXT_BYTES),
      address: text(address, where, 0, MAX_TEXT_BYTES),
      birthDate: birthDay(born, where),
      sex: sex(ofSex, where),
      digestInput: source.subarray(name.start, ofSex.end),
      offsetsTrue: offsetsTrue(table, children.slice(1).map((child) => child.start), where),
    };
  },
  "integrity-record": (source, where) => {
    const [number, attributes, by] = objects(source, where, 0xff30, [0xdf31, 0xdf32, 0xdf33]) as [Tlv, Tlv, Tlv];
    return {
      kind: "integrity-record",
      numberDigest: digest(number, where),
      attributesDigest: digest(attributes, where),
      signature: signature(by, where),
      signed: source.subarray(number.start, attributes.end),
    };
  },
  "card-key-record": (source, where) => {
    const [key, by] = objects(source, where, 0xff50, [0xdf51, 0xdf52]) as [Tlv, Tlv];
    return { kind: "card-key-record", cardKey: cardKey(key, where), signature: signature(by, where), signed: wholeOf(key) };
  },
  "transport-key": (source, where) => {
    const outer = readOuter(source, where, 0xa1);
    cardKeyIn(source, outer.valueStart, outer.end, where, placeOf(outer, where));
    return { kind: "transport-key" };
  },
  "face-application-information": (source, where) => {
    const tags = [0xdf31, 0xdf32, 0xdf33, 0xdf34, 0xdf35];
    const [codes, keyId, version, municipality, opaque] = objects(source, where, 0xff30, tags) as [Tlv, Tlv, Tlv, Tlv, Tlv];
    if (!areDigits(sized(municipality, 5, where))) throw unsupportedCard(placeOf(municipality, where), reasons.NO_MUNICIPALITY);
    sized(codes, 4, where);
    sized(keyId, KEY_ID_LENGTH, where);
    sized(version, 1, where);
    sized(opaque, 16 + 256, where);
    return { kind: "face-application-information" };
  },
  "input-application-information": (source, where) => {
    const [codes, keyId, opaque] = objects(source, where, 0xff40, [0xdf41, 0xdf42, 0xdf43]) as [Tlv, Tlv, Tlv];
    sized(codes, 4, where);
    sized(keyId, KEY_ID_LENGTH, where);
    sized(opaque, 128, where);
    return { kind: "input-application-information" };
  },
};

/**
 * Read a file by the layout name that the card profile gives it.
 *
 * @param dropped segments of the card face that were left out
 */
export function readLayout(layout: string, fileId: string, source: Uint8Array, dropped: ReadonlySet<number>): Record {
  const where = `files.${fileId}`;
  if (layout === "face-record") return readFace(source, dropped, where);
  const reader = READERS[layout];
  if (reader === undefined) throw unsupportedCard(where, reasons.UNKNOWN_LAYOUT);
  return reader(source, where);
}

/** Read `7F21 { 5F4E body, 5F37 signature }`. */
export function readCertificate(source: Uint8Array, where: string): Certificate {
  const [body, by] = objects(source, where, 0x7f21, [0x5f4e, 0x5f37]) as [Tlv, Tlv];
  if (lengthOf(body) < 2 * KEY_ID_LENGTH) {
    throw unsupportedCard(placeOf(body, where), fill(reasons.SHORT_CERTIFICATE, { found: lengthOf(body) }));
  }
  const keyStart = body.valueStart + 2 * KEY_ID_LENGTH;
  return {
    kind: "certificate",
    issuer: source.subarray(body.valueStart, body.valueStart + KEY_ID_LENGTH),
    subject: source.subarray(body.valueStart + KEY_ID_LENGTH, keyStart),
    key: cardKeyIn(source, keyStart, body.end, where, placeOf(body, where)),
    signed: valueOf(body),
    signature: signature(by, where),
  };
}

/** Read `FF20 { DF21 offset table, DF22 … DF2A }`, whole or with segments left out. */
function readFace(source: Uint8Array, dropped: ReadonlySet<number>, where: string): FaceRecord {
  const children = readFileObject(source, where, 0xff20);
  const expected = [0xdf21, ...tagsWithout(dropped)];
  if (children.length !== expected.length || !children.every((child, n) => child.tag === expected[n])) {
    refuseDropped(children, dropped, where, source.length);
    checkTags(children, expected, where, source.length);
  }
  const by = new Map(children.map((child) => [child.tag, child]));
  const [table, born, ofSex, key] = children as [Tlv, Tlv, Tlv, Tlv];
  const [name, address, photo] = [by.get(0xdf25), by.get(0xdf26), by.get(0xdf27)];
  return {
    kind: "face-record",
    birthDate: birthDay(born, where),
    sex: sex(ofSex, where),
    cardKey: cardKey(key, where),
    nameImage: name ? image(name, PNG, where) : null,
    addressImage: optionalImage(address, PNG),
    photo: optionalImage(photo, JP2),
    signature: signature(by.get(0xdf28)!, where),
    expiry: day(by.get(0xdf29)!, where),
    securityCodeImage: image(by.get(0xdf2a)!, PNG, where),
    segments: [
      source.subarray(born.start, key.end),
      name && address ? source.subarray(name.start, address.end) : null,
      photo ? wholeOf(photo) : null,
    ],
    offsetsTrue: offsetsTrue(table, FACE_TAGS.map((tag) => by.get(tag)?.start ?? 0), where),
  };
}

/** Where what is missing and what is named as dropped are not the same. */
function refuseDropped(children: readonly Tlv[], dropped: ReadonlySet<number>, where: string, end: number): void {
  const tags = new Set(children.map((child) => child.tag));
  if (tags.size < children.length) return; // an object that stands twice is told before one that is missing
  for (const child of children) {
    if ([...dropped].some((number) => DROPPABLE.get(number)!.includes(child.tag))) {
      throw evidenceError(placeOf(child, where), reasons.NAMED);
    }
  }
  for (const [number, theirs] of DROPPABLE) {
    if (dropped.has(number)) continue;
    for (const tag of theirs) {
      if (tags.has(tag)) continue;
      const after = children.filter((child) => child.tag > tag).map((child) => child.start);
      throw evidenceError(place(where, tag, after.length ? Math.min(...after) : end), reasons.NOT_NAMED);
    }
  }
}

function tagsWithout(dropped: ReadonlySet<number>): number[] {
  for (const number of [...dropped].sort()) {
    if (!DROPPABLE.has(number)) throw evidenceError(`segments.${number}`, reasons.NOT_DROPPABLE);
  }
  const gone = new Set([...dropped].flatMap((number) => DROPPABLE.get(number)!));
  return FACE_TAGS.filter((tag) => !gone.has(tag));
}

/**
 * The card face without segment 2 (name and address image) or 3 (photo), and without filler. The outer length is written anew in as
 * many bytes as before, the offsets of the dropped objects become 0, the others are moved; an untrue offset stays untrue by the same
 * difference. A segment that is already missing may be named again.
 */
export function dropSegments(source: Uint8Array, segments: ReadonlySet<number>, fileId: string): Uint8Array {
  const where = `files.${fileId}`;
  const children = readFileObject(source, where, 0xff20);
  const tags = new Set(children.map((child) => child.tag));
  const absent = [...DROPPABLE].filter(([, theirs]) => !theirs.some((tag) => tags.has(tag))).map(([number]) => number);
  readFace(source, new Set(absent), where);
  const remaining = tagsWithout(new Set([...segments, ...absent]));
  const [table, ...others] = children as [Tlv, ...Tlv[]];
  const kept = others.filter((child) => remaining.includes(child.tag));
  const size = (tlv: Tlv): number => tlv.end - tlv.start;
  const head = newHead(source.subarray(0, table.start), size(table) + kept.reduce((sum, child) => sum + size(child), 0));
  const before = new Map(others.map((child) => [child.tag, child.start]));
  const now = new Map<number, number>();
  let at = head.length + size(table);
  for (const child of kept) {
    now.set(child.tag, at);
    at += size(child);
  }
  const offsets = new Uint8Array(valueOf(table));
  for (const [n, tag] of FACE_TAGS.entries()) {
    const stated = (offsets[2 * n]! << 8) | offsets[2 * n + 1]!;
    const moved = stated - (before.get(tag) ?? 0) + (now.get(tag) ?? 0);
    offsets[2 * n] = (moved >> 8) & 0xff;
    offsets[2 * n + 1] = moved & 0xff;
  }
  return concat(head, source.subarray(table.start, table.valueStart), offsets, ...kept.map(wholeOf));
}

/** An outer header of the same form for a shorter content. */
function newHead(head: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(head);
  if (out.length === 3) out[2] = length;
  else if (out.length === 4) out[3] = length;
  else {
    out[3] = length >> 8;
    out[4] = length & 0xff;
  }
  return out;
}

const KEY_TAGS: ReadonlyMap<string, number> = new Map([
  ["age-record", 0xdf12],
  ["face-record", 0xdf24],
  ["number-record", 0xdf42],
  ["card-key-record", 0xdf51],
]);

/** The tag of the key object of a layout that has one. */
export function keyTag(layout: string): number | undefined {
  return KEY_TAGS.get(layout);
}
