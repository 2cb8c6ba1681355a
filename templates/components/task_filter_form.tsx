/** The form that narrows the table of tasks down. */
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import { type Choice, ChoiceField, FilterForm, SearchField } from "./filter_form.tsx";

/** Stands outside of what is refreshed: what is typed into it is nobody's but the one who types. */
export function TaskFilterForm(
  { locale, action, q, status, tag, group, folder, sort, states, tags }: {
    locale: Locale;
    action: string;
    q: string;
    status: string;
    tag: string;
    group: string;
    folder: string;
    sort: string;
    states: readonly Choice[];
    tags: readonly string[];
  },
) {
  return (
    <FilterForm action={action} locale={locale} label={text(locale, "filter.tasks")} narrows>
      <SearchField value={q} label={text(locale, "filter.search")} />
      <ChoiceField name="status" value={status} label={text(locale, "filter.status")} choices={states} />
      {tags.length === 0 ? null : (
        <>
          <ChoiceField
            name="tag"
            value={tag}
            label={text(locale, "filter.tag")}
            choices={tags.map((each) => ({ value: each, label: each }))}
          />
          <label class="choice">
            <span>{text(locale, "filter.group")}</span>
            <select name="group" class="input s">
              <option value="">{text(locale, "filter.by_folder")}</option>
              <option value="tag" selected={group === "tag"}>{text(locale, "filter.by_tag")}</option>
            </select>
          </label>
        </>
      )}
      {folder === "" ? null : <input type="hidden" name="folder" value={folder} />}
      {sort === "" ? null : <input type="hidden" name="sort" value={sort} />}
    </FilterForm>
  );
}
