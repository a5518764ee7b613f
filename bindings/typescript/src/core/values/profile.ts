/** The card generation as data, made from Python's: AIDs, file map, access rules, credential rules, algorithms. */
import { fromHex } from "../bytes.js";
import { data } from "../generated.js";
import type { CredentialKind, Domain, Purpose, Role } from "./numbers.js";

export interface FileRule {
  /** Four hex digits, as in evidence. */
  readonly fileId: string;
  readonly layout: string;
  /** Credentials that open it; none where it is free. */
  readonly openedBy: readonly CredentialKind[];
  readonly holdsNumber: boolean;
  readonly expectedLength: number;
  readonly filler: number;
  /** The short file identifier. */
  readonly sfi: number;
}

export interface KeyRule {
  readonly keyId: string;
  readonly kind: CredentialKind;
  readonly digits: number;
  readonly isNumber: boolean;
  readonly sfi: number;
}

export interface DomainProfile {
  readonly domain: Domain;
  readonly aid: Uint8Array;
  readonly files: readonly FileRule[];
  readonly keys: readonly KeyRule[];
  readonly purposes: readonly (readonly [Purpose, readonly string[]])[];
}

const made = new Map<Domain, DomainProfile>();
for (const [domain, rules] of Object.entries(data.profile.domains) as [Domain, (typeof data.profile.domains)[Domain]][]) {
  made.set(domain, {
    domain,
    aid: fromHex(rules.aid),
    files: rules.files.map((file) => ({
      fileId: file.file_id,
      layout: file.layout,
      openedBy: file.opened_by,
      holdsNumber: file.holds_number,
      expectedLength: file.expected_length,
      filler: file.filler,
      sfi: Number.parseInt(file.file_id, 16),
    })),
    keys: rules.keys.map((key) => ({
      keyId: key.key_id,
      kind: key.kind,
      digits: key.digits,
      isNumber: key.is_number,
      sfi: Number.parseInt(key.key_id, 16),
    })),
    purposes: Object.entries(rules.purposes) as [Purpose, readonly string[]][],
  });
}

export const SCHEME = {
  keyBits: data.profile.scheme.key_bits,
  exponent: data.profile.scheme.exponent,
  signatureLength: data.profile.scheme.signature_length,
  digestLength: data.profile.scheme.digest_length,
} as const;
export const CHALLENGE_LENGTH: number = data.profile.challenge_length;
export const GENERATION: string = data.profile.name;

/** The rules of a domain. */
export function profileOf(domain: Domain): DomainProfile {
  return made.get(domain)!;
}

export function fileRule(domain: Domain, fileId: string): FileRule | undefined {
  return profileOf(domain).files.find((file) => file.fileId === fileId);
}

export function keyRule(domain: Domain, kind: CredentialKind): KeyRule | undefined {
  return profileOf(domain).keys.find((key) => key.kind === kind);
}

/** The key rules that a role may use or ask about. */
export function keysFor(domain: Domain, role: Role): readonly KeyRule[] {
  return profileOf(domain).keys.filter((key) => role === "my-number-office" || !key.isNumber);
}

/** The purposes that a role can reach with one credential, in the order of the profile. */
export function purposesFor(domain: Domain, role: Role, kind: CredentialKind): readonly Purpose[] {
  if (!keysFor(domain, role).some((key) => key.kind === kind)) return [];
  const reached = (fileId: string): boolean => {
    const file = fileRule(domain, fileId)!;
    return (role === "my-number-office" || !file.holdsNumber) && (file.openedBy.length === 0 || file.openedBy.includes(kind));
  };
  return profileOf(domain).purposes.filter(([, ids]) => ids.every(reached)).map(([purpose]) => purpose);
}
