/** What a reading asks for, decided before a byte is sent: which files, opened by which credential. */
import { MnverifyError, roleError, usageError } from "../errors.js";
import { data } from "../generated.js";
import { fill } from "../text.js";
import type { CredentialKind, Domain, Purpose, Role } from "../values/numbers.js";
import { type FileRule, fileRule, type KeyRule, keyRule, keysFor, profileOf } from "../values/profile.js";

const said = data.sentences;

export interface Plan {
  /** The kind that opens all of it. */
  readonly credential: CredentialKind;
  /** In reading order, each once. */
  readonly files: readonly FileRule[];
}

/** The key EF to which a credential of this kind is presented. */
export function keyFor(domain: Domain, role: Role, kind: CredentialKind): KeyRule {
  const key = keyRule(domain, kind);
  if (key === undefined) throw new MnverifyError("usage", fill(said["no-such-credential"], { domain, kind }));
  if (!keysFor(domain, role).includes(key)) throw roleError(fill(said["number-not-for-role"], { role, kind }));
  return key;
}

/** The files that purposes ask for, if the role may read them and a credential that was presented opens them. */
export function planReading(
  domain: Domain,
  role: Role,
  presented: ReadonlySet<CredentialKind>,
  purposes: readonly Purpose[],
): Plan {
  const of = new Map(profileOf(domain).purposes);
  const ids = new Set<string>();
  for (const purpose of purposes) {
    const wanted = of.get(purpose);
    if (wanted === undefined) {
      throw usageError(
        `The ${domain} application does not serve this purpose. Nothing was read.`,
        `${domain} はこの目的に使えません。何も読んでいません。`,
      );
    }
    for (const id of wanted) ids.add(id);
  }
  if (ids.size === 0) throw new MnverifyError("usage", said["no-purpose"]);
  const files = [...ids].map((id) => fileRule(domain, id)!);
  if (role !== "my-number-office" && files.some((file) => file.holdsNumber)) {
    throw roleError(fill(said["purpose-not-for-role"], { role }));
  }
  for (const { kind } of keysFor(domain, role)) {
    if (presented.has(kind) && files.every((file) => file.openedBy.length === 0 || file.openedBy.includes(kind))) {
      return { credential: kind, files };
    }
  }
  const wanted = [...new Set(files.flatMap((file) => file.openedBy))].sort().join(", ");
  throw usageError(
    `No credential that opens all of this was presented in this session (one of: ${wanted}). Nothing was read.`,
    `これらを開ける番号が、このセッションで提示されていません（${wanted} のいずれか）。何も読んでいません。`,
  );
}
