/** One's own account: roles, sessions, password. */
import { text } from "../../app/locale/locale.ts";
import { shortMoment } from "../../app/locale/moments.ts";
import type { ViewerView } from "../views.ts";
import { NewPassword, Problem } from "./sign_in.tsx";

export interface SessionView {
  readonly seenAt: number;
  readonly createdAt: number;
  readonly address: string;
  readonly agent: string;
  /** The one that asks. */
  readonly isThis: boolean;
}

export interface AccountView {
  readonly viewer: ViewerView;
  readonly name: string;
  readonly roles: readonly string[];
  /** Undefined where it is not Carillon that keeps sessions. */
  readonly sessions?: readonly SessionView[] | undefined;
  readonly hasPassword: boolean;
  readonly problem?: string | undefined;
  readonly done?: string | undefined;
}

export function Account({ viewer, name, roles, sessions, hasPassword, problem, done }: AccountView) {
  const { locale } = viewer;
  return (
    <div class="account">
      <dl class="pairs">
        <dt>{text(locale, "sign_in.name")}</dt>
        <dd>{name}</dd>
        <dt>{text(locale, "account.roles")}</dt>
        <dd>{roles.length === 0 ? text(locale, "account.no_roles") : roles.join(", ")}</dd>
      </dl>
      {done === undefined ? null : <p role="status">{done}</p>}
      {sessions && <Sessions viewer={viewer} sessions={sessions} />}
      {hasPassword
        ? (
          <form class="sign-card" method="post" action="/account/password">
            <h2>{text(locale, "account.password_title")}</h2>
            <Problem sentence={problem} />
            <input type="hidden" name="name" value={name} autocomplete="username" />
            <div class="field">
              <label for="old-password">{text(locale, "account.old_password")}</label>
              <input
                id="old-password"
                class="input"
                name="old"
                type="password"
                autocomplete="current-password"
                maxlength={1000}
                required
              />
            </div>
            <NewPassword locale={locale} />
            <button type="submit" class="btn">{text(locale, "account.change_password")}</button>
          </form>
        )
        : null}
    </div>
  );
}

function Sessions({ viewer, sessions }: { viewer: ViewerView; sessions: readonly SessionView[] }) {
  const { locale, now, zone } = viewer;
  const moment = (at: number) => shortMoment(at, now, zone, locale);
  return (
    <section class="sheet sessions">
      <h2>{text(locale, "account.sessions")}</h2>
      <ul>
        {sessions.map(({ seenAt, createdAt, address, agent, isThis }) => (
          <li>
            <span>
              {isThis ? <b>{text(locale, "account.this_session")}</b> : address}
              {" · "}
              {text(locale, "account.session", { from: moment(createdAt), seen: moment(seenAt) })}
            </span>
            <span class="quiet cut" title={agent}>{agent}</span>
          </li>
        ))}
      </ul>
      <form method="post" action="/account/sign-out-everywhere">
        <button type="submit" class="btn">{text(locale, "account.sign_out_everywhere")}</button>
      </form>
    </section>
  );
}
