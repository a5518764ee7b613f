// What the client believes and repeats, against an endpoint that misbehaves.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { inspect } from "node:util";
import { Evidence, isError, nodeCrypto, VerificationClient } from "./support/package.mjs";
import { ROOT, vector } from "./support/vectors.mjs";

const CHALLENGE = { id: "c1", challenge: Buffer.alloc(32, 7).toString("base64"), expires_at: "2026-11-24T03:05:00+00:00" };

function endpoint(...answers) {
  const asked = [];
  const fetch = async (url, request) => {
    asked.push({ url, ...request });
    const answer = answers.shift() ?? assert.fail("asked once more");
    if (answer instanceof Error) throw answer;
    const { status = 200, body = {}, type = "application/json", headers = {} } = answer;
    return new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers: { "content-type": type, ...headers } });
  };
  return { asked, fetch };
}

function clientOf(fetch, more = {}) {
  const options = { url: "http://127.0.0.1:8080", apiKey: "mnv_secret", relyingParty: "example-bank", crypto: nodeCrypto, fetch };
  return new VerificationClient({ ...options, pace: { firstWait: 1 }, ...more });
}

const code = (wanted) => (error) => isError(error, wanted) && (assert.ok(!error.message.includes("mnv_secret")), true);

test("a challenge, and the same key in every attempt", async () => {
  const { asked, fetch } = endpoint(new Error("reset"), { status: 503 }, { status: 201, body: CHALLENGE });
  const challenge = await clientOf(fetch).newChallenge({ purpose: "account-opening" });
  assert.deepEqual([challenge.id, challenge.challenge.length], ["c1", 32]);
  assert.equal(new Set(asked.map((one) => one.headers["idempotency-key"])).size, 1);
  assert.ok(asked.every((one) => one.redirect === "error" && one.headers.authorization === "Bearer mnv_secret"));
});

test("it gives up, and says with which key to go on", async () => {
  const { fetch } = endpoint(new Error("1"), new Error("2"), new Error("3"), new Error("4"));
  const error = await clientOf(fetch).newChallenge({ idempotencyKey: "application-17" }).catch((thrown) => thrown);
  assert.ok(isError(error, "endpoint-unreachable"));
  assert.equal(error.details.idempotencyKey, "application-17");
});

test("an endpoint that asks for more patience than there is is not asked again", async () => {
  const { asked, fetch } = endpoint({ status: 429, headers: { "retry-after": "3600" } });
  const error = await clientOf(fetch).newChallenge().catch((thrown) => thrown);
  assert.ok(isError(error, "endpoint-busy"));
  assert.deepEqual([error.details.retryAfter, asked.length], [3600, 1]);
});

test("answers that this API does not give", async () => {
  const wrong = [
    { status: 201, body: { ...CHALLENGE, challenge: "AAAA" } },
    { status: 201, body: { ...CHALLENGE, expires_at: "soon" } },
    { status: 201, body: '{"id": "a", "id": "b"}' },
    { status: 201, body: "<html>", type: "text/html" },
    { status: 200, body: CHALLENGE },
    { status: 201, body: "x".repeat((1 << 20) + 1) },
    { status: 500, body: {} },
  ];
  for (const answer of wrong) await assert.rejects(clientOf(endpoint(answer).fetch).newChallenge(), code("unexpected-answer"));
});

test("a problem is told by its code and place, and by nothing that it says", async () => {
  const body = { code: "challenge-used", where: "challenge_id", detail: "60070320334102", status: 409 };
  const answer = { status: 409, type: "application/problem+json", body, headers: { "x-request-id": "r-1" } };
  const error = await clientOf(endpoint(answer).fetch).newChallenge().catch((thrown) => thrown);
  assert.ok(isError(error, "request-refused"));
  assert.deepEqual([error.details.endpointCode, error.details.where, error.details.requestId], ["challenge-used", "challenge_id", "r-1"]);
  assert.ok(!error.message.includes("60070320334102"));
});

test("what is no evidence is not sent", async () => {
  const { fetch } = endpoint();
  await assert.rejects(clientOf(fetch).verify("c1", '{"format": 1}}'), code("malformed-evidence"));
  await assert.rejects(clientOf(fetch).verify("c1", '{"a":{}},"purpose":"x"'), code("malformed-evidence"));
});

test("a receipt of another verification is not believed", async () => {
  const folder = new URL("tests/receipts/vectors/", ROOT);
  const taken = readdirSync(folder).filter((name) => name.endsWith(".json")).map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")))
    .find(({ expected, asked }) => expected.receipt?.verdict === "verified" && !("max_age" in asked)); // prettier-ignore
  const { receipt, jwks, asked, expected } = taken;
  const said = expected.receipt;
  const evidence = Evidence.fromJson(JSON.stringify(vector("age-without-filler").evidence));
  const body = {
    id: said.verification_id, challenge_id: said.challenge_id, verdict: "verified", environment: said.environment, limits: [], fields: {},
    checks: said.checks.map((check) => ({ ...check, detail: "x" })), receipt,
  }; // prettier-ignore
  const more = { jwks, issuer: asked.issuer, relyingParty: asked.relying_party, environment: said.environment };
  const verify = (changed) => clientOf(endpoint({ body: { ...body, ...changed } }).fetch, more).verify(said.challenge_id, evidence);
  // The receipt is days old, so that even the true answer is not taken; each change is found before its age is.
  await assert.rejects(verify({}), (error) => isError(error, "receipt-refused") && ["too-old", "future"].includes(error.details.reason));
  await assert.rejects(verify({ id: "another" }), (error) => error.details.reason === "verification");
  await assert.rejects(verify({ verdict: "rejected", fields: { name: { value: "x", assurance: "signed" } } }), code("unexpected-answer"));
});

test("addresses and keys that cannot be", () => {
  const { fetch } = endpoint();
  for (const url of ["http://verify.example.jp", "https://user@verify.example.jp", "ftp://127.0.0.1", "https://verify.example.jp/?x", "javascript:1"]) {
    assert.throws(() => clientOf(fetch, { url }), code("usage"), url);
  }
  for (const apiKey of ["", "a b", "a\nb"]) assert.throws(() => clientOf(fetch, { apiKey }), code("usage"));
  assert.equal(clientOf(fetch, { url: "https://verify.example.jp/" }).url, "https://verify.example.jp");
});

test("the client shows no key", () => {
  const client = clientOf(endpoint().fetch);
  assert.ok(!(inspect(client, { depth: 9, showHidden: true }) + JSON.stringify(client) + client).includes("mnv_secret"));
});
