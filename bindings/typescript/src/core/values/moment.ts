/** Moments with a time zone, to the microsecond, as evidence and results write them. */
import { type Day, dayNumber, isDay } from "./dates.js";

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:Z|([+-])(\d\d):(\d\d))$/;

export interface Moment {
  /** ISO 8601 as Python writes it: no fraction where it is zero, else six digits; the offset as `+09:00`. */
  readonly text: string;
  /** Seconds since 1970, with a fraction. */
  readonly seconds: number;
}

const pad = (value: number, width = 2): string => String(value).padStart(width, "0");

/** A moment of RFC 3339; `null` where it has another form or there is none. */
export function parseMoment(text: string): Moment | null {
  const found = RFC_3339.exec(text);
  if (found === null) return null;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  const offset = found[8] === undefined ? 0 : (found[8] === "-" ? -1 : 1) * (Number(found[9]) * 60 + Number(found[10]));
  if (!isDay({ year, month, day }) || hour > 23 || minute > 59 || second > 59 || Math.abs(offset) >= 24 * 60) return null;
  const fraction = (found[7] ?? "").padEnd(6, "0");
  const away = Math.abs(offset);
  return {
    text:
      text.slice(0, 19) +
      (Number(fraction) ? `.${fraction}` : "") +
      `${offset < 0 ? "-" : "+"}${pad(Math.floor(away / 60))}:${pad(away % 60)}`,
    seconds: dayNumber({ year, month, day }) * 86_400 + hour * 3600 + (minute - offset) * 60 + second + Number(fraction) / 1e6,
  };
}

/** A moment from a `Date`, in UTC, whole seconds. */
export function momentOf(date: Date): Moment {
  return parseMoment(`${date.toISOString().slice(0, 19)}Z`)!;
}

/** The moment now where the holder is: whole seconds, with the offset of this machine. */
export function localMoment(date: Date = new Date()): Moment {
  const offset = -date.getTimezoneOffset();
  const shown = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, 19);
  const away = Math.abs(offset);
  return parseMoment(`${shown}${offset < 0 ? "-" : "+"}${pad(Math.floor(away / 60))}:${pad(away % 60)}`)!;
}

/** The day that it is in Japan. */
export function dayInJapan(moment: Moment): Day {
  const date = new Date(Math.floor(moment.seconds + 9 * 3600) * 1000);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** Whether a day in Japan is over at a moment. */
export function isOver(day: Day, at: Moment): boolean {
  return at.seconds >= (dayNumber(day) + 1) * 86_400 - 9 * 3600;
}
