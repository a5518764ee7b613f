/**
 * RSA and ECDSA verification with `BigInt`, for engines that have nothing else: public keys and public messages alone, so that how long
 * it takes tells nothing. Nothing here ever has a private key.
 */
import { concat, equal, toHex } from "../bytes.js";

/** Whether the signature to the power of the exponent is exactly `00 01 FF … FF 00 ‖ DigestInfo` (RFC 8017 §9.2). */
export function rsaSignedByBigInt(modulus: Uint8Array, exponent: number, signature: Uint8Array, digestInfo: Uint8Array): boolean {
  const expected = encodedMessage(digestInfo, signature.length);
  if (expected === null) return false;
  const n = number(modulus);
  const s = number(signature);
  if (s >= n) return false;
  return equal(bytes(power(s, exponent, n), signature.length), expected);
}

/** The whole encoded message; `null` where it has no room. */
export function encodedMessage(digestInfo: Uint8Array, length: number): Uint8Array | null {
  const padding = length - digestInfo.length - 3;
  if (padding < 8) return null;
  return concat(Uint8Array.of(0, 1), new Uint8Array(padding).fill(0xff), Uint8Array.of(0), digestInfo);
}

function power(base: bigint, exponent: number, n: bigint): bigint {
  let result = 1n;
  for (let bit = 31 - Math.clz32(exponent); bit >= 0; bit--) {
    result = (result * result) % n;
    if ((exponent >>> bit) & 1) result = (result * base) % n;
  }
  return result;
}

function number(content: Uint8Array): bigint {
  return BigInt(`0x${toHex(content) || "0"}`);
}

function bytes(value: bigint, length: number): Uint8Array {
  const hex = value.toString(16).padStart(2 * length, "0");
  const out = new Uint8Array(length);
  for (let n = 0; n < length; n++) out[n] = Number.parseInt(hex.slice(2 * n, 2 * n + 2), 16);
  return out;
}

// P-256 (SEC 2, 2.4.2) ------------------------------------------------------------------------------

const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const G: Point = {
  x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
};

type Point = { readonly x: bigint; readonly y: bigint } | null;

/** Whether 64 bytes are the point's ECDSA signature over a SHA-256 digest (FIPS 186-5 §6.4.2). */
export function p256Signed(x: Uint8Array, y: Uint8Array, signature: Uint8Array, digest: Uint8Array): boolean {
  const point = p256Point(x, y);
  if (point === null || signature.length !== 64) return false;
  const r = number(signature.subarray(0, 32));
  const s = number(signature.subarray(32));
  if (r === 0n || s === 0n || r >= N || s >= N) return false;
  const w = inverse(s, N);
  const sum = add(multiply(G, (number(digest) * w) % N), multiply(point, (r * w) % N));
  return sum !== null && sum.x % N === r;
}

/** The point of two coordinates; `null` where there is none on the curve. */
export function p256Point(x: Uint8Array, y: Uint8Array): Point {
  const point = { x: number(x), y: number(y) };
  if (point.x >= P || point.y >= P) return null;
  return mod(point.y * point.y - (point.x * point.x * point.x - 3n * point.x + B)) === 0n ? point : null;
}

function mod(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [((value % modulus) + modulus) % modulus, modulus, 1n, 0n];
  while (a > 1n) {
    const quotient = a / b;
    [a, b] = [b, a % b];
    [x, y] = [y, x - quotient * y];
    if (b === 0n) break;
  }
  return ((x % modulus) + modulus) % modulus;
}

function add(one: Point, other: Point): Point {
  if (one === null) return other;
  if (other === null) return one;
  if (one.x === other.x && mod(one.y + other.y) === 0n) return null;
  const slope =
    one.x === other.x
      ? mod((3n * one.x * one.x - 3n) * inverse(2n * one.y, P))
      : mod((other.y - one.y) * inverse(other.x - one.x, P));
  const x = mod(slope * slope - one.x - other.x);
  return { x, y: mod(slope * (one.x - x) - one.y) };
}

function multiply(point: Point, times: bigint): Point {
  let sum: Point = null;
  for (let bits = times, doubled = point; bits > 0n; bits >>= 1n) {
    if (bits & 1n) sum = add(sum, doubled);
    doubled = add(doubled, doubled);
  }
  return sum;
}
