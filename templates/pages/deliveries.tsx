/** Targets of notifications, and the messages that went there. */
import type { EpochMs } from "../../app/base/time.ts";
import { localDateTime } from "../../app/base/time_zone.ts";
import { text, type TextKey } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import { Moment, PartHead } from "../components/basics.tsx";
import type { ViewerView } from "../views.ts";

export interface DeliveryView {
  readonly id: string;
  readonly at: EpochMs;
  readonly target: string;
  readonly title: string;
  readonly state: "waiting" | "sent" | "merged" | "undelivered" | "dropped";
  readonly heldBy?: "hours" | "maintenance" | "mute" | undefined;
  readonly notBefore: EpochMs;
  readonly tries: number;
  readonly answer?: string | undefined;
  readonly passedTo?: string | undefined;
  /** True where it may be sent again. */
  readonly lost: boolean;
}

export interface TroubleView {
  readonly subject: string;
  readonly title: string;
  readonly address?: string | undefined;
  readonly since: EpochMs;
  readonly count: number;
  readonly acknowledged: boolean;
}

export interface DeliveriesView {
  readonly targets: readonly {
    readonly name: string;
    readonly type: string;
    readonly waiting: number;
    readonly mutedTo?: EpochMs | undefined;
    readonly resting: boolean;
  }[];
  /** Moments until which something may be silent. */
  readonly muteChoices: readonly { readonly value: string; readonly label: string }[];
  readonly trouble: readonly TroubleView[];
  readonly mutedSubjects: readonly { readonly subject: string; readonly until: EpochMs }[];
  readonly deliveries: readonly DeliveryView[];
  /** Address of older ones. */
  readonly older?: string | undefined;
  /** What came of what was just done. */
  readonly notice?: { readonly good: boolean; readonly text: string } | undefined;
  readonly timezone: string;
}

