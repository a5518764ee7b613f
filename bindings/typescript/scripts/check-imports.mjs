// The core and the React Native leaf import no platform; a leaf imports the core and its own platform, never another leaf.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const source = process.argv[2] ?? fileURLToPath(new URL("../src", import.meta.url));
const allowed = {
  core: { rooms: ["core"], packages: [] },
  noble: { rooms: ["core", "noble"], packages: ["@noble/hashes/"] },
  webcrypto: { rooms: ["core", "webcrypto"], packages: [] },
  "react-native": { rooms: ["core", "react-native"], packages: [] },
  node: { rooms: ["core", "node"], packages: ["node:", "smartcard"] },
  cli: { rooms: ["core", "node", "cli"], packages: ["node:"] },
};
// In the core the rooms have an order too: a row imports itself and the rows above it.
const order = ["generated text errors bytes", "json crypto link values", "files", "evidence", "card verification receipts scripts", "client check index"];
const wrong = [];
for (const path of readdirSync(source, { recursive: true }).filter((name) => name.endsWith(".ts"))) {
  const room = path === "cli.ts" ? "cli" : path.split(/[\\/]/)[0];
  const text = readFileSync(join(source, path), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
  for (const [, specifier] of text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
    if (specifier.startsWith(".")) {
      const target = relative(source, resolve(source, dirname(path), specifier));
      if (!allowed[room].rooms.includes(target.split(/[\\/]/)[0])) wrong.push(`${path}: ${specifier} is another room`);
      else if (room === "core" && row(path) < row(target)) wrong.push(`${path}: ${specifier} is above it`);
    } else if (!allowed[room].packages.some((name) => specifier === name || specifier.startsWith(name))) {
      wrong.push(`${path}: ${specifier} is not for ${room}`);
    }
  }
  if (["core", "react-native"].includes(room) && /\b(process|Buffer|require|setImmediate|__dirname)\b\s*[.(]/.test(text)) {
    wrong.push(`${path}: a global of Node`);
  }
}
if (wrong.length) {
  console.error(wrong.join("\n"));
  process.exit(1);
}

function row(path) {
  const name = path.split(/[\\/]/)[1].replace(/\.(ts|js)$/, "");
  const at = order.findIndex((rooms) => rooms.split(" ").includes(name));
  if (at < 0) throw new Error(`${path}: give it a row in scripts/check-imports.mjs`);
  return at;
}
