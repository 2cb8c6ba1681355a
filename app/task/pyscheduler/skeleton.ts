/** The TypeScript task in which a Python function can be written anew: its trigger and parameters, its code as a comment, and what each call is here. */
import type { Job } from "./job.ts";
import { commented, headOf, importsOf, type TaskHead } from "./task_file.ts";

/** What a call of Python code is in a task of Carillon. */
interface Counterpart {
  readonly call: RegExp;
  /** Names of `carillon` that it needs. */
  readonly uses: readonly string[];
  readonly code: (found: RegExpExecArray) => string;
}

const SECTION = String.raw`\(\s*["']([^"'\\\n]{1,100})["']`;

const COUNTERPARTS: readonly Counterpart[] = [
  {
    call: new RegExp(String.raw`\bexecute_\w+_query${SECTION}`, "g"),
    uses: ["query"],
    code: ([, section]) =>
      `const rows = await query(${
        JSON.stringify(section)
      }, "SELECT … WHERE day >= :day", { day }, { signal });`,
  },
  {
    call: /\bapi_(get|post|put|delete)\s*\(/g,
    uses: [],
    code: ([, method = ""]) =>
      `const answer = await api${method[0]?.toUpperCase()}${method.slice(1)}("/path", …);`,
  },
  {
    call: /\brequests\.(get|post|put|delete|request)\b/g,
    uses: [],
    code: () => `const answer = await fetch("https://…", { signal });`,
  },
  {
    call: /\bsubprocess\.\w+|\bos\.system\b/g,
    uses: ["sh"],
    code: () => "const { lines } = await sh`program ${argument}`;",
  },
  {
    call: /\bsmtplib\b|\bMIME\w+/g,
    uses: [],
    code: () => `import { createTransport } from "nodemailer"; // examples/mail_report`,
  },
  {
    call: /\bopenpyxl\b|\bxlsxwriter\b/g,
    uses: [],
    code: () => `import ExcelJS from "exceljs"; // examples/mail_report`,
  },
  {
    call: /\bparamiko\b|\bpysftp\b/g,
    uses: [],
    code: () => `import SftpClient from "ssh2-sftp-client"; // examples/sftp_download`,
  },
  {
    call: /\bpd\.|\bpandas\b/g,
    uses: [],
    code: () => "// pandas: let the database do it, or stay with Python",
  },
  {
    call: /\brecord_task_history\s*\(/g,
    uses: [],
    code: () => `return "what the run says"; // or throw new Error("why it has failed")`,
  },
  { call: /\bprint\s*\(|\blogging\.\w+|\blogger\.\w+/g, uses: [], code: () => `log.info("…");` },
  {
    call: /\btime\.sleep\s*\(/g,
    uses: [],
    code: () => `await setTimeout(1_000, undefined, { signal }); // of node:timers/promises`,
  },
];

/** @param code of the Python file in which the function is; @param origin file and line of the job */
export function skeletonFile(job: Job, code: string, origin: string): string {
  const text = functionText(code, job.place.function);
  const found = COUNTERPARTS.flatMap(({ call, uses, code: counterpart }) => {
    const texts = new Set([...text.matchAll(call)].map((each) => counterpart(each)));
    return texts.size === 0 ? [] : [{ uses, texts: [...texts] }];
  });
  const api = found.flatMap(({ texts }) => texts).flatMap((each) =>
    /\bapi(?:Get|Post|Put|Delete)\b/.exec(each) ?? []
  );
  const head: TaskHead = headOf(job);
  const names = [...head.uses, "defineTask", ...found.flatMap(({ uses }) => uses), ...api];
  const given = [...(head.hasParams ? ["params"] : []), "signal", "log"];
  return [
    `// From ${
      origin.replace(/[\r\n\u2028\u2029]/g, " ")
    }: what the Python function does is to be written here; then the file`,
    `// takes the place of tasks/${job.id}.ts. Files in a folder that begins with "_" are no tasks.`,
    importsOf(names),
    "",
    "export default defineTask({",
    ...head.options.map((option) => `  ${option},`),
    `  async run({ ${given.join(", ")} }) {`,
    ...(found.length === 0 ? [] : ["    // What it calls, and what that is here:"]),
    ...found.flatMap(({ texts }) => texts).map((each) => `    //   ${commented(each)}`),
    `    // ${job.place.module}.${job.place.function}, as it is in Python:`,
    ...text.split("\n").map((line) => `    // | ${commented(line)}`.trimEnd()),
    `    signal.throwIfAborted();`,
    `    log.warn("this task is not written yet");`,
    ...(head.hasParams ? ["    return params;"] : []),
    "  },",
    "});",
    "",
  ].join("\n");
}

/** A function's text in Python code, `Class.method` as well; empty where it is not there. */
export function functionText(code: string, name: string): string {
  const lines = code.split(/\r?\n/);
  let from = 0;
  let to = lines.length;
  for (const part of name.split(".")) {
    const start = lines.findIndex((line, i) => i >= from && i < to && startsBlock(line, part));
    if (start < 0) return "";
    to = endOfBlock(lines, start, to);
    from = start;
  }
  const indent = indentOf(lines[from] ?? "");
  return lines.slice(from, to).map((line) => line.slice(Math.min(indent, indentOf(line)))).join("\n")
    .trimEnd();
}

function startsBlock(line: string, name: string): boolean {
  const [, found] = /^\s*(?:(?:async\s+)?def|class)\s+([\p{L}\p{N}_]+)\s*[(:]/u.exec(line) ?? [];
  return found === name;
}

/** The first line behind it that is as far to the left, and in no text of several lines. */
function endOfBlock(lines: readonly string[], start: number, most: number): number {
  const indent = indentOf(lines[start] ?? "");
  let quote: string | undefined;
  let depth = 0;
  for (let at = start; at < most; at++) {
    const line = lines[at] ?? "";
    const isOut = at > start && quote === undefined && depth === 0 && line.trim() !== "" &&
      indentOf(line) <= indent;
    if (isOut && !line.trimStart().startsWith("#")) return at;
    for (const [sign] of line.matchAll(/"""|'''|#.*$|[()[\]{}]|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g)) {
      if (sign === '"""' || sign === "'''") {
        quote = quote === undefined ? sign : quote === sign ? undefined : quote;
      } else if (quote === undefined && "([{".includes(sign)) depth++;
      else if (quote === undefined && ")]}".includes(sign)) depth--;
    }
    depth = Math.max(0, depth);
  }
  return most;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
