/** Asks for a new password: twice and unseen at a terminal, else as the first line of standard input. */
import { utf8 } from "../base/utf8.ts";
import { passwordProblem, Passwords } from "../auth/passwords.ts";
import { text } from "../locale/locale.ts";
import { UsageError } from "./errors.ts";
import { writeAll } from "./output.ts";

const ENTER = [10, 13];
const DELETE = [8, 127];
const CONTROL_C = 3;
const CONTROL_D = 4;
/** More would be no password. */
const MAX_BYTES = 4_096;

/** The hash of what was given. @throws UsageError for what is no good password */
export async function askPassword(name: string): Promise<string> {
  const password = Deno.stdin.isTerminal() ? askTwice() : await firstLine();
  const problem = passwordProblem(password, name);
  if (problem) throw new UsageError(text("en", problem.key, problem.values));
  return await new Passwords().hash(password);
}

function askTwice(): string {
  const password = unseen("password: ");
  if (unseen("once more: ") !== password) {
    throw new UsageError("the two are not the same; nothing was changed");
  }
  return password;
}

function unseen(question: string): string {
  writeAll(Deno.stderr, question);
  Deno.stdin.setRaw(true);
  try {
    const bytes: number[] = [];
    const one = new Uint8Array(1);
    for (;;) {
      const [byte = CONTROL_D] = Deno.stdin.readSync(one) === null ? [] : one;
      if (byte === CONTROL_C) throw new UsageError("nothing was changed");
      if (ENTER.includes(byte) || byte === CONTROL_D || bytes.length >= MAX_BYTES) break;
      if (DELETE.includes(byte)) removeLast(bytes);
      else bytes.push(byte);
    }
    return textOf(bytes);
  } finally {
    Deno.stdin.setRaw(false);
    writeAll(Deno.stderr, "\n");
  }
}

/** A character of UTF-8 is up to four bytes; all but the first begin with the bits 10. */
function removeLast(bytes: number[]): void {
  while (((bytes.pop() ?? 0) & 0xc0) === 0x80);
}

async function firstLine(): Promise<string> {
  const bytes: number[] = [];
  for await (const piece of Deno.stdin.readable) {
    bytes.push(...piece);
    if (bytes.length > MAX_BYTES || piece.some((byte) => ENTER.includes(byte))) break;
  }
  const end = bytes.findIndex((byte) => ENTER.includes(byte));
  return textOf(end === -1 ? bytes : bytes.slice(0, end));
}

function textOf(bytes: readonly number[]): string {
  try {
    return utf8(Uint8Array.from(bytes));
  } catch (cause) {
    throw new UsageError("the password is not in UTF-8; set the terminal to UTF-8, or save it as UTF-8", {
      cause,
    });
  }
}
