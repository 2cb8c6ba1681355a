/** `GET /system/users`: people who sign in and tokens of programs, for administrators; its questions add, change and end them. */
import type { Context, Hono } from "hono";
import {
  NewTokenFields,
  NewUserFields,
  RoleFields,
  ShownOnce,
  Users,
} from "../../../templates/pages/users.tsx";
import { text, type TextKey } from "../../locale/locale.ts";
import { shortMoment } from "../../locale/moments.ts";
import { RIGHTS } from "../../model/access.ts";
import { type ActionOutcome, serveAction } from "../confirmed_action.tsx";
import { actorOf, type WebContext } from "../context.ts";
import { answerPage, frameOf, isFragmentRequest, viewerViewOf } from "../document.tsx";
import { wordOf, wordsOf } from "../form_words.ts";
import { path } from "../paths.ts";
import { originOf } from "../session_cookie.ts";
import { usersView } from "../users_view.ts";

/** How many days a token may be good for; the first is offered. */
const TOKEN_DAYS = [90, 30, 365] as const;
const DAY_MS = 86_400_000;

export function serveUsers(app: Hono, web: WebContext): void {
  const { queries } = web;

  app.get(path.users, async (context) => {
    const frame = frameOf(context, web);
    const content = <Users {...usersView(queries, frame.viewer)} />;
    return await answerPage(context, frame, {
      title: text(frame.viewer.locale, "users.title"),
      content,
      live: true,
    });
  });

  servePeople(app, web);
  serveTokens(app, web);
}

function servePeople(app: Hono, web: WebContext): void {
  const { operations: { people: operations }, queries } = web;
  const nameOf = (context: Context) => context.req.param("name") ?? "";

  /** A link that somebody chooses a password by. */
  const linkFor = (context: Context, name: string, { secret, until }: { secret: string; until: number }) => {
    const { locale, now, zone } = viewerViewOf(context, web);
    return shownOnce(context, web, {
      title: text(locale, "users.link_shown", { name }),
      sentence: text(locale, "users.link_once", { name, until: shortMoment(until, now, zone, locale) }),
      secret: originOf(context, queries.system.settings.baseUrl) + path.password(secret),
    });
  };

  serveAction(app, web, {
    path: path.addUser,
    ask: (_context, locale, typed) => ({
      title: text(locale, "users.add_title"),
      sentence: text(locale, "users.add_question"),
      confirm: text(locale, "users.add_confirm"),
      back: path.users,
      fields: (
        <NewUserFields
          locale={locale}
          roles={queries.people.roles()}
          name={typed && wordOf(typed, "name")}
          ticked={typed && wordsOf(typed, "role")}
        />
      ),
    }),
    act(context, _locale, _question, form) {
      const name = wordOf(form, "name");
      return linkFor(
        context,
        name,
        operations.addUser(actorOf(context, "page"), name, wordsOf(form, "role")),
      );
    },
  });

  serveAction(app, web, {
    path: path.userAction(":name", "roles"),
    ask(context, locale, typed) {
      const { name, roles, settingsRoles } = queries.people.get(nameOf(context));
      return {
        title: text(locale, "users.roles_title", { name }),
        sentence: text(locale, "users.roles_question"),
        confirm: text(locale, "users.roles_confirm"),
        back: path.users,
        fields: (
          <RoleFields
            locale={locale}
            all={queries.people.roles()}
            ticked={typed ? wordsOf(typed, "role") : roles}
            bySettings={settingsRoles}
          />
        ),
      };
    },
    act(context, locale, _question, form) {
      const name = nameOf(context);
      operations.setRoles(actorOf(context, "page"), name, wordsOf(form, "role"));
      return done(text(locale, "users.roles_done", { name }), text(locale, "users.look"));
    },
  });

  serveAction(app, web, {
    path: path.userAction(":name", "link"),
    ask(context, locale) {
      const { name } = queries.people.get(nameOf(context));
      return {
        title: text(locale, "users.link_title", { name }),
        sentence: text(locale, "users.link_question", { name }),
        confirm: text(locale, "users.link_confirm"),
        back: path.users,
        danger: true,
      };
    },
    act(context) {
      const name = nameOf(context);
      return linkFor(context, name, operations.renewPassword(actorOf(context, "page"), name));
    },
  });

  const ends: readonly (readonly ["sign_out" | "remove", (context: Context, name: string) => void])[] = [
    ["sign_out", (context, name) => operations.signOutUser(actorOf(context, "page"), name)],
    ["remove", (context, name) => operations.removeUser(actorOf(context, "page"), name)],
  ];
  for (const [action, act] of ends) {
    serveAction(app, web, {
      path: path.userAction(":name", action),
      ask(context, locale) {
        const { name } = queries.people.get(nameOf(context));
        const words = (key: TextKey) => text(locale, key, { name });
        return {
          title: words(`users.${action}_title`),
          sentence: words(`users.${action}_question`),
          confirm: words(`users.${action}_confirm`),
          back: path.users,
          danger: true,
        };
      },
      act(context, locale) {
        const name = nameOf(context);
        act(context, name);
        return done(text(locale, `users.${action}_done`, { name }), text(locale, "users.look"));
      },
    });
  }
}

