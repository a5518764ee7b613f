// The form of what is printed: digits by keyboard or by the keypad on the screen, and what is wrong said beside each field.

import { act } from "./link.js";
import { $, make, show, sign } from "./parts.js";
import { fill, word } from "./words.js";

const ERRORS = { era: "birth-error", year: "birth-error", month: "birth-error", expiry_year: "expiry-error", security_code: "code-error", my_number: "number-error" };
const SPOTS = { era: "birth", year: "birth", month: "birth", day: "birth" };
let field = null;

/** Draw the form of a state, with what was typed before. */
export function drawForm(state) {
  const form = $("form");
  const age = state.mode === "age";
  const number = state.mode === "number";
  for (const one of form.querySelectorAll("[data-field]")) {
    const name = one.dataset.field;
    show(one, number ? name === "my_number" : name === "birth" || (!age && name !== "my_number"));
  }
  show(form.querySelector(".pair"), !age && !number);
  document.querySelector(".printed").dataset.mode = state.mode;
  for (const spot of document.querySelectorAll("[data-spot]")) if (age && spot.dataset.spot !== "birth") spot.remove();
  if (number) $("map").remove();
  const heading = document.querySelector("h1");
  const lead = document.querySelector(".lead");
  if (age) [heading.dataset.word, lead.dataset.word] = ["age-birth.heading", "age-birth.lead"];
  if (number) [heading.dataset.word, lead.dataset.word] = ["printed.number_heading", "printed.number_lead"];
  drawKeypad();
  fill($("screen"));
  before(form, state.print);
  form.onsubmit = (event) => submit(event, form, age ? "birth" : "print");
  form.addEventListener("focusin", (event) => focus(event.target));
  field = null;
}

function before(form, print) {
  const typed = { ...(print?.birth ?? {}), expiry_year: print?.expiry_year, security_code: print?.security_code };
  for (const [name, value] of Object.entries(typed)) if (value && form.elements[name]) form.elements[name].value = value;
}

async function submit(event, form, name) {
  event.preventDefault();
  const wrong = await act(name, Object.fromEntries(new FormData(form)));
  if (form.isConnected) say(form, wrong ?? {});
}

/** Say what is wrong, beside the field and above all, and go to the first. */
function say(form, wrong) {
  for (const id of new Set(Object.values(ERRORS))) show($(id), false);
  for (const one of form.querySelectorAll("[aria-invalid]")) one.removeAttribute("aria-invalid");
  for (const [name, code] of Object.entries(wrong)) {
    const place = $(ERRORS[name]);
    place.dataset.word = `error.${code}`;
    show(place, true);
    for (const one of name === "era" ? form.querySelectorAll('[name="era"]') : [form.elements[name]]) one.setAttribute("aria-invalid", "true");
  }
  const names = Object.keys(wrong);
  show($("mistake"), names.length > 0);
  if (names.length) $("mistake").querySelector("span").dataset.word = "error.heading";
  fill(form);
  const first = names.length ? form.elements[names[0]] : null;
  if (first) (first.length && !first.tagName ? first[0] : first).focus();
}

function focus(target) {
  if (target.matches('input[inputmode="numeric"]')) field = target;
  const spot = SPOTS[target.name] ?? target.name;
  for (const one of document.querySelectorAll("[data-spot]")) one.classList.toggle("lit", one.dataset.spot === spot);
}

function drawKeypad() {
  const pad = $("keypad");
  pad.replaceChildren();
  for (const key of ["1", "2", "3", "4", "5", "6", "7", "8", "9", "delete", "0", "next"]) {
    const button = make("button", "key", /\d/.test(key) ? key : undefined);
    button.type = "button";
    if (!/\d/.test(key)) {
      button.append(sign(`key-${key}`));
      button.dataset.label = `keypad.${key}`;
    }
    button.onpointerdown = (event) => event.preventDefault(); // the field keeps the focus
    button.onclick = () => press(key);
    pad.append(button);
  }
}

function press(key) {
  const all = [...document.querySelectorAll('#form input[inputmode="numeric"]')].filter((one) => one.offsetParent);
  field ??= all[0];
  if (!field?.isConnected) return;
  if (key === "delete") field.value = field.value.slice(0, -1);
  else if (key !== "next" && field.value.length < field.maxLength) field.value += key;
  if (key === "next" || (key !== "delete" && field.value.length === field.maxLength)) {
    const next = all[all.indexOf(field) + 1];
    (next ?? (key === "next" ? $("next") : field)).focus();
  }
}
