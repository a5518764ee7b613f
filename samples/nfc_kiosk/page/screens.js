// One function a screen: what stands on it, from the state alone.

import { drawCamera } from "./camera.js";
import { drawForm } from "./form.js";
import { act, ask } from "./link.js";
import { $, make, picture, show, sign } from "./parts.js";
import { fill, said, word } from "./words.js";

const SIGNS = { match: "sign-match", mismatch: "sign-mismatch", uncertain: "sign-warning", rejected: "sign-mismatch", yes: "sign-match", no: "sign-mismatch", unknown: "sign-warning" };
const MARKS = { match: "tick", variants: "tilde", mismatch: "octagon", uncertain: "question", "not-compared": "dash" };

export const screens = { idle, printed, confirm, "place-card": placeCard, reading, verdict, "age-birth": printed, "age-verdict": ageVerdict, problem };

function idle(state, first, settings) {
  show($("take-card"), state.card_on);
  if (!first) return;
  for (const mode of state.modes) {
    const button = make("button", "mode");
    button.type = "button";
    const text = make("span", "mode-text");
    const heading = make("span", "mode-heading");
    const help = make("span", "mode-help");
    heading.dataset.word = `mode.${mode}.heading`;
    help.dataset.word = `mode.${mode}.help`;
    text.append(heading, help);
    button.append(text, sign("arrow"));
    button.onclick = () => act("begin", { mode });
    $("modes").append(button);
  }
  show($("show-history"), settings.history);
  $("show-history").onclick = openHistory;
  fill($("modes"));
}

function printed(state, first) {
  if (first) drawForm(state);
  drawCamera(state);
}

function confirm(state, first) {
  if (!first) return;
  const number = state.mode === "number";
  show($("number-b"), !number);
  show($("held"), number);
  if (number) {
    document.querySelector("h1").dataset.word = "confirm.number_heading";
    document.querySelector(".lead").dataset.word = "confirm.number_lead";
    $("held-source").dataset.word = state.print.from_code ? "confirm.from_code" : "confirm.typed";
    holding(state);
    fill($("screen"));
    return;
  }
  const { birth_printed, expiry_year, security_code, number_b } = state.print;
  for (const [name, value] of [["birth_date", said(birth_printed)], ["expiry", expiry_year], ["security_code", security_code]]) {
    const pair = make("div", "value");
    const term = make("dt");
    term.dataset.word = `field.${name}`;
    pair.append(term, make("dd", "", value));
    $("values").append(pair);
  }
  document.querySelector("#number-b .digits").textContent = number_b.join(" ");
  fill($("values"));
}

function placeCard() {}

function reading(state) {
  const { percent, torn } = state.reading;
  $("progress").setAttribute("aria-valuenow", percent);
  $("progress").firstElementChild.style.inlineSize = `${percent}%`;
  $("percent").textContent = `${percent} %`;
  show($("torn"), torn !== null);
  show($("reading-lead"), torn === null);
  if (torn) $("torn").querySelector("span").textContent = word(`reading.${torn}`);
}

function verdict(state, first, settings) {
  const found = state.verdict;
  if (first) drawFindings(state, found);
  for (const [id, answer] of [["same", true], ["not-same", false]]) $(id).setAttribute("aria-pressed", String(found.same_person === answer));
}

function drawFindings(state, found) {
  const expired = state.outcome === "rejected" && found.failed.length === 1 && found.failed[0].code === "expired";
  const genuine = state.outcome === "match" && !found.scanned; // nobody compared name, address and photo
  const kind = expired ? "expired" : genuine ? "genuine" : state.outcome;
  $("verdict-heading").textContent = word(`verdict.${kind}.heading`);
  $("verdict-help").textContent = word(`verdict.${kind}.help`);
  $("banner").querySelector("use").setAttribute("href", `#${SIGNS[state.outcome]}`);
  show($("test-card"), found.environment !== "production");
  $("test-card").querySelector("span").textContent = word("verdict.virtual", { environment: found.environment });
  const rejected = state.outcome === "rejected";
  show($("found"), !rejected);
  show($("reasons"), rejected);
  show($("clerk"), !rejected);
  for (const one of found.failed) $("failed").append(make("li", "", said(one.detail)));
  if (rejected) return;
  if (found.photo) picture($("chip-photo"), state.visit, "photo");
  if (found.print_photo) picture($("print-photo"), state.visit, "print-photo");
  for (const row of found.rows) $("rows").append(drawRow(row, found, state.visit));
  for (const text of found.limits) $("limits").append(make("li", "", said(text)));
  show($("held"), found.number);
  if (found.number) holding(state);
  $("same").onclick = () => act("answer", { same: true });
  $("not-same").onclick = () => act("answer", { same: false });
}

