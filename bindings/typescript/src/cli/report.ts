/** What a person reads, in English or Japanese. */
import type { AgeCheck } from "../core/verification/age.js";
import type { VerificationResult } from "../core/verification/result.js";

type Lang = "en" | "ja";

const MARKS = { pass: "✓", fail: "✗", "not-performed": "–" } as const;
const WORDS = {
  verified: { en: "VERIFIED", ja: "確認できました" },
  rejected: { en: "REJECTED", ja: "確認できません" },
  trust: { en: "trust", ja: "認証局" },
  notReal: { en: "(not a card in circulation)", ja: "（実際のカードではありません）" },
  fields: { en: "What the chip says", ja: "チップの内容" },
  limits: { en: "What this cannot say", ja: "この検証では分からないこと" },
} as const;
const ASSURANCES = {
  signed: { en: "signed by the issuer", ja: "発行者の署名あり" },
  corroborated: { en: "unsigned, year agrees with number B", ja: "署名なし・年のみ照合番号Bと一致" },
  unsigned: { en: "unsigned", ja: "署名なし" },
} as const;

export function resultReport(result: VerificationResult, lang: Lang): string {
  const lines = [headline(result, lang), ""];
  for (const check of result.checks) lines.push(`  ${MARKS[check.outcome]} ${check.id}  ${check.detail[lang]}`);
  const object = result.toObject({ lang });
  if (object.fields !== undefined) {
    lines.push("", WORDS.fields[lang]);
    for (const [name, field] of Object.entries(object.fields)) {
      lines.push(`  ${name}  ${field.value ?? field.media_type}  ${ASSURANCES[field.assurance][lang]}`);
    }
  }
  return [...lines, ...limits(result.limits, lang)].join("\n");
}

export function ageReport(age: AgeCheck, lang: Lang): string {
  const failed = age.result.checks.filter((check) => check.outcome === "fail");
  return [
    age.detail[lang],
    headline(age.result, lang),
    ...failed.map((check) => `  ${MARKS.fail} ${check.id}  ${check.detail[lang]}`),
    ...limits(age.limits, lang),
  ].join("\n");
}

function headline(result: VerificationResult, lang: Lang): string {
  const real = result.environment === "production" ? "" : ` ${WORDS.notReal[lang]}`;
  return `${WORDS[result.verdict][lang]}  ${result.domain}  ${WORDS.trust[lang]}: ${result.environment}${real}`;
}

function limits(all: readonly { readonly detail: { readonly en: string; readonly ja: string } }[], lang: Lang): string[] {
  return ["", WORDS.limits[lang], ...all.map((limit) => `  • ${limit.detail[lang]}`)];
}
