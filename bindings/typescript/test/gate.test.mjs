// What the gate decides, command by command and bit by bit, is what Python's decides.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Gate } from "../dist/core/card/gate.js";
import { isError } from "./support/package.mjs";
import { hex, shared } from "./support/vectors.mjs";

Error.stackTraceLimit = 0; // two and a half million refusals
const { domains } = shared("gate-decisions.json");

class ScriptedLink {
  answer = hex("9000");
  async transmit() {
    return this.answer;
  }
  async reset() {}
}

async function gateIn(domain, role, steps) {
  const link = new ScriptedLink();
  const gate = await Gate.open(link, domain, role);
  for (const [command, answer] of steps) {
    link.answer = hex(answer);
    await gate.transmit(hex(command));
  }
  return gate;
}

function decision(gate, command) {
  try {
    gate.judge(command);
    return "+";
  } catch (error) {
    if (isError(error, "not-for-role")) return "r";
    assert.ok(isError(error, "gate-refused"), error);
    return ".";
  }
}

function* commandsOf(form, listed) {
  if (form === null) {
    yield* listed;
    return;
  }
  const at = form.indexOf("****") / 2;
  const command = hex(form.replace("****", "0000"));
  for (let number = 0; number < 0x10000; number++) {
    command[at] = number >> 8;
    command[at + 1] = number & 0xff;
    yield command;
  }
}

for (const [domain, { listed, states, roles }] of Object.entries(domains)) {
  const commands = listed.map(hex);
  for (const [role, sweeps] of Object.entries(roles)) {
    test(`the gate of ${domain}, ${role}`, async () => {
      let judged = 0;
      for (const { state, form, decisions } of sweeps) {
        const gate = await gateIn(domain, role, states[state]);
        const runs = decisions.flatMap(([first, many, which]) => Array.from({ length: many }, (_, n) => [first + n, which]));
        const expected = new Map(runs);
        let at = 0;
        for (const command of commandsOf(form, commands)) {
          const came = decision(gate, command);
          const wanted = expected.get(at) ?? ".";
          if (came !== wanted) assert.fail(`${state} ${form ?? "listed"} ${Buffer.from(command).toString("hex")}: ${came}, not ${wanted}`);
          at++;
          judged++;
        }
        await gate.close();
      }
      assert.ok(judged > 650_000, String(judged));
    });
  }
}
