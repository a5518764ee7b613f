/** The result of a verification. Its content is reachable only where the verdict is `verified`: the type says so. */
import { toBase64, toHex } from "../bytes.js";
import type { Crypto } from "../crypto/crypto.js";
import type { Sex } from "../files/fields.js";
import { data } from "../generated.js";
import type { Text } from "../text.js";
import type { IsoDay } from "../values/dates.js";
import type { Moment } from "../values/moment.js";
import type { CredentialKind, Domain, Role } from "../values/numbers.js";

export type CheckId = keyof typeof data.checks;
/** `not-performed` is never a pass. */
export type Outcome = "pass" | "fail" | "not-performed";
/** `signed`: the issuer's signature covers it. `corroborated`: what answered accepted a number B made of it. `unsigned`: as read. */
export type Assurance = "signed" | "corroborated" | "unsigned";
export type LimitCode = keyof typeof data.limits;
/** Every code that a check can have. */
export type CheckCode = { [Id in CheckId]: keyof (typeof data.checks)[Id] & string }[CheckId];

/** One numbered check. */
export interface Check {
  readonly id: CheckId;
  readonly outcome: Outcome;
  readonly code: CheckCode;
  /** The sentence for people. */
  readonly detail: Text;
}

/** What a verification says that has an end, whatever the verdict. */
interface Common {
  /** All seven checks, in order, whatever failed. */
  readonly checks: readonly Check[];
  /** Of the anchor that the chain reached; of the whole trust store where it reached none. */
  readonly environment: string;
  /** Name of that anchor, or `null`. */
  readonly authority: string | null;
  readonly domain: Domain;
  readonly role: Role;
  readonly credential: CredentialKind;
  readonly generation: string;
  /** The moment that expiry was judged by. */
  readonly at: string;
  /** What this result cannot say, by code, in plain words. */
  readonly limits: readonly { readonly code: LimitCode; readonly detail: Text }[];
  /** The object of `verify --json`. `images`: the bytes of images too, in base64. */
  toObject(options?: { readonly images?: boolean; readonly lang?: "en" | "ja" }): ResultObject;
}

export interface Verified extends Common {
  readonly verdict: "verified";
  /** The content of the card by field name. */
  readonly fields: Fields;
}

export interface Rejected extends Common {
  readonly verdict: "rejected";
}

/** `if (result.verdict === "verified")` opens the fields; there is no other way to them. */
export type VerificationResult = Verified | Rejected;

/** One verified field. It shows no value by `JSON.stringify`, `String` or a debugger's inspection; `value` is the decision of the caller. */
export class Field<V = string> {
  readonly #value: V;
  readonly assurance: Assurance;
  /** `year` where only the year of a date is corroborated. */
  readonly extent: "year" | null;

  constructor(value: V, assurance: Assurance, extent: "year" | null = null) {
    this.#value = value;
    this.assurance = assurance;
    this.extent = extent;
  }

  get value(): V {
    return this.#value;
  }

  toJSON(): string {
    return this.toString();
  }

  toString(): string {
    return `Field(${this.assurance})`;
  }
}

/** An image of a card record, untouched: a 1-bit PNG, or a JPEG 2000 photo. */
export class CardImage {
  readonly mediaType: "image/png" | "image/jp2";
  readonly #data: Uint8Array;
  readonly #sha256: string;

  constructor(mediaType: "image/png" | "image/jp2", content: Uint8Array, sha256: string) {
    this.mediaType = mediaType;
    this.#data = content;
    this.#sha256 = sha256;
  }

  get data(): Uint8Array {
    return this.#data.slice();
  }

  /** Hex SHA-256 of the bytes. */
  get sha256(): string {
    return this.#sha256;
  }

  toJSON(): string {
    return this.toString();
  }

  toString(): string {
    return `CardImage(${this.mediaType}, ${this.#data.length} bytes)`;
  }
}

export interface Fields {
  readonly birth_date?: Field<IsoDay>;
  readonly sex?: Field<Sex>;
  readonly name?: Field;
  readonly address?: Field;
  readonly my_number?: Field;
  readonly expiry?: Field<IsoDay>;
  readonly name_image?: Field<CardImage>;
  readonly address_image?: Field<CardImage>;
  readonly photo?: Field<CardImage>;
  readonly security_code_image?: Field<CardImage>;
  readonly my_number_image?: Field<CardImage>;
}

export type FieldName = keyof Fields;

export interface FieldObject {
  value?: string;
  media_type?: string;
  sha256?: string;
  data?: string;
  assurance: Assurance;
  extent?: "year";
}

