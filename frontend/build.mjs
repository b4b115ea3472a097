// Bundles the pages' scripts, styles and icons into the folder that is named: node build.mjs FOLDER
import { build } from "esbuild";
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const out = process.argv[2];

async function sprite() {
  const names = (await readFile("icons.txt", "utf8")).split(/\s+/).filter(Boolean);
  const symbols = names.map(async (name) => {
    const svg = await readFile(`node_modules/@tabler/icons/icons/outline/${name}.svg`, "utf8");
    const paths = [...svg.matchAll(/<path(?! stroke="none")[^>]*\/>/g)].map(([path]) => path);
    return `<symbol id="${name}" viewBox="0 0 24 24">${paths.join("")}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${(await Promise.all(symbols)).join("\n")}</svg>\n`;
}

// The licences of what was really bundled, each once: the About page links to them.
async function licences(inputs) {
  const found = new Set(["@tabler/icons"]);
  for (const path of inputs) {
    const folders = path.split("node_modules/").at(-1).split("/");
    if (path.includes("node_modules/")) found.add(folders.slice(0, path.startsWith("node_modules/@") ? 2 : 1).join("/"));
  }
  const texts = [...found].sort().map(async (name) => {
    const about = JSON.parse(await readFile(`node_modules/${name}/package.json`, "utf8"));
    const file = (await readdir(`node_modules/${name}`)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? await readFile(`node_modules/${name}/${file}`, "utf8") : `Licence: ${about.license}\n`;
    return `${name} ${about.version} (${about.license})\n\n${text.trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`);
}

await rm(out, { recursive: true, force: true });
const built = await build({
  entryPoints: ["theme.js", "app.js", "charts.js", "graph.js", "app.css"],
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome111", "firefox115", "safari16.2"],
  legalComments: "linked",
  metafile: true,
  logLevel: "warning",
});
await writeFile(join(out, "icons.svg"), await sprite());
await writeFile(join(out, "licences.txt"), await licences(Object.keys(built.metafile.inputs)));
for (const name of await readdir(out)) {
  // The server sends the packed copy that lies beside a file.
  if (!/\.(js|css|svg)$/.test(name)) continue;
  await writeFile(join(out, `${name}.gz`), gzipSync(await readFile(join(out, name)), { level: 9 }));
}
