/**
 * Tries fifty packages from npm in the executable, each in a host and in a sandbox, and prints the table of
 * docs/moving-in.md: `deno run -A scripts/fifty_packages.ts`, once `dist/carillon` is there. Takes minutes.
 */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startBinaryIn } from "../tests/support/binary.ts";
import { makeFolder } from "../tests/support/folder.ts";
import { npmInstall, PACKAGES } from "../tests/support/packages.ts";

interface Trial {
  /** With the version that is asked for. */
  readonly name: string;
  /** Of which kind it is, for the table. */
  readonly kind: string;
  readonly imports: string;
  /** A value that shows that it works. */
  readonly code: string;
  readonly expected: string;
}

const LIMIT_MS = 60_000;

/** What a package asks of the system as it is loaded, beside the environment: the sandbox's further permissions. */
const ASKED: Readonly<Record<string, string>> = {
  mongodb: `sys: ["osRelease"]`,
  pino: `sys: ["hostname"]`,
};

function trial(name: string, kind: string, imports: string, code: string, expected: string): Trial {
  return { name, kind, imports, code, expected };
}

const TRIALS: readonly Trial[] = [
  trial(
    "@aws-sdk/client-s3@3",
    "CommonJS, many packages; no request",
    `import { S3Client } from "@aws-sdk/client-s3";`,
    `typeof new S3Client({ region: "eu-north-1" }).send`,
    "function",
  ),
  trial(
    "adm-zip@0.5",
    "CommonJS",
    `import Zip from "adm-zip";`,
    `(() => { const z = new Zip(); z.addFile("a", Buffer.from("x")); return new Zip(z.toBuffer()).readAsText("a"); })()`,
    "x",
  ),
  trial(
    "ajv@8",
    "CommonJS, makes code",
    `import { Ajv } from "ajv";`,
    `new Ajv().compile({ type: "number" })(5)`,
    "true",
  ),
  trial(
    "archiver@7",
    "CommonJS, streams",
    `import archiver from "archiver";`,
    `typeof archiver("zip").append`,
    "function",
  ),
  trial(
    "axios@1",
    "ES modules with CommonJS ones among them",
    `import axios from "axios";`,
    `axios.getUri({ url: "/x", params: { q: 1 } })`,
    "/x?q=1",
  ),
  trial(
    "basic-ftp@5",
    "CommonJS; not connected",
    `import { Client } from "basic-ftp";`,
    `new Client().closed`,
    "true",
  ),
  trial(
    "better-sqlite3@12",
    "a native add-on, V8",
    `import Database from "better-sqlite3";`,
    `new Database(":memory:").prepare("SELECT 1 AS a").get().a`,
    "1",
  ),
  trial(
    "chalk@5",
    "ES modules, `imports` with conditions",
    `import { Chalk } from "chalk";`,
    `new Chalk({ level: 1 }).red("x").length`,
    "11",
  ),
  trial(
    "cheerio@1",
    "ES modules, a large graph",
    `import { load } from "cheerio";`,
    `load("<b>bold</b>")("b").text()`,
    "bold",
  ),
  trial(
    "csv-parse@6",
    "a path of `exports`",
    `import { parse } from "csv-parse/sync";`,
    `parse("a,b")[0][1]`,
    "b",
  ),
  trial(
    "date-fns@4",
    "300 ES modules",
    `import { addDays } from "date-fns";`,
    `addDays(new Date(0), 1).getTime()`,
    "86400000",
  ),
  trial(
    "dayjs@1",
    "CommonJS with plugins",
    `import dayjs from "dayjs";\nimport utc from "dayjs/plugin/utc.js";`,
    `(dayjs.extend(utc), dayjs.utc(0).format("YYYY-MM-DD"))`,
    "1970-01-01",
  ),
  trial(
    "decimal.js@10",
    "both kinds",
    `import { Decimal } from "decimal.js";`,
    `new Decimal("0.1").plus("0.2").toString()`,
    "0.3",
  ),
  trial(
    "exceljs@4",
    "CommonJS, old dependencies",
    `import ExcelJS from "exceljs";`,
    `await (async () => { const a = new ExcelJS.Workbook(); a.addWorksheet("s").addRow(["x"]); const b = new ExcelJS.Workbook(); await b.xlsx.load(await a.xlsx.writeBuffer()); return b.getWorksheet("s").getCell("A1").value; })()`,
    "x",
  ),
  trial(
    "fast-xml-parser@5",
    "both kinds",
    `import { XMLParser } from "fast-xml-parser";`,
    `new XMLParser().parse("<a>5</a>").a`,
    "5",
  ),
  trial("got@14", "ES modules only; no request", `import got from "got";`, `typeof got.get`, "function"),
  trial(
    "handlebars@4",
    "CommonJS, makes code",
    `import Handlebars from "handlebars";`,
    `Handlebars.compile("{{a}}")({ a: 1 })`,
    "1",
  ),
  trial(
    "iconv-lite@0.6",
    "CommonJS, tables in JSON",
    `import iconv from "iconv-lite";`,
    `iconv.encode("中", "gbk").toString("hex")`,
    "d6d0",
  ),
  trial(
    "ioredis@5",
    "CommonJS; not connected",
    `import { Redis } from "ioredis";`,
    `new Redis({ lazyConnect: true }).status`,
    "wait",
  ),
  trial(
    "jsdom@26",
    "CommonJS, a large graph",
    `import { JSDOM } from "jsdom";`,
    `new JSDOM("<p>x</p>").window.document.querySelector("p").textContent`,
    "x",
  ),
  trial(
    "jsonwebtoken@9",
    "CommonJS, node:crypto",
    `import jwt from "jsonwebtoken";`,
    `jwt.verify(jwt.sign({ a: 1 }, "s"), "s").a`,
    "1",
  ),
  trial("js-yaml@4", "both kinds", `import yaml from "js-yaml";`, `yaml.load("a: 1").a`, "1"),
  trial(
    "lodash@4",
    "CommonJS, one file",
    `import lodash from "lodash";`,
    `lodash.chunk([1, 2, 3], 2).length`,
    "2",
  ),
  trial(
    "luxon@3",
    "both kinds",
    `import { DateTime } from "luxon";`,
    `DateTime.fromMillis(0, { zone: "utc" }).toISODate()`,
    "1970-01-01",
  ),
  trial(
    "marked@16",
    "ES modules",
    `import { marked } from "marked";`,
    `marked.parse("**x**").trim()`,
    "<p><strong>x</strong></p>",
  ),
  trial(
    "mongodb@6",
    "CommonJS; not connected",
    `import { MongoClient } from "mongodb";`,
    `typeof new MongoClient("mongodb://localhost").db`,
    "function",
  ),
  trial("mqtt@5", "both kinds; not connected", `import mqtt from "mqtt";`, `typeof mqtt.connect`, "function"),
  trial(
    "mustache@4",
    "both kinds",
    `import Mustache from "mustache";`,
    `Mustache.render("{{a}}", { a: 1 })`,
    "1",
  ),
  trial("nanoid@5", "ES modules only", `import { nanoid } from "nanoid";`, `nanoid().length`, "21"),
  trial(
    "nodemailer@7",
    "CommonJS",
    `import { createTransport } from "nodemailer";`,
    `JSON.parse((await createTransport({ jsonTransport: true }).sendMail({ from: "a@b", to: "c@d", text: "hi" })).message).text`,
    "hi",
  ),
  trial("p-limit@6", "ES modules only", `import pLimit from "p-limit";`, `await pLimit(1)(() => 5)`, "5"),
  trial(
    "p-queue@8",
    "ES modules only",
    `import PQueue from "p-queue";`,
    `await new PQueue().add(() => 5)`,
    "5",
  ),
  trial("papaparse@5", "CommonJS", `import Papa from "papaparse";`, `Papa.parse("a,b").data[0][1]`, "b"),
  trial(
    "pdf-lib@1",
    "both kinds",
    `import { PDFDocument } from "pdf-lib";`,
    `(await (await PDFDocument.create()).save()).length > 100`,
    "true",
  ),
  trial(
    "pdfkit@0.17",
    "files of its own beside the code",
    `import PDFDocument from "pdfkit";`,
    `await new Promise((done) => { const d = new PDFDocument(); let n = 0; d.on("data", (c) => n += c.length); d.on("end", () => done(n > 500)); d.text("x"); d.end(); })`,
    "true",
  ),
  trial(
    "pg@8",
    "CommonJS; not connected",
    `import { Client } from "pg";`,
    `typeof new Client().query`,
    "function",
  ),
  trial(
    "pino@9",
    "CommonJS, worker threads where asked",
    `import { pino } from "pino";`,
    `typeof pino({ enabled: false }).info`,
    "function",
  ),
  trial(
    "redis@5",
    "CommonJS; not connected",
    `import { createClient } from "redis";`,
    `createClient().isOpen`,
    "false",
  ),
  trial(
    "sanitize-html@2",
    "CommonJS",
    `import sanitize from "sanitize-html";`,
    `sanitize("<b>x</b><script>y</script>")`,
    "<b>x</b>",
  ),
  trial(
    "sharp@0.34",
    "a native add-on, Node-API",
    `import sharp from "sharp";`,
    `(await sharp({ create: { width: 1, height: 1, channels: 3, background: "red" } }).png().toBuffer()).length > 50`,
    "true",
  ),
  trial(
    "ssh2-sftp-client@12",
    "an optional V8 add-on, done without",
    `import Sftp from "ssh2-sftp-client";`,
    `typeof new Sftp().get`,
    "function",
  ),
  trial("tar@7", "both kinds", `import { Pack } from "tar";`, `typeof new Pack({}).add`, "function"),
  trial(
    "undici@7",
    "CommonJS; no request",
    `import { Agent } from "undici";`,
    `typeof new Agent().request`,
    "function",
  ),
  trial("uuid@11", "ES modules", `import { v5 } from "uuid";`, `v5("x", v5.URL).length`, "36"),
  trial(
    "winston@3",
    "CommonJS, streams",
    `import winston from "winston";`,
    `typeof winston.createLogger({ silent: true }).info`,
    "function",
  ),
  trial("ws@8", "both kinds; not connected", `import { WebSocket } from "ws";`, `WebSocket.OPEN`, "1"),
  trial(
    "xlsx@0.18",
    "both kinds",
    `import { read, utils, write } from "xlsx";`,
    `(() => { const b = utils.book_new(); utils.book_append_sheet(b, utils.aoa_to_sheet([["x"]]), "s"); return read(write(b, { type: "array" })).Sheets.s.A1.v; })()`,
    "x",
  ),
  trial(
    "xml2js@0.6",
    "CommonJS",
    `import xml2js from "xml2js";`,
    `(await xml2js.parseStringPromise("<a>5</a>")).a`,
    "5",
  ),
  trial("yaml@2", "both kinds", `import YAML from "yaml";`, `YAML.parse("a: 1").a`, "1"),
  trial(
    "zod@4",
    "both kinds, beside Carillon's own",
    `import { z } from "zod";`,
    `z.string().parse("x")`,
    "x",
  ),
];

