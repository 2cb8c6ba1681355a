/** Packages that npm installs: ten of the kind that tasks use, and a task that makes use of each; and those of the examples. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { EXAMPLE_NAMES, exampleFiles } from "./examples.ts";
import { madeOnce } from "./made_once.ts";

/** docs/moving-in.md names them. */
export const PACKAGES = [
  "axios@1",
  "cheerio@1",
  "csv-parse@6",
  "date-fns@4",
  "exceljs@4",
  "fast-xml-parser@5",
  "iconv-lite@0.6",
  "lodash@4",
  "nodemailer@7",
  "yaml@2",
];

/** Uses each of them; what it returns is {@link EXPECTED}. */
export const TASK = `import { defineTask } from "carillon";
import axios from "axios";
import { load } from "cheerio";
import { parse } from "csv-parse/sync";
import { addDays } from "date-fns";
import ExcelJS from "exceljs";
import { XMLParser } from "fast-xml-parser";
import iconv from "iconv-lite";
import lodash from "npm:lodash@4";
import { createTransport } from "nodemailer";
import YAML, { stringify } from "yaml";
export default defineTask({
  PERMISSIONS
  async run() {
    const book = new ExcelJS.Workbook();
    book.addWorksheet("a").addRow(["b", 1]);
    const again = new ExcelJS.Workbook();
    await again.xlsx.load(await book.xlsx.writeBuffer());
    const mail = await createTransport({ jsonTransport: true }).sendMail({ from: "a@b", to: "c@d", text: "hi" });
    return [
      axios.getUri({ url: "/x", params: { q: 1 } }),
      load("<b>bold</b>")("b").text(),
      parse("a,b")[0][1],
      addDays(new Date(0), 1).getTime(),
      again.getWorksheet("a")?.getCell("B1").value,
      new XMLParser().parse("<a>5</a>").a,
      iconv.encode("中", "gbk").toString("hex"),
      lodash.chunk([1, 2, 3], 2).length,
      JSON.parse(mail.message).text,
      stringify(YAML.parse("{a: 1}")).trim(),
    ].join(" ");
  },
});
`;

export const EXPECTED = "/x?q=1 bold b 86400000 1 5 d6d0 2 hi a: 1";

/** The task with all permissions, and in a sandbox. */
export const TASK_FILES = {
  "tasks/ten.ts": TASK.replace("PERMISSIONS", ""),
  "tasks/ten_limited.ts": TASK.replace("PERMISSIONS", "permissions: { env: true },"),
};

/** For the types of task files. */
const COMPILER = "typescript@7.0.2";

/** What an example wants to have installed, by its name: a version or a range of them. */
export function packagesOf(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { dependencies = {} } = JSON.parse(files["package.json"] ?? "{}") as {
    dependencies?: Record<string, string>;
  };
  return dependencies;
}

/** A folder with everything that tests need of npm: of what several of them need, all is fetched and unpacked once. */
export async function installedPackages(): Promise<string> {
  const ofExamples = Object.assign({}, ...EXAMPLE_NAMES.map((name) => packagesOf(exampleFiles(name))));
  // Each once, where both name one: npm takes no two ranges of a package.
  const others = PACKAGES.filter((each) => !Object.hasOwn(ofExamples, each.replace(/@[^@]*$/, "")));
  const wanted = [COMPILER, ...others, ...Object.entries(ofExamples).map((each) => each.join("@"))];
  // Of a range, what is new is seen the next day.
  const state = `${new Date().toISOString().slice(0, 10)} ${wanted}`;
  return await madeOnce("packages", state, async (folder) => {
    await Deno.mkdir(folder);
    await npmInstall(folder, wanted);
  });
}

/** Gives a folder all of {@link installedPackages}, in files of its own: no link leads out of it. */
export async function giveInstalled(to: string): Promise<void> {
  const paths = [join(await installedPackages(), "node_modules"), join(to, "node_modules")];
  const copy = async (...options: string[]) =>
    await new Deno.Command("cp", { args: [...options, ...paths] }).output();
  // No hard link leads to another disk.
  if ((await copy("-al")).success) return;
  const { success, stderr } = await copy("-aT");
  assert.ok(success, new TextDecoder().decode(stderr));
}

/** Installs packages into a folder. No script of theirs is run. */
export async function npmInstall(folder: string, packages: readonly string[]): Promise<void> {
  await Deno.writeTextFile(`${folder}/package.json`, "{}");
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  const args = ["install", "--ignore-scripts", "--prefer-offline", ...quiet, ...packages];
  const { success, stderr } = await new Deno.Command("npm", { args, cwd: folder }).output();
  assert.ok(success, `npm install failed: ${new TextDecoder().decode(stderr)}`);
}

/** True where the registry of npm can be asked. Under CI=true it must be there. */
export async function hasRegistry(): Promise<boolean> {
  if (Deno.env.get("CI") === "true") return true;
  const { success } = await new Deno.Command("npm", { args: ["ping"], stdout: "null", stderr: "null" })
    .output();
  return success;
}
