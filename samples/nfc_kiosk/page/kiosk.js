// The page draws what the service says, and says what was done. It decides nothing and keeps nothing.

import { stopCamera } from "./camera.js";
import { act, ask, listen, live } from "./link.js";
import { $, make, show, sign } from "./parts.js";
import { screens } from "./screens.js";
import { cue, sounds, switchSound } from "./sound.js";
import { language, speak, word } from "./words.js";

const ALIVE_SECONDS = 5;
const TOUCH_SECONDS = 3;
const CUES = { match: "good", yes: "good", uncertain: "look", unknown: "look", mismatch: "bad", rejected: "bad", no: "bad" };
const TEMPLATES = { "age-birth": "printed" };
let settings = {};
let state = null;
let drawn = "";
let touched = 0;

/** What makes it another screen, and not the same one with news. */
const screenOf = (one) => [one.state, one.mode, one.visit, one.problem?.code ?? "", language()].join(" ");

function draw(next) {
  const before = state;
  state = next;
  show($("lost"), false);
  const first = screenOf(state) !== drawn;
  if (first) turn(before);
  screens[state.state](state, first, settings);
  document.body.dataset.state = state.state;
  if (state.outcome) document.body.dataset.outcome = state.outcome;
  else delete document.body.dataset.outcome;
  if (first) arrive(before);
  silence(state.silence);
  if (before && before.state !== "idle" && state.state === "idle") begin();
}

/** Another screen: its template, without anything of the one before. */
function turn(before) {
  drawn = screenOf(state);
  stopCamera();
  for (const image of document.querySelectorAll("#screen img")) image.removeAttribute("src");
  const template = $(`at-${TEMPLATES[state.state] ?? state.state}`);
  $("screen").replaceChildren(template.content.cloneNode(true));
  steps();
  words();
  if (before?.state !== state.state) sound();
}

/** The heading is read out, and the keyboard goes on from there. */
function arrive(before) {
  const heading = document.querySelector("#screen h1");
  $("spoken").textContent = heading?.textContent ?? "";
  if (!before || document.querySelector("dialog[open]")) return;
  const target = document.querySelector("#screen [data-first]") ?? heading;
  if (target === heading) heading.tabIndex = -1;
  target?.focus({ preventScroll: true });
}

function words() {
  for (const one of document.querySelectorAll("#screen [data-word]")) one.textContent = word(one.dataset.word);
  for (const one of document.querySelectorAll("#screen [data-label]")) one.setAttribute("aria-label", word(one.dataset.label));
  for (const one of document.querySelectorAll("#screen [data-alt]")) one.alt = word(one.dataset.alt);
}

function steps() {
  const { names, at } = state.steps;
  show($("steps"), names.length > 0);
  $("steps").replaceChildren(
    ...names.map((name, place) => {
      const one = make("li", place < at ? "past" : "");
      if (place === at) one.setAttribute("aria-current", "step");
      const number = make("span", "number");
      number.append(place < at ? sign("tick") : String(place + 1));
      const text = make("span");
      text.textContent = word(`step.${name}`);
      one.append(number, text);
      return one;
    }),
  );
}

function sound() {
  if (state.outcome) cue(CUES[state.outcome]);
  else cue(state.state === "problem" ? "bad" : state.state);
}

/** The warning before everything is forgotten; the clock is the service's. */
function silence(warning) {
  const dialog = $("silence");
  if (!warning) return dialog.open && dialog.close();
  if (!dialog.open) {
    for (const other of document.querySelectorAll("dialog[open]")) other.close();
    dialog.showModal();
    $("go-on").focus();
    cue("warning");
  }
  $("silence-help").textContent = word("silence.help", { seconds: warning.seconds });
}

/** Somebody is here: said at most every few seconds. */
function touch() {
  const now = Date.now();
  if (!state || state.state === "idle" || now - touched < TOUCH_SECONDS * 1000) return;
  touched = now;
  act("touch");
}

function doing(event) {
  const button = event.target.closest?.("[data-do]");
  if (button) act(button.dataset.do);
}

function keys(event) {
  const open = document.querySelector("dialog[open]");
  if (event.key === "Escape" && !open && state && state.state !== "idle") act("finish");
}

function tools() {
  $("languages").replaceChildren(
    ...settings.languages.map(({ code, name }) => {
      const button = make("button", "tool", name);
      button.type = "button";
      button.lang = code;
      button.dataset.language = code;
      button.onclick = () => turnTo(code);
      return button;
    }),
  );
  $("sound").onclick = () => (switchSound(!sounds()), drawTools());
  drawTools();
}

function drawTools() {
  for (const one of $("languages").children) {
    if (one.dataset.language === language()) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
  }
  $("sound").setAttribute("aria-pressed", String(sounds()));
  $("sound").textContent = word(sounds() ? "page.sound_on" : "page.sound_off");
  $("name").textContent = settings.name[language()] ?? Object.values(settings.name)[0] ?? "";
}

async function turnTo(code) {
  const typed = kept();
  await speak(code, { age: settings.age });
  drawTools();
  if (state) draw(state);
  restore(typed);
  document.querySelector(`[data-language="${code}"]`)?.focus();
}

/** What stands in the form stays there in the other language. */
function kept() {
  const form = $("form");
  return form ? [...new FormData(form)] : [];
}

function restore(typed) {
  const form = $("form");
  for (const [name, value] of form ? typed : []) form.elements[name].value = value;
}

/** Everybody begins in the language of the house. */
function begin() {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  if (language() !== settings.language) turnTo(settings.language);
}

async function main() {
  settings = await ask("/settings");
  switchSound(settings.sound);
  await speak(settings.language, { age: settings.age });
  tools();
  document.addEventListener("click", doing);
  document.addEventListener("keydown", keys);
  for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, touch, { passive: true });
  $("go-on").onclick = () => act("touch");
  $("silence").oncancel = (event) => (event.preventDefault(), act("touch"));
  $("history-close").onclick = () => $("history").close();
  listen(draw, () => {
    $("lost").textContent = word("page.lost");
    show($("lost"), true);
  });
  live(ALIVE_SECONDS);
}

main();
