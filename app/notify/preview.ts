/** What would be sent about a run that has failed, as each target would be given it; nothing is sent. */
import type { Run } from "../model/run.ts";
import type { Outgoing } from "./channel.ts";
import type { Delivery } from "./delivery.ts";
import { draftOf } from "./incident.ts";
import type { Message } from "./message.ts";
import { failedNotice } from "./notices.ts";
import type { Target } from "./target.ts";

export interface Preview {
  readonly target: string;
  readonly type: string;
  readonly title: string;
  /** What goes out, without what is secret: the body of a request, or a mail's text. */
  readonly text: string;
  readonly bytes: number;
}

type Compose = (
  delivery: Pick<Delivery, "id" | "at" | "draft" | "failedAt">,
  target: Target,
) => Promise<Message>;

/** One for each target; empty for a run of which there is nothing to tell. */
export async function previewsOf(
  run: Run,
  targets: readonly Target[],
  compose: Compose,
): Promise<readonly Preview[]> {
  const notice = failedNotice(run);
  if (!notice) return [];
  const draft = draftOf(notice);
  return await Promise.all(targets.map(async (target): Promise<Preview> => {
    const { channel, settings, mask, name } = target;
    const message = await compose({ id: "preview", at: notice.at, draft, failedAt: [] }, target);
    const outgoing = channel.render(message, settings, notice.at);
    const body = outgoing.kind === "http" ? outgoing.body : outgoing.text;
    return {
      target: name,
      type: channel.type,
      title: message.title,
      text: mask(shownBody(outgoing)),
      bytes: new TextEncoder().encode(body).length,
    };
  }));
}

/** JSON with a line for each value; where it is none, and for a mail, as it is. */
function shownBody(outgoing: Outgoing): string {
  if (outgoing.kind === "mail") {
    const { from, to, subject, text } = outgoing;
    return `From: ${from}\nTo: ${to.join(", ")}\nSubject: ${subject}\n\n${text}`;
  }
  try {
    return JSON.stringify(JSON.parse(outgoing.body), null, 2);
  } catch {
    // A template of one's own may be anything.
    return outgoing.body;
  }
}
