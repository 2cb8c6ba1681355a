/**
 * The script of the pages: modules of one idea each, joined into one, so that a browser asks once and reads it in one go. As
 * sixteen files they took the processor from the first paint, which came 50 ms later.
 */
import toasts from "../../static/script/toasts.js" with { type: "text" };
import refresh from "../../static/script/refresh.js" with { type: "text" };
import answers from "../../static/script/answers.js" with { type: "text" };
import clock from "../../static/script/clock.js" with { type: "text" };
import zone from "../../static/script/zone.js" with { type: "text" };
import width from "../../static/script/width.js" with { type: "text" };
import dialog from "../../static/script/dialog.js" with { type: "text" };
import copy from "../../static/script/copy.js" with { type: "text" };
import keyboard from "../../static/script/keyboard.js" with { type: "text" };
import selection from "../../static/script/selection.js" with { type: "text" };
import folders from "../../static/script/folders.js" with { type: "text" };
import narrow from "../../static/script/narrow.js" with { type: "text" };
import log from "../../static/script/log.js" with { type: "text" };
import news from "../../static/script/news.js" with { type: "text" };
import search from "../../static/script/search.js" with { type: "text" };
import api from "../../static/script/api.js" with { type: "text" };
import tools from "../../static/script/tools.js" with { type: "text" };

/** What a module exports stands before those that import it. */
export const SCRIPT_PARTS: readonly string[] = [
  toasts,
  refresh,
  answers,
  clock,
  zone,
  width,
  dialog,
  copy,
  keyboard,
  selection,
  folders,
  narrow,
  log,
  news,
  search,
  api,
  tools,
];

const IMPORT = /^import (?:\{[^}]*\} from )?"\.\/\w+\.js";\n/gm;
const EXPORT = /^export (?=function (\w+)\()/gm;

/** One module: each part keeps its names to itself, but for those that it exports. */
export const SCRIPT: string = SCRIPT_PARTS.map(enclosed).join("");

function enclosed(part: string): string {
  const exported = [...part.matchAll(EXPORT)].map(([, name]) => name).join(", ");
  const code = part.replace(IMPORT, "").replace(EXPORT, "");
  return exported === ""
    ? `{\n${code}}\n`
    : `const { ${exported} } = (() => {\n${code}return { ${exported} };\n})();\n`;
}
