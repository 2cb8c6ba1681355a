/** The cell that chooses a row for what is done to several at once. */
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";

export function SelectBox(
  { of, id, title, locale }: { of: "run" | "task"; id: string; title: string; locale: Locale },
) {
  return (
    <td class="c-sel">
      <label class="pick">
        <input
          type="checkbox"
          name={of}
          value={id}
          form="selected"
          aria-label={text(locale, "select.one", { name: title })}
        />
      </label>
    </td>
  );
}
