/**
 * Dates as the card holds them, as ISO 8601 texts: `1985-07-03`, and of reduced precision (`1985-07`, `1985`) where residents' registers
 * know no day, or neither month nor day. Era dates (和暦) only where a credential is made of them.
 */
import { areDigits, ascii } from "../bytes.js";
import { data } from "../generated.js";

/** `1985-07-03`; of a birth date also `1985-07` or `1985`. */
export type IsoDay = string;

export interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Whether there is such a day, from year 1 to 9999. */
export function isDay({ year, month, day }: Day): boolean {
  return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
}

const pad = (value: number, width: number): string => String(value).padStart(width, "0");

export function isoDay({ year, month, day }: Day): IsoDay {
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

/** The day of eight ASCII digits `YYYYMMDD`; `null` where there is none. */
export function compactDay(raw: Uint8Array): IsoDay | null {
  if (raw.length !== 8 || !areDigits(raw)) return null;
  const digits = ascii(raw);
  const day = { year: Number(digits.slice(0, 4)), month: Number(digits.slice(4, 6)), day: Number(digits.slice(6)) };
  return isDay(day) ? isoDay(day) : null;
}

/** The same of a birth date: `00` stands for a day, or for month and day, that nobody knows. */
export function compactBirthDay(raw: Uint8Array): IsoDay | null {
  if (raw.length !== 8 || !areDigits(raw) || !ascii(raw).endsWith("00")) return compactDay(raw);
  const digits = ascii(raw);
  const [year, month] = [digits.slice(0, 4), digits.slice(4, 6)];
  if (year === "0000" || Number(month) > 12) return null;
  return month === "00" ? year : `${year}-${month}`;
}

/** Month and day as the card writes them, `00` for what is not known. */
export function monthAndDay(birth: IsoDay): string {
  const [, month = "00", day = "00"] = birth.split("-");
  return month + day;
}

/** The first and the last day that a birth date may be; the same where it is whole. */
export function spanOf(birth: IsoDay): { readonly earliest: Day; readonly latest: Day } {
  const [year, month, day] = birth.split("-").map(Number) as [number, number?, number?];
  const last = month ?? 12;
  return {
    earliest: { year, month: month ?? 1, day: day ?? 1 },
    latest: { year, month: last, day: day ?? daysOf(year, last) },
  };
}

/** Full years of age on a day. Who was born on 29 February is a year older on 1 March of a common year. */
export function ageOn(birth: Day, on: Day): number {
  const before = on.month < birth.month || (on.month === birth.month && on.day < birth.day);
  return on.year - birth.year - (before ? 1 : 0);
}

/** Days since 1970-01-01 (proleptic Gregorian). */
export function dayNumber({ year, month, day }: Day): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return Math.round(date.getTime() / 86_400_000);
}

// 和暦 ----------------------------------------------------------------------------------------------

export interface EraDay extends Day {
  /** The era's place in `eras`. */
  readonly era: number;
}

const eras = data.eras;

/** The era date of a day; `null` before 1868-01-25. `year` is the year of the era. */
export function toEra(day: Day): EraDay | null {
  const iso = isoDay(day);
  for (let era = eras.length - 1; era >= 0; era--) {
    if (iso >= eras[era]!.first_day) return { era, year: day.year - eraStart(era) + 1, month: day.month, day: day.day };
  }
  return null;
}

/** The day of an era date; `null` where the era has no such day (昭和64年1月8日). */
export function fromEra(date: EraDay): Day | null {
  const day = { year: eraStart(date.era) + date.year - 1, month: date.month, day: date.day };
  return date.year >= 1 && isDay(day) && toEra(day)?.era === date.era ? day : null;
}

function eraStart(era: number): number {
  return Number(eras[era]!.first_day.slice(0, 4));
}

const PRINTED = new RegExp(
  `^(${[...eras.map((era) => era.japanese), `[${eras.map((era) => era.letter + era.letter.toLowerCase()).join("")}]`].join("|")})` +
    "\\s*(元|[0-9]{1,4})[年./-]([0-9]{1,2})[月./-]([0-9]{1,2})日?$",
);

/** Read `昭和60年7月3日`, `平成元年1月8日` or `S60.7.3`; digits in half width. `null` for anything else. */
export function parseEra(text: string): EraDay | null {
  const found = PRINTED.exec(text);
  if (found === null) return null;
  const [, sign, year, month, day] = found as unknown as [string, string, string, string, string];
  const era = eras.findIndex((one) => [one.japanese, one.letter].includes(sign.toUpperCase() as never));
  const date = { era, year: year === "元" ? 1 : Number(year), month: Number(month), day: Number(day) };
  return fromEra(date) === null ? null : date;
}
