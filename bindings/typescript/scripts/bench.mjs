// Size of the package, and what a verification costs here beside Python, in one run: npm run bench (or make bench).
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Evidence, TrustStore, verify } from "mnverify";
import { nobleCrypto } from "mnverify/noble";
import { nodeCrypto } from "mnverify/node";
import { webCrypto } from "mnverify/webcrypto";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const vectors = `${root}/tests/vectors`;
const name = "face-whole";
const file = `${vectors}/${name}.json`;
const document = JSON.parse(readFileSync(file, "utf8"));
const text = JSON.stringify(document.evidence);
const trust = TrustStore.fromJson(readFileSync(`${vectors}/anchors/virtual.json`));
const challenge = document.challenge && new Uint8Array(Buffer.from(document.challenge, "base64"));

async function once(crypto) {
  const result = await verify(Evidence.fromJson(text), { trust, crypto, at: document.at, ...(challenge && { challenge }) });
  if (result.verdict !== "verified") throw new Error("not verified");
}

async function milliseconds(crypto) {
  for (let n = 0; n < 100; n++) await once(crypto);
  const rounds = [];
  for (let round = 0; round < 7; round++) {
    const began = performance.now();
    for (let n = 0; n < 50; n++) await once(crypto);
    rounds.push((performance.now() - began) / 50);
  }
  return Math.min(...rounds);
}

const python = `
import json, sys, time
from datetime import datetime
from mnverify import Evidence, TrustStore, verify
document = json.load(open(sys.argv[1]))
text, at = json.dumps(document["evidence"]), datetime.fromisoformat(document["at"])
trust = TrustStore.from_file(sys.argv[2])
def once():
    assert verify(Evidence.from_json(text), trust=trust, at=at)
for _ in range(100): once()
rounds = []
for _ in range(7):
    began = time.perf_counter()
    for _ in range(50): once()
    rounds.append((time.perf_counter() - began) / 50)
print(min(rounds) * 1000)
`;

const packed = JSON.parse(execFileSync("npm", ["pack", "--dry-run", "--json"], { cwd: fileURLToPath(new URL("..", import.meta.url)), encoding: "utf8" }));
const { size, unpackedSize, entryCount } = Array.isArray(packed) ? packed[0] : Object.values(packed)[0];
console.log(`package: ${Math.round(size / 1024)} KiB packed, ${Math.round(unpackedSize / 1024)} KiB in ${entryCount} files`);
const interpreter = [`${root}/.venv/bin/python`, "python3"].find((one) => one === "python3" || existsSync(one));
const beside = spawnSync(interpreter, ["-c", python, file, `${vectors}/anchors/virtual.json`], { encoding: "utf8" });
const theirs = beside.status === 0 ? Number(beside.stdout) : Number.NaN;
console.log(`one verification (${name}, from JSON): Python ${theirs.toFixed(2)} ms`);
const none = () => new Uint8Array();
for (const [engine, crypto] of Object.entries({ "node:crypto": nodeCrypto, WebCrypto: webCrypto(), "noble and BigInt": nobleCrypto(none) })) {
  const ours = await milliseconds(crypto);
  console.log(`one verification (${name}, from JSON): TypeScript with ${engine} ${ours.toFixed(2)} ms, ${(ours / theirs).toFixed(1)} × Python`);
}
