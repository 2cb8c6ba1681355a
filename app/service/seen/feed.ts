/** What happens to the tasks that somebody sees. */
import type { EventFeed, FeedAsked, FeedEvent, FeedNews } from "../event_feed.ts";
import type { Sight } from "./sight.ts";

/** After so many events that are passed over one is told where the row is: its id would be forgotten. */
const PASSED_OVER = 100;

export function seenFeed(feed: Pick<EventFeed, "follow">, sight: Sight): Pick<EventFeed, "follow"> {
  return { follow: (asked) => follow(feed, sight, asked) };
}

async function* follow(
  feed: Pick<EventFeed, "follow">,
  sight: Sight,
  asked: FeedAsked,
): AsyncGenerator<FeedNews> {
  let passedOver = 0;
  for await (const news of feed.follow(asked)) {
    if (news.kind !== "event") {
      passedOver = 0;
      yield news;
    } else if (isSeen(news.event, sight)) {
      passedOver = 0;
      const { run } = news.event;
      yield { ...news, event: { ...news.event, run: run && sight.withoutData(run) } };
    } else if (++passedOver % PASSED_OVER === 0) yield { kind: "begin", id: news.event.id };
  }
}

/** What is about no task is about Carillon as a whole, such as a file or the history. */
function isSeen({ taskId, run, name }: FeedEvent, sight: Sight): boolean {
  const task = taskId ?? run?.taskId;
  if (task !== undefined) return sight.sees(task);
  return name.startsWith("system.") || sight.access.may("system");
}
