/** What a channel is: its settings, its rate, what it sends, and what an answer means. One file a channel; `channels.ts` is the table. */
import type { z } from "zod";
import type { EpochMs } from "../base/time.ts";
import type { Message } from "./message.ts";

/** At most `count` messages in any stretch of `ms` milliseconds. */
export interface Rate {
  readonly count: number;
  readonly ms: number;
}

/** A request to be sent with `POST`; redirects are not followed. */
export interface HttpRequest {
  readonly kind: "http";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Address of a proxy to go through. */
  readonly proxy?: string | undefined;
}

export interface Mail {
  readonly kind: "mail";
  readonly server: MailServer;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  /** Message-ID that stands for all mails of a subject: readers show them as one thread. */
  readonly thread: string;
}

export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** `implicit`: TLS from the first byte. `starttls`: it must be offered, or nothing is sent. `none`: by explicit wish only. */
  readonly tls: "implicit" | "starttls" | "none";
  readonly user: string;
  readonly password: string;
  /** PEM of the authority that the server's certificate is from, where it is none of the public ones. */
  readonly ca?: string | undefined;
}

export type Outgoing = HttpRequest | Mail;

/** What came back. */
export type Answer =
  | {
    readonly kind: "http";
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    /** At most its first 16 KB. */
    readonly body: string;
  }
  /** `reply` is the server's code, such as 550; undefined where there was none. */
  | {
    readonly kind: "mail";
    readonly ok: boolean;
    readonly reply?: number | undefined;
    readonly code?: string;
    readonly text: string;
  }
  /** There was no answer. */
  | { readonly kind: "none"; readonly why: string };

/** What an answer means. `why` is for the page of deliveries. */
export type Verdict =
  | { readonly kind: "ok" }
  /** Worth another try, not before `afterMs` where that is given. */
  | {
    readonly kind: "retry";
    readonly why: string;
    readonly afterMs?: number | undefined;
    readonly learned?: Learned;
  }
  /** Will never be taken as it is. */
  | { readonly kind: "permanent"; readonly why: string };

/** Settings that the other side corrected, such as the new id of a chat. */
export type Learned = Readonly<Record<string, string>>;

export interface Channel<S extends z.ZodObject = z.ZodObject> {
  readonly type: string;
  /** Its keys in a `[notify:…]` section, beside those of every section. Values are texts. */
  readonly settings: S;
  /** None of these is passed. */
  readonly rates: readonly Rate[];
  /** True where messages on the full and the half hour should be spread a little. */
  readonly avoidsFullHours?: boolean;
  /** @param now for signatures */
  render(message: Message, settings: z.output<S>, now: EpochMs): Outgoing;
  judge(answer: Answer, settings: z.output<S>): Verdict;
}

/** Keeps the types of one channel's settings together. */
export function channel<S extends z.ZodObject>(each: Channel<S>): Channel<S> {
  return each;
}
