/** Who signs in and which tokens programs have, for administrators; and the fields of the questions there. */
import type { Child } from "hono/jsx";
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import type { Right } from "../../app/model/access.ts";
import { counted, Live, PartHead, SLOW } from "../components/basics.tsx";
import { AskButton } from "../components/buttons.tsx";
import { DialogTitle } from "../components/dialog_parts.tsx";

/** An action that asks first. */
export interface AskView {
  readonly address: string;
  readonly label: string;
  /** For those who hear it: what it is about, too. */
  readonly name: string;
}

export interface PersonView {
  readonly name: string;
  /** True for whoever looks. */
  readonly isYou: boolean;
  readonly roles: readonly string[];
  /** When they signed in, and where not yet what that means. */
  readonly facts: readonly string[];
  readonly sessions: readonly { readonly words: string; readonly agent: string }[];
  readonly actions: readonly AskView[];
}

export interface TokenView {
  readonly name: string;
  readonly rights: string;
  readonly tasks: string;
  readonly facts: readonly string[];
  /** True for one that is good for nothing any more. */
  readonly isOver: boolean;
  readonly actions: readonly AskView[];
}

export interface UsersProps {
  readonly locale: Locale;
  readonly address: string;
  /** Where people are not kept here: who keeps them. */
  readonly note?: string | undefined;
  /** Undefined where nobody is known by name. */
  readonly people?: readonly PersonView[] | undefined;
  readonly peopleTitle: string;
  readonly addPerson?: AskView | undefined;
  readonly tokens: readonly TokenView[];
  readonly addToken?: AskView | undefined;
}

export function Users(props: UsersProps) {
  const { locale, address, note, people, peopleTitle, addPerson, tokens, addToken } = props;
  return (
    <Live address={address} seconds={SLOW}>
      <h1>
        {people === undefined ? null : (
          <>
            {counted(locale, "users.count", people.length)}
            {text(locale, "list.comma")}
          </>
        )}
        {counted(locale, "users.token_count", tokens.length)}
      </h1>
      {note === undefined ? null : <p class="lead">{note}</p>}
      {people === undefined ? null : (
        <section>
          <Head title={peopleTitle} add={addPerson} />
          {people.length === 0
            ? <p class="quiet">{text(locale, "users.none")}</p>
            : (
              <ul class="accounts sheet">
                {people.map((person) => <PersonRow locale={locale} person={person} />)}
              </ul>
            )}
        </section>
      )}
      <section>
        <Head title={text(locale, "users.tokens")} add={addToken} />
        {tokens.length === 0
          ? <p class="quiet">{text(locale, "users.no_tokens")}</p>
          : (
            <ul class="accounts sheet">
              {tokens.map(({ name, rights, tasks, facts, isOver, actions }) => (
                <li>
                  <b class="who">{name}</b>
                  <span>
                    {rights} <span class="quiet">· {tasks}</span>
                  </span>
                  <span class={isOver ? "warn" : "quiet"}>{facts.join(" · ")}</span>
                  <Actions actions={actions} />
                </li>
              ))}
            </ul>
          )}
      </section>
    </Live>
  );
}

function Head({ title, add }: { title: string; add: AskView | undefined }) {
  return (
    <PartHead title={title}>
      <span class="grow"></span>
      {add === undefined
        ? null
        : <AskButton address={add.address} label={add.label} name={add.name} look="btn s" />}
    </PartHead>
  );
}

function PersonRow({ locale, person }: { locale: Locale; person: PersonView }) {
  const { name, isYou, roles, facts, sessions, actions } = person;
  return (
    <li>
      <b class="who">
        {name} {isYou ? <span class="quiet">{text(locale, "users.you")}</span> : null}
      </b>
      <span class={roles.length === 0 ? "quiet" : undefined}>
        {roles.length === 0 ? text(locale, "users.no_role") : roles.join(text(locale, "list.comma"))}
      </span>
      <span class="quiet">
        {facts.join(" · ")}
        {sessions.length === 0 ? null : (
          <details>
            <summary>{counted(locale, "users.sessions", sessions.length)}</summary>
            <ul>
              {sessions.map(({ words, agent }) => (
                <li class="cut" title={agent}>
                  {words} {agent}
                </li>
              ))}
            </ul>
          </details>
        )}
      </span>
      <Actions actions={actions} />
    </li>
  );
}