/** `@aws-sdk/client-s3@3` is the task `aws_sdk_client_s3`. */
function idOf({ name }: Trial, suffix: string): string {
  return bare(name).replace(/^@/, "").replaceAll(/[^a-z0-9]/g, "_") + suffix;
}

function bare(name: string): string {
  return name.replace(/(?<=.)@[^@]*$/, "");
}

function taskOf({ imports, code }: Trial, options: string): string {
  return `import { Buffer } from "node:buffer";
import { defineTask } from "carillon";
${imports}
export default defineTask({ ${options} timeout: "1m", async run() { void Buffer; return String(${code}); } });
`;
}

interface Answer {
  readonly status: string;
  readonly message: string;
}

/** Runs a task and waits for its end. */
async function ran(address: string, id: string): Promise<Answer> {
  const started = await fetch(`${address}/trigger/${id}`, { method: "POST" });
  const { run_id: run, message } = await started.json() as { run_id?: string; message: string };
  if (run === undefined) return { status: "broken", message };
  for (let waited = 0; waited < LIMIT_MS; waited += 100) {
    const found = await (await fetch(`${address}/api/v1/runs?task=${id}&limit=1`)).json() as {
      runs: { id: string; status: string; message: string | null; error: { message: string } | null }[];
    };
    const [last] = found.runs;
    if (last && !["queued", "running"].includes(last.status)) {
      return { status: last.status, message: last.error?.message ?? last.message ?? "" };
    }
    await pause(100);
  }
  return { status: "late", message: "" };
}

