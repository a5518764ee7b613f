// The sentences of the page, by language. All of them are data: words/*.json.

import { ask } from "./link.js";

const loaded = new Map();
let current = {};
let code = "";
let values = {};

/** Take a language; everything that stands on the page is said in it. */
export async function speak(language, fixed = values) {
  values = fixed;
  if (!loaded.has(language)) loaded.set(language, await ask(`/page/words/${language}.json`));
  current = loaded.get(language) ?? current;
  code = language;
  document.documentElement.lang = language;
  document.title = word("page.title");
  fill(document);
}

export const language = () => code;

/** A sentence by its path, with its places filled in. */
export function word(path, more = {}) {
  const found = path.split(".").reduce((at, name) => at?.[name], current);
  if (typeof found !== "string") return "";
  return found.replace(/\{(\w+)\}/g, (whole, name) => more[name] ?? values[name] ?? whole);
}

/** A sentence of the service, which has it in both languages. */
export const said = (text) => (text ? (text[code] ?? text.en) : "");

/** Say everything below an element. */
export function fill(root) {
  for (const one of root.querySelectorAll("[data-word]")) one.textContent = word(one.dataset.word);
  for (const one of root.querySelectorAll("[data-label]")) one.setAttribute("aria-label", word(one.dataset.label));
  for (const one of root.querySelectorAll("[data-alt]")) one.alt = word(one.dataset.alt);
}
