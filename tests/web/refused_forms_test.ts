/** A form that is refused is shown again with what was typed and the sentence, also where no script runs. */
import assert from "node:assert/strict";
import { browserLike, signedIn } from "../support/browser_like.ts";
import { startCarillon, startRun } from "../support/carillon.ts";

const TASK = `import { defineTask, every } from "carillon";
export default defineTask({ trigger: every("1h"), run() {} });`;

Deno.test("a pause until a moment that is over is asked again, with the moment and the note", async () => {
  await using test = await startCarillon({ "tasks/a.ts": TASK, "tasks/b.ts": TASK });
  const browser = browserLike(test);
  for (const address of ["/tasks/a/pause", "/pause?task=a&task=b"]) {
    await browser.ask(address);
    const answer = await browser.send(address, {
      chosen: "a,b",
      until_own: "2020-01-01T08:00",
      note: "the ERP moves",
    });
    assert.equal(answer.status, 422, address);
    const html = await answer.text();
    assert.match(html, /<form class="question"/, address);
    assert.match(html, /class="problem" role="alert"/, address);
    assert.match(html, /name="until_own" value="2020-01-01T08:00"/, address);
    assert.match(html, /value="the ERP moves"/, address);
  }
});

Deno.test("a run again whose task's id is typed wrong is asked again, with the note", async () => {
  await using test = await startCarillon({
    "tasks/a.ts": `import { defineTask } from "carillon"; export default defineTask({ run() {} });`,
  });
  const { id } = await startRun(test, "a");
  await test.ended(id);
  test.folder.write(
    "tasks/a.ts",
    `import { defineTask } from "carillon"; export default defineTask({ confirm: "name", run() {} });`,
  );
  await test.carillon.operations.reload({ channel: "page" });
  const browser = browserLike(test);
  await browser.ask(`/runs/${id}/retry`);
  const answer = await browser.send(`/runs/${id}/retry`, { note: "once more", confirm: "b" });
  assert.equal(answer.status, 422);
  const html = await answer.text();
  assert.match(html, /role="alert"[^>]*>Task &quot;a&quot; asks for its id/);
  assert.match(html, /<textarea[^>]*name="note"[^>]*>once more</);
  assert.match(html, /name="confirm" value="b"/);
});

Deno.test("a user and a token that cannot be made are asked for again, with what was filled in", async () => {
  await using test = await startCarillon({ "tasks/a.ts": TASK }, { ini: "[auth]\nmode = password\n" });
  const anna = await signedIn(test, "anna", ["admin"]);
  await anna.ask("/system/users");
  const user = await anna.send("/system/users/add", { name: "anna", role: "operator" });
  const html = await user.text();
  assert.ok(user.status === 409 || user.status === 422, String(user.status));
  assert.match(html, /name="name" value="anna"/);
  assert.match(html, /value="operator" checked/);
  assert.doesNotMatch(html, /value="viewer" checked/);
  const token = await anna.send("/system/tokens/add", { name: "ci", tasks: "etl/*", days: "30" });
  assert.equal(token.status, 422);
  const asked = await token.text();
  assert.match(asked, /name="tasks" value="etl\/\*"/);
  assert.match(asked, /<option value="30" selected/);
});
