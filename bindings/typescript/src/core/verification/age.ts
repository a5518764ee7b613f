/** Whether the holder is of an age: one answer, from a birth date that was verified, with what it cannot say. */
import { usageError } from "../errors.js";
import { data } from "../generated.js";
import { fill, type Text } from "../text.js";
import { ageOn, type Day, spanOf } from "../values/dates.js";
import { dayInJapan, parseMoment } from "../values/moment.js";
import type { ResultObject, VerificationResult } from "./result.js";

/** `unknown` is never a yes. */
export type AgeAnswer = "yes" | "no" | "unknown";
export type AgeCode = keyof typeof data.age.answers;

export interface AgeCheck {
  readonly years: number;
  readonly answer: AgeAnswer;
  readonly code: AgeCode;
  readonly detail: Text;
  readonly limits: readonly { readonly code: string; readonly detail: Text }[];
  readonly result: VerificationResult;
  /** The object of `age --json`: the answer, and the result without its fields. The birth date is not in it. */
  toObject(lang?: "en" | "ja"): AgeObject;
}

export interface AgeObject extends Omit<ResultObject, "fields" | "limits"> {
  at_least: number;
  old_enough: boolean | null;
  answer: AgeAnswer;
  code: AgeCode;
  detail: string;
  limits: { code: string; detail: string }[];
}

/**
 * Whether the holder is at least so old on the day of `result.at` in Japan.
 *
 * @param years 0 to 150
 */
export function checkAge(result: VerificationResult, years: number): AgeCheck {
  if (!Number.isInteger(years) || years < 0 || years > data.age.most_years) {
    throw usageError(
      `checkAge takes a result and 0 to ${data.age.most_years} whole years. Nothing was answered.`,
      `checkAge には検証結果と 0〜${data.age.most_years} の整数の年齢を渡してください。判定していません。`,
    );
  }
  const [answer, code] = judge(result, years);
  const detail = fill(data.age.answers[code], { years });
  const limits: { code: string; detail: Text }[] = [{ code: "age-holder", detail: data.age.limits["age-holder"] }];
  if (result.checks.find((check) => check.id === "expiry")!.outcome === "not-performed") {
    limits.push({ code: "age-expiry", detail: data.age.limits["age-expiry"] });
  }
  limits.push(...result.limits.filter((limit) => limit.code !== "holder"));
  return {
    years,
    answer,
    code,
    detail,
    limits,
    result,
    toObject(lang = "en") {
      const { fields: _fields, limits: _limits, ...document } = result.toObject({ lang });
      return {
        at_least: years,
        old_enough: answer === "unknown" ? null : answer === "yes",
        answer,
        code,
        detail: detail[lang],
        ...document,
        limits: limits.map((limit) => ({ code: limit.code, detail: limit.detail[lang] })),
      };
    },
  };
}

function judge(result: VerificationResult, years: number): [AgeAnswer, AgeCode] {
  if (result.verdict !== "verified") return ["unknown", "not-verified"];
  const birth = result.fields.birth_date;
  if (birth === undefined) return ["unknown", "no-birth-date"];
  const answer = atLeast(birth.value, years, dayInJapan(parseMoment(result.at)!));
  return [answer, answer === "unknown" ? "partial-birth-date" : answer];
}

/** Whether who was born then is at least so old on a day, for every day that a partial birth date may be. */
function atLeast(birth: string, years: number, day: Day): AgeAnswer {
  const { earliest, latest } = spanOf(birth);
  if (ageOn(latest, day) >= years) return "yes";
  return ageOn(earliest, day) >= years ? "unknown" : "no";
}
