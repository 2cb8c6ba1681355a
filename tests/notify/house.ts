/** Targets on virtual time, with the world outside in the hands of the test; it can be killed and started again. */
import type { Clock } from "../../app/contracts.ts";
import type { Answer, Outgoing } from "../../app/notify/channel.ts";
import type { Delivery } from "../../app/notify/delivery.ts";
import { likenessOf } from "../../app/notify/likeness.ts";
import type { Notice, NoticeKind, TaskFacts } from "../../app/notify/notice.ts";
import { Notifier } from "../../app/notify/notifier.ts";
import { NotifyStore } from "../../app/notify/store.ts";
import { VirtualClock } from "../support/clock.ts";
import { targetsOf } from "./samples.ts";

/** A message that left the house. */
export interface Sent {
  readonly at: number;
  /** When it was put into the queue. */
  readonly made: number;
  readonly target: string;
  readonly id: string;
  /** What it says: `failed task/a x3`. */
  readonly says: readonly string[];
  readonly items: readonly Notice[];
  readonly more: number;
  readonly failedAt: readonly string[];
}

export interface House {
  readonly clock: VirtualClock;
  readonly notifier: Notifier;
  readonly sent: readonly Sent[];
  readonly faults: readonly string[];
  readonly undelivered: readonly { readonly target: string; readonly next?: string | undefined }[];
  /** Messages that were given up. */
  readonly given: readonly Delivery[];
  /** As `kill -9`: nothing of it moves any more; what was written stays. */
  kill(): void;
  /** Starts again on what was written. */
  restart(): void;
  stop(): Promise<void>;
}

export const OK: Answer = {
  kind: "http",
  status: 200,
  headers: {},
  body: '{"errcode":0,"code":0,"ok":true}',
};

export interface HouseOptions {
  readonly ini: string;
  readonly file?: string | undefined;
  readonly start?: string;
  readonly tasks?: readonly TaskFacts[];
  /** What the world answers; undefined for never. */
  readonly answer?: (sent: Sent) => Answer | undefined;
}

export function buildHouse({ ini, file, start, tasks = [], answer = () => OK }: HouseOptions): House {
  const clock = new VirtualClock(start ?? "2026-03-10T10:01:00Z");
  const targets = targetsOf(ini);
  const sent: Sent[] = [];
  const faults: string[] = [];
  const given: Delivery[] = [];
  const undelivered: { target: string; next?: string | undefined }[] = [];
  const never = () => new Promise<never>(() => {});
  let life = { alive: true };
  let store: NotifyStore;
  let notifier = build();

  function build(): Notifier {
    const own = life;
    const dies = (sleep: Promise<void>) =>
      sleep.then(
        () => own.alive ? undefined : never(),
        (error) => own.alive ? Promise.reject(error) : never(),
      );
    const mortal: Clock = {
      now: () => clock.now(),
      sleepUntil: (at, signal) => dies(clock.sleepUntil(at, signal)),
      sleep: (ms, signal) => dies(clock.sleep(ms, signal)),
      turn: () => dies(clock.turn()),
    };
    store = new NotifyStore({
      file,
      now: () => clock.now(),
      onTrouble: (message) => message && faults.push(message),
    });
    return new Notifier({
      clock: mortal,
      targets,
      store,
      taskOf: (id) => tasks.find((each) => each.id === id),
      async compose(delivery, target) {
        if (!own.alive) await never();
        return {
          id: delivery.id,
          at: delivery.at,
          tone: "bad",
          locale: target.locale,
          title: target.name,
          facts: [],
          detail: JSON.stringify(delivery),
          linkText: "",
          subject: "x",
          events: [],
        };
      },
      async send(outgoing: Outgoing) {
        if (!own.alive) return await never();
        const delivery = deliveryIn(outgoing);
        const { items, more } = delivery.draft;
        const message: Sent = {
          at: clock.now(),
          made: delivery.at,
          target: delivery.target,
          id: delivery.id,
          says: items.map(({ notice, count }) =>
            `${notice.kind} ${notice.subject}${count > 1 ? ` x${count}` : ""}`
          ),
          items: items.map(({ notice }) => notice),
          more,
          failedAt: delivery.failedAt,
        };
        sent.push(message);
        const given = answer(message);
        return own.alive && given ? given : await never();
      },
      onTried() {},
      onUndelivered(delivery, next) {
        given.push(delivery);
        undelivered.push({ target: delivery.target, next });
      },
      onFault: (sentence) => faults.push(sentence),
    });
  }

  notifier.start();
  return {
    clock,
    get notifier() {
      return notifier;
    },
    sent,
    faults,
    undelivered,
    given,
    kill() {
      life.alive = false;
      store.close();
    },
    restart() {
      life = { alive: true };
      notifier = build();
      notifier.start();
    },
    stop: () => notifier.stop(),
  };
}

/** The targets of these tests are webhooks: their body has the message's detail, which is the delivery itself. */
function deliveryIn(outgoing: Outgoing): Delivery {
  if (outgoing.kind !== "http") throw new Error("no webhook");
  return JSON.parse(JSON.parse(outgoing.body).detail);
}

let keys = 0;

export function trouble(task: string, at: number, error = "boom", kind: NoticeKind = "failed"): Notice {
  const likeness = kind === "recovered" ? "recovered" : likenessOf(kind, error);
  return { key: `n${keys++}`, kind, at, subject: `task/${task}`, likeness, task, error };
}