function drawRow(row, found, visit) {
  const line = make("tr");
  line.dataset.outcome = row.outcome;
  const name = make("th", "", word(`field.${row.field}`));
  name.scope = "row";
  const chip = side(row.chip, row.chip_picture, visit, `${word(`field.${row.field}`)}: ${word("verdict.chip")}`);
  if (row.field === "birth_date" && found.age !== null) chip.append(" ", make("span", "years", word("verdict.years", { years: found.age })));
  const both = make("div", "vouched");
  const value = make("div");
  value.append(...chip.childNodes);
  both.append(value, make("span", `assurance ${row.assurance}`, word(`assurance.${row.assurance}`)));
  chip.append(both);
  const print = side(row.printed, row.print_picture, visit, `${word(`field.${row.field}`)}: ${word("verdict.printed")}`);
  const kind = row.code === "equal-up-to-variants" ? "variants" : row.outcome;
  if (row.print_picture) print.className = "seen";
  const result = make("td", `result ${kind}`);
  const badge = make("span", "badge");
  badge.append(sign(MARKS[kind]), make("span", "", word(`outcome.${kind}`)));
  result.append(badge);
  if (row.detail && row.outcome !== "match") result.append(make("span", "why", said(row.detail)));
  line.append(name, chip, print, result);
  return line;
}

function side(text, name, visit, alt) {
  const cell = make("td");
  if (name && name !== "my_number_image") {
    const image = make("img", "strip");
    image.alt = alt;
    picture(image, visit, name);
    cell.append(image);
  }
  if (text) cell.append(make("span", "text", said(text)));
  else if (!name) cell.append(make("span", "none", "—"));
  return cell;
}

/** The number is on the screen only while somebody presses. */
function holding(state) {
  const button = $("hold");
  const down = async () => {
    await act("hold", { down: true });
    const told = await ask("/number");
    if (told && button.isConnected && button.dataset.down) $("held-number").textContent = told.number.replace(/(....)(?=.)/g, "$1 ");
    const image = $("held-picture");
    if (image && button.dataset.down) picture(image, state.visit, "my_number_image");
  };
  const up = () => {
    if (!button.dataset.down) return;
    delete button.dataset.down;
    $("held-number").textContent = "•••• •••• ••••";
    if ($("held-picture")) {
      $("held-picture").hidden = true;
      $("held-picture").removeAttribute("src");
    }
    act("hold", { down: false });
  };
  const press = () => {
    if (button.dataset.down) return;
    button.dataset.down = "yes";
    down();
  };
  button.onpointerdown = press;
  button.onkeydown = (event) => [" ", "Enter"].includes(event.key) && (event.preventDefault(), press());
  for (const name of ["onpointerup", "onpointerleave", "onpointercancel", "onblur", "onkeyup"]) button[name] = up;
}

function ageVerdict(state, first) {
  if (!first) return;
  $("answer").querySelector("use").setAttribute("href", `#${SIGNS[state.outcome]}`);
  $("answer-heading").textContent = word(`age-verdict.${state.outcome}.heading`);
  $("answer-help").textContent = word(`age-verdict.${state.outcome}.help`);
}

function problem(state, first) {
  if (!first) return;
  const { code, tries_left, actions } = state.problem;
  $("problem-heading").textContent = word(`problem.${code}.heading`);
  $("problem-help").textContent = word(`problem.${code}.help`);
  const tries = $("tries");
  show(tries, tries_left !== null && code !== "blocked");
  tries.textContent = word("problem.wrong-number.tries", { tries: tries_left ?? "" });
  for (const [at, action] of [...actions].reverse().entries()) {
    const last = at === actions.length - 1;
    const button = make("button", `button ${last ? "primary" : "secondary"}`);
    button.type = "button";
    button.dataset.do = action;
    button.dataset.word = `problem.${action}`;
    if (last) button.dataset.first = "";
    $("problem-actions").append(button);
  }
  fill($("problem-actions"));
}

async function openHistory() {
  const told = await ask("/history");
  const lines = told?.lines ?? [];
  $("history-lines").replaceChildren(
    ...lines.map((one) => {
      const line = make("tr");
      const cells = [one.time.slice(0, 16).replace("T", " "), word(`history.${one.verdict}`), one.expiry_year, one.same_person ? word(`history.${one.same_person}`) : "—"];
      line.append(...cells.map((text) => make("td", "", text)));
      return line;
    }),
  );
  show($("history-empty"), lines.length === 0);
  $("history").showModal();
}
