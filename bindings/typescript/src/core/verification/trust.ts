/** Trust anchors: the CA keys that a relying party has decided to trust, and nothing else. */
import { fromHex, toHex } from "../bytes.js";
import type { Crypto } from "../crypto/crypto.js";
import { acceptable } from "../crypto/signatures.js";
import { isError, MnverifyError } from "../errors.js";
import { type Certificate, readCertificate } from "../files/records.js";
import { data } from "../generated.js";
import type { Json, JsonObject } from "../json/parse.js";
import { StrictJson } from "../json/strict.js";
import type { Text } from "../text.js";
import { type Domain, DOMAINS, KEY_ID_LENGTH, keyName } from "../values/numbers.js";

const FORMAT = "mnverify.trust-anchors/1";
const MAX_ANCHORS = 1000;
const SHIPPED = ["production", "test"] as const;
const KEYS = ["name", "key_id", "domain", "environment", "algorithm", "modulus", "exponent"];
const HEX = /^(?:[0-9a-fA-F]{2}){1,1024}$/;
/** No letter of another script, which may look like a Latin one, and no mark on top; `+` joins the environments of a store. */
const ENVIRONMENT = /^[\x20-*,-~\u3000-\u30ff\u3400-\u9fff\uff01-\uff0a\uff0c-\uff9f]+$/;

/** A CA public key. */
export interface TrustAnchor {
  /** For people, as `5000023/001`. */
  readonly name: string;
  /** The sixteen bytes that certificates name it by. */
  readonly keyId: Uint8Array;
  readonly domain: Domain;
  /** `production`, `test`, or any other word; repeated in every result. */
  readonly environment: string;
  readonly modulus: Uint8Array;
  readonly exponent: number;
  readonly provenance: string;
}

function refuse(where: string, why: Text): MnverifyError {
  return new MnverifyError(
    "bad-trust-anchors",
    {
      en: `These trust anchors cannot be used: ${where}: ${why.en}. No anchor was taken; correct the file.`,
      ja: `トラストアンカーを使えません（${where}: ${why.ja}）。一つも採用していません。ファイルを直してください。`,
    },
    { where },
  );
}

const JSON_ = new StrictJson("anchors", refuse, { maxBytes: 1024 * 1024, maxDepth: 3, longestNumber: 10 });

/** An explicit, immutable set of anchors. An empty one verifies nothing; there is no default. */
export class TrustStore {
  readonly anchors: readonly TrustAnchor[];
  readonly #byId = new Map<string, TrustAnchor>();
  readonly #certificates = new Map<string, Certificate>();
  readonly #sources: readonly Uint8Array[];

