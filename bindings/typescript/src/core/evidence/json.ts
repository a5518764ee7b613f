/** The JSON form of evidence, `mnverify.evidence/1`. Strict on the way in. */
import { toBase64, toHex, toUtf8 } from "../bytes.js";
import { evidenceError } from "../errors.js";
import type { Json } from "../json/parse.js";
import { StrictJson } from "../json/strict.js";
import { type Moment, parseMoment } from "../values/moment.js";
import { CREDENTIALS, type CredentialKind, type Domain, DOMAINS, type Role, ROLES } from "../values/numbers.js";

export const FORMAT = "mnverify.evidence/1";
export const MAX_BYTES = 64 * 1024;
export const DIGEST_LENGTH = 32;

/** The card's answer to a challenge. */
export interface Presence {
  readonly challenge: Uint8Array;
  readonly signature: Uint8Array;
}

/** What evidence is made of. */
export interface EvidenceParts {
  readonly domain: Domain;
  readonly role: Role;
  /** The kind that opened the files (a claim, where the evidence came from outside). */
  readonly credential: CredentialKind;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** SHA-256 of segments of the card face that were dropped. */
  readonly segments: ReadonlyMap<number, Uint8Array>;
  readonly presence: Presence | null;
  readonly readAt: Moment | null;
  readonly reader: string | null;
}

const JSON_ = new StrictJson("evidence", evidenceError, { maxBytes: MAX_BYTES, maxDepth: 4, longestNumber: 0 });
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)$/;

/** The parts of evidence in a JSON text or its UTF-8. */
export function parseEvidence(source: string | Uint8Array): EvidenceParts {
  const members = JSON_.load(source);
  JSON_.keys(members, "evidence", ["format", "domain", "role", "credential", "files"], ["segments", "presence", "read_at", "reader"]);
  JSON_.word(members.get("format"), "format", [FORMAT]);
  return {
    domain: JSON_.word(members.get("domain"), "domain", DOMAINS),
    role: JSON_.word(members.get("role"), "role", ROLES),
    credential: JSON_.word(members.get("credential"), "credential", CREDENTIALS),
    files: files(members.get("files")),
    segments: members.has("segments") ? segments(members.get("segments")) : new Map(),
    presence: members.has("presence") ? presence(members.get("presence")) : null,
    readAt: members.has("read_at") ? moment(members.get("read_at")) : null,
    reader: members.has("reader") ? JSON_.text(members.get("reader"), "reader", MAX_BYTES) : null,
  };
}

function files(value: Json | undefined): Map<string, Uint8Array> {
  const found = JSON_.keys(value, "files", [], null);
  if (![...found.keys()].every((name) => /^[0-9A-F]{4}$/.test(name))) {
    throw evidenceError("files", {
      en: "a key that is not a file id of four hex digits",
      ja: "16進4桁のファイルIDでないキーがあります",
    });
  }
  return new Map([...found].map(([name, text]) => [name, JSON_.base64(text, `files.${name}`)]));
}

function segments(value: Json | undefined): Map<number, Uint8Array> {
  const found = JSON_.keys(value, "segments", [], ["2", "3"]);
  return new Map([...found].map(([name, text]) => [Number(name), JSON_.hex(text, `segments.${name}`, DIGEST_LENGTH, DIGEST_LENGTH)]));
}

function presence(value: Json | undefined): Presence {
  const found = JSON_.keys(value, "presence", ["challenge", "signature"]);
  return {
    challenge: JSON_.base64(found.get("challenge"), "presence.challenge"),
    signature: JSON_.base64(found.get("signature"), "presence.signature"),
  };
}

function moment(value: Json | undefined): Moment {
  const what = { en: "a moment of RFC 3339 with a time zone", ja: "タイムゾーン付きの RFC 3339 の日時" };
  const found = parseMoment(JSON_.matching(value, "read_at", MOMENT, what));
  if (found === null) throw evidenceError("read_at", { en: "there is no such moment", ja: "存在しない日時です" });
  return found;
}

/**
 * The JSON text of evidence, byte for byte as Python writes it: members in this order, one a line, indented by one.
 *
 * @throws MnverifyError `malformed-evidence`: more than 64 KiB, which nobody would read back
 */
export function buildEvidence(parts: EvidenceParts): string {
  const document: { [name: string]: unknown } = {
    format: FORMAT,
    domain: parts.domain,
    role: parts.role,
    credential: parts.credential,
    files: Object.fromEntries([...parts.files].map(([name, content]) => [name, toBase64(content)])),
  };
  if (parts.segments.size) document["segments"] = Object.fromEntries([...parts.segments].map(([number, digest]) => [String(number), toHex(digest)]));
  if (parts.presence) {
    document["presence"] = { challenge: toBase64(parts.presence.challenge), signature: toBase64(parts.presence.signature) };
  }
  if (parts.readAt) document["read_at"] = parts.readAt.text;
  if (parts.reader !== null) document["reader"] = parts.reader;
  const text = JSON.stringify(document, null, 1);
  const size = toUtf8(text).length;
  if (size > MAX_BYTES) {
    throw evidenceError("evidence", {
      en: `${size} bytes, more than ${MAX_BYTES}`,
      ja: `${size} バイトで、上限 ${MAX_BYTES} バイトを超えています`,
    });
  }
  return text;
}
