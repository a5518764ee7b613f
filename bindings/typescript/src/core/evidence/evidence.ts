/**
 * What a reading yields: the files as read, and the card's answer to a challenge. Data only, verified by nobody yet.
 *
 * - files are parsed when the object is made, so that malformed evidence cannot exist;
 * - role `general` holds no file with the 個人番号;
 * - input-assist evidence of role `general` stays in memory ("the trap": EF 0003 leads back to the 個人番号).
 */
import { toUtf8 } from "../bytes.js";
import type { Crypto } from "../crypto/crypto.js";
import { defaultCrypto } from "../crypto/web.js";
import { evidenceError, evidenceRoleError, saidError, usageError } from "../errors.js";
import { dropSegments, type Record, readLayout } from "../files/records.js";
import { characters, printable } from "../json/strict.js";
import type { CredentialKind, Domain, Role } from "../values/numbers.js";
import { fileRule, keyRule } from "../values/profile.js";
import { buildEvidence, DIGEST_LENGTH, type EvidenceParts, parseEvidence, type Presence } from "./json.js";

const DROPPABLE: ReadonlySet<number> = new Set([2, 3]);
const MAX_PRESENCE_BYTES = 1024;
const MAX_READER_LENGTH = 128;

/** What 照合番号B, presented by this process and accepted by what answered, is made of. Never shown, never written. */
export interface AcceptedNumberB {
  readonly birthDigits: string;
  readonly expiryYear: number;
}

/** What is known of evidence that this process read in one session on one link, or resumed on the same card. */
interface ReadHere {
  readonly acceptedNumberB: AcceptedNumberB | null;
  /** The caller named the challenge that the card answered. */
  readonly challengeNamed: boolean;
}

const readHere = new WeakMap<Evidence, ReadHere>();
/** Read here, and the answer to the challenge was taken out. */
const notSent = new WeakSet<Evidence>();
const insides = new WeakMap<Evidence, { readonly parts: EvidenceParts; readonly records: ReadonlyMap<string, Record> }>();

/** A reading of one domain in one role. Immutable; shows no content by `JSON.stringify`, `String` or a debugger's inspection. */
export class Evidence {
  readonly domain: Domain;
  readonly role: Role;
  readonly credential: CredentialKind;
  readonly #parts: EvidenceParts;
  readonly #records: ReadonlyMap<string, Record>;

