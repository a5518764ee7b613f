/** The session of each domain. They do not know each other: one session is one application. */
import type { Link } from "../link/link.js";
import type { Domain } from "../values/numbers.js";
import { type OpenOptions, Session } from "./session.js";

/**
 * The face-check application 券面事項確認AP: the age record (`age`) or the card face (`face`); in role `my-number-office` also the image of the
 * 個人番号 (`number`).
 */
export class FaceCheck extends Session {
  /** Take the link, select the application. */
  static open(link: Link, options: OpenOptions): Promise<FaceCheck> {
    return Session.begin(link, "face-check", options, (gate, reader) => new FaceCheck(gate, options, reader));
  }
}

/**
 * The input-assist application 券面事項入力補助AP: the four attributes as text (`attributes`); in role `my-number-office` also the 個人番号
 * (`number`).
 */
export class InputAssist extends Session {
  /** Take the link, select the application. */
  static open(link: Link, options: OpenOptions): Promise<InputAssist> {
    return Session.begin(link, "input-assist", options, (gate, reader) => new InputAssist(gate, options, reader));
  }
}

/** Open the session of a domain. */
export function openSession(link: Link, domain: Domain, options: OpenOptions): Promise<FaceCheck | InputAssist> {
  return domain === "face-check" ? FaceCheck.open(link, options) : InputAssist.open(link, options);
}
