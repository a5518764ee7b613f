// More than 20,000 altered vectors: the same verdict, failing checks or refusal, at the same place, as Python's.
import assert from "node:assert/strict";
import { test } from "node:test";
import { digitsOf, lineOf, mutated, Random } from "./support/mutations.mjs";
import { nodeCrypto } from "./support/package.mjs";
import { run, shared, trustOf, vector } from "./support/vectors.mjs";

test("every mutation comes to what Python makes of it", async () => {
  const { each, words, count, outcomes } = shared("mutations.json");
  const disagreements = [];
  let seen = 0;
  for (const [name, digits] of Object.entries(outcomes)) {
    const document = vector(name);
    const trust = trustOf(document);
    const random = new Random(name);
    for (let number = 0; number < each; number++, seen++) {
      const line = lineOf(await run(document, mutated(document, random, words), trust, nodeCrypto));
      if (digitsOf(line) !== digits.slice(6 * number, 6 * number + 6)) disagreements.push(`${name} ${number}: ${line}`);
    }
  }
  // python -m tools.make_binding_data --explain VECTOR NUMBER tells what Python makes of one
  assert.deepEqual(disagreements.slice(0, 10), []);
  assert.equal(seen, count);
  assert.ok(seen >= 20_000);
});
