// The phone's link, over a stand-in for an NFC package: the same readings, torn ones too.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { IsoDepLink } from "mnverify/react-native";
import { Credential, isError, newCapabilities, nobleCrypto, parseScript, readCard, verify } from "./support/package.mjs";
import { VECTORS, virtualTrust } from "./support/vectors.mjs";

const scriptOf = (name) => parseScript(readFileSync(new URL(`scripts/${name}.json`, VECTORS)));
const crypto = nobleCrypto(() => assert.fail("nothing random is needed"));
const AT = "2026-11-22T10:00:00+09:00";

/** What `react-native-nfc-manager` gives, playing the steps of a script; each tap goes on where the last one ended. */
class Phone {
  constructor(script) {
    this.steps = script.exchanges.filter((step) => step.command !== null);
    this.closed = 0;
  }
  tap() {
    return {
      transceive: async (command) => {
        const step = this.steps.shift();
        assert.deepEqual(command, [...step.command]);
        if (step.error !== null) throw new Error("Tag was lost.");
        return [...step.answer];
      },
      close: async () => {
        this.closed++;
      },
    };
  }
}

test("a reading in one tap", async () => {
  const script = scriptOf("face-extended");
  const phone = new Phone(script);
  const credential = Credential.from(script.credential, script.credentialValue);
  const evidence = await readCard(new IsoDepLink(phone.tap()), "face-check", credential, { crypto, presence: { challenge: script.challenge } });
  const result = await verify(evidence, { trust: virtualTrust, crypto, at: AT, challenge: script.challenge });
  assert.equal(result.verdict, "verified");
  assert.deepEqual([phone.steps.length, phone.closed], [0, 1]);
});

test("a torn reading goes on with the next tap", async () => {
  const script = scriptOf("face-torn-and-resumed");
  const phone = new Phone(script);
  const capabilities = newCapabilities();
  const credential = Credential.from(script.credential, script.credentialValue);
  let taps = 1;
  const evidence = await readCard(new IsoDepLink(phone.tap(), "NFC", capabilities), "face-check", credential, {
    crypto,
    presence: { challenge: script.challenge },
    onTorn: (error) => {
      assert.ok(isError(error, "card-lost"));
      taps++;
      return new IsoDepLink(phone.tap(), "NFC", capabilities);
    },
  });
  assert.deepEqual([taps, phone.steps.length], [2, 0]);
  assert.equal((await verify(evidence, { trust: virtualTrust, crypto, at: AT })).verdict, "verified");
});

test("a phone that carries short frames only is known before the first read", () => {
  const link = new IsoDepLink({ transceive: async () => [], close: async () => {}, maxTransceiveLength: 253 });
  assert.equal(link.capabilities.extended, false);
});
