// The reference names what is exported, in both languages.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import * as core from "mnverify";
import { ROOT } from "./support/vectors.mjs";

test("what is exported stands in the reference, in both languages", () => {
  const entries = { mnverify: core };
  for (const page of ["docs/reference/typescript.md", "docs/reference/typescript.ja.md"]) {
    const text = readFileSync(new URL(page, ROOT), "utf8");
    for (const names of Object.values(entries)) {
      for (const name of Object.keys(names)) assert.ok(text.includes(`\`${name}`), `${page}: ${name}`);
    }
    for (const name of ["nodeCrypto", "openReader", "listReaders", "PcscReader", "PcscLink", "nobleCrypto", "webCrypto", "IsoDepLink"]) {
      assert.ok(text.includes(`\`${name}`), `${page}: ${name}`);
    }
  }
});

// Every typescript block of the documents compiles as it stands, against the declarations that users get.
test("the blocks of the documents compile", () => {
  const folder = fileURLToPath(new URL("../dist/documents/", import.meta.url));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const docs = fileURLToPath(new URL("docs/", ROOT));
  let count = 0;
  for (const page of readdirSync(docs, { recursive: true }).filter((name) => name.endsWith(".md"))) {
    const blocks = [...readFileSync(join(docs, page), "utf8").matchAll(/^```typescript\n(.*?)^```$/gms)].map(([, body]) => body);
    for (const [n, body] of blocks.entries()) {
      writeFileSync(join(folder, `${page.replace(/\W/g, "-")}-${n}.ts`), `${body}\nexport {};\n`);
      count++;
    }
  }
  assert.ok(count >= 10, String(count));
  const settings = { target: "ES2022", module: "NodeNext", strict: true, noEmit: true, types: ["node"], skipLibCheck: true };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: settings, include: ["*.ts"] }));
  const tsc = fileURLToPath(new URL("../node_modules/.bin/tsc", import.meta.url));
  const done = spawnSync(tsc, ["-p", folder], { encoding: "utf8" });
  assert.equal(done.status, 0, done.stdout);
  // The type carries the verdict: without asking for it there are no fields.
  const asked = 'import type { VerificationResult } from "mnverify";\nexport const name = (result: VerificationResult) => result.fields;\n';
  writeFileSync(join(folder, "unasked.ts"), asked);
  const refused = spawnSync(tsc, ["-p", folder], { encoding: "utf8" });
  assert.match(refused.stdout, /unasked\.ts.*TS2339/);
});
