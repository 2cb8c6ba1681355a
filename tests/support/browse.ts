/** Tests of the executable's pages in a browser: nothing may go wrong in them that is not meant to. */
import assert from "node:assert/strict";
import { type BinaryRun, hasBinary, startBinary } from "./binary.ts";
import {
  type BrowserContext,
  type BrowserContextOptions,
  browserProgram,
  launchBrowser,
  type Page,
} from "./browser.ts";

const inCI = Deno.env.get("CI") === "true";
/** True where there is no executable, or no browser; in CI a missing browser is a failure. */
export const withoutBrowser: boolean = !hasBinary() || (browserProgram() === undefined && !inCI);

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly app: BinaryRun;
}

export interface VisitOptions {
  /** Of the folder that Carillon is started in. */
  readonly files: Readonly<Record<string, string>>;
  /** The page that is opened first; `/` when left out. */
  readonly path?: string | undefined;
  readonly options?: BrowserContextOptions | undefined;
  /** Errors on the console that are made on purpose, such as of an address that is not there. */
  readonly wanted: RegExp;
  /** True for a test that goes to the server by another of its names: then requests are not looked at. */
  readonly goesElsewhere?: boolean | undefined;
}

/** Registers a test that opens a page, and fails for what the browser complains of and for requests that leave the server. */
export function browse(
  name: string,
  check: (visit: Visit) => Promise<void>,
  { files, path = "/", options = {}, wanted, goesElsewhere = false }: VisitOptions,
): void {
  Deno.test({
    name,
    ignore: withoutBrowser,
    async fn() {
      await using app = await startBinary(files);
      const browser = await launchBrowser();
      try {
        const context = await browser.newContext({ locale: "en-GB", timezoneId: "UTC", ...options });
        const page = await context.newPage();
        const complaints: string[] = [];
        page.on("console", (message) => {
          if (message.type() === "error" && !wanted.test(message.text())) complaints.push(message.text());
        });
        page.on("pageerror", (error) => complaints.push(String(error)));
        page.on("request", (request) => {
          if (!goesElsewhere && !request.url().startsWith(app.address)) {
            complaints.push(`asked for ${request.url()}`);
          }
        });
        await page.goto(app.address + path);
        await check({ page, context, app });
        assert.deepEqual(complaints, []);
      } finally {
        await browser.close();
      }
    },
  });
}

/** Starts a run as a program does; answers with its id. */
export async function trigger({ app }: Pick<Visit, "app">, path: string): Promise<string> {
  const answer = await fetch(`${app.address}/trigger/${path}`, { method: "POST" });
  return (await answer.json() as { run_id: string }).run_id;
}
