/** What needs a person: failures by cause, what came back by itself, and what somebody knows of. */
import type { EpochMs } from "../../app/base/time.ts";
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import type { RunStatus } from "../../app/model/run.ts";
import type { ViewerView } from "../views.ts";
import { counted, Moment } from "./basics.tsx";
import { AskButton } from "./buttons.tsx";
import { Icon, Sign, STATUS_SIGNS } from "./sign.tsx";

export interface NamedLink {
  readonly title: string;
  readonly address: string;
}

export interface CauseView {
  /** The same as long as it is the same cause. */
  readonly id: string;
  readonly status: RunStatus;
  /** What the newest run said. */
  readonly message: string;
  /** True for what a program said, false for what Carillon says. */
  readonly isProgram: boolean;
  readonly run: string;
  readonly tasks: readonly NamedLink[];
  readonly failures: number;
  readonly since: EpochMs;
  /** Addresses of what can be done, to those of its tasks that whoever looks may do it to. */
  readonly rerun?: string | undefined;
  readonly acknowledge?: string | undefined;
  readonly note?: string | undefined;
  readonly by?: string | undefined;
}

export interface CausesProps {
  readonly viewer: ViewerView;
  readonly recovered: readonly NamedLink[];
  readonly causes: readonly CauseView[];
  readonly acknowledged: readonly CauseView[];
  readonly rerunAll?: string | undefined;
  /** Files that cannot be loaded; without an address where nothing more is shown of one to whoever looks. */
  readonly broken: readonly { readonly words: string; readonly address?: string | undefined }[];
}

export function Needs({ viewer, causes, broken, rerunAll }: CausesProps) {
  const { locale, may } = viewer;
  if (causes.length + broken.length === 0) return null;
  const tasks = causes.reduce((sum, cause) => sum + cause.tasks.length, 0);
  return (
    <section id="needs" aria-labelledby="needs-title">
      <div class="bar needs-head">
        <h2 id="needs-title">
          {text(locale, "needs.title")} {tasks === 0 ? null : (
            <span class="quiet">
              {counted(locale, "tasks.count", tasks)}
              {text(locale, "list.comma")}
              {counted(locale, "count.causes", causes.length)}
            </span>
          )}
        </h2>
        <span class="grow"></span>
        {rerunAll === undefined ? null : (
          <AskButton
            address={rerunAll}
            look="btn s plain"
            label={text(locale, "needs.rerun_all", { n: tasks })}
          />
        )}
      </div>
      <ul class="sheet causes">
        {causes.map((cause) => <Cause cause={cause} viewer={viewer} />)}
        {broken.length === 0 ? null : (
          <li id="cause-files" class="cause">
            <span class="warn">
              <Sign name="s-file" />
            </span>
            <div class="cut">
              <MaybeLink
                words={counted(locale, "broken.title", broken.length)}
                address={may("system") ? "/system" : undefined}
              />
            </div>
            <div class="who cut">
              {broken.map((file) => <MaybeLink {...file} mono />)}
            </div>
            <div class="when"></div>
            <div class="act">
              {may("system") ? <a class="btn s" href="/system">{text(locale, "needs.show")}</a> : null}
            </div>
          </li>
        )}
      </ul>
    </section>
  );
}

/** Words that lead somewhere, where there is something for whoever looks. */
function MaybeLink(
  { words, address, mono = false }: { words: string; address?: string | undefined; mono?: boolean },
) {
  const look = mono ? "mono" : undefined;
  return address === undefined
    ? <span class={look}>{words}</span>
    : <a class={look} href={address}>{words}</a>;
}

function Cause({ cause, viewer }: { cause: CauseView; viewer: ViewerView }) {
  const { locale } = viewer;
  const rerun = cause.tasks.length === 1
    ? text(locale, "needs.rerun")
    : text(locale, "needs.rerun_n", { n: cause.tasks.length });
  const { sign } = STATUS_SIGNS[cause.status];
  // By its id a refresh finds it again, and the focus stays at its own button, wherever it stands now.
  return (
    <li id={cause.id} class="cause">
      <span class="bad">
        <Sign name={sign} />
        <span class="sr">{text(locale, `status.${cause.status}`)}</span>
      </span>
      <div class={cause.isProgram ? "msg cut" : "cut"} title={cause.message}>
        <a href={cause.run}>{cause.message}</a>
        {cause.note === undefined ? null : (
          <span class="quiet note">
            {cause.note}
            {cause.by === undefined ? "" : ` (${cause.by})`}
          </span>
        )}
      </div>
      <div class="who cut">
        {cause.tasks.map(({ title, address }) => <a href={address}>{title}</a>)}
      </div>
      <div class="when">
        {cause.failures === 1 ? null : `${counted(locale, "needs.runs_since", cause.failures)} `}
        <Moment at={cause.since} timezone={viewer.zone} viewer={viewer} />
      </div>
      <div class="act">
        {cause.acknowledge === undefined ? null : (
          <AskButton
            address={cause.acknowledge}
            look="icon s late"
            label={<Icon name="i-check" />}
            name={text(locale, "needs.acknowledge_of", { cause: cause.message })}
          />
        )}
        {cause.rerun === undefined ? null : (
          <AskButton
            address={cause.rerun}
            look="btn s"
            label={rerun}
            name={`${rerun} ${cause.message}`}
          />
        )}
      </div>
    </li>
  );
}

export function Recovered({ viewer: { locale }, recovered }: CausesProps) {
  if (recovered.length === 0) return null;
  return (
    <p id="recovered" class="recovered">
      <span>
        <Sign name="s-turned" /> {counted(locale, "today.recovered_list", recovered.length)}
      </span>{" "}
      <span class="quiet">
        <Names links={recovered} locale={locale} />
      </span>
    </p>
  );
}

export function Names({ links, locale }: { links: readonly NamedLink[]; locale: Locale }) {
  return (
    <>
      {links.map(({ title, address }, i) => (
        <>
          {i === 0 ? null : text(locale, "list.comma")}
          <a href={address}>{title}</a>
        </>
      ))}
    </>
  );
}

/** Failures that somebody knows of: out of the way, and not gone. */
export function Known({ viewer, acknowledged }: CausesProps) {
  const { locale } = viewer;
  if (acknowledged.length === 0) return null;
  return (
    <details class="known">
      <summary>
        <Icon name="i-right" /> {text(locale, "needs.known", { n: acknowledged.length })}
      </summary>
      <ul class="sheet causes">{acknowledged.map((cause) => <Cause cause={cause} viewer={viewer} />)}</ul>
    </details>
  );
}
