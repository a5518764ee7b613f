/** What a command is given: trust, evidence, moments. Credentials never come from arguments. */
import { openSync, readSync, closeSync } from "node:fs";
import { fromBase64 } from "../core/bytes.js";
import { MnverifyError, usageError } from "../core/errors.js";
import { TrustStore } from "../core/verification/trust.js";
import { momentOfOption } from "../core/verification/verify.js";
import type { Options } from "./options.js";

const REASONS: Readonly<Record<string, { en: string; ja: string }>> = {
  ENOENT: { en: "no such file or folder", ja: "ファイルまたはフォルダーがありません" },
  EACCES: { en: "permission denied", ja: "アクセスが許可されていません" },
  EISDIR: { en: "it is a folder", ja: "フォルダーです" },
};

/** At most one byte more than `most`, so that who parses them sees that it is too large. */
export function readBytes(path: string, most: number): Uint8Array {
  let file: number | undefined;
  try {
    file = path === "-" ? 0 : openSync(path, "r");
    const content = new Uint8Array(most + 1);
    let size = 0;
    while (size < content.length) {
      const read = readWaiting(file, content, size);
      if (read === 0) break;
      size += read;
    }
    return content.subarray(0, size);
  } catch (error) {
    const why = REASONS[(error as NodeJS.ErrnoException).code ?? ""] ?? { en: "input/output error", ja: "入出力エラーです" };
    const shown = path.slice(0, 256);
    throw new MnverifyError("unreadable-file", {
      en: `${shown} cannot be read: ${why.en}. Nothing of it was used; check the name and the rights on it.`,
      ja: `${shown} を読めません（${why.ja}）。内容は一切使っていません。ファイル名とアクセス権を確認してください。`,
    });
  } finally {
    if (file !== undefined && file !== 0) closeSync(file);
  }
}

/** Standard input may be a pipe that has nothing yet. */
function readWaiting(file: number, into: Uint8Array, at: number): number {
  for (;;) {
    try {
      return readSync(file, into, at, into.length - at, null);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** The first line of standard input, where a credential stands; no more of it is read than there is. */
export function firstLine(most = 256): string {
  const content = new Uint8Array(most);
  let size = 0;
  while (size < most) {
    if (readWaiting(0, content.subarray(0, size + 1), size) === 0 || content[size] === 0x0a) break;
    size++;
  }
  const line = Buffer.from(content.subarray(0, size)).toString("utf8").trim();
  content.fill(0);
  return line;
}

/** The anchors that `--trust` names. */
export function trustOf(options: Options): TrustStore {
  const word = options.value("--trust") ?? "production";
  if (word === "production") return TrustStore.production();
  return word === "test" ? TrustStore.test() : TrustStore.fromJson(readBytes(word, 1024 * 1024));
}

export function momentOf(options: Options): string | undefined {
  const at = options.value("--at");
  if (at === undefined) return undefined;
  const found = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d(?:\.\d{1,6})?)?(?:([Zz])|([+-]\d\d):?(\d\d))$/.exec(at);
  const [, day, minutes, seconds = ":00", utc, hours, rest] = found ?? [];
  return momentOfOption(found === null ? at : `${day}T${minutes}${seconds}${utc ? "Z" : `${hours}:${rest}`}`).text;
}

export function challengeOf(options: Options): Uint8Array | undefined {
  const text = options.value("--challenge");
  if (text === undefined) return undefined;
  const challenge = fromBase64(text);
  if (challenge !== null && challenge.length >= 1 && challenge.length <= 1024) return challenge;
  throw usageError(
    "The value of --challenge has to be 1 to 1024 bytes in base64. Nothing was done.",
    "--challenge の値は、1〜1024バイトを base64 で表したものにしてください。何も実行していません。",
  );
}
