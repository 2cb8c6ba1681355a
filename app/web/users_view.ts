/** What the page of users and tokens shows of each, and what may be done about it. */
import type { Mode } from "../auth/mode.ts";
import { text } from "../locale/locale.ts";
import { shortMoment } from "../locale/moments.ts";
import type { Queries } from "../service/queries.ts";
import type { AskView, PersonView, TokenView, UsersProps } from "../../templates/pages/users.tsx";
import type { ViewerView } from "../../templates/views.ts";
import { asker } from "./asker.ts";
import { path } from "./paths.ts";

type SeenPerson = ReturnType<Queries["people"]["all"]>[number];
type SeenToken = ReturnType<Queries["people"]["tokens"]>[number];

export function usersView({ people }: Pick<Queries, "people">, viewer: ViewerView): UsersProps {
  const { locale } = viewer;
  const mode = people.mode();
  const isKept = mode === "password" || mode === "oidc";
  return {
    locale,
    address: path.users,
    note: mode === "password" ? undefined : text(locale, `users.mode_${mode}`),
    people: isKept ? people.all().map((person) => personView(person, mode, viewer)) : undefined,
    peopleTitle: text(locale, mode === "oidc" ? "users.signed_in" : "users.people"),
    addPerson: mode === "password" ? askView(path.addUser, text(locale, "users.add")) : undefined,
    tokens: people.tokens().map((token) => tokenView(token, mode, viewer)),
    addToken: mode === "none" ? undefined : askView(path.addToken, text(locale, "tokens.add")),
  };
}

function askView(address: string, label: string, name: string = label): AskView {
  return { address, label, name };
}

function personView(person: SeenPerson, mode: Mode, viewer: ViewerView): PersonView {
  const { locale, now, zone } = viewer;
  const { name, roles, settingsRoles, hasPassword, lastSignIn, sessions } = person;
  const moment = (at: number) => shortMoment(at, now, zone, locale);
  const isYou = asker().person?.name === name;
  const ask = (action: "roles" | "link" | "sign_out" | "remove") =>
    askView(
      path.userAction(name, action),
      text(locale, `users.${action}`),
      text(locale, `users.${action}_of`, { name }),
    );
  return {
    name,
    isYou,
    roles: [...roles, ...settingsRoles.map((role) => text(locale, "users.by_settings", { role }))],
    facts: [
      ...hasPassword ? [] : [text(locale, "users.no_password")],
      lastSignIn === undefined
        ? text(locale, "users.never")
        : text(locale, "users.last", { when: moment(lastSignIn) }),
    ],
    sessions: sessions.map(({ createdAt, seenAt, address, agent = "" }) => ({
      words: [
        address,
        text(locale, "users.session", { from: moment(createdAt), seen: moment(seenAt) }),
      ].filter((each) => each !== undefined).join(" · "),
      agent,
    })),
    actions: [
      ...mode === "password" ? [ask("roles")] : [],
      ...mode === "password" && !isYou ? [ask("link")] : [],
      ...sessions.length > 0 ? [ask("sign_out")] : [],
      ...mode === "password" ? [ask("remove")] : [],
    ],
  };
}

function tokenView(token: SeenToken, mode: Mode, { locale, now, zone }: ViewerView): TokenView {
  const { name, rights, tasks, expiresAt, usedAt, usedFrom } = token;
  const moment = (at: number) => shortMoment(at, now, zone, locale);
  const isOver = expiresAt !== undefined && expiresAt <= now;
  return {
    name,
    rights: rights.join(text(locale, "list.comma")),
    tasks: tasks === "" ? text(locale, "tokens.all_tasks") : tasks,
    facts: [
      expiresAt === undefined
        ? text(locale, "tokens.for_ever")
        : text(locale, isOver ? "tokens.over" : "tokens.until", { until: moment(expiresAt) }),
      usedAt === undefined
        ? text(locale, "tokens.never")
        : text(locale, "tokens.used", { when: moment(usedAt), from: usedFrom ?? "–" }),
    ],
    isOver,
    actions: mode === "none" ? [] : [
      askView(
        path.revokeToken(name),
        text(locale, "tokens.revoke"),
        text(locale, "tokens.revoke_of", { name }),
      ),
    ],
  };
}