export interface ResultObject {
  format: "mnverify.result/1";
  verdict: "verified" | "rejected";
  environment: string;
  authority: string | null;
  domain: Domain;
  role: Role;
  credential: CredentialKind;
  generation: string;
  at: string;
  checks: { id: CheckId; outcome: Outcome; code: CheckCode; detail: string }[];
  limits: { code: LimitCode; detail: string }[];
  fields?: { [name in FieldName]?: FieldObject };
}

/** Images whose hash would be the digits that they show. */
const DIGITS_IN_A_PICTURE = ["security_code_image", "my_number_image"];

export interface ResultParts {
  readonly checks: readonly Omit<Check, "detail">[];
  readonly environment: string;
  readonly authority: string | null;
  readonly domain: Domain;
  readonly role: Role;
  readonly credential: CredentialKind;
  readonly at: Moment;
  readonly limits: readonly LimitCode[];
}

const details: { readonly [id: string]: { readonly [code: string]: Text } } = data.checks;

abstract class Result implements Common {
  readonly checks: readonly Check[];
  readonly environment: string;
  readonly authority: string | null;
  readonly domain: Domain;
  readonly role: Role;
  readonly credential: CredentialKind;
  readonly generation = data.profile.name;
  readonly at: string;
  readonly limits: readonly { readonly code: LimitCode; readonly detail: Text }[];
  abstract readonly verdict: "verified" | "rejected";

  constructor(parts: ResultParts) {
    this.checks = Object.freeze(parts.checks.map((check) => Object.freeze({ ...check, detail: details[check.id]![check.code]! })));
    this.environment = parts.environment;
    this.authority = parts.authority;
    this.domain = parts.domain;
    this.role = parts.role;
    this.credential = parts.credential;
    this.at = parts.at.text;
    this.limits = Object.freeze(parts.limits.map((code) => ({ code, detail: data.limits[code] })));
  }

  toObject({ images = false, lang = "en" }: { readonly images?: boolean; readonly lang?: "en" | "ja" } = {}): ResultObject {
    const fields = this.given();
    return {
      format: "mnverify.result/1",
      verdict: this.verdict,
      environment: this.environment,
      authority: this.authority,
      domain: this.domain,
      role: this.role,
      credential: this.credential,
      generation: this.generation,
      at: this.at,
      checks: this.checks.map(({ id, outcome, code, detail }) => ({ id, outcome, code, detail: detail[lang] })),
      limits: this.limits.map(({ code, detail }) => ({ code, detail: detail[lang] })),
      ...(fields === null ? {} : { fields: fieldObjects(fields, images) }),
    };
  }

  /** What `JSON.stringify` gives: nothing of the content. `toObject` gives all of it. */
  toJSON(): string {
    return this.toString();
  }

  toString(): string {
    const checks = this.checks.map((check) => `${check.id}: ${check.outcome}/${check.code}`).join(", ");
    return `VerificationResult(${this.verdict}, ${this.environment}, ${checks})`;
  }

  protected abstract given(): Fields | null;
}

class VerifiedResult extends Result implements Verified {
  readonly verdict = "verified";
  readonly #fields: Fields;

  constructor(parts: ResultParts, fields: Fields) {
    super(parts);
    this.#fields = Object.freeze(fields);
    Object.freeze(this);
  }

  get fields(): Fields {
    return this.#fields;
  }

  protected given(): Fields {
    return this.#fields;
  }
}

class RejectedResult extends Result implements Rejected {
  readonly verdict = "rejected";

  constructor(parts: ResultParts) {
    super(parts);
    Object.freeze(this);
  }

  protected given(): null {
    return null;
  }
}

export function verifiedResult(parts: ResultParts, fields: Fields): Verified {
  return new VerifiedResult(parts, fields);
}

export function rejectedResult(parts: ResultParts): Rejected {
  return new RejectedResult(parts);
}

/** An image with its hash. */
export async function cardImage(
  crypto: Pick<Crypto, "sha256">,
  image: { readonly mediaType: CardImage["mediaType"]; readonly data: Uint8Array },
): Promise<CardImage> {
  return new CardImage(image.mediaType, image.data, toHex(await crypto.sha256(image.data)));
}

function fieldObjects(fields: Fields, images: boolean): { [name in FieldName]?: FieldObject } {
  const found: { [name in FieldName]?: FieldObject } = {};
  for (const [name, field] of Object.entries(fields) as [FieldName, Field<string | CardImage>][]) {
    const value = field.value;
    found[name] = {
      ...(value instanceof CardImage
        ? {
            media_type: value.mediaType,
            ...(DIGITS_IN_A_PICTURE.includes(name) ? {} : { sha256: value.sha256 }),
            ...(images ? { data: toBase64(value.data) } : {}),
          }
        : { value }),
      assurance: field.assurance,
      ...(field.extent === null ? {} : { extent: field.extent }),
    };
  }
  return found;
}
