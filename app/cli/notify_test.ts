/** `carillon notify test`: a message to one target, here and now, and what came of it. */
import { testDraft } from "../notify/test_message.ts";
import { send } from "../notify/transport.ts";
import { messageOf } from "../notify/words.ts";
import { systemClock } from "../scheduler/clock.ts";
import { loadConfig, requiredWord } from "./arguments.ts";
import type { Command } from "./command.ts";
import { targetNamed, wordsOf } from "./notify_words.ts";
import { print, say } from "./output.ts";

export const notifyTest: Command = {
  name: "notify test",
  usage: "<target>",
  words: 1,
  summary: "send a message to a [notify:…] section and say what came of it",
  flags: {},
  configured: true,
  examples: [{ line: "notify test ops", what: "to the target of [notify:ops]" }],
  async run(given) {
    const name = requiredWord(given, 0, "a target");
    const config = loadConfig(given);
    const target = targetNamed(config, name);
    const now = systemClock.now();
    const delivery = { id: crypto.randomUUID(), at: now, draft: testDraft(name, now), failedAt: [] };
    const message = await messageOf(delivery, target, wordsOf(config));
    const answer = await send(
      target.channel.render(message, target.settings, now),
      new AbortController().signal,
    );
    const verdict = target.channel.judge(answer, target.settings);
    if (verdict.kind === "ok") {
      print(`[notify:${name}] (${target.channel.type}) took the message`);
      return 0;
    }
    const hope = verdict.kind === "retry" ? "; it would be tried again" : "; it would not be tried again";
    say(
      `[notify:${name}] (${target.channel.type}) did not take the message: ${
        target.mask(verdict.why)
      }${hope}`,
    );
    return 1;
  },
};
