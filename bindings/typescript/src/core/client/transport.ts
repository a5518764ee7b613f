/** One HTTP exchange by the caller's `fetch`: bounded in time and size, no redirect followed. */

/** What is asked of `fetch`: that of Node, browsers, workers and React Native will do. */
export type Fetch = (
  url: string,
  request: {
    readonly method: string;
    readonly headers: { readonly [name: string]: string };
    readonly body?: string;
    readonly redirect: "error";
  },
) => Promise<FetchResponse>;

export interface FetchResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  arrayBuffer(): Promise<ArrayBuffer>;
}

export const MAX_ANSWER = 1 << 20; // bytes

/** What came back, whole. */
export interface Answer {
  readonly status: number;
  readonly mediaType: string;
  /** Seconds, or `null`. */
  readonly retryAfter: number | null;
  readonly requestId: string | null;
  readonly body: Uint8Array;
}

interface Timers {
  setTimeout(call: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}
const timers = globalThis as unknown as Timers;

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => timers.setTimeout(resolve, milliseconds));
}

/** The answer; `null` where none came whole and in time; `"too-much"` where it is longer than any of this API. */
export async function exchange(
  fetch: Fetch,
  url: string,
  request: Omit<Parameters<Fetch>[1], "redirect">,
  milliseconds: number,
): Promise<Answer | null | "too-much"> {
  let timer: unknown;
  const late = new Promise<null>((resolve) => {
    timer = timers.setTimeout(() => resolve(null), milliseconds);
  });
  try {
    const asked = whole(fetch, url, request);
    asked.catch(() => undefined);
    return await Promise.race([asked, late]);
  } catch {
    return null; // what fetch throws may carry the request, and with it the evidence
  } finally {
    timers.clearTimeout(timer);
  }
}

async function whole(fetch: Fetch, url: string, request: Omit<Parameters<Fetch>[1], "redirect">): Promise<Answer | "too-much"> {
  const response = await fetch(url, { ...request, redirect: "error" });
  if (Number(response.headers.get("content-length") ?? 0) > MAX_ANSWER) return "too-much";
  const body = new Uint8Array(await response.arrayBuffer());
  if (body.length > MAX_ANSWER) return "too-much";
  const retry = response.headers.get("retry-after") ?? "";
  return {
    status: response.status,
    mediaType: (response.headers.get("content-type") ?? "").split(";")[0]!.trim().toLowerCase(),
    retryAfter: /^[0-9]{1,6}$/.test(retry) ? Number(retry) : null,
    requestId: response.headers.get("x-request-id"),
    body,
  };
}
