import type { OptionRules, Options } from "./options.js";

/** What a command came to: the object of `--json`, or a report, and the exit status. */
export interface Came {
  readonly object: object;
  readonly report: () => string;
  readonly status: number;
}

export interface Command {
  /** As it is typed: `read face-check`. */
  readonly name: string;
  readonly usage: string;
  readonly rules: OptionRules;
  /** It reads a card, so that unreadable data is the card's fault and not the input's. */
  readonly reading: boolean;
  run(options: Options, lang: "en" | "ja"): Promise<Came>;
}
