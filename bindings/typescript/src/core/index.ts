/**
 * Read and verify Japan's My Number Card. This entry has no platform: readers, cryptography and HTTP come from `mnverify/node`,
 * `mnverify/webcrypto`, `mnverify/noble` and `mnverify/react-native`, or are the caller's own.
 */
export type { Crypto } from "./crypto/crypto.js";
export { type ErrorCode, type ErrorDetails, exitStatus, isError, MnverifyError } from "./errors.js";
export { Evidence } from "./evidence/evidence.js";
export type { EvidenceParts, Presence } from "./evidence/json.js";
export type { Sex } from "./files/fields.js";
export type { Text } from "./text.js";
export type { IsoDay } from "./values/dates.js";
export type { CredentialKind, Domain, Purpose, Role } from "./values/numbers.js";
export { type AgeAnswer, type AgeCheck, type AgeCode, type AgeObject, checkAge } from "./verification/age.js";
export type {
  Assurance,
  CardImage,
  Check,
  CheckCode,
  CheckId,
  Field,
  FieldName,
  FieldObject,
  Fields,
  LimitCode,
  Outcome,
  Rejected,
  ResultObject,
  VerificationResult,
  Verified,
} from "./verification/result.js";
export { type TrustAnchor, TrustStore } from "./verification/trust.js";
export { verify, type VerifyOptions } from "./verification/verify.js";
