// Every receipt vector: taken with this content, or refused for this reason; by each implementation of ES256.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { inspect } from "node:util";
import { isError, nobleCrypto, nodeCrypto, verifyReceipt, webCrypto } from "./support/package.mjs";
import { ROOT } from "./support/vectors.mjs";

const FOLDER = new URL("tests/receipts/vectors/", ROOT);
const names = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
const vectors = names.map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")));
const engines = { node: nodeCrypto, webcrypto: webCrypto(), noble: nobleCrypto(() => assert.fail("nothing random is needed")) };

function ask({ receipt, jwks, asked }, crypto) {
  return verifyReceipt(receipt, jwks, {
    crypto,
    issuer: asked.issuer,
    relyingParty: asked.relying_party,
    at: new Date(asked.at),
    ...("verification_id" in asked && { verificationId: asked.verification_id }),
    ...("challenge_id" in asked && { challengeId: asked.challenge_id }),
    ...("max_age" in asked && { maxAge: asked.max_age }),
  });
}

function told(receipt) {
  const claims = Object.entries(receipt.claims ?? {}).map(([name, claim]) => [
    name,
    claim.mediaType === null
      ? { value: claim.value, assurance: claim.assurance, ...(claim.extent && { extent: claim.extent }) }
      : { media_type: claim.mediaType, sha256: claim.value, assurance: claim.assurance },
  ]);
  return {
    issuer: receipt.issuer,
    relying_party: receipt.relyingParty,
    verification_id: receipt.verificationId,
    challenge_id: receipt.challengeId,
    issued_at: receipt.issuedAt,
    verdict: receipt.verdict,
    environment: receipt.environment,
    domain: receipt.domain,
    role: receipt.role,
    at: receipt.at,
    checks: receipt.checks,
    reference: receipt.reference,
    purpose: receipt.purpose,
    evidence_sha256: receipt.evidenceSha256,
    kid: receipt.keyId,
    ...(receipt.verdict === "verified" && { claims: Object.fromEntries(claims) }),
  };
}

for (const [engine, crypto] of Object.entries(engines)) {
  test(`every receipt vector, with ${engine}`, async () => {
    assert.ok(vectors.length >= 110);
    for (const vector of vectors) {
      let came;
      try {
        came = { receipt: told(await ask(vector, crypto)) };
      } catch (error) {
        assert.ok(isError(error, "receipt-refused"), `${vector.name}: ${error}`);
        came = { error: "ReceiptError", reason: error.details.reason };
      }
      assert.deepEqual(came, vector.expected, vector.name);
    }
  });
}

test("claims show themselves to nobody", async () => {
  const vector = vectors.find(({ expected }) => Object.values(expected.receipt?.claims ?? {}).some((claim) => "value" in claim));
  const receipt = await ask(vector, nodeCrypto);
  const [value] = Object.values(vector.expected.receipt.claims).flatMap((claim) => claim.value ?? []);
  assert.ok(!inspect(receipt, { depth: 9, showHidden: true }).includes(value));
  assert.ok(!JSON.stringify(receipt).includes(value));
  assert.ok(Object.values(receipt.claims).some((claim) => claim.value === value));
});
