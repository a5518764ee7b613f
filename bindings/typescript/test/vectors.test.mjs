// Every vector, whole: verdict, checks, codes, fields, limits and the English sentences; by each implementation of the cryptography.
import assert from "node:assert/strict";
import { test } from "node:test";
import { data, nobleCrypto, nodeCrypto, webCrypto } from "./support/package.mjs";
import { evidenceOf, run, trustOf, vector, vectorNames, shared } from "./support/vectors.mjs";

const names = vectorNames();
const engines = { node: nodeCrypto, webcrypto: webCrypto(), noble: nobleCrypto(() => assert.fail("nothing random is needed")) };

test("the vectors are those that Python counts", () => {
  assert.deepEqual(names, Object.keys(shared("mutations.json").outcomes).sort());
  assert.ok(names.length >= 146);
});

for (const [engine, crypto] of Object.entries(engines)) {
  test(`every vector comes to what it says, with ${engine}`, async (t) => {
    for (const name of names) {
      const document = vector(name);
      const came = await run(document, evidenceOf(document), trustOf(document), crypto);
      assert.deepEqual(came, document.expected, name);
      if (!("error" in came)) assert.deepEqual(Object.keys(came), Object.keys(document.expected), name);
    }
  });
}

test("no vector has a check or code that is not in the closed list", () => {
  for (const name of names) {
    for (const check of vector(name).expected.checks ?? []) assert.ok(check.code in data.checks[check.id], name);
  }
});

test("a rejected result has no way to the content", async () => {
  const document = vector("age-made-older");
  const came = await run(document, evidenceOf(document), trustOf(document), nodeCrypto);
  assert.equal(came.verdict, "rejected");
  assert.equal("fields" in came, false);
});