const folder = makeFolder();
await npmInstall(folder.path, TRIALS.map(({ name }) => name));
// `npm install` runs no scripts here; this one's would fetch its add-on, which cannot be used anyway.
for (const each of TRIALS) {
  folder.write(`tasks/${idOf(each, "")}.ts`, taskOf(each, ""));
  folder.write(
    `tasks/${idOf(each, "_limited")}.ts`,
    taskOf(each, `permissions: { env: true, ${ASKED[bare(each.name)] ?? ""} },`),
  );
}
await using binary = await startBinaryIn(folder);
const rows: string[] = [];
let failed = 0;
for (const each of TRIALS) {
  const cells: string[] = [];
  for (const suffix of ["", "_limited"]) {
    const { status, message } = await ran(binary.address, idOf(each, suffix));
    const works = status === "succeeded" && message === each.expected;
    const asked = suffix === "" ? undefined : ASKED[bare(each.name)];
    cells.push(!works ? "no" : asked === undefined ? "yes" : `with \`${asked}\``);
    if (works) continue;
    failed++;
    say(`${each.name}${suffix}: ${status}: ${message.slice(0, 300)}`);
  }
  const every = PACKAGES.some((name) => bare(name) === bare(each.name));
  const { version } = JSON.parse(
    Deno.readTextFileSync(join(folder.path, "node_modules", bare(each.name), "package.json")),
  ) as { version: string };
  rows.push(
    `| \`${bare(each.name)}\` | ${version} | ${each.kind} | ${cells.join(" | ")} | ${
      every ? "every build" : "by the script"
    } |`,
  );
}
say(
  ["| package | version | of which kind | host | sandbox | when |", "|---|---|---|---|---|---|", ...rows]
    .join("\n"),
);
say(`${TRIALS.length} packages, ${failed} of ${2 * TRIALS.length} runs did not succeed`);

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}
