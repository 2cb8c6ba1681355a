/** `hook`: signed requests of other programs to `POST /hooks/<id>` start the task. */
import { sentence } from "../locale/sentence.ts";
import { text } from "../locale/locale.ts";
import { objectOf, oneOf, refuse, secretNameOf, textsOf } from "./option.ts";
import type { Policy } from "./policy.ts";

export interface HookKeys {
  /**
   * `POST /hooks/<id of the task>` starts a run, once its signature was checked; the body's fields are the parameters. It
   * needs no sign-in: whoever knows the secret may start the task.
   */
  readonly hook?: HookOptions;
}

export interface HookOptions {
  /** Name of the entry of `[secrets]` that the sender signs with. */
  readonly secret: string;
  /**
   * How: `"github"` by `X-Hub-Signature-256`, `"standard"` as Standard Webhooks (`webhook-signature`), `"token"` by the
   * secret itself in `Authorization: Bearer …` or `X-Gitlab-Token`.
   */
  readonly verify: (typeof VERIFICATIONS)[number];
  /** Parameter that is given the whole body, in place of a parameter a field. */
  readonly param?: string;
}

const VERIFICATIONS = ["github", "standard", "token"] as const;

export interface HookPolicy {
  readonly secret: string;
  readonly verify: (typeof VERIFICATIONS)[number];
  readonly param?: string | undefined;
}

export const hook: Policy<HookKeys, { readonly hook?: HookPolicy | undefined }> = {
  keys: { hook: "policy.hook" },
  read: ({ hook }) => ({ hook: hook === undefined ? undefined : readHook(hook) }),
  wordsOf: ({ hook }, locale) => ({
    hook: hook && text(locale, `hook.${hook.verify}`, { secret: hook.secret }),
  }),
};

function readHook(hook: unknown): HookPolicy {
  const { secret, verify, param } = objectOf("hook", hook, ["secret", "verify", "param"]);
  if (secret === undefined) {
    refuse("hook.secret", sentence("mistake.hook_secret"));
  }
  return {
    secret: secretNameOf("hook.secret", secret, "secret"),
    verify: oneOf("hook.verify", verify, VERIFICATIONS),
    param: param === undefined ? undefined : textsOf("hook.param", param, 1)[0],
  };
}
