/** JSON (RFC 8259) as checked objects: a reader of our own, because `JSON.parse` lets a key stand twice and the last one win. */

/** An object. A `Map`, so that no name means anything to the engine. */
export type JsonObject = ReadonlyMap<string, Json>;
/** A number as it is written. */
export class JsonNumber {
  readonly written: string;
  constructor(written: string) {
    this.written = written;
  }
  /** The number, where it is written as a whole one; else `null`. */
  whole(): number | null {
    return /^-?\d+$/.test(this.written) ? Number(this.written) : null;
  }
}
export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonObject;

/** Why a text is no document. */
export type JsonFault = "syntax" | "depth" | "twice" | "number";

export class JsonRefusal extends Error {
  readonly fault: JsonFault;
  constructor(fault: JsonFault) {
    super(fault);
    this.fault = fault;
  }
}

const BLANK = new Set([" ", "\t", "\n", "\r"]);
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/**
 * The document in a text.
 *
 * @param maxDepth levels of nesting
 * @param longestNumber characters of a number; 0 where there are no numbers
 * @throws JsonRefusal
 */
export function parseJson(text: string, maxDepth: number, longestNumber: number): Json {
  let at = 0;
  let fault: JsonFault | null = null;

  function blanks(): void {
    while (BLANK.has(text[at] ?? "")) at++;
  }

  function fail(why: JsonFault = "syntax"): never {
    throw new JsonRefusal(why);
  }

  function string(): string {
    if (text[at] !== '"') fail();
    at++;
    let out = "";
    for (;;) {
      PLAIN.lastIndex = at;
      const plain = PLAIN.exec(text)![0];
      out += plain;
      at += plain.length;
      const next = text[at++];
      if (next === '"') return out;
      if (next !== "\\") fail();
      const escape = text[at++] ?? "";
      if (escape === "u") {
        const digits = text.slice(at, at + 4);
        if (!/^[0-9a-fA-F]{4}$/.test(digits)) fail();
        out += String.fromCharCode(Number.parseInt(digits, 16));
        at += 4;
      } else {
        out += Object.hasOwn(ESCAPES, escape) ? ESCAPES[escape] : fail();
      }
    }
  }

  function value(depth: number): Json {
    blanks();
    const first = text[at] ?? "";
    if (first === '"') return string();
    if (first === "{") return object(depth + 1);
    if (first === "[") return array(depth + 1);
    for (const [word, meaning] of [["true", true], ["false", false], ["null", null]] as const) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return meaning;
      }
    }
    NUMBER.lastIndex = at;
    const found = NUMBER.exec(text);
    if (found === null) return fail();
    at += found[0].length;
    if (found[0].length > longestNumber) fault ??= "number";
    return new JsonNumber(found[0]);
  }

  function object(depth: number): JsonObject {
    if (depth > maxDepth) fail("depth");
    const members = new Map<string, Json>();
    at++;
    blanks();
    if (text[at] === "}") {
      at++;
      return members;
    }
    for (;;) {
      blanks();
      const name = string();
      blanks();
      if (text[at++] !== ":") fail();
      if (members.has(name)) fault ??= "twice";
      members.set(name, value(depth));
      blanks();
      const next = text[at++];
      if (next === "}") return members;
      if (next !== ",") fail();
    }
  }

  function array(depth: number): Json[] {
    if (depth > maxDepth) fail("depth");
    const items: Json[] = [];
    at++;
    blanks();
    if (text[at] === "]") {
      at++;
      return items;
    }
    for (;;) {
      items.push(value(depth));
      blanks();
      const next = text[at++];
      if (next === "]") return items;
      if (next !== ",") fail();
    }
  }

  const document = value(0);
  blanks();
  if (at !== text.length) fail();
  if (fault !== null) fail(fault);
  return document;
}
