/**
 * The one way from foreign JSON to checked values: evidence, trust anchors, scripts, receipts and answers.
 *
 * Bounded in size and depth, no key twice, no number where none belongs, canonical base64, no control characters. No reason holds
 * content: not even the name of a key that is not expected.
 */
import { fromBase64, fromHex, fromUtf8, toUtf8 } from "../bytes.js";
import type { Text } from "../text.js";
import { type Json, type JsonFault, JsonNumber, type JsonObject, JsonRefusal, parseJson } from "./parse.js";

export interface Limits {
  /** Of the text in UTF-8. */
  readonly maxBytes: number;
  readonly maxDepth: number;
  /** Characters of a number; 0 where there are no numbers. */
  readonly longestNumber: number;
}

export type Refuse = (where: string, why: Text) => Error;

const text = (en: string, ja: string): Text => ({ en, ja });
const FAULTS: Readonly<Record<JsonFault, Text>> = {
  syntax: text("it is not JSON", "JSON ではありません"),
  depth: text("nested too deep", "入れ子が深すぎます"),
  twice: text("a key stands twice", "同じキーが2回あります"),
  number: text("a number where none belongs, or too long a one", "数値を置けない場所に数値があるか、数値が長すぎます"),
};
const NOT_PRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}]/u;

/** Whether no character of a text is a control character, a line's end, an override of direction, or has no shape. */
export function printable(value: string): boolean {
  return !NOT_PRINTABLE.test(value.replace(/[ \u3000]/g, ""));
}

/** How many characters a text has. */
export function characters(value: string): number {
  let count = 0;
  for (const _ of value) count++;
  return count;
}

/** The checks for one format. Every method gives the value it was asked for, or throws what `refuse` makes. */
export class StrictJson {
  readonly #root: string;
  readonly #refuse: Refuse;
  readonly #limits: Limits;

  constructor(root: string, refuse: Refuse, limits: Limits) {
    this.#root = root;
    this.#refuse = refuse;
    this.#limits = limits;
  }

  /** The JSON object in a text, or in UTF-8. */
  load(data: unknown): JsonObject {
    const content = this.#text(data);
    let document: Json;
    try {
      document = parseJson(content, this.#limits.maxDepth, this.#limits.longestNumber);
    } catch (error) {
      if (!(error instanceof JsonRefusal)) throw error;
      throw this.#refuse(this.#root, FAULTS[error.fault]);
    }
    return this.keys(document, this.#root, [], null);
  }

  /** An object that has the keys required, and no other than the optional ones; `null`: any other. */
  keys(value: Json | undefined, where: string, required: readonly string[] = [], optional: readonly string[] | null = []): JsonObject {
    if (!(value instanceof Map)) throw this.#refuse(where, text("it is not an object", "オブジェクトではありません"));
    const missing = required.filter((name) => !value.has(name)).sort().join(", ");
    if (missing) throw this.#refuse(where, text(`missing: ${missing}`, `${missing} がありません`));
    if (optional !== null && ![...value.keys()].every((name) => required.includes(name) || optional.includes(name))) {
      const names = [...[...required].sort(), ...[...optional].sort()].join(", ");
      throw this.#refuse(where, text(`a key that is none of ${names}`, `${names} 以外のキーがあります`));
    }
    return value;
  }

  items(value: Json | undefined, where: string, most = Number.POSITIVE_INFINITY): readonly Json[] {
    if (!Array.isArray(value)) throw this.#refuse(where, text("it is not a list", "配列ではありません"));
    if (value.length > most) throw this.#refuse(where, text(`it has more than ${most} items`, `要素が ${most} 個を超えています`));
    return value;
  }

  word<W extends string>(value: Json | undefined, where: string, words: readonly W[]): W {
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    const names = words.join(", ");
    throw this.#refuse(where, text(`it is none of ${names}`, `${names} のいずれでもありません`));
  }

  /** A text that matches an anchored expression; `what` says what it should have been. */
  matching(value: Json | undefined, where: string, form: RegExp, what: Text): string {
    if (typeof value === "string" && form.test(value)) return value;
    throw this.#refuse(where, text(`it is not ${what.en}`, `${what.ja}ではありません`));
  }

  /** A text of so many characters, none of which is a control character, a line's end or without a shape. */
  text(value: Json | undefined, where: string, longest: number, shortest = 0): string {
    if (typeof value !== "string") throw this.#refuse(where, text("it is not a text", "文字列ではありません"));
    const length = characters(value);
    if (length < shortest || length > longest) {
      throw this.#refuse(where, text(`it has not ${shortest} to ${longest} characters`, `${shortest}〜${longest} 文字ではありません`));
    }
    if (!printable(value)) {
      throw this.#refuse(where, text("it holds control or invisible characters", "制御文字または表示できない文字があります"));
    }
    return value;
  }

  flag(value: Json | undefined, where: string): boolean {
    if (typeof value === "boolean") return value;
    throw this.#refuse(where, text("it is neither true nor false", "true でも false でもありません"));
  }

  whole(value: Json | undefined, where: string, least: number, most: number): number {
    const found = value instanceof JsonNumber ? value.whole() : null;
    if (found !== null && found >= least && found <= most) return found;
    throw this.#refuse(where, text(`it is not a whole number from ${least} to ${most}`, `${least}〜${most} の整数ではありません`));
  }

  /** So many bytes in lower-case hex. */
  hex(value: Json | undefined, where: string, least: number, most: number): Uint8Array {
    if (typeof value !== "string" || !/^(?:[0-9a-f]{2})*$/.test(value)) {
      throw this.#refuse(where, text("it is not lower-case hex", "小文字の16進数ではありません"));
    }
    return this.#sized(fromHex(value), where, least, most);
  }

  /** So many bytes in canonical base64 (RFC 4648 §4). */
  base64(value: Json | undefined, where: string, least = 0, most = Number.POSITIVE_INFINITY): Uint8Array {
    if (typeof value !== "string") throw this.#refuse(where, text("it is not a text in base64", "base64 の文字列ではありません"));
    const raw = fromBase64(value);
    if (raw === null) throw this.#refuse(where, text("it is not canonical base64", "正規の base64 ではありません"));
    return this.#sized(raw, where, least, most);
  }

  #sized(raw: Uint8Array, where: string, least: number, most: number): Uint8Array {
    if (raw.length >= least && raw.length <= most) return raw;
    throw this.#refuse(where, text(`it has not ${least} to ${most} bytes`, `${least}〜${most} バイトではありません`));
  }

  #text(data: unknown): string {
    const most = this.#limits.maxBytes;
    const tooLarge = text(`more than ${most} bytes`, `上限 ${most} バイトを超えています`);
    const notUtf8 = text("it is not UTF-8 text", "UTF-8 の文字列ではありません");
    if (typeof data === "string") {
      if (data.length > most) throw this.#refuse(this.#root, tooLarge);
      if (/\p{Cs}/u.test(data)) throw this.#refuse(this.#root, notUtf8);
      if (toUtf8(data).length > most) throw this.#refuse(this.#root, tooLarge);
      return data;
    }
    if (!(data instanceof Uint8Array)) {
      throw this.#refuse(this.#root, text("it is neither text nor bytes", "文字列でもバイト列でもありません"));
    }
    if (data.length > most) throw this.#refuse(this.#root, tooLarge);
    const content = fromUtf8(data);
    if (content === null) throw this.#refuse(this.#root, notUtf8);
    return content;
  }
}
