// Cues for the ear: short, made here, no file. They repeat what the screen says, and can be switched off.

const CUES = {
  "place-card": [[660, 0, 0.12]],
  reading: [[880, 0, 0.08]],
  good: [[660, 0, 0.12], [880, 0.13, 0.12], [1320, 0.26, 0.2]],
  look: [[520, 0, 0.16], [520, 0.24, 0.16]],
  bad: [[330, 0, 0.22], [247, 0.24, 0.34]],
  warning: [[740, 0, 0.1], [740, 0.2, 0.1], [740, 0.4, 0.1]],
};
let context = null;
let on = true;

export const sounds = () => on;
export const switchSound = (wanted) => (on = wanted);

export function cue(name) {
  if (!on || !CUES[name]) return;
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().catch(() => {});
  for (const [pitch, after, length] of CUES[name]) tone(pitch, context.currentTime + after, length);
}

function tone(pitch, at, length) {
  const source = context.createOscillator();
  const volume = context.createGain();
  source.type = "sine";
  source.frequency.value = pitch;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.18, at + 0.015);
  volume.gain.exponentialRampToValueAtTime(0.001, at + length);
  source.connect(volume).connect(context.destination);
  source.start(at);
  source.stop(at + length);
}
