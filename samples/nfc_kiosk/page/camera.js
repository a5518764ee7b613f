// The camera: either the service's, of which the page shows what it sees, or the browser's, which sends what it sees. No
// frame is kept on either side.

import { send } from "./link.js";
import { $, show } from "./parts.js";
import { said, word } from "./words.js";

const SEND_EVERY = 350; // milliseconds
let stream = null;
let timer = null;

export function drawCamera(state) {
  const { kind, status, advice, frame } = state.camera;
  const there = status !== "missing";
  const box = $("camera");
  if (!box) return;
  const ways = $("ways");
  show(ways, kind !== "none");
  if (kind === "none") return;
  if (ways.dataset.way === undefined) choose(there ? "camera" : "typed");
  if (!there && ways.dataset.way === "camera") choose("typed");
  for (const one of ways.children) one.onclick = () => choose(one.dataset.way);
  const looks = ways.dataset.way === "camera";
  $("advice").textContent = status === "reading" ? word("camera.reading") : said(advice) || (there ? word("camera.looking") : word("camera.missing"));
  box.dataset.status = status ?? "";
  if (looks && kind === "service" && frame) preview(frame);
  if (looks && kind === "browser") film(state.visit);
  else stopCamera();
}

function choose(way) {
  const ways = $("ways");
  ways.dataset.way = way;
  for (const one of ways.children) one.setAttribute("aria-pressed", String(one.dataset.way === way));
  show($("camera"), way === "camera");
  show($("form"), way === "typed");
  show($("keypad"), way === "typed");
  show($("next"), way === "typed");
  const number = document.querySelector(".printed").dataset.mode === "number";
  const camera = way === "camera";
  const typed = number ? "printed.number_" : "printed.";
  document.querySelector("h1").textContent = word(camera ? (number ? "camera.back_heading" : "camera.heading") : `${typed}heading`);
  document.querySelector(".lead").textContent = word(camera ? "camera.lead" : `${typed}lead`);
  if (!camera) stopCamera();
}

function preview(frame) {
  const image = $("preview");
  if (image.dataset.frame === String(frame)) return;
  image.dataset.frame = frame;
  image.src = `/camera/preview?${frame}`;
  image.hidden = false;
}

async function film(visit) {
  if (stream) return;
  stream = "asked";
  try {
    const given = await navigator.mediaDevices.getUserMedia({ video: { width: 1920, height: 1080, facingMode: "environment" }, audio: false });
    const video = $("video");
    if (!video || stream !== "asked") return given.getTracks().forEach((one) => one.stop());
    stream = given;
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    timer = setInterval(() => shoot(video, visit), SEND_EVERY);
  } catch {
    stream = null;
    send(`/camera/frame`, new Uint8Array()).catch(() => {}); // there is none
  }
}

function shoot(video) {
  if (!video.isConnected) return stopCamera();
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  canvas.getContext("2d").drawImage(video, 0, 0);
  canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 }).then((blob) => send("/camera/frame", blob, "image/jpeg")).catch(() => {});
}

export function stopCamera() {
  clearInterval(timer);
  if (stream?.getTracks) for (const one of stream.getTracks()) one.stop();
  stream = timer = null;
}
