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
/** In Jacobian coordinates: x = X/Z², y = Y/Z³; Z = 0 is the point at infinity. */
interface Point {
  readonly X: bigint;
  readonly Y: bigint;
  readonly Z: bigint;
}

const INFINITY: Point = { X: 1n, Y: 1n, Z: 0n };
const G: Point = {
  X: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  Y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
  Z: 1n,
};

/** Whether 64 bytes are the point's ECDSA signature over a SHA-256 digest (FIPS 186-5 §6.4.2). */
export function p256Signed(x: Uint8Array, y: Uint8Array, signature: Uint8Array, digest: Uint8Array): boolean {
  const point = p256Point(x, y);
  if (point === null || signature.length !== 64) return false;
  const r = number(signature.subarray(0, 32));
  const s = number(signature.subarray(32));
  if (r === 0n || s === 0n || r >= N || s >= N) return false;
  const w = inverse(s, N);
  const sum = combine(G, (number(digest) * w) % N, point, (r * w) % N);
  if (sum.Z === 0n) return false;
  const z = inverse(sum.Z, P);
  return mod(sum.X * z * z) % N === r;
}

/** The point of two coordinates; `null` where there is none on the curve. */
export function p256Point(x: Uint8Array, y: Uint8Array): Point | null {
  const [X, Y] = [number(x), number(y)];
  if (X >= P || Y >= P) return null;
  return mod(Y * Y - (X * X * X - 3n * X + B)) === 0n ? { X, Y, Z: 1n } : null;
}

function mod(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

/** By Euclid; the modulus is a prime, and the value no multiple of it. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [((value % modulus) + modulus) % modulus, modulus, 1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, y] = [y, x - quotient * y];
  }
  return ((x % modulus) + modulus) % modulus;
}

function double({ X, Y, Z }: Point): Point {
  const [delta, gamma] = [mod(Z * Z), mod(Y * Y)];
  const beta = mod(X * gamma);
  const alpha = mod(3n * (X - delta) * (X + delta));
  const X3 = mod(alpha * alpha - 8n * beta);
  return { X: X3, Y: mod(alpha * (4n * beta - X3) - 8n * gamma * gamma), Z: mod(2n * Y * Z) };
}

function add(one: Point, other: Point): Point {
  if (one.Z === 0n) return other;
  if (other.Z === 0n) return one;
  const [z1, z2] = [mod(one.Z * one.Z), mod(other.Z * other.Z)];
  const [u1, u2] = [mod(one.X * z2), mod(other.X * z1)];
  const [s1, s2] = [mod(one.Y * other.Z * z2), mod(other.Y * one.Z * z1)];
  const [h, r] = [mod(u2 - u1), mod(s2 - s1)];
  if (h === 0n) return r === 0n ? double(one) : INFINITY;
  const hh = mod(h * h);
  const [hhh, v] = [mod(h * hh), mod(u1 * hh)];
  const X3 = mod(r * r - hhh - 2n * v);
  return { X: X3, Y: mod(r * (v - X3) - s1 * hhh), Z: mod(one.Z * other.Z * h) };
}

/** One point so many times, and another so many times (Shamir's trick). */
function combine(one: Point, times: bigint, other: Point, otherTimes: bigint): Point {
  const both = add(one, other);
  let sum = INFINITY;
  for (let bit = 255n; bit >= 0n; bit--) {
    sum = double(sum);
    const [a, b] = [(times >> bit) & 1n, (otherTimes >> bit) & 1n];
    if (a && b) sum = add(sum, both);
    else if (a) sum = add(sum, one);
    else if (b) sum = add(sum, other);
  }
  return sum;
}
