// The mutations of bindings/shared/README.md.
import { createHash } from "node:crypto";

const sha256 = (text) => createHash("sha256").update(text).digest();

export class Random {
  constructor(name) {
    this.state = sha256(name).readUInt32BE(0) || 1;
  }

  below(most) {
    let x = this.state;
    x = (x ^ (x << 13)) >>> 0;
    x = (x ^ (x >>> 17)) >>> 0;
    x = (x ^ (x << 5)) >>> 0;
    this.state = x;
    return x % most;
  }
}

export function mutated({ evidence }, random, words) {
  if (typeof evidence === "string") return altered(Buffer.from(evidence), random);
  const document = structuredClone(evidence);
  const kind = random.below(8);
  if (kind === 0 || !isWhole(document)) return altered(Buffer.from(JSON.stringify(document)), random);
  if (kind === 1) alterMember(document, random, words);
  else if (kind === 2 && "presence" in document) alterBytes(document.presence, ["challenge", "signature"][random.below(2)], random);
  else alterBytes(document.files, one(Object.keys(document.files).sort(), random), random);
  return Buffer.from(JSON.stringify(document));
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isBase64 = (text) => typeof text === "string" && Buffer.from(text, "base64").toString("base64") === text;

function isWhole({ files, presence = { challenge: "", signature: "" } }) {
  if (!isObject(files) || !Object.keys(files).length || !isObject(presence)) return false;
  if (Object.keys(presence).sort().join() !== "challenge,signature") return false;
  return [...Object.values(files), ...Object.values(presence)].every(isBase64);
}

function alterBytes(members, name, random) {
  members[name] = Buffer.from(altered(Buffer.from(members[name], "base64"), random)).toString("base64");
}

const one = (names, random) => names[random.below(names.length)];

function alterMember(document, random, words) {
  const names = Object.keys(document.files).sort();
  switch (random.below(5)) {
    case 0:
      delete document.files[one(names, random)];
      break;
    case 1: {
      const source = document.files[one(names, random)];
      document.files[one(names, random)] = source;
      break;
    }
    case 2: {
      const source = document.files[one(names, random)];
      document.files[`00${random.below(16).toString(16).toUpperCase().padStart(2, "0")}`] = source;
      break;
    }
    case 3: {
      const word = one(words, random);
      document[one(["domain", "role", "credential", "format"], random)] = word;
      break;
    }
    default:
      delete document[one(Object.keys(document).sort(), random)];
  }
}

export function altered(data, random) {
  const size = data.length;
  if (!size) return Uint8Array.of(random.below(256));
  const near = random.below(2) === 0;
  const at = random.below(near ? Math.min(size, 64) : size);
  const out = [...data];
  switch (random.below(7)) {
    case 0:
      out[at] = random.below(256);
      break;
    case 1:
      out[at] ^= 1 << random.below(8);
      break;
    case 2:
      out.splice(at, 1 + random.below(4));
      break;
    case 3: {
      const more = 1 + random.below(4);
      out.splice(at, 0, ...Array.from({ length: more }, () => random.below(256)));
      break;
    }
    case 4:
      out.length = at;
      break;
    case 5: {
      const more = 1 + random.below(8);
      const filler = random.below(2) === 0;
      for (let n = 0; n < more; n++) out.push(filler ? 0xff : random.below(256));
      break;
    }
    default: {
      const length = 1 + random.below(16);
      const source = random.below(size);
      out.splice(at, length, ...data.subarray(source, source + length));
    }
  }
  return Uint8Array.from(out);
}

export const digitsOf = (line) => sha256(line).toString("hex").slice(0, 6);

export function lineOf(came) {
  if ("error" in came) return `${came.error} ${came.where}`;
  const checks = came.checks.map((check) => `${check.id}=${check.outcome}/${check.code}`).join(" ");
  const fields = Object.entries(came.fields ?? {}).map(([name, field]) => `${name}:${field.assurance}`).sort().join();
  return `${came.verdict} ${came.environment} ${checks} ${fields}`;
}
