/** What went wrong, and the way back. */
import { type Locale, text } from "../app/locale/locale.ts";

export function ProblemBox({ locale, title, message }: { locale: Locale; title: string; message: string }) {
  return (
    <section class="notice notice-bad" role="alert">
      <h1>{title}</h1>
      <p>{message}</p>
      <p>
        <a href="/">{text(locale, "problem.back")}</a>
      </p>
    </section>
  );
}