  /**
   * @param certificates intermediate certificates (EF 0004 form). They are not trusted: each has to be signed by an anchor or another of
   *   them.
   * @throws MnverifyError `bad-trust-anchors`: one key id with two keys, a weak key, a public laboratory key that calls itself
   *   `production` or `test`
   */
  constructor(anchors: Iterable<TrustAnchor>, certificates: Iterable<Uint8Array> = []) {
    const keys = new Map<string, string>();
    for (const anchor of anchors) {
      checkAnchor(anchor);
      const [id, modulus, name] = [toHex(anchor.keyId), toHex(anchor.modulus), keyName(anchor.keyId)];
      if ((keys.get(id) ?? modulus) !== modulus) {
        throw refuse("anchors", { en: `key id ${name} stands for two different keys`, ja: `鍵ID ${name} に二つの鍵があります` });
      }
      keys.set(id, modulus);
      const known = this.#byId.get(`${anchor.domain} ${id}`) ?? anchor;
      if (known.environment !== anchor.environment) {
        throw refuse("anchors", { en: `key id ${name} is in two environments`, ja: `鍵ID ${name} が二つの環境にあります` });
      }
      this.#byId.set(`${anchor.domain} ${id}`, known);
    }
    this.anchors = Object.freeze([...this.#byId.values()]);
    this.#sources = [...certificates].map((source) => source.slice());
    for (const certificate of this.#sources.map(intermediate)) {
      const subject = toHex(certificate.subject);
      const known = this.#certificates.get(subject);
      if (known !== undefined && toHex(known.signed) + toHex(known.signature) !== toHex(certificate.signed) + toHex(certificate.signature)) {
        throw refuse("certificates", { en: "two of them have one subject", ja: "同じ主体の証明書が二つあります" });
      }
      this.#certificates.set(subject, certificate);
    }
    Object.freeze(this);
  }

  /** The CA keys of cards in circulation; provenance in each anchor. */
  static production(): TrustStore {
    return shipped("production");
  }

  /** The CA keys of the JPKI test cards. Never for real customers. */
  static test(): TrustStore {
    return shipped("test");
  }

  /** Anchors in JSON text or its UTF-8 (`mnverify.trust-anchors/1`). */
  static fromJson(source: string | Uint8Array): TrustStore {
    return new TrustStore(anchorsOf(JSON_.load(source)));
  }

  /** The same store with further intermediate certificates, for chains longer than one link. */
  withCertificates(...certificates: readonly Uint8Array[]): TrustStore {
    return new TrustStore(this.anchors, [...this.#sources, ...certificates]);
  }

  /** The anchor that a certificate of this domain names as its issuer; all sixteen bytes count. */
  find(domain: Domain, keyId: Uint8Array): TrustAnchor | undefined {
    return this.#byId.get(`${domain} ${toHex(keyId)}`);
  }

  /** For the chain. */
  certificateOf(subject: Uint8Array): Certificate | undefined {
    return this.#certificates.get(toHex(subject));
  }

  /** The environment of the anchors; several are joined by `+`, none is `none`. */
  get environment(): string {
    return [...new Set(this.anchors.map((anchor) => anchor.environment))].sort(byCodePoint).join("+") || "none";
  }
}

function byCodePoint(one: string, other: string): number {
  const [a, b] = [Array.from(one), Array.from(other)];
  for (let n = 0; n < Math.min(a.length, b.length); n++) {
    const difference = a[n]!.codePointAt(0)! - b[n]!.codePointAt(0)!;
    if (difference) return difference;
  }
  return a.length - b.length;
}

const stores = new Map<string, TrustStore>();

function shipped(environment: (typeof SHIPPED)[number]): TrustStore {
  let store = stores.get(environment);
  if (store === undefined) {
    const all = anchorsOf(JSON_.load(JSON.stringify(data.trust_anchors)));
    store = new TrustStore(all.filter((anchor) => anchor.environment === environment));
    stores.set(environment, store);
  }
  return store;
}

/** Whether it is one of the keys that were recovered from cards, as shipped, rather than one from J-LIS. */
export function isShipped(anchor: TrustAnchor): boolean {
  const same = (other: TrustAnchor): boolean =>
    (["name", "domain", "environment", "exponent", "provenance"] as const).every((name) => anchor[name] === other[name]) &&
    toHex(anchor.keyId) === toHex(other.keyId) &&
    toHex(anchor.modulus) === toHex(other.modulus);
  const environment = SHIPPED.find((word) => word === anchor.environment);
  return environment !== undefined && shipped(environment).anchors.some(same);
}

function anchorsOf(document: JsonObject): TrustAnchor[] {
  JSON_.keys(document, "anchors", ["format", "anchors"], ["provenance"]);
  JSON_.word(document.get("format"), "format", [FORMAT]);
  const provenance = document.has("provenance") ? JSON_.text(document.get("provenance"), "provenance", 4096) : "";
  return JSON_.items(document.get("anchors"), "anchors", MAX_ANCHORS).map((entry, n) => anchorOf(entry, `anchors[${n}]`, provenance));
}

function anchorOf(entry: Json, where: string, provenance: string): TrustAnchor {
  const members = JSON_.keys(entry, where, KEYS, ["provenance"]);
  const inHex = { en: "bytes in hex", ja: "16進数のバイト列" };
  JSON_.word(members.get("algorithm"), `${where}.algorithm`, ["RSA"]);
  const keyId = fromHex(JSON_.matching(members.get("key_id"), `${where}.key_id`, HEX, inHex));
  const modulus = fromHex(JSON_.matching(members.get("modulus"), `${where}.modulus`, HEX, inHex));
  if (keyId.length !== KEY_ID_LENGTH) {
    throw refuse(`${where}.key_id`, { en: `it has not ${KEY_ID_LENGTH} bytes`, ja: `${KEY_ID_LENGTH} バイトではありません` });
  }
  return Object.freeze({
    name: JSON_.text(members.get("name"), `${where}.name`, 128, 1),
    keyId,
    domain: JSON_.word(members.get("domain"), `${where}.domain`, DOMAINS),
    environment: JSON_.text(members.get("environment"), `${where}.environment`, 64, 1),
    modulus,
    exponent: JSON_.whole(members.get("exponent"), `${where}.exponent`, 1, 2 ** 32),
    provenance: members.has("provenance") ? JSON_.text(members.get("provenance"), `${where}.provenance`, 4096) : provenance,
  });
}

function checkAnchor(anchor: TrustAnchor): void {
  if (!acceptable(anchor)) {
    throw refuse(anchor.name, { en: "the key is weaker than RSA 2048 with e = 65537", ja: "鍵が RSA 2048 ビット、e = 65537 より弱いものです" });
  }
  if (!ENVIRONMENT.test(anchor.environment)) {
    throw refuse(anchor.name, {
      en: "the environment has letters other than Latin and Japanese ones, or a '+'",
      ja: "環境名には、英数字と日本語の文字以外（および +）を使えません",
    });
  }
  const read = anchor.environment.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  const word = SHIPPED.find((one) => one === read);
  if (word !== undefined && anchor.environment !== word) {
    throw refuse(anchor.name, {
      en: `an environment that looks like ${word} and is not`,
      ja: `環境名が ${word} と紛らわしいものです`,
    });
  }
}

/**
 * Refuse a store in which a key of mnverify's public laboratory calls itself `production` or `test`: anybody can sign with it. `verify` asks
 * this of every store, once.
 */
export async function checkLaboratory(trust: TrustStore, crypto: Pick<Crypto, "sha256">): Promise<void> {
  if (checked.has(trust)) return;
  for (const anchor of trust.anchors) {
    if (!(SHIPPED as readonly string[]).includes(anchor.environment)) continue;
    const first = anchor.modulus.findIndex((byte) => byte !== 0);
    const print = toHex(await crypto.sha256(anchor.modulus.subarray(first)));
    if ((data.laboratory_keys as readonly string[]).includes(print)) {
      throw refuse(anchor.name, {
        en: `a key of mnverify's laboratory, whose private half is public, calls itself ${anchor.environment}`,
        ja: `mnverify の試験用の鍵（秘密鍵は公開されています）が ${anchor.environment} を名乗っています`,
      });
    }
  }
  checked.add(trust);
}

const checked = new WeakSet<TrustStore>();

function intermediate(source: Uint8Array): Certificate {
  try {
    return readCertificate(source, "files.0004");
  } catch (error) {
    if (!isError(error)) throw error;
    throw refuse("certificates", { en: "one cannot be read", ja: "読めないものがあります" });
  }
}
