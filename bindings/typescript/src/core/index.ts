/**
 * Read and verify Japan's My Number Card. This entry has no platform: readers, cryptography and HTTP come from `mnverify/node`,
 * `mnverify/webcrypto`, `mnverify/noble` and `mnverify/react-native`, or are the caller's own.
 */
export { Credential } from "./card/credentials.js";
export { FaceCheck, InputAssist, openSession } from "./card/domains.js";
export type { Progress } from "./card/exchange.js";
export type { AuditEntry } from "./card/gate.js";
export { PartialReading } from "./card/partial.js";
export type { OpenOptions, PresenceOption, PresentOptions, ReadOptions, Session } from "./card/session.js";
export { checkCard, type CheckCardOptions, type CheckedCard, readCard, type ReadCardOptions } from "./check/check-card.js";
export type { Crypto } from "./crypto/crypto.js";
export { defaultCrypto } from "./crypto/web.js";
export { type ErrorCode, type ErrorDetails, exitStatus, isError, MnverifyError } from "./errors.js";
export { Evidence } from "./evidence/evidence.js";
export type { EvidenceParts, Presence } from "./evidence/json.js";
export type { Sex } from "./files/fields.js";
export { type Link, type LinkCapabilities, newCapabilities } from "./link/link.js";
export { type CardSlot, redeem, wasReset } from "./link/permit.js";
export { type Exchange, parseScript, ReplayLink, type Script, signsFirst } from "./scripts/replay.js";
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
export { type ClaimName, type Receipt, type ReceiptCheck, ReceiptClaim, type RejectedReceipt, type VerifiedReceipt } from "./receipts/receipt.js";
export { type ReceiptOptions, type ReceiptReason, verifyReceipt } from "./receipts/verify.js";
export {
  type Challenge,
  type CheckAnswer,
  FieldAnswer,
  type RejectedAnswer,
  type Verification,
  type VerifiedAnswer,
} from "./client/answers.js";
export { type ClientOptions, type Pace, VerificationClient, type VerifyCall } from "./client/client.js";
export type { Fetch, FetchResponse } from "./client/transport.js";
