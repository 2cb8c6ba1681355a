/** Where one signs in: by name and password, or at the provider; and where the first administrator is made. */
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import { Sign } from "../components/sign.tsx";

export interface SignInView {
  readonly locale: Locale;
  /** What went wrong, as a sentence. */
  readonly problem?: string | undefined;
  /** The name that was given. */
  readonly name: string;
  /** Where one goes afterwards. */
  readonly back: string;
}

export function SignIn({ locale, problem, name, back }: SignInView) {
  return (
    <form class="sign-card" method="post" action="/sign-in">
      <h1>{text(locale, "sign_in.title")}</h1>
      <Problem sentence={problem} />
      <input type="hidden" name="back" value={back} />
      <NameField locale={locale} name={name} most={200} autofocus={name === ""} />
      <div class="field">
        <label for="password">{text(locale, "sign_in.password")}</label>
        <input
          id="password"
          class="input"
          name="password"
          type="password"
          autocomplete="current-password"
          maxlength={1000}
          required
          autofocus={name !== ""}
        />
      </div>
      <button type="submit" class="btn main primary">{text(locale, "sign_in.submit")}</button>
    </form>
  );
}

/** @param provider where one signs in @param address what leads there */
export function SignInElsewhere(
  { locale, problem, provider, address }: Pick<SignInView, "locale" | "problem"> & {
    readonly provider: string;
    readonly address: string;
  },
) {
  return (
    <section class="sign-card">
      <h1>{text(locale, "sign_in.title")}</h1>
      <Problem sentence={problem} />
      <a class="btn main primary" href={address}>{text(locale, "sign_in.at", { provider })}</a>
    </section>
  );
}

export function SetUp({ locale, problem, name }: Pick<SignInView, "locale" | "problem" | "name">) {
  return (
    <form class="sign-card" method="post">
      <h1>{text(locale, "setup.title")}</h1>
      <p>{text(locale, "setup.sentence")}</p>
      <Problem sentence={problem} />
      <NameField locale={locale} name={name} most={100} autofocus />
      <NewPassword locale={locale} />
      <button type="submit" class="btn main primary">{text(locale, "setup.submit")}</button>
    </form>
  );
}

/** Where somebody chooses a password by a link. */
export function ChoosePassword({ locale, problem, name }: Pick<SignInView, "locale" | "problem" | "name">) {
  return (
    <form class="sign-card" method="post">
      <h1>{text(locale, "link.title")}</h1>
      <p>{text(locale, "link.sentence", { name })}</p>
      <Problem sentence={problem} />
      <input type="hidden" name="name" value={name} autocomplete="username" />
      <NewPassword locale={locale} />
      <button type="submit" class="btn main primary">{text(locale, "link.submit")}</button>
    </form>
  );
}

function NameField({ locale, name, most, autofocus }: Pick<SignInView, "locale" | "name"> & {
  /** Characters. */
  readonly most: number;
  readonly autofocus: boolean;
}) {
  return (
    <div class="field">
      <label for="name">{text(locale, "sign_in.name")}</label>
      <input
        id="name"
        class="input"
        name="name"
        value={name}
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        maxlength={most}
        required
        autofocus={autofocus}
      />
    </div>
  );
}

export function NewPassword({ locale }: { locale: Locale }) {
  return (
    <div class="field">
      <label for="new-password">{text(locale, "account.new_password")}</label>
      <input
        id="new-password"
        class="input"
        name="password"
        type="password"
        autocomplete="new-password"
        minlength={12}
        maxlength={200}
        aria-describedby="password-hint"
        required
      />
      <span id="password-hint" class="hint">{text(locale, "account.password_hint")}</span>
    </div>
  );
}

export function Problem({ sentence }: { sentence: string | undefined }) {
  if (sentence === undefined) return null;
  return (
    <p class="wrong" role="alert">
      <Sign name="s-bad" tone="bad" /> {sentence}
    </p>
  );
}