function serveTokens(app: Hono, web: WebContext): void {
  const { operations: { people: operations }, queries } = web;

  serveAction(app, web, {
    path: path.addToken,
    ask(_context, locale, typed) {
      // Whoever may not make one is told so before anything is filled in.
      queries.people.mode();
      return {
        title: text(locale, "tokens.add_title"),
        sentence: text(locale, "tokens.add_question"),
        confirm: text(locale, "tokens.add_confirm"),
        back: path.users,
        fields: (
          <NewTokenFields
            locale={locale}
            rights={RIGHTS}
            days={TOKEN_DAYS}
            typed={typed && {
              name: wordOf(typed, "name"),
              rights: wordsOf(typed, "right"),
              tasks: wordOf(typed, "tasks"),
              days: wordOf(typed, "days"),
            }}
          />
        ),
      };
    },
    act(context, locale, _question, form) {
      const name = wordOf(form, "name");
      const days = TOKEN_DAYS.find((each) => String(each) === wordOf(form, "days"));
      const secret = operations.createToken(actorOf(context, "page"), {
        name,
        rights: wordsOf(form, "right").join(","),
        tasks: wordOf(form, "tasks") || undefined,
        expiresAt: days === undefined ? undefined : queries.system.now() + days * DAY_MS,
      });
      return shownOnce(context, web, {
        title: text(locale, "tokens.shown", { name }),
        sentence: text(locale, "tokens.once"),
        secret,
      });
    },
  });

  serveAction(app, web, {
    path: path.revokeToken(":name"),
    ask(context, locale) {
      const name = context.req.param("name") ?? "";
      queries.people.tokens();
      return {
        title: text(locale, "tokens.revoke_title", { name }),
        sentence: text(locale, "tokens.revoke_question"),
        confirm: text(locale, "tokens.revoke_confirm"),
        back: path.users,
        danger: true,
      };
    },
    act(context, locale) {
      const name = context.req.param("name") ?? "";
      operations.revokeToken(actorOf(context, "page"), name);
      return done(text(locale, "tokens.revoke_done", { name }), text(locale, "users.look"));
    },
  });
}

function done(message: string, link: string): ActionOutcome {
  return { message, address: path.users, link };
}

function shownOnce(
  context: Context,
  web: WebContext,
  view: { readonly title: string; readonly sentence: string; readonly secret: string },
): ActionOutcome {
  const { locale } = viewerViewOf(context, web);
  return {
    title: view.title,
    shown: <ShownOnce {...view} locale={locale} back={path.users} inDialog={isFragmentRequest(context)} />,
  };
}
