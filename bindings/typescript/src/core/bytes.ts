/** Bytes and their texts, without anything of a platform. */

const HEX = "0123456789abcdef";
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Int16Array(128).fill(-1);
for (let n = 0; n < 64; n++) VALUES[BASE64.charCodeAt(n)] = n;

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX[byte >> 4]! + HEX[byte & 15]!;
  return text;
}

/** The bytes of hex digits of any case, an even number of them. */
export function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length / 2);
  for (let n = 0; n < bytes.length; n++) bytes[n] = Number.parseInt(text.slice(2 * n, 2 * n + 2), 16);
  return bytes;
}

/** Canonical base64 (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  let n = 0;
  for (; n + 2 < bytes.length; n += 3) {
    const word = (bytes[n]! << 16) | (bytes[n + 1]! << 8) | bytes[n + 2]!;
    text += BASE64[word >> 18]! + BASE64[(word >> 12) & 63]! + BASE64[(word >> 6) & 63]! + BASE64[word & 63]!;
  }
  if (n + 1 === bytes.length) {
    const word = bytes[n]! << 16;
    text += BASE64[word >> 18]! + BASE64[(word >> 12) & 63]! + "==";
  } else if (n + 2 === bytes.length) {
    const word = (bytes[n]! << 16) | (bytes[n + 1]! << 8);
    text += BASE64[word >> 18]! + BASE64[(word >> 12) & 63]! + BASE64[(word >> 6) & 63]! + "=";
  }
  return text;
}

/** The bytes of canonical base64; `null` for anything else: other characters, padding that is left over, bits that no byte takes. */
export function fromBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0) return null;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const end = text.length - padding;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let word = 0;
  let bits = 0;
  let at = 0;
  for (let n = 0; n < end; n++) {
    const code = text.charCodeAt(n);
    const value = code < 128 ? VALUES[code]! : -1;
    if (value < 0) return null;
    word = ((word << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (word >> bits) & 0xff;
    }
  }
  return (word & ((1 << bits) - 1)) === 0 ? bytes : null;
}

/** Base64url without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** The bytes of canonical base64url without padding (RFC 7515 §2); `null` for anything else. */
export function fromBase64Url(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return null;
  const padded = text.replace(/-/g, "+").replace(/_/g, "/") + "=".repeat((4 - (text.length % 4)) % 4);
  return fromBase64(padded);
}

/** UTF-8. A surrogate without its other half becomes U+FFFD, which no text of a card has. */
export function toUtf8(text: string): Uint8Array {
  const out: number[] = [];
  for (const character of text) {
    let code = character.codePointAt(0)!;
    if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
    if (code < 0x80) out.push(code);
    else if (code < 0x800) out.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) out.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else out.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return Uint8Array.from(out);
}

/** The text of well-formed UTF-8 (Unicode table 3-7); `null` for anything else. */
export function fromUtf8(bytes: Uint8Array): string | null {
  const parts: string[] = [];
  let units: number[] = [];
  for (let n = 0; n < bytes.length; ) {
    const first = bytes[n++]!;
    let code = first;
    if (first >= 0x80) {
      const more = first >= 0xc2 && first <= 0xdf ? 1 : (first & 0xf0) === 0xe0 ? 2 : first >= 0xf0 && first <= 0xf4 ? 3 : 0;
      if (more === 0 || n + more > bytes.length) return null;
      code = first & (0x3f >> more);
      for (let k = 0; k < more; k++) {
        const next = bytes[n++]!;
        if ((next & 0xc0) !== 0x80) return null;
        code = (code << 6) | (next & 63);
      }
      const least = more === 1 ? 0x80 : more === 2 ? 0x800 : 0x10000;
      if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return null;
    }
    if (code < 0x10000) units.push(code);
    else units.push(0xd7c0 + (code >> 10), 0xdc00 | (code & 0x3ff));
    if (units.length > 4096) {
      parts.push(String.fromCharCode(...units));
      units = [];
    }
  }
  parts.push(String.fromCharCode(...units));
  return parts.join("");
}

/** The text of ASCII bytes that were checked before. */
export function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** Whether all bytes are ASCII digits, and there is one. */
export function areDigits(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.every((byte) => byte >= 0x30 && byte <= 0x39);
}

/** Whether two byte strings are the same; how long it takes tells of their lengths only. */
export function equal(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  let different = 0;
  for (let n = 0; n < one.length; n++) different |= one[n]! ^ other[n]!;
  return different === 0;
}

/** Some byte strings in a row. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function startsWith(bytes: Uint8Array, head: Uint8Array, at = 0): boolean {
  if (at + head.length > bytes.length) return false;
  for (let n = 0; n < head.length; n++) if (bytes[at + n] !== head[n]) return false;
  return true;
}
