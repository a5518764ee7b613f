/** The words of a command line. No error repeats a value: it could be a credential. */
import { usageError } from "../core/errors.js";

export interface OptionRules {
  /** Options with a value. */
  readonly values: readonly string[];
  readonly flags: readonly string[];
  /** Names of the positional arguments. */
  readonly positional: readonly string[];
}

export interface Options {
  readonly value: (name: string) => string | undefined;
  readonly flag: (name: string) => boolean;
  readonly positional: readonly string[];
}

const refuse = (en: string, ja: string): Error =>
  usageError(`${en} Nothing was done; see --help.`, `${ja}何も実行していません。--help を参照してください。`);

/** @throws MnverifyError `usage` */
export function parseOptions(words: readonly string[], rules: OptionRules): Options {
  const values = new Map<string, string>();
  const flags = new Set<string>();
  const positional: string[] = [];
  for (let n = 0; n < words.length; n++) {
    const word = words[n]!;
    const [name, ...rest] = word.split("=") as [string, ...string[]];
    if (rules.flags.includes(word)) flags.add(word);
    else if (rules.values.includes(name)) {
      const value = rest.length ? rest.join("=") : words[++n];
      if (value === undefined) throw refuse(`${name} wants a value.`, `${name} には値が必要です。`);
      values.set(name, value);
    } else if (word === "-" || !word.startsWith("-")) positional.push(word);
    else throw refuse("There is an option that is not known here.", "ここにはないオプションがあります。");
  }
  if (positional.length < rules.positional.length) {
    const missing = rules.positional.slice(positional.length).join(", ");
    throw refuse(`${missing} is missing.`, `${missing} を指定してください。`);
  }
  if (positional.length > rules.positional.length) {
    throw refuse(
      "There is an argument too many; numbers of a card are never given as arguments, but on standard input.",
      "余分な引数があります。カードの番号は引数では渡せません（標準入力で渡してください）。",
    );
  }
  return { value: (name) => values.get(name), flag: (name) => flags.has(name), positional };
}

/** One of some words. */
export function choice<W extends string>(options: Options, name: string, words: readonly W[], otherwise: W): W {
  const value = options.value(name);
  if (value === undefined) return otherwise;
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw refuse(`${name} takes one of: ${words.join(", ")}.`, `${name} に指定できるもの: ${words.join("、")}。`);
}

export { refuse as refuseUsage };
