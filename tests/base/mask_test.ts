import assert from "node:assert/strict";
import { createMask, MASKED } from "../../app/base/mask.ts";
import { fc } from "../support/fast_check.ts";

Deno.test("a secret is taken out of a text, also as a URL, base64 or JSON writes it", () => {
  const mask = createMask(['p@ss w"rd', "p@ss"]);
  assert.equal(mask('connect with p@ss w"rd and p@ss'), `connect with ${MASKED} and ${MASKED}`);
  assert.equal(mask("https://u:p%40ss%20w%22rd@db/"), `https://u:${MASKED}@db/`);
  assert.equal(mask(JSON.stringify({ password: 'p@ss w"rd' })), `{"password":"${MASKED}"}`);
  assert.ok(!mask(btoa('p@ss w"rd')).includes(btoa('p@ss w"rd').slice(0, 8)));
});

Deno.test("what is too short to be told apart stays", () => {
  assert.equal(createMask(["abc", ""])("abc"), "abc");
});

Deno.test("whatever the secret and the text around it, nothing of it is left", () => {
  fc.assert(fc.property(
    fc.string({ minLength: 4, maxLength: 20 }).filter((secret) => secret.trim().length >= 4),
    fc.string(),
    fc.string(),
    (secret, before, after) => {
      const masked = createMask([secret])(before + secret + after);
      assert.ok(!masked.includes(secret) || MASKED.includes(secret));
    },
  ));
});
