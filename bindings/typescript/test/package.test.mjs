// The package itself: no platform in the core, no address in the lock file, documents that name what is exported.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { data } from "./support/package.mjs";

const HERE = new URL("../", import.meta.url);

test("a wrong import fails the build", () => {
  const folder = mkdtempSync(join(tmpdir(), "mnverify-imports-"));
  try {
    cpSync(new URL("src", HERE), folder, { recursive: true });
    const check = () => spawnSync(process.execPath, [new URL("scripts/check-imports.mjs", HERE).pathname, folder], { encoding: "utf8" });
    assert.equal(check().status, 0, check().stderr);
    const planted = {
      "core/planted/a.ts": 'import { readFileSync } from "node:fs";',
      "core/bytes.ts": 'import { Buffer } from "node:buffer";',
      "core/text.ts": 'import { verify } from "./verification/verify.js";',
      "core/link/link.ts": 'import { nodeCrypto } from "../../node/crypto.js";',
      "react-native/index.ts": 'import { NfcManager } from "react-native-nfc-manager";',
      "noble/index.ts": 'import { nodeCrypto } from "../node/crypto.js";',
    };
    for (const [path, line] of Object.entries(planted)) {
      if (path.includes("planted")) continue;
      const before = readFileSync(join(folder, path), "utf8");
      writeFileSync(join(folder, path), `${line}\n${before}`);
      assert.equal(check().status, 1, path);
      writeFileSync(join(folder, path), before);
    }
    assert.equal(check().status, 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the core runs where there is no Node", () => {
  const sources = readdirSync(new URL("dist/core", HERE), { recursive: true }).filter((name) => name.endsWith(".js"));
  assert.ok(sources.length > 30);
  for (const name of sources) {
    const text = readFileSync(new URL(`dist/core/${name}`, HERE), "utf8");
    assert.doesNotMatch(text, /from "(?!\.)/, name);
  }
});

test("the lock file names no registry, and pins everything", () => {
  const lock = readFileSync(new URL("package-lock.json", HERE), "utf8");
  assert.doesNotMatch(lock, /https?:\/\/[^"]*\.(tgz|org\/)|"resolved"/);
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(readFileSync(new URL("package.json", HERE), "utf8"));
  for (const version of Object.values({ ...dependencies, ...devDependencies, ...optionalDependencies })) assert.match(version, /^\d+\.\d+\.\d+$/);
  const packages = Object.entries(JSON.parse(lock).packages).filter(([name]) => name);
  assert.ok(packages.every(([, one]) => one.integrity?.startsWith("sha512-")));
});

test("the command line never shows a stack trace", () => {
  const cli = new URL("dist/cli.js", HERE).pathname;
  const wrong = [[], ["nothing"], ["verify"], ["verify", "-", "--trust", "/nowhere"], ["read"], ["read", "face-check", "1234"], ["age"], ["verify", "--xyz"]];
  for (const words of wrong) {
    const done = spawnSync(process.execPath, [cli, ...words, "--json"], { encoding: "utf8", input: "60070320334102\n" });
    assert.ok([2, 3].includes(done.status), `${words}: ${done.status}`);
    assert.doesNotMatch(done.stdout + done.stderr, /\n\s+at |60070320334102|node:internal/);
  }
  assert.match(execFileSync(process.execPath, [cli, "--help"], { encoding: "utf8" }), /verify EVIDENCE/);
});

test("every error code has both languages and an exit status", () => {
  for (const [code, error] of Object.entries(data.errors)) assert.ok([2, 3, 4, 5].includes(error.exit), code);
  for (const said of Object.values(data.sentences)) assert.ok(said.en && said.ja);
});
