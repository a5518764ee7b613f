/** What a reading has so far: kept by the caller, so that a torn reading can be resumed on the same card. */
import { equal } from "../bytes.js";
import type { AcceptedNumberB } from "../evidence/evidence.js";
import type { Presence } from "../evidence/json.js";
import { keyInHead } from "../files/head.js";
import type { CardKey } from "../files/fields.js";
import type { Domain, Role } from "../values/numbers.js";
import type { FileRule } from "../values/profile.js";
import { Taken } from "./exchange.js";
import type { Plan } from "./plan.js";

/** The inside of a partial reading, for sessions alone. */
export class Reading {
  domain: Domain | null = null;
  role: Role | null = null;
  plan: Plan | null = null;
  challenge: Uint8Array | null = null;
  presence = false;
  answer: Presence | null = null;
  acceptedNumberB: AcceptedNumberB | null = null;
  firstAnswer: Presence | null = null;
  files = new Map<string, Uint8Array>();
  torn = new Map<string, Taken>();

  get rules(): readonly FileRule[] {
    return this.plan?.files ?? [];
  }

  /** Forget what was read, not what was asked for. */
  restart(): void {
    this.files = new Map();
    this.torn = new Map();
    this.answer = null;
  }

  /** The public key of the card it began on, as far as it was read. */
  get cardKey(): CardKey | null {
    for (const rule of this.rules) {
      const head = this.files.get(rule.fileId) ?? this.torn.get(rule.fileId)?.bytes ?? new Uint8Array();
      const key = keyInHead(rule.layout, head);
      if (key !== null) return key;
    }
    return null;
  }

  /** Whether a file is missing that a credential has to open. */
  get needsCredential(): boolean {
    return this.plan === null || this.rules.some((rule) => rule.openedBy.length > 0 && !this.files.has(rule.fileId));
  }

  /** Whether an answer of this session is the one that the reading asks for. */
  isServedBy(answer: Presence): boolean {
    return this.challenge === null || equal(this.challenge, answer.challenge);
  }
}

const readings = new WeakMap<PartialReading, Reading>();

/**
 * The files that came whole, the beginning of the one that was torn, and what the reading asks for.
 *
 * Give an empty one to `read`, and after a link error the same one to `resume` of a new session. It is emptied when the evidence is made;
 * `clear` it when you give up. It shows no content.
 */
export class PartialReading {
  constructor() {
    this.clear();
    Object.freeze(this);
  }

  /** Let go of everything. */
  clear(): void {
    readings.set(this, new Reading());
  }

  /** Whether a reading has begun, and was not finished. */
  get started(): boolean {
    return readingOf(this).plan !== null;
  }

  toJSON(): string {
    return this.toString();
  }

  toString(): string {
    const { domain, files, torn } = readingOf(this);
    const done = [...files.values(), ...torn.values()].reduce((sum, part) => sum + part.length, 0);
    return `PartialReading(${domain ?? "empty"}, ${done} bytes)`;
  }
}

export function readingOf(partial: PartialReading): Reading {
  return readings.get(partial)!;
}
