/** What went wrong, and the way back. */
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import { Sign } from "../components/sign.tsx";

export function ProblemBox({ locale, title, message }: { locale: Locale; title: string; message: string }) {
  return (
    <section class="alarm" role="alert">
      <h1>
        <Sign name="s-bad" tone="bad" /> {title}
      </h1>
      <p data-problem>{message}</p>
      <p>
        <a href="/">{text(locale, "problem.back")}</a>
      </p>
    </section>
  );
}
