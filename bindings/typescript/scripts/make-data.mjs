// Turns bindings/shared/mnverify.json into a module, so that the core reads no file and needs no JSON import of its engine.
import { readFileSync, writeFileSync } from "node:fs";

const source = new URL("../../shared/mnverify.json", import.meta.url);
const target = new URL("../src/core/generated.ts", import.meta.url);
const text = JSON.stringify(JSON.parse(readFileSync(source, "utf8")), null, 1);
const made = `// Made from bindings/shared/mnverify.json by scripts/make-data.mjs.\nexport const data = ${text} as const;\n`;
let there = "";
try {
  there = readFileSync(target, "utf8");
} catch {
  // first build
}
if (there !== made) writeFileSync(target, made);