  /**
   * @throws MnverifyError `malformed-evidence`, `evidence-not-for-role`, `unsupported-card`
   */
  constructor(parts: EvidenceParts) {
    const files = new Map([...parts.files].sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, raw]) => [name, raw.slice()]));
    const segments = new Map([...parts.segments].sort(([one], [other]) => one - other));
    this.domain = parts.domain;
    this.role = parts.role;
    this.credential = parts.credential;
    this.#parts = { ...parts, files, segments };
    checkShape(this.#parts);
    const dropped = new Set(segments.keys());
    this.#records = new Map(
      [...files].map(([name, raw]) => {
        const { layout } = fileRule(parts.domain, name)!;
        return [name, readLayout(layout, name, raw, layout === "face-record" ? dropped : new Set())];
      }),
    );
    insides.set(this, { parts: this.#parts, records: this.#records });
    Object.freeze(this);
  }

  /**
   * Read the JSON form, strictly.
   *
   * @param role the receiver's own role: in role `general` evidence of role `my-number-office` is refused. Evidence says what its sender
   *   claimed, never what its receiver may see.
   */
  static fromJson(source: string | Uint8Array, role: Role = "general"): Evidence {
    if (role !== "general" && role !== "my-number-office") {
      throw usageError("The receiver's role is none of general, my-number-office. Nothing was read; name one of them.",
        "受け取る側の役割は general、my-number-office のいずれかで指定してください。何も読んでいません。"); // prettier-ignore
    }
    const parts = parseEvidence(source);
    if (parts.role !== "general" && role === "general") {
      throw evidenceRoleError("role", {
        en: "it was read in role my-number-office and may hold the 個人番号; yours is general",
        ja: "役割 my-number-office で読み取られ、個人番号を含むことがあります。受け取る側の役割は general です",
      });
    }
    return new Evidence(parts);
  }

  /** Whether this evidence may leave memory ("The trap" in the documentation). */
  get storable(): boolean {
    return this.domain !== "input-assist" || this.role !== "general";
  }

  /** Whether this process read it, in one session on one link (or resumed on the same card, which proved its key). */
  get readHere(): boolean {
    return readHere.has(this);
  }

  /** Whether the card answered a challenge. */
  get hasPresence(): boolean {
    return this.#parts.presence !== null;
  }

  /** The ids of its files. */
  get fileIds(): readonly string[] {
    return [...this.#parts.files.keys()];
  }

  /**
   * The JSON form for keeping.
   *
   * @throws MnverifyError `not-storable`: input-assist evidence in role `general`; `malformed-evidence`: larger than 64 KiB
   */
  toJson(): string {
    if (!this.storable) throw saidError("not-storable");
    return buildEvidence(this.#parts);
  }

  /**
   * The same JSON in UTF-8 for the body of the one request to a verification endpoint, over TLS, dropped with the request: the only form
   * that carries input-assist evidence of role `general`. Never write it to a file or a log.
   *
   * @throws MnverifyError `usage`: it was read here without a challenge of whoever will verify it: a copy of it would be as good
   */
  toRequest(): Uint8Array {
    if (readHere.get(this)?.challengeNamed === false || notSent.has(this)) {
      throw usageError(
        "This evidence answers no challenge of whoever will verify it, so it is not sent. Ask the endpoint for a challenge, and read with it.",
        "検証する側のチャレンジに応答していない証拠データのため、送信しません。検証サーバーからチャレンジを取得して読み取ってください。",
      );
    }
    return toUtf8(buildEvidence(this.#parts));
  }

  /** The same evidence without segment 2 (name and address image) or 3 (photo); the signature still verifies. */
  async withoutSegments(numbers: readonly (2 | 3)[], crypto: Pick<Crypto, "sha256"> = defaultCrypto()): Promise<Evidence> {
    const face = [...this.#records].find(([, record]) => record.kind === "face-record");
    if (face === undefined || face[1].kind !== "face-record" || !numbers.every((number) => DROPPABLE.has(number))) {
      throw usageError(
        "Only segments 2 and 3 of a card face can be dropped. Nothing was changed.",
        "省けるのは券面情報の区分2と3だけです。何も変更していません。",
      );
    }
    const [name, record] = face;
    const segments = new Map(this.#parts.segments);
    for (const number of new Set(numbers)) {
      if (!segments.has(number)) segments.set(number, await crypto.sha256(record.segments[number - 1] ?? new Uint8Array()));
    }
    if (segments.size === this.#parts.segments.size) return this;
    const files = new Map(this.#parts.files);
    files.set(name, dropSegments(files.get(name)!, new Set(segments.keys()), name));
    const lighter = new Evidence({ ...this.#parts, files, segments });
    const mark = readHere.get(this);
    if (mark) readHere.set(lighter, mark);
    return lighter;
  }

  /** The same without the answer to a challenge. */
  withoutPresence(): Evidence {
    const without = new Evidence({ ...this.#parts, presence: null });
    if (readHere.has(this) || notSent.has(this)) notSent.add(without);
    return without;
  }

  /** What `JSON.stringify` gives: nothing of the content. `toJson` gives the JSON form. */
  toJSON(): string {
    return this.toString();
  }

  toString(): string {
    const sizes = [...this.#parts.files].map(([name, raw]) => `${name}: ${raw.length} bytes`).join(", ");
    const presence = this.#parts.presence ? "with presence" : "without presence";
    return `Evidence(${this.domain}, ${this.role}, ${this.credential}, {${sizes}}, ${presence})`;
  }
}

/** What the verification sees of evidence. */
export interface Opened {
  readonly records: ReadonlyMap<string, Record>;
  readonly segments: ReadonlyMap<number, Uint8Array>;
  readonly presence: Presence | null;
  readonly readHere: boolean;
  readonly acceptedNumberB: AcceptedNumberB | null;
}

/** The inside of evidence, for the rooms of this package alone: it is not exported from it. */
export function openEvidence(evidence: Evidence): Opened {
  const { parts, records } = insides.get(evidence)!;
  const mark = readHere.get(evidence);
  return {
    records,
    segments: parts.segments,
    presence: parts.presence,
    readHere: mark !== undefined,
    acceptedNumberB: mark?.acceptedNumberB ?? null,
  };
}

/** Evidence that this process has just read, for the card sessions alone: it can lead to presence `session` and to `corroborated`. */
export function evidenceReadHere(parts: EvidenceParts, acceptedNumberB: AcceptedNumberB | null, challengeNamed: boolean): Evidence {
  const evidence = new Evidence(parts);
  readHere.set(evidence, { acceptedNumberB, challengeNamed });
  return evidence;
}

function checkShape({ domain, role, credential, files, segments, presence, reader }: EvidenceParts): void {
  if (files.size === 0) throw evidenceError("files", { en: "no file at all", ja: "ファイルが一つもありません" });
  const key = keyRule(domain, credential);
  if (key === undefined) {
    throw evidenceError("credential", {
      en: `${credential} is no credential of ${domain}`,
      ja: `${credential} は ${domain} の照合情報ではありません`,
    });
  }
  const office = role === "my-number-office";
  if (key.isNumber && !office) {
    throw evidenceRoleError("credential", {
      en: `${credential} is not for role ${role}`,
      ja: `役割 ${role} では ${credential} を扱えません`,
    });
  }
  for (const name of files.keys()) {
    const rule = fileRule(domain, name);
    if (rule === undefined) {
      throw evidenceError("files", {
        en: `a file that ${domain} evidence does not hold`,
        ja: `${domain} の証拠データにないファイルがあります`,
      });
    }
    if (rule.holdsNumber && !office) {
      throw evidenceRoleError(`files.${name}`, {
        en: `it holds the 個人番号, which is not for role ${role}`,
        ja: `個人番号を含むため、役割 ${role} では扱えません`,
      });
    }
  }
  const withSegments = [...files.keys()].some((name) => fileRule(domain, name)!.layout === "face-record");
  for (const [number, digest] of segments) {
    if (!DROPPABLE.has(number) || !withSegments) {
      throw evidenceError(`segments.${number}`, {
        en: "no segment that can be dropped from this evidence",
        ja: "この証拠データで省ける区分ではありません",
      });
    }
    if (digest.length !== DIGEST_LENGTH) {
      throw evidenceError(`segments.${number}`, {
        en: `a digest has ${DIGEST_LENGTH} bytes`,
        ja: `ダイジェストは ${DIGEST_LENGTH} バイトです`,
      });
    }
  }
  for (const name of ["challenge", "signature"] as const) {
    const length = presence?.[name].length;
    if (length !== undefined && (length < 1 || length > MAX_PRESENCE_BYTES)) {
      throw evidenceError(`presence.${name}`, { en: `it has 1 to ${MAX_PRESENCE_BYTES} bytes`, ja: `1〜${MAX_PRESENCE_BYTES} バイトです` });
    }
  }
  if (reader !== null && (characters(reader) > MAX_READER_LENGTH || !printable(reader))) {
    throw evidenceError("reader", {
      en: `it is not a printable text of at most ${MAX_READER_LENGTH} characters`,
      ja: `表示できる ${MAX_READER_LENGTH} 文字以内の文字列ではありません`,
    });
  }
}
