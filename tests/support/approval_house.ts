/** A Carillon where people sign in and one run waits for the word of another person. */
import assert from "node:assert/strict";
import { FORM_KEY_HEADER } from "../../app/web/form_key.ts";
import { type BrowserLike, signedIn } from "./browser_like.ts";
import { startCarillon, type TestCarillon } from "./carillon.ts";

const INI = "[auth]\nmode = password\n[role:boss]\nrights = view, parameters, run, approve\n";
const FILES = {
  "tasks/pay.ts": `import { defineTask } from "carillon";
export default defineTask({ approval: { by: "boss" }, run: () => "paid" });`,
};

export interface ApprovalHouse extends AsyncDisposable {
  readonly test: TestCarillon;
  /** Has asked for the run, and may not decide. */
  readonly anna: BrowserLike;
  /** May decide. */
  readonly bob: BrowserLike;
  readonly runId: string;
}

export async function approvalHouse(): Promise<ApprovalHouse> {
  // A file of the history is looked at in every second of the days that pass here.
  const test = await startCarillon(FILES, { ini: INI, flags: { "history-file": "" } });
  const anna = await signedIn(test, "anna", ["operator"]);
  const bob = await signedIn(test, "bob", ["boss"]);
  const answer = await anna.ask("/api/v1/tasks/pay/runs", byApi(anna));
  assert.equal(answer.status, 202);
  const { run } = await answer.json();
  assert.equal(run.status, "awaiting_approval");
  return { test, anna, bob, runId: run.id, [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() };
}

/** A request of the API as the script of a page sends it. */
export function byApi({ formKey }: BrowserLike, body: unknown = {}): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json", [FORM_KEY_HEADER]: formKey },
    body: JSON.stringify(body),
  };
}

/** What a decision by the API is answered with, by somebody who may decide or by a token that has every right. */
export async function decided(
  word: "approve" | "decline",
  by: "person" | "token",
  body: unknown = {},
): Promise<Response> {
  await using house = await approvalHouse();
  const { test, bob, runId } = house;
  const address = `/api/v1/runs/${runId}/${word}`;
  if (by === "person") return await bob.ask(address, byApi(bob, body));
  const token = test.carillon.auth.tokens.create({ name: "ci", rights: "all" });
  const headers = { authorization: `Bearer ${token}` };
  return await test.fetch(address, { method: "POST", headers, body: JSON.stringify(body) });
}