function Actions({ actions }: { actions: readonly AskView[] }) {
  return (
    <span class="btns">
      {actions.map(({ address, label, name }) => (
        <AskButton address={address} label={label} name={name} look="btn s plain" />
      ))}
    </span>
  );
}

/** Boxes to tick, such as roles and rights. */
function Boxes({ label, name, values, ticked }: {
  label: string;
  name: string;
  values: readonly string[];
  ticked: readonly string[];
}) {
  return (
    <fieldset class="boxes">
      <legend class="label">{label}</legend>
      {values.map((value) => (
        <label class="switch">
          <input type="checkbox" name={name} value={value} checked={ticked.includes(value)} /> {value}
        </label>
      ))}
    </fieldset>
  );
}

export function RoleFields({ locale, all, ticked, bySettings }: {
  locale: Locale;
  all: readonly string[];
  ticked: readonly string[];
  /** Roles that the settings give besides. */
  bySettings: readonly string[];
}) {
  return (
    <>
      <Boxes label={text(locale, "users.role_field")} name="role" values={all} ticked={ticked} />
      {bySettings.length === 0 ? null : (
        <p class="quiet">
          {text(locale, "users.roles_by_settings", { roles: bySettings.join(text(locale, "list.comma")) })}
        </p>
      )}
    </>
  );
}

export function NewUserFields({ locale, roles, name, ticked = ["viewer"] }: {
  locale: Locale;
  roles: readonly string[];
  /** What was typed and ticked before. */
  name?: string | undefined;
  ticked?: readonly string[] | undefined;
}) {
  return (
    <>
      <NameField label={text(locale, "sign_in.name")} most={100} value={name} />
      <RoleFields locale={locale} all={roles} ticked={ticked} bySettings={[]} />
    </>
  );
}

export function NewTokenFields({ locale, rights, days, typed }: {
  locale: Locale;
  rights: readonly Right[];
  /** How long it may be good for; the first is offered. */
  readonly days: readonly number[];
  /** What was typed before. */
  readonly typed?: {
    readonly name: string;
    readonly rights: readonly string[];
    readonly tasks: string;
    readonly days: string;
  } | undefined;
}) {
  return (
    <>
      <NameField label={text(locale, "tokens.name")} most={64} value={typed?.name} />
      <Boxes
        label={text(locale, "tokens.rights")}
        name="right"
        values={rights}
        ticked={typed?.rights ?? []}
      />
      <div class="two">
        <div class="field">
          <label for="tasks">{text(locale, "tokens.tasks")}</label>
          <input
            id="tasks"
            class="input"
            name="tasks"
            value={typed?.tasks}
            maxlength={1_000}
            autocomplete="off"
            aria-describedby="tasks-hint"
          />
          <span id="tasks-hint" class="hint">{text(locale, "tokens.tasks_hint")}</span>
        </div>
        <div class="field">
          <label for="days">{text(locale, "tokens.expires")}</label>
          <select id="days" class="input" name="days">
            {days.map((n) => (
              <option value={String(n)} selected={typed?.days === String(n)}>
                {text(locale, "tokens.days", { n })}
              </option>
            ))}
            <option value="" selected={typed?.days === ""}>{text(locale, "tokens.for_ever")}</option>
          </select>
        </div>
      </div>
    </>
  );
}

function NameField({ label, most, value }: { label: string; most: number; value?: string | undefined }) {
  return (
    <div class="field">
      <label for="name">{label}</label>
      <input
        id="name"
        class="input"
        name="name"
        value={value}
        maxlength={most}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        required
        autofocus
      />
    </div>
  );
}

/** What is shown this once: a link or a token, to be copied. */
export function ShownOnce({ locale, title, secret, sentence, back, inDialog }: {
  locale: Locale;
  title: string;
  secret: string;
  sentence: Child;
  back: string;
  inDialog: boolean;
}) {
  return (
    <section class="question">
      <DialogTitle inDialog={inDialog} locale={locale}>{title}</DialogTitle>
      <div class="body">
        <p>{sentence}</p>
        <code id="secret" class="secret sheet">{secret}</code>
      </div>
      <footer>
        <p></p>
        <button
          type="button"
          class="btn main"
          data-copy="#secret"
          data-copied={text(locale, "secret.copied")}
          data-script-only
          hidden
          autofocus
        >
          {text(locale, "secret.copy")}
        </button>
        {inDialog
          ? <button type="button" class="btn" data-close>{text(locale, "dialog.close")}</button>
          : <a class="btn" href={back}>{text(locale, "dialog.close")}</a>}
      </footer>
    </section>
  );
}
