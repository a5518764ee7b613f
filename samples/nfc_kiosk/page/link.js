// The page's only ways to the service. No answer is cached, no address holds anything that was typed or read.

const csrf = document.querySelector('meta[name="csrf"]').content;

/** Do something at the kiosk; gives what is wrong with the form, by field, or null. */
export async function act(name, form = {}) {
  try {
    const answer = await send(`/do/${name}`, JSON.stringify(form), "application/json");
    return answer.status === 422 ? (await answer.json()).fields : null;
  } catch {
    return null; // the stream says that the service is gone
  }
}

export function send(path, body, type) {
  return fetch(path, { method: "POST", body, headers: { "x-nfc-kiosk": csrf, ...(type ? { "content-type": type } : {}) }, cache: "no-store" });
}

export async function ask(path) {
  const answer = await fetch(path, { cache: "no-store" });
  return answer.ok ? answer.json() : null;
}

/** Listen for the whole state, for as long as the page lives. */
export function listen(onState, onLost) {
  let source = null;
  const open = () => {
    source = new EventSource("/events");
    source.onmessage = (event) => onState(JSON.parse(event.data));
    source.onerror = () => {
      onLost();
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 2000);
    };
  };
  open();
}

/** The kiosk's watchdog hears that the page lives. */
export function live(seconds) {
  const beat = () => send("/alive", null).catch(() => {});
  beat();
  setInterval(beat, seconds * 1000);
}
