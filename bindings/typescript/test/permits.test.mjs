// A command reaches a card by the gate's permit alone: for one exchange, once, on one card, unaltered.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Gate } from "../dist/core/card/gate.js";
import { Credential, FaceCheck, InputAssist, isError, nodeCrypto, PartialReading, redeem, wasReset } from "./support/package.mjs";
import { hex } from "./support/vectors.mjs";

const SELECT = hex("00a4040c0ad3921000310001010402");
const COUNTER = hex("0020008011".replace("8011", "91"));
const PIN_LIKE = hex("00200091" + "06" + "363030373033");
const is = (code) => (error) => isError(error, code);

/** A card that answers by instruction, and its reader. */
class Card {
  sent = [];
  answers = { a4: "9000", 20: "63c9", b0: "6a82", "2a": "6985" };
  resets = 0;
  async transmit(command) {
    const raw = redeem(command, this);
    this.sent.push(Buffer.from(raw).toString("hex"));
    return hex(this.answers[Buffer.from(raw.subarray(1, 2)).toString("hex")]);
  }
  async reset() {
    this.resets++;
    wasReset(this);
  }
}

const opened = async (link) => {
  const gate = await Gate.open(link, "face-check", "general");
  await gate.transmit(SELECT);
  return gate;
};

test("bytes that no gate has let through are not sent", async () => {
  const card = new Card();
  await assert.rejects(card.transmit(SELECT), is("gate-refused"));
  assert.deepEqual(card.sent, []);
});

test("a permit is neither kept, nor copied, nor used twice, nor altered", async () => {
  const card = new Card();
  const kept = [];
  const outcomes = [];
  const wrapper = {
    async transmit(command) {
      kept.push(command);
      await card.transmit(Uint8Array.from(command)).catch((error) => outcomes.push(error.code));
      command.set(hex("00a4040c0ad3921000310001010401")); // another application, in the place of the one that was judged
      const answer = await card.transmit(command);
      await card.transmit(command).catch((error) => outcomes.push(error.code));
      return answer;
    },
    reset: () => card.reset(),
  };
  await opened(wrapper);
  assert.deepEqual(outcomes, ["gate-refused", "gate-refused"]);
  assert.deepEqual(card.sent, [Buffer.from(SELECT).toString("hex")]);
  await assert.rejects(card.transmit(kept[0]), is("gate-refused"));
  assert.ok(kept[0].every((byte) => byte === 0), "nothing of it is left with the wrapper");
});

test("one card has one open session, whatever leads to it", async () => {
  const card = new Card();
  const [one, two] = [0, 0].map(() => ({ transmit: (command) => card.transmit(command), reset: () => card.reset() }));
  const gate = await opened(one);
  await assert.rejects(FaceCheck.open(one, { crypto: nodeCrypto }), is("domain-busy"));
  await assert.rejects(InputAssist.open(two, { crypto: nodeCrypto }), is("domain-busy"));
  assert.equal(card.resets, 0, "the other session's card is left alone");
  await gate.close();
  assert.equal(card.resets, 1);
  await (await opened(two)).close();
});

test("a wrapper that answers in the card's place ends the session", async () => {
  const card = new Card();
  let forge = true;
  const wrapper = {
    async transmit(command) {
      if (forge && command[1] === 0x20) return hex("63ca");
      return card.transmit(command);
    },
    reset: () => card.reset(),
  };
  const gate = await opened(wrapper);
  await gate.transmit(COUNTER); // it says ten, and never asked the card
  forge = false;
  await assert.rejects(gate.transmit(PIN_LIKE), is("gate-refused"));
  assert.ok(card.sent.every((command) => !command.startsWith("0020")));
});

test("a card that was reset in mid-session is asked nothing until it is selected anew", async () => {
  const card = new Card();
  const gate = await opened(card);
  await gate.transmit(COUNTER);
  await card.reset();
  await assert.rejects(gate.transmit(COUNTER), is("gate-refused"));
  await gate.transmit(SELECT);
  await gate.transmit(COUNTER);
});

test("a card that could not be reset is reset before the next session", async () => {
  const card = new Card();
  const gate = await opened(card);
  const { reset } = card;
  card.reset = async () => {
    throw new Error("00200091 06 363030373033");
  };
  await gate.close();
  assert.match(gate.audit.at(-1).reason, /next session/);
  await assert.rejects(FaceCheck.open(card, { crypto: nodeCrypto }), is("card-lost"));
  card.reset = reset;
  await (await opened(card)).close();
  assert.equal(card.resets, 2);
});

test("the counter comes before VERIFY, and the floor holds", async () => {
  const card = new Card();
  const gate = await opened(card);
  await assert.rejects(gate.transmit(PIN_LIKE), is("gate-refused"));
  card.answers["20"] = "63c1";
  await gate.transmit(COUNTER);
  await assert.rejects(gate.transmit(PIN_LIKE), is("gate-refused"));
  await gate.close();
  const session = await FaceCheck.open(card, { crypto: nodeCrypto });
  const credential = Credential.birthDate("600703");
  await assert.rejects(session.present(credential), is("too-few-tries"));
  await assert.rejects(session.present(credential, { floor: 1 }), is("usage"));
  card.answers["20"] = "63c3";
  await assert.rejects(session.present(credential, { floor: 5 }), is("too-few-tries"));
  assert.ok(card.sent.every((command) => command.length <= 8 || !command.startsWith("0020")), "no number was sent");
  await session.close();
});

test("two presentations at once: one after the other, each with its own question", async () => {
  const card = new Card();
  const session = await FaceCheck.open(card, { crypto: nodeCrypto });
  const credentials = ["600703", "600704"].map((digits) => Credential.birthDate(digits));
  const came = await Promise.allSettled(credentials.map((credential) => session.present(credential)));
  assert.ok(came.every(({ reason }) => isError(reason, "wrong-credential") && reason.details.triesLeft === 9));
  assert.deepEqual(card.sent.slice(1).map((command) => command.length > 8), [false, true, false, true]);
  await session.close();
});

test("what the role may not do is refused before a byte", async () => {
  const card = new Card();
  const session = await FaceCheck.open(card, { crypto: nodeCrypto });
  const before = card.sent.length;
  await assert.rejects(session.present(Credential.verificationNumberA("123456789018")), is("not-for-role"));
  await assert.rejects(session.present(Credential.pin("1357")), is("usage"));
  await assert.rejects(session.read(["number"], { presence: "none" }), is("not-for-role"));
  await assert.rejects(session.read(["face"], { presence: "none" }), is("usage"));
  await assert.rejects(session.read(["face"], { presence: { challenge: new Uint8Array(31) } }), is("usage"));
  await assert.rejects(session.read(["face"], { presence: true }), is("usage"));
  await assert.rejects(session.resume(new PartialReading(), Credential.birthDate("600703")), is("usage"));
  assert.equal(card.sent.length, before);
  await session.close();
  await assert.rejects(session.retries(), is("usage"));
});

test("a link error in mid-session closes it, and its text is not passed on", async () => {
  const card = new Card();
  const session = await FaceCheck.open(card, { crypto: nodeCrypto });
  card.transmit = async () => {
    throw new Error("APDU 00200091 06 363030373033 failed");
  };
  const error = await session.retries().catch((thrown) => thrown);
  assert.ok(isError(error, "card-lost"));
  assert.ok(!`${error.stack}${JSON.stringify(error)}${error.cause}`.includes("363030"));
  assert.ok(session.closed);
});
