// Phone and backend of tests/bindings/test_typescript_endpoint.py: challenge, reading, verification. Arguments and outcome are JSON.
import { readFileSync } from "node:fs";
import { Credential, isError, nodeCrypto, readCard, VerificationClient } from "./package.mjs";
import { openReader } from "mnverify/node";

const { url, apiKey, relyingParty, domain, kind, reader, environment, claims, repeat, other } = JSON.parse(process.argv[2]);
const credential = Credential.from(kind, readFileSync(0, "utf8").trim());
const client = new VerificationClient({ url, apiKey, relyingParty, environment, crypto: nodeCrypto, fetch });

async function main() {
  const challenge = await client.newChallenge({ purpose: "account-opening", reference: "application-17" });
  const place = await openReader(reader);
  let evidence;
  try {
    if (!(await place.waitForCard(20_000))) throw new Error("no card");
    const link = await place.connect();
    const progress = [];
    evidence = await readCard(link, domain, credential, {
      crypto: nodeCrypto,
      presence: { challenge: other ? nodeCrypto.random(32) : challenge.challenge },
      progress: (done, expected) => progress.push([done, expected]),
    });
    link.close();
    if (!progress.length || progress.some(([done, expected]) => done > expected)) throw new Error("progress");
  } finally {
    place.close();
  }
  const verification = await client.verify(challenge.id, evidence, { claims });
  const told = { verdict: verification.verdict, checks: Object.fromEntries(verification.checks.map((check) => [check.id, check.code])) };
  if (verification.verdict === "verified") {
    told.fields = Object.fromEntries(Object.entries(verification.fields).map(([name, field]) => [name, field.value]));
    told.claims = Object.fromEntries(Object.entries(verification.receipt.claims).map(([name, claim]) => [name, claim.value]));
  }
  told.receipt = verification.receiptText;
  if (repeat) {
    const again = await client.verify(challenge.id, evidence, { claims, idempotencyKey: verification.idempotencyKey });
    told.same = again.receiptText === verification.receiptText;
    told.used = await client.verify(challenge.id, evidence, { claims }).catch((error) => error.details.endpointCode);
  }
  return told;
}

try {
  console.log(JSON.stringify(await main()));
} catch (error) {
  if (!isError(error)) throw error;
  console.log(JSON.stringify({ error: error.code, ...error.details }));
}
