/** `verify`: an evidence file, judged. */
import { Evidence } from "../core/evidence/evidence.js";
import { MAX_BYTES } from "../core/evidence/json.js";
import { ROLES } from "../core/values/numbers.js";
import { verify } from "../core/verification/verify.js";
import { nodeCrypto } from "../node/crypto.js";
import type { Command } from "./command.js";
import { challengeOf, momentOf, readBytes, trustOf } from "./inputs.js";
import { choice } from "./options.js";
import { resultReport } from "./report.js";

export const verifyCommand: Command = {
  name: "verify",
  usage: "verify EVIDENCE --trust FILE [--at MOMENT] [--challenge BASE64] [--role ROLE] [--require-presence | --no-presence]",
  rules: {
    values: ["--trust", "--at", "--challenge", "--role"],
    flags: ["--require-presence", "--no-presence", "--images"],
    positional: ["EVIDENCE"],
  },
  reading: false,
  async run(options, lang) {
    const role = choice(options, "--role", ROLES, "general");
    const [trust, at, challenge] = [trustOf(options), momentOf(options), challengeOf(options)];
    const read = Evidence.fromJson(readBytes(options.positional[0]!, MAX_BYTES), role);
    const evidence = options.flag("--no-presence") ? read.withoutPresence() : read;
    const requirePresence = options.flag("--require-presence");
    const result = await verify(evidence, { trust, crypto: nodeCrypto, requirePresence, ...(at && { at }), ...(challenge && { challenge }) });
    return {
      object: result.toObject({ lang, images: options.flag("--images") }),
      report: () => resultReport(result, lang),
      status: result.verdict === "verified" ? 0 : 1,
    };
  },
};
