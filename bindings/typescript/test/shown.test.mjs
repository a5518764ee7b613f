// Nothing personal is shown by printing, JSON or a debugger's inspection; the trap; what may be sent.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { inspect } from "node:util";
import { checkAge, checkCard, Credential, Evidence, isError, nodeCrypto, parseScript, readCard, ReplayLink, verify } from "./support/package.mjs";
import { scriptedRandom } from "../dist/core/scripts/replay.js";
import { VECTORS, vector, virtualTrust } from "./support/vectors.mjs";

const scriptOf = (name) => parseScript(readFileSync(new URL(`scripts/${name}.json`, VECTORS)));
const AT = "2026-11-22T10:00:00+09:00";

function shownOf(...things) {
  return things.map((thing) => `${inspect(thing, { depth: 12, showHidden: true, getters: false })} ${JSON.stringify(thing)} ${thing}`).join("\n");
}

async function read(name, presence) {
  const script = scriptOf(name);
  const crypto = { ...nodeCrypto, random: scriptedRandom(script) };
  const credential = Credential.from(script.credential, script.credentialValue);
  const options = { crypto, role: script.role, purposes: script.purposes, presence: presence ?? { challenge: script.challenge } };
  return readCard(new ReplayLink(script), script.domain, credential, options);
}

test("evidence, results and fields show no content", async () => {
  const evidence = await read("attributes");
  const result = await verify(evidence, { trust: virtualTrust, crypto: nodeCrypto, at: AT });
  assert.equal(result.verdict, "verified");
  const { name, address, birth_date: birth } = result.fields;
  const shown = shownOf(evidence, result, result.fields, name, { evidence, result });
  for (const value of [name.value, address.value, birth.value, Buffer.from(name.value).toString("hex")]) {
    assert.ok(value.length > 3 && !shown.includes(value), value);
  }
  const face = await read("face-extended");
  const checked = await verify(face, { trust: virtualTrust, crypto: nodeCrypto, at: AT });
  const { photo } = checked.fields;
  assert.ok(photo.value.data.length > 1000);
  const bytes = inspect(photo.value.data.slice(100, 110)).match(/\[(.*?)\]/s)[1].trim();
  assert.ok(!shownOf(face, checked, photo, photo.value).includes(bytes));
});

test("the trap: input-assist evidence of role general leaves as a request alone", async () => {
  const evidence = await read("attributes");
  assert.equal(evidence.storable, false);
  assert.throws(() => evidence.toJson(), (error) => isError(error, "not-storable"));
  assert.ok(evidence.toRequest().length > 1000);
  const office = await read("number-office");
  assert.equal(office.storable, true);
  assert.ok(office.toJson().length > 1000);
});

test("evidence without the challenge of whoever verifies is not sent", async () => {
  const own = await read("face-extended", "own-challenge");
  assert.throws(() => own.toRequest(), (error) => isError(error, "usage"));
  assert.ok(own.toJson().length > 1000, "it may be kept");
  const named = await read("face-extended");
  assert.ok(named.toRequest().length > 1000);
  assert.throws(() => named.withoutPresence().toRequest(), (error) => isError(error, "usage"));
  assert.ok(Evidence.fromJson(named.toJson()).toRequest().length > 1000, "what somebody else read is his");
});

test("number B that the chip accepted: corroborated here, and nowhere else", async () => {
  const script = scriptOf("face-extended");
  const crypto = { ...nodeCrypto, random: scriptedRandom(script) };
  const credential = Credential.from(script.credential, script.credentialValue);
  const { evidence, result } = await checkCard(new ReplayLink(script), "face-check", credential, { crypto, trust: virtualTrust, at: AT });
  assert.deepEqual([result.fields.expiry.assurance, result.fields.expiry.extent], ["corroborated", "year"]);
  assert.equal(result.checks.find((check) => check.id === "freshness").code, "ok");
  const again = await verify(Evidence.fromJson(evidence.toJson()), { trust: virtualTrust, crypto, at: AT });
  assert.equal(again.fields.expiry.assurance, "unsigned");
});

test("ages, at the birthday in Japan and of partial dates", async () => {
  const ask = async (name, at, years) => {
    const result = await verify(Evidence.fromJson(JSON.stringify(vector(name).evidence)), { trust: virtualTrust, crypto: nodeCrypto, at });
    return checkAge(result, years);
  };
  const birth = vector("age-without-filler").expected.fields.birth_date.value;
  const [year, rest] = [Number(birth.slice(0, 4)), birth.slice(4)];
  const midnight = `${year + 20}${rest}T00:00:00+09:00`;
  const before = new Date(Date.parse(midnight) - 1000).toISOString().replace(".000Z", "Z");
  assert.equal((await ask("age-without-filler", midnight, 20)).answer, "yes");
  assert.equal((await ask("age-without-filler", before, 20)).answer, "no");
  const partial = vector("birth-month-not-known").expected.fields.birth_date.value;
  assert.match(partial, /^\d{4}$/);
  assert.equal((await ask("birth-month-not-known", `${Number(partial) + 20}-06-15T00:00:00+09:00`, 20)).code, "partial-birth-date");
  assert.equal((await ask("birth-month-not-known", `${Number(partial) + 20}-12-31T00:00:00+09:00`, 20)).answer, "yes");
  assert.equal((await ask("age-made-older", AT, 20)).code, "not-verified");
  const document = (await ask("age-without-filler", AT, 20)).toObject();
  assert.ok(!JSON.stringify(document).includes(birth) && !("fields" in document));
  await assert.rejects(ask("age-without-filler", AT, 151), (error) => isError(error, "usage"));
});

test("arguments of another kind are refused before anything is done", async () => {
  const evidence = Evidence.fromJson(JSON.stringify(vector("age-without-filler").evidence));
  const good = { trust: virtualTrust, crypto: nodeCrypto };
  for (const wrong of [{ trust: [] }, { at: "2026-11-22" }, { at: new Date(Number.NaN) }, { challenge: new Uint8Array() }, { challenge: "AAAA" }]) {
    await assert.rejects(verify(evidence, { ...good, ...wrong }), (error) => isError(error, "usage"));
  }
  await assert.rejects(verify({}, good), (error) => isError(error, "usage"));
  assert.throws(() => Evidence.fromJson(JSON.stringify(vector("age-without-filler").evidence), "office"), (error) => isError(error, "usage"));
});

test("without cryptography of the caller's the engine's is used, and where there is none that is said", async () => {
  const document = vector("face-whole");
  const evidence = Evidence.fromJson(JSON.stringify(document.evidence));
  assert.equal((await verify(evidence, { trust: virtualTrust, at: document.at })).verdict, "verified");
  const lighter = await evidence.withoutSegments([3]);
  assert.equal((await verify(lighter, { trust: virtualTrust, at: document.at })).fields.photo, undefined);
  const script = `
    Object.defineProperty(globalThis, "crypto", { value: undefined });
    const { defaultCrypto } = await import("mnverify");
    try { defaultCrypto(); } catch (error) { console.log(error.code, error.message); }`;
  const done = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8", cwd: new URL("../", import.meta.url) });
  assert.match(done.stdout, /^usage .*nobleCrypto/);
});
