/** `read face-check`, `read input-assist` and `age`: a card, read and verified. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { Credential } from "../core/card/credentials.js";
import { checkCard, type CheckedCard } from "../core/check/check-card.js";
import { linkError, MnverifyError, saidError, usageError } from "../core/errors.js";
import type { Link } from "../core/link/link.js";
import { CREDENTIALS, type CredentialKind, type Domain, type Purpose, ROLES } from "../core/values/numbers.js";
import { checkAge } from "../core/verification/age.js";
import { nodeCrypto } from "../node/crypto.js";
import { openReader, type PcscLink, type PcscReader } from "../node/pcsc.js";
import type { Command } from "./command.js";
import { firstLine, momentOf, trustOf } from "./inputs.js";
import { choice, type Options } from "./options.js";
import { ageReport, resultReport } from "./report.js";

const VALUES = ["--reader", "--wait", "--trust", "--role", "--at"];
const FLAGS = ["--require-presence", "--no-presence"];
const USAGE = "[--reader NAME-OR-INDEX] [--wait SECONDS] --trust FILE [--at MOMENT] [--require-presence | --no-presence]";
const MOST_TORN = 3;

function readCommand(domain: Domain, standard: CredentialKind): Command {
  return {
    name: `read ${domain}`,
    usage: `read ${domain} [--credential KIND] [--role ROLE] [-o FILE] ${USAGE} < CREDENTIAL`,
    rules: { values: [...VALUES, "--credential", "-o", "--output"], flags: [...FLAGS, "--images"], positional: [] },
    reading: true,
    async run(options, lang) {
      const output = options.value("-o") ?? options.value("--output");
      const role = choice(options, "--role", ROLES, "general");
      if (output !== undefined && domain === "input-assist" && role === "general") throw saidError("not-storable");
      const { evidence, result } = await readAndVerify(options, lang, domain, choice(options, "--credential", CREDENTIALS, standard));
      if (output !== undefined) keep(output, evidence.toJson());
      return {
        object: result.toObject({ lang, images: options.flag("--images") }),
        report: () => resultReport(result, lang),
        status: result.verdict === "verified" ? 0 : 1,
      };
    },
  };
}

const ageCommand: Command = {
  name: "age",
  usage: `age --at-least N ${USAGE} < CREDENTIAL`,
  rules: { values: [...VALUES, "--at-least"], flags: FLAGS, positional: [] },
  reading: true,
  async run(options, lang) {
    const text = options.value("--at-least") ?? "";
    const years = Number(text);
    if (!/^[0-9]{1,3}$/.test(text) || years < 1 || years > 149) {
      throw usageError("--at-least has to be a number from 1 to 149. Nothing was done.", "--at-least は1から149までの数にしてください。何も実行していません。");
    }
    const { result } = await readAndVerify(options, lang, "face-check", "birth-date", ["age"]);
    const age = checkAge(result, years);
    return { object: age.toObject(lang), report: () => ageReport(age, lang), status: age.answer === "yes" ? 0 : 1 };
  },
};

export const READING_COMMANDS: readonly Command[] = [
  readCommand("face-check", "verification-number-b"),
  readCommand("input-assist", "pin"),
  ageCommand,
];

async function readAndVerify(
  options: Options,
  lang: "en" | "ja",
  domain: Domain,
  kind: CredentialKind,
  purposes?: readonly Purpose[],
): Promise<CheckedCard> {
  const [trust, at, role] = [trustOf(options), momentOf(options), choice(options, "--role", ROLES, "general")];
  const wait = seconds(options) * 1000;
  const presence = options.flag("--no-presence") ? "none" : "own-challenge";
  const reader = await openReader(options.value("--reader") ?? 0);
  const source = new Source(reader, wait, lang);
  try {
    if (!(await reader.waitForCard(Math.max(wait, 1000)))) throw noCard();
    const credential = Credential.from(kind, credentialLine());
    return await checkCard(await source.connect(), domain, credential, {
      crypto: nodeCrypto,
      trust,
      role,
      presence,
      requirePresence: options.flag("--require-presence"),
      ...(purposes && { purposes }),
      ...(at && { at }),
      ...(wait > 0 && { onTorn: (error: MnverifyError) => source.again(error) }),
    });
  } finally {
    source.close();
  }
}

/** The card on a reader, and the card that is put back after it was lost. */
class Source {
  readonly #reader: PcscReader;
  readonly #wait: number;
  readonly #lang: "en" | "ja";
  #link: PcscLink | null = null;
  #torn = 0;

  constructor(reader: PcscReader, wait: number, lang: "en" | "ja") {
    this.#reader = reader;
    this.#wait = wait;
    this.#lang = lang;
  }

  async connect(): Promise<Link> {
    this.#link?.close();
    this.#link = await this.#reader.connect();
    return this.#link;
  }

  /** Ask for the card again, a few times. */
  async again(error: MnverifyError): Promise<Link | null> {
    if (++this.#torn > MOST_TORN) return null;
    this.#link?.close();
    this.#link = null;
    const different = error.is("different-card");
    const putBack = {
      en: "The card was lost. Put the same card back on the reader …",
      ja: "カードとの通信が切れました。同じカードをもう一度置いてください …",
    };
    process.stderr.write(`${(different ? error.text : putBack)[this.#lang]}\n`);
    if (different && !(await this.#reader.waitForRemoval(this.#wait))) return null;
    return this.#connectAgain();
  }

  /** A card that comes back is seen before it answers, and a card that went is seen for a while longer. */
  async #connectAgain(): Promise<Link | null> {
    const until = Date.now() + this.#wait;
    while (Date.now() < until) {
      if (!(await this.#reader.waitForCard(until - Date.now()))) return null;
      try {
        return await this.connect();
      } catch (error) {
        if (!(error instanceof MnverifyError) || !(error.is("no-card") || error.is("card-lost"))) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    return null;
  }

  close(): void {
    this.#link?.close();
    this.#reader.close();
  }
}

function seconds(options: Options): number {
  const text = options.value("--wait");
  if (text === undefined) return process.stdin.isTTY ? 30 : 0;
  const value = Number(text);
  if (/^[0-9]+(\.[0-9]+)?$/.test(text) && value <= 86_400) return value;
  throw usageError("--wait has to be a number of seconds, 86400 at most. Nothing was done.", "--wait は86400以下の秒数にしてください。何も実行していません。");
}

/** From a pipe: at a terminal it would stand on the screen. */
function credentialLine(): string {
  if (process.stdin.isTTY) {
    throw usageError(
      "The credential is the first line of standard input, from a pipe or file: at a terminal it would be seen. Nothing was sent.",
      "番号は標準入力の1行目で渡してください（端末で入力すると画面に表示されます）。何も送っていません。",
    );
  }
  return firstLine();
}

function noCard(): MnverifyError {
  return linkError("no-card", {
    en: "No card was put on the reader. Nothing was read; put one My Number Card on it, chip to the reader, and try again.",
    ja: "読み取り機にカードがありません。何も読んでいません。マイナンバーカードを1枚だけ置いてやり直してください。",
  });
}

/** Whole or not at all, readable by its owner only. */
function keep(path: string, text: string): void {
  const beside = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    const file = openSync(beside, "wx", 0o600);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
  } catch {
    rmSync(beside, { force: true });
    throw usageError("The evidence was not kept: the file cannot be written. Choose another place and read again.",
      "証拠データを保存できませんでした。保存先を変えて読み直してください。"); // prettier-ignore
  }
}