export function Deliveries({ viewer, view }: { viewer: ViewerView; view: DeliveriesView }) {
  const { locale } = viewer;
  const { targets, trouble, mutedSubjects, muteChoices, deliveries, older, notice, timezone } = view;
  const muteOf = (action: string, muted: boolean, subject?: string) => (
    <Mute action={action} muted={muted} subject={subject} choices={muteChoices} locale={locale} />
  );
  return (
    <>
      {notice === undefined
        ? null
        : <p class={notice.good ? "notice" : "notice notice-bad"} role="status">{notice.text}</p>}
      <PartHead title={text(locale, "deliveries.targets")}>
        <a href="/deliveries/preview">{text(locale, "deliveries.preview")}</a>
      </PartHead>
      {targets.length === 0
        ? <p class="quiet">{text(locale, "deliveries.no_targets")}</p>
        : (
          <ul class="told sheet">
            {targets.map((target) => (
              <li>
                <span class="words">
                  <code>{target.name}</code>{" "}
                  <span class="quiet">{targetWords(target, locale, timezone)}</span>
                </span>
                <form method="post" action={`/deliveries/targets/${encodeURIComponent(target.name)}/test`}>
                  <button type="submit" class="btn s">{text(locale, "deliveries.test")}</button>
                </form>
                {muteOf(
                  `/deliveries/targets/${encodeURIComponent(target.name)}/mute`,
                  target.mutedTo !== undefined,
                )}
              </li>
            ))}
          </ul>
        )}
      <PartHead title={text(locale, "deliveries.trouble")} />
      {trouble.length === 0
        ? <p class="quiet">{text(locale, "deliveries.no_trouble")}</p>
        : (
          <ul class="told sheet">
            {trouble.map((each) => (
              <li>
                <span class="words">
                  {each.address === undefined ? each.title : <a href={each.address}>{each.title}</a>}{" "}
                  <span class="quiet">
                    {text(locale, "deliveries.since", {
                      since: localDateTime(each.since, timezone),
                      n: each.count,
                    })}
                  </span>
                </span>
                {each.acknowledged
                  ? <span class="quiet">{text(locale, "deliveries.acknowledged")}</span>
                  : (
                    <form method="post" action="/deliveries/subjects/acknowledge">
                      <input type="hidden" name="subject" value={each.subject} />
                      <button type="submit" class="btn s">{text(locale, "deliveries.acknowledge")}</button>
                    </form>
                  )}
                {mutedSubjects.some(({ subject }) => subject === each.subject)
                  ? null
                  : muteOf("/deliveries/subjects/mute", false, each.subject)}
              </li>
            ))}
          </ul>
        )}
      {mutedSubjects.length === 0 && targets.length === 0
        ? null
        : <PartHead title={text(locale, "deliveries.silent")} />}
      {mutedSubjects.length === 0 ? null : (
        <ul class="told sheet">
          {mutedSubjects.map(({ subject, until }) => (
            <li>
              <span class="words">
                <code>{subject}</code>{" "}
                <span class="quiet">
                  {text(locale, "deliveries.muted", { until: localDateTime(until, timezone) })}
                </span>
              </span>
              {muteOf("/deliveries/subjects/mute", true, subject)}
            </li>
          ))}
        </ul>
      )}
      {targets.length === 0 ? null : (
        <form class="inline" method="post" action="/deliveries/subjects/mute">
          <label>
            {text(locale, "deliveries.mute_task")}{" "}
            <input class="input" name="task" required placeholder={text(locale, "deliveries.task_id")} />
          </label>{" "}
          <Until choices={muteChoices} locale={locale} />{" "}
          <button type="submit" class="btn s">{text(locale, "deliveries.mute")}</button>
        </form>
      )}
      <PartHead title={text(locale, "deliveries.messages")} />
      {deliveries.length === 0 ? <p class="quiet">{text(locale, "deliveries.none")}</p> : (
        <div
          class="sheet scroll"
          tabindex={0}
          role="group"
          aria-label={text(locale, "deliveries.messages")}
        >
          <table class="figures">
            <thead>
              <tr>
                {(["at", "target", "what", "state", "answer"] as const).map((column) => (
                  <th scope="col">{text(locale, `deliveries.${column}`)}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {deliveries.map((each) => (
                <tr>
                  <td>
                    <Moment at={each.at} timezone={timezone} viewer={viewer} />
                  </td>
                  <td>{each.target}</td>
                  <td>{each.title}</td>
                  <td>{stateWords(each, locale, timezone)}</td>
                  <td>
                    {each.answer}
                    {each.tries > 1 ? ` (${text(locale, "deliveries.tries", { n: each.tries })})` : null}
                    {each.lost
                      ? (
                        <form method="post" action={`/deliveries/${encodeURIComponent(each.id)}/again`}>
                          <button type="submit" class="btn s">{text(locale, "deliveries.again")}</button>
                        </form>
                      )
                      : null}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {older === undefined ? null : (
        <p>
          <a href={older}>{text(locale, "deliveries.older")}</a>
        </p>
      )}
    </>
  );
}

interface MuteProps {
  readonly choices: DeliveriesView["muteChoices"];
  readonly locale: Locale;
}

/** Silences something, or ends the silence: a form without a moment. */
function Mute(
  { action, muted, subject, choices, locale }: MuteProps & {
    readonly action: string;
    readonly muted: boolean;
    readonly subject: string | undefined;
  },
) {
  return (
    <form class="inline" method="post" action={action}>
      {subject === undefined ? null : <input type="hidden" name="subject" value={subject} />}
      {muted ? null : <Until choices={choices} locale={locale} />}{" "}
      <button type="submit" class="btn s">
        {text(locale, muted ? "deliveries.unmute" : "deliveries.mute")}
      </button>
    </form>
  );
}

function Until({ choices, locale }: MuteProps) {
  return (
    <label>
      {text(locale, "deliveries.mute_until")}{" "}
      <select class="input" name="until">
        {choices.map(({ value, label }) => <option value={value}>{label}</option>)}
      </select>
    </label>
  );
}

function targetWords(
  { type, waiting, mutedTo, resting }: DeliveriesView["targets"][number],
  locale: Locale,
  timezone: string,
): string {
  return [
    type,
    ...(waiting > 0 ? [text(locale, "deliveries.waiting", { n: waiting })] : []),
    ...(mutedTo === undefined
      ? []
      : [text(locale, "deliveries.muted", { until: localDateTime(mutedTo, timezone) })]),
    ...(resting ? [text(locale, "deliveries.resting")] : []),
  ].join(" · ");
}

function stateWords(
  { state, heldBy, notBefore, passedTo }: DeliveryView,
  locale: Locale,
  timezone: string,
): string {
  if (state === "waiting" && heldBy !== undefined) {
    return text(locale, `delivery.held.${heldBy}`, { until: localDateTime(notBefore, timezone) });
  }
  if (passedTo !== undefined) return text(locale, "delivery.passed_on", { name: passedTo });
  return text(locale, `delivery.${state}` satisfies TextKey);
}
