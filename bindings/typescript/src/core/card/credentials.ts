/** What a holder presents: form-checked before anything is sent, and never shown. */
import { equal, toUtf8 } from "../bytes.js";
import { MnverifyError, usageError } from "../errors.js";
import { data } from "../generated.js";
import { daysOf, type EraDay, fromEra, isDay, parseEra, toEra } from "../values/dates.js";
import { type CredentialKind, isMyNumber } from "../values/numbers.js";

const SEPARATORS = /(?<=[0-9])[ \u3000\-\u2010-\u2015\u2212\u30fc\uff0d]{1,3}(?=[0-9])/g;
const [FIRST_EXPIRY_YEAR, LAST_EXPIRY_YEAR] = [2016, 2099];

const FORMS: Readonly<Record<CredentialKind, (digits: string) => boolean>> = {
  "birth-date": (digits) => isMonthAndDay(digits.slice(2, 6)),
  "verification-number-b": (digits) =>
    isMonthAndDay(digits.slice(2, 6)) && Number(digits.slice(6, 10)) >= FIRST_EXPIRY_YEAR && Number(digits.slice(6, 10)) <= LAST_EXPIRY_YEAR,
  "verification-number-a": isMyNumber,
  pin: () => true,
};

const digitsOf = new WeakMap<Credential, Uint8Array>();

/**
 * A credential of a fixed number of digits. It shows none of them: not by `String`, `JSON.stringify` or a debugger's inspection, and
 * `structuredClone` gives an empty object. Full-width digits and blanks around them are taken as typed; so are blanks and hyphens within
 * the numbers that are written in groups.
 */
export class Credential {
  readonly kind: CredentialKind;

  private constructor(kind: CredentialKind, digits: string) {
    this.kind = kind;
    digitsOf.set(this, toUtf8(digits));
    Object.freeze(this);
  }

  /**
   * Date of birth 生年月日: six digits `YYMMDD` as printed (和暦), `YYYY-MM-DD`, or 和暦 as printed (`昭和60年7月3日`, `S60.7.3`). In the six
   * digits `00` stands for a day, or a month and day, that nobody knows.
   *
   * @throws MnverifyError `credential-format`; the message holds no digit
   */
  static birthDate(typed: string): Credential {
    return make("birth-date", birthDigits(typed, false));
  }

  /**
   * The six digits for a card that prints the Gregorian year (foreign residents): its last two digits. Never tried by itself after the 和暦
   * form: what is printed decides.
   */
  static birthDateFromGregorianPrint(typed: string): Credential {
    return make("birth-date", birthDigits(typed, true));
  }

  /** Verification number B 照合番号B: fourteen digits, also in groups, as `600703-2033-4102`. */
  static verificationNumberB(typed: string): Credential {
    return make("verification-number-b", grouped(typed));
  }

  /**
   * Make number B of what is printed on the front of the card.
   *
   * @param printed `gregorian` where the card prints the year of birth in Gregorian years
   */
  static verificationNumberBFromPrinted(
    birth: string,
    expiryYear: string | number,
    securityCode: string,
    printed: "era" | "gregorian" = "era",
  ): Credential {
    const kind = "verification-number-b";
    const six = birthDigits(birth, printed === "gregorian");
    const [year, code] = [plain(String(expiryYear)), plain(securityCode)];
    const known = printed === "era" || printed === "gregorian";
    if (six?.length !== 6 || year?.length !== 4 || code?.length !== 4 || !known) throw refusal(kind);
    return make(kind, six + year + code);
  }

  /** Verification number A 照合番号A: the 個人番号 itself; for role `my-number-office` only. */
  static verificationNumberA(typed: string): Credential {
    return make("verification-number-a", grouped(typed));
  }

  /** The PIN 暗証番号 of the input-assist application: four digits. It has three tries. */
  static pin(typed: string): Credential {
    return make("pin", plain(typed));
  }

  /** The credential of a kind from what a person typed. */
  static from(kind: CredentialKind, typed: string): Credential {
    switch (kind) {
      case "birth-date":
        return Credential.birthDate(typed);
      case "verification-number-b":
        return Credential.verificationNumberB(typed);
      case "verification-number-a":
        return Credential.verificationNumberA(typed);
      case "pin":
        return Credential.pin(typed);
      default:
        throw usageError("There is no such kind of credential. Nothing was sent.", "そのような番号の種類はありません。何も送っていません。");
    }
  }

  toJSON(): string {
    return this.toString();
  }

  toString(): string {
    return `Credential(${this.kind}, ${"*".repeat(data.credentials[this.kind].digits)})`;
  }
}

/** The ASCII digits that VERIFY carries: for a session alone. */
export function credentialDigits(credential: Credential): Uint8Array {
  const digits = digitsOf.get(credential);
  if (digits === undefined) throw refusal("pin");
  return digits;
}

/** Whether two credentials are of one kind and the same digits. */
export function sameCredential(one: Credential, other: Credential): boolean {
  return one.kind === other.kind && equal(credentialDigits(one), credentialDigits(other));
}

function make(kind: CredentialKind, digits: string | null): Credential {
  const { digits: length } = data.credentials[kind];
  if (digits === null || digits.length !== length || !/^[0-9]+$/.test(digits) || !FORMS[kind](digits)) throw refusal(kind);
  return new (Credential as unknown as { new (kind: CredentialKind, digits: string): Credential })(kind, digits);
}

function refusal(kind: CredentialKind): MnverifyError {
  return new MnverifyError("credential-format", data.credentials[kind].form);
}

/** What was typed, with half-width digits and no blanks around it; `null` for what is no text. */
function plain(typed: unknown): string | null {
  if (typeof typed !== "string") return null;
  return typed.trim().replace(/[０-９]/g, (digit) => String(digit.charCodeAt(0) - 0xff10));
}

function grouped(typed: unknown): string | null {
  return plain(typed)?.replace(SEPARATORS, "") ?? null;
}

/** Six digits of a birth date in any of the forms a person may type; digits are passed on unchecked, `null` for no date. */
function birthDigits(typed: unknown, gregorian: boolean): string | null {
  const text = plain(typed);
  if (text === null || /^[0-9]+$/.test(text)) return text;
  if (/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) {
    const [year, month, day] = text.split("-").map(Number) as [number, number, number];
    if (!isDay({ year, month, day })) return null;
    return gregorian ? compact({ year: year % 100, month, day }) : eraDigits(toEra({ year, month, day }));
  }
  const era = parseEra(text.replace(/．/g, ".").replace(/／/g, "/"));
  if (!gregorian) return eraDigits(era);
  const day = era === null ? null : fromEra(era);
  return day === null ? null : compact({ ...day, year: day.year % 100 });
}

function eraDigits(era: EraDay | null): string | null {
  return era === null || era.year > 99 ? null : compact(era);
}

function compact({ year, month, day }: { readonly year: number; readonly month: number; readonly day: number }): string {
  return [year, month, day].map((part) => String(part).padStart(2, "0")).join("");
}

/** Whether four digits are a month and a day, or say that nobody knows the day, or both. */
function isMonthAndDay(digits: string): boolean {
  const [month, day] = [Number(digits.slice(0, 2)), Number(digits.slice(2))];
  if (day === 0) return month <= 12;
  return month >= 1 && month <= 12 && day <= daysOf(2000, month);
}
