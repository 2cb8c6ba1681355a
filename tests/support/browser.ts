/** A headless Chromium for the end-to-end tests; its driver is named here so that it stays out of the executable. */
import { type Browser, chromium } from "npm:playwright-core@1.65.1";

export type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  CDPSession,
  Locator,
  Page,
} from "npm:playwright-core@1.65.1";

/** Programs a system may have it as; the first has no window to draw, and costs two thirds of the others. */
const PROGRAMS = [
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** Path of the browser, or undefined where there is none. */
export function browserProgram(): string | undefined {
  return PROGRAMS.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

export async function launchBrowser(): Promise<Browser> {
  const executablePath = browserProgram();
  if (executablePath === undefined) throw new Error(`no browser at ${PROGRAMS.join(", ")}`);
  return await chromium.launch({
    executablePath,
    // The browser goes when its test does; a signal ends the test itself.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
