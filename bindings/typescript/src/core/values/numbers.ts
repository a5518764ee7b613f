/** 個人番号, key ids and the words that everything is keyed by. */
import { ascii, toHex } from "../bytes.js";
import { data } from "../generated.js";

/** A permitted application of the card. */
export type Domain = keyof typeof data.profile.domains;
/** What the relying party is under the My Number Act (番号法), declared once when a session is opened. */
export type Role = (typeof data.roles)[number];
/** The kinds of credential a holder can present. */
export type CredentialKind = keyof typeof data.credentials;
/** What a reading is for: it decides which files are asked for, and no others. */
export type Purpose = (typeof data.purposes)[number];

export const DOMAINS = Object.keys(data.profile.domains) as readonly Domain[];
export const ROLES: readonly Role[] = data.roles;
export const CREDENTIALS = Object.keys(data.credentials) as readonly CredentialKind[];
export const PURPOSES: readonly Purpose[] = data.purposes;

/** Whether twelve digits are a 個人番号: the last is a check digit (番号法施行令 第8条). */
export function isMyNumber(digits: string): boolean {
  if (!/^[0-9]{12}$/.test(digits)) return false;
  let sum = 0;
  for (let n = 1; n <= 11; n++) sum += Number(digits[11 - n]) * (n <= 6 ? n + 1 : n - 5);
  const rest = sum % 11;
  return Number(digits[11]) === (rest <= 1 ? 0 : 11 - rest);
}

export const KEY_ID_LENGTH = 16;

/** `5000023/001` where a key id has the known form, else its hex digits. */
export function keyName(id: Uint8Array): string {
  const text = ascii(id.subarray(0, 12));
  const found = /^([0-9]{7})\x08\x05([0-9]{3})$/.exec(text);
  if (found === null) return toHex(id);
  const padding = id.subarray(12);
  return `${found[1]}/${found[2]}${padding.every((byte) => byte === 0) ? "" : `+${toHex(padding)}`}`;
}
