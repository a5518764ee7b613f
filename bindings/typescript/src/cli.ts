#!/usr/bin/env node
/** The command line: for people who try the package, and for outside judges. Never a stack trace: what could hold content is not shown. */
import type { Command } from "./cli/command.js";
import { parseOptions, refuseUsage } from "./cli/options.js";
import { READING_COMMANDS } from "./cli/read.js";
import { verifyCommand } from "./cli/verify.js";
import { data } from "./core/generated.js";
import { exitStatus, MnverifyError } from "./core/errors.js";

const COMMANDS: readonly Command[] = [verifyCommand, ...READING_COMMANDS];
const COMMON = { values: ["--lang"], flags: ["--json"] };

async function main(words: readonly string[]): Promise<number> {
  const json = words.includes("--json");
  const lang = language(words);
  let reading = false;
  try {
    if (words.includes("--help") || words.length === 0) {
      process.stdout.write(`${COMMANDS.map((command) => `mnverify-ts ${command.usage} [--json] [--lang en|ja]`).join("\n")}\n`);
      return words.length ? 0 : 2;
    }
    const [command, rest] = find(words);
    reading = command.reading;
    const { values, flags, positional } = command.rules;
    const options = parseOptions(rest, { values: [...values, ...COMMON.values], flags: [...flags, ...COMMON.flags], positional });
    const came = await command.run(options, lang);
    process.stdout.write(`${json ? JSON.stringify(came.object, null, 2) : came.report()}\n`);
    return came.status;
  } catch (error) {
    return tell(error, json, lang, reading);
  }
}

/** The command and what belongs to it; `--lang` and `--json` may stand before it. */
function find(words: readonly string[]): [Command, string[]] {
  const rest = [...words];
  const first = rest.findIndex((word, n) => !word.startsWith("-") && rest[n - 1] !== "--lang");
  for (const command of COMMANDS) {
    const name = command.name.split(" ");
    if (first >= 0 && name.every((word, n) => rest[first + n] === word)) {
      rest.splice(first, name.length);
      return [command, rest];
    }
  }
  const names = COMMANDS.map((command) => command.name).join(", ");
  throw refuseUsage(`There is no such command; there are: ${names}.`, `そのようなコマンドはありません（${names}）。`);
}

function language(words: readonly string[]): "en" | "ja" {
  const at = words.indexOf("--lang");
  const asked = words.find((word) => word.startsWith("--lang="))?.slice(7) ?? (at >= 0 ? words[at + 1] : undefined);
  const locale = process.env["LC_ALL"] || process.env["LC_MESSAGES"] || process.env["LANG"] || "";
  return (asked ?? locale).startsWith("ja") ? "ja" : "en";
}

function tell(error: unknown, json: boolean, lang: "en" | "ja", reading: boolean): number {
  const known = error instanceof MnverifyError;
  const text = known
    ? error.text
    : {
        en: "Something went wrong that should not have. Nothing counts as verified; please report the command, without content.",
        ja: "想定外のエラーが起きました。検証済みとは扱わないでください。コマンドを（内容を除いて）ご報告ください。",
      };
  if (json) {
    const { triesLeft, floor, statusWord, where, reason } = known ? error.details : {};
    const details = { where, tries_left: triesLeft, floor, status_word: statusWord, reason };
    const code = known ? error.code : "error";
    const told = { code, type: data.errors[code].class, message: text[lang], ...details };
    process.stdout.write(`${JSON.stringify({ error: told })}\n`);
  }
  process.stderr.write(`mnverify-ts: ${text[lang]}\n`);
  return known ? exitStatus(error, reading) : 2;
}

process.stdout.on("error", () => process.exit(0)); // who reads it has gone
process.exitCode = await main(process.argv.slice(2));
