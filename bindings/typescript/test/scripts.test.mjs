// Every recorded reading: the same commands in the same order, the same evidence byte for byte, the same result or error.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import {
  Credential,
  FaceCheck,
  InputAssist,
  isError,
  nodeCrypto,
  parseScript,
  PartialReading,
  ReplayLink,
  signsFirst,
  verify,
} from "./support/package.mjs";
import { shared, VECTORS, virtualTrust } from "./support/vectors.mjs";

const FOLDER = new URL("scripts/", VECTORS);
const { scripts: digests, read_at: readAt, reader } = shared("scripts.json");
const names = readdirSync(FOLDER).filter((name) => name.endsWith(".expected.json")).map((name) => name.replace(".expected.json", "")).sort();
const sha256 = (content) => createHash("sha256").update(content).digest("hex");
const expectedOf = (name) => JSON.parse(readFileSync(new URL(`${name}.expected.json`, FOLDER), "utf8"));
const scriptOf = (name) => parseScript(readFileSync(new URL(`${name}.json`, FOLDER)));

async function oneSession(script, link, partial, options) {
  const opened = script.domain === "face-check" ? FaceCheck : InputAssist;
  const session = await opened.open(link, { crypto: nodeCrypto, role: script.role, ...options });
  try {
    const credential = Credential.from(script.credential, script.credentialValue);
    if (signsFirst(script)) await session.recognise(partial, script.challenge);
    if (partial.started) return await session.resume(partial, credential);
    await session.present(credential);
    const presence = script.challenge === null ? "none" : { challenge: script.challenge };
    return await session.read(script.purposes, { presence, partial });
  } finally {
    await session.close();
  }
}

async function play(script) {
  const [link, partial] = [new ReplayLink(script), new PartialReading()];
  for (let sessions = 1; ; sessions++) {
    try {
      const evidence = await oneSession(script, link, partial, { reader, now: () => readAt });
      assert.ok(link.finished, "not all of it was played");
      return { sessions, evidence };
    } catch (error) {
      if (!isError(error)) throw error;
      if (error.is("link") && !link.finished) continue;
      assert.ok(!error.is("unexpected-command"), error.message);
      const { triesLeft } = error.details;
      return { sessions, error: { class: error.name, code: error.code, ...(triesLeft === undefined ? {} : { tries_left: triesLeft }) } };
    }
  }
}

test("the recorded readings are those that Python counts", () => {
  assert.ok(names.length >= 18);
  assert.deepEqual(names.filter((name) => !("error" in expectedOf(name))), Object.keys(digests).sort());
});

for (const name of names) {
  test(`script ${name}`, async () => {
    const script = scriptOf(name);
    const expected = expectedOf(name);
    const { sessions, evidence, error } = await play(script);
    assert.equal(sessions, expected.sessions);
    assert.deepEqual(error, expected.error);
    if (error !== undefined) return;
    const result = await verify(evidence, { trust: virtualTrust, crypto: nodeCrypto, at: expected.at, challenge: script.challenge ?? undefined });
    assert.deepEqual(result.toObject(), expected.result);
    const digest = digests[name];
    assert.equal(sha256(evidence.toRequest()), digest.request);
    assert.equal(evidence.storable, digest.storable);
    if (digest.storable) assert.equal(sha256(evidence.toJson()), digest.json);
    else assert.throws(() => evidence.toJson(), (thrown) => isError(thrown, "not-storable"));
    for (const numbers of [[2], [3], [2, 3]]) {
      const key = `without_${numbers.join("_")}`;
      if (!(key in digest)) continue;
      const lighter = await evidence.withoutSegments(numbers, nodeCrypto);
      assert.equal(sha256(lighter.toJson()), digest[key]);
      const again = await verify(lighter, { trust: virtualTrust, crypto: nodeCrypto, at: expected.at, challenge: script.challenge });
      assert.equal(again.verdict, "verified");
      assert.deepEqual(again.checks, result.checks);
    }
  });
}

test("what is no script is not played", () => {
  const text = readFileSync(new URL("age.json", FOLDER), "utf8");
  for (const wrong of ["{}", text.replace('"age"', '"ages"'), text.replace('"answer":"9000"', '"answer":"9"'), text.replace('"domain"', '"reset"')]) {
    assert.notEqual(wrong, text);
    assert.throws(() => parseScript(wrong), (error) => isError(error, "malformed-script"));
  }
});

test("a reader that sends anything else is found out", async () => {
  const script = scriptOf("age");
  const link = new ReplayLink({ ...script, exchanges: script.exchanges.slice(1) });
  await assert.rejects(FaceCheck.open(link, { crypto: nodeCrypto }), (error) => isError(error, "unexpected-command"));
  assert.equal(link.finished, false);
});
