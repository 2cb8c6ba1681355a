/** The hosts as the rest of Carillon asks them: a task's files are there before, and no secret is in what they answer. */
import { changed } from "../locale/sentence.ts";
import { messageOf } from "../base/errors.ts";
import type { Mask } from "../base/mask.ts";
import type { TaskDescription } from "../task/description.ts";
import type { DescribeModule, TaskRegistry } from "../task/registry.ts";
import type { Hosts } from "../worker/hosts.ts";

/** Descriptions without secrets: names and defaults may have been made of them. */
export function maskedDescribe(describe: DescribeModule, mask: Mask): DescribeModule {
  return async (module, version) => {
    const answer = await describe(module, version);
    if (!answer.ok) {
      const { message, sentence } = answer;
      return { ...answer, message: mask(message), sentence: sentence && changed(sentence, mask) };
    }
    return { ok: true, descriptions: answer.descriptions.map((each) => masked(each, mask)) };
  };
}

/** What is asked about a task is asked once its files are there. */
export function guardedHosts(hosts: Hosts, registry: TaskRegistry, mask: Mask): Hosts {
  return {
    ...hosts,
    async params(task) {
      // Where its files cannot be written, the answer is what the task was loaded with.
      await registry.prepare(task)?.catch(() => {});
      return maskedJson(await hosts.params(task), mask);
    },
    async check(task, params) {
      try {
        if (task.description.params.fields.length > 0) await registry.prepare(task);
      } catch (error) {
        return [{ name: "", message: messageOf(error) }];
      }
      return await hosts.check(task, params);
    },
  };
}

function masked(described: TaskDescription, mask: Mask): TaskDescription {
  const { title, description, tags, params, warnings } = described;
  const shown = { title, description, tags, params, warnings };
  const clean = maskedJson(shown, mask);
  return clean === shown ? described : { ...described, ...clean };
}

function maskedJson<T>(value: T, mask: Mask): T {
  const json = JSON.stringify(value);
  const clean = mask(json);
  return clean === json ? value : JSON.parse(clean) as T;
}
