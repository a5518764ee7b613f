// The panel of the demonstration: hands that lay down a card, and what can be wrong with it.

const csrf = document.querySelector('meta[name="csrf"]').content;
const post = (path, body) => fetch(path, { method: "POST", headers: { "x-nfc-kiosk": csrf, "content-type": "application/json" }, body: JSON.stringify(body ?? {}) });
const get = async (path) => (await fetch(path)).json();
let words = {};

const make = (tag, more = {}) => Object.assign(document.createElement(tag), more);
const word = (name) => (words[document.documentElement.lang] ?? words.en)[name] ?? name;

function option(value, text) {
  return make("option", { value, textContent: text });
}

function drawPanel(panel, { known, people, chosen }) {
  const lang = document.documentElement.lang;
  panel.replaceChildren(make("h2", { textContent: word("heading") }), make("p", { textContent: word("help") }));
  panel.setAttribute("aria-label", word("heading"));
  for (const name of ["persona", "fault", "print_flaw", "condition"]) {
    const select = make("select", { id: `panel-${name}` });
    const choices = name === "persona" ? people.map((one) => option(one.id, one[lang] ?? one.en)) : known[name].map((one) => option(one, word(one)));
    select.append(...choices);
    select.value = chosen[name];
    select.onchange = () => ((chosen[name] = select.value), post("/demo/choose", { [name]: select.value }));
    panel.append(make("label", { htmlFor: select.id, textContent: word(name) }), select);
  }
  for (const [name, act] of [["fill", fill], ["put", () => post("/demo/put")], ["take", () => post("/demo/take")]]) {
    panel.append(make("button", { type: "button", id: `panel-${name}`, textContent: word(name), onclick: act }));
  }
}

/** Type what is printed into the form that is on the screen. */
async function fill() {
  const form = document.getElementById("form");
  if (!form) return;
  for (const [name, value] of Object.entries(await get("/demo/typed"))) if (form.elements[name]) form.elements[name].value = value;
}

function open(panel, wanted) {
  panel.hidden = !wanted;
  document.body.style.setProperty("--panel", wanted ? "300px" : "0px");
}

async function main() {
  words = await get("/demo/page/words.json");
  const choices = await get("/demo/choices");
  const panel = make("aside", { className: "panel", id: "panel" });
  const button = make("button", { type: "button", className: "panel-switch", id: "panel-switch" });
  button.onclick = () => open(panel, panel.hidden);
  const draw = () => (drawPanel(panel, choices), (button.textContent = word("show")));
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["lang"] });
  draw();
  open(panel, innerWidth >= 1500);
  document.body.append(panel, button);
}

main();
