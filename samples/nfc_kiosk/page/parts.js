// Small things that several screens draw.

export const $ = (id) => document.getElementById(id);

/** An element with a class and a text. */
export function make(tag, className, text) {
  const one = document.createElement(tag);
  if (className) one.className = className;
  if (text !== undefined) one.textContent = text;
  return one;
}

/** One of the page's own signs. */
export function sign(name, className = "small") {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#${name}`);
  svg.append(use);
  return svg;
}

export function show(element, wanted) {
  if (element) element.hidden = !wanted;
}

/** A picture of this visit; nothing of it is kept by the browser. */
export function picture(image, visit, name) {
  image.src = `/pictures/${visit}/${name}`;
  image.hidden = false;
}
