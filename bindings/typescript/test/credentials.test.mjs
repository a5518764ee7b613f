// What people type comes to the digits that Python makes of it, and nothing shows them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { credentialDigits } from "../dist/core/card/credentials.js";
import { Credential, isError } from "./support/package.mjs";
import { shared } from "./support/vectors.mjs";

const { typed, from_printed: printed } = shared("credentials.json");

function digits(make) {
  try {
    return Buffer.from(credentialDigits(make())).toString("ascii");
  } catch (error) {
    assert.ok(isError(error, "credential-format"), error);
    assert.doesNotMatch(error.message, /[0-9]{4,}/u);
    return null;
  }
}

for (const [kind, rows] of Object.entries(typed)) {
  test(`typed ${kind}`, () => {
    for (const [text, expected] of rows) assert.equal(digits(() => Credential.from(kind, text)), expected, text);
  });
}

test("number B of what is printed", () => {
  for (const [birth, year, code, how, expected] of printed) {
    assert.equal(digits(() => Credential.verificationNumberBFromPrinted(birth, year, code, how)), expected, birth);
  }
});

test("a birth date printed in Gregorian years", () => {
  assert.equal(digits(() => Credential.birthDateFromGregorianPrint("1985-07-03")), "850703");
});

test("a credential shows itself to nobody", () => {
  const credential = Credential.verificationNumberB("60070320334102");
  const shown = [
    inspect(credential, { depth: 9, showHidden: true }),
    JSON.stringify({ credential }),
    String(credential),
    JSON.stringify(structuredClone({ ...credential })),
    Object.getOwnPropertyNames(credential).map((name) => `${name}=${credential[name]}`).join(),
  ].join("\n");
  assert.doesNotMatch(shown, /6007|4102|54,\s*48,\s*48/);
});

test("what is no text is refused", () => {
  for (const wrong of [60070320334102, null, undefined, {}, ["1357"]]) {
    assert.equal(digits(() => Credential.pin(wrong)), null);
    assert.equal(digits(() => Credential.verificationNumberB(wrong)), null);
    assert.equal(digits(() => Credential.birthDate(wrong)), null);
  }
  assert.throws(() => Credential.from("password", "1357"), (error) => error.code === "usage");
});
