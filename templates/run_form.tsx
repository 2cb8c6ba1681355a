/** The question before a run, with a field for each parameter, and the word that it was started. */
import type { ParamDescription } from "../app/task/description.ts";
import type { ParamProblem } from "../app/task/params.ts";
import { type Locale, text } from "../app/locale/locale.ts";
import type { TaskView } from "./views.ts";

export interface RunFormProps {
  readonly locale: Locale;
  readonly task: TaskView;
  readonly fields: readonly ParamDescription[];
  /** What was given before, by the parameter's name. */
  readonly values: Readonly<Record<string, string>>;
  readonly problems: readonly ParamProblem[];
  /** Marks this question: answered twice, it still starts one run. */
  readonly question: string;
  /** Stands before each parameter's name in the form. */
  readonly prefix: string;
  readonly inDialog: boolean;
}

export function RunForm(props: RunFormProps) {
  const { locale, task, fields, problems, question, inDialog } = props;
  const page = `/tasks/${encodeURIComponent(task.id)}`;
  const known = fields.map(({ name }) => name);
  const general = problems.filter(({ name }) => !known.includes(name));
  const live = inDialog
    ? {
      "hx-post": `${page}/run`,
      "hx-target": "#toasts",
      "hx-swap": "beforeend",
      "hx-status:422": "target:#dialog swap:innerHTML",
      "hx-disable": "find .primary",
    }
    : {};
  return (
    <form class="question" method="post" action={`${page}/run`} {...live}>
      <h2 id="dialog-title">{text(locale, "run.title", { task: task.title })}</h2>
      <p>{text(locale, fields.length > 0 ? "run.question_params" : "run.question")}</p>
      {general.map(({ name, message }) => (
        <p class="problem" role="alert">{name === "" ? message : `${name}: ${message}`}</p>
      ))}
      <input type="hidden" name="question" value={question} />
      {fields.map((field) => <ParamField field={field} {...props} />)}
      <div class="buttons">
        {inDialog
          ? <button type="button" class="plain" data-close>{text(locale, "run.cancel")}</button>
          : <a class="button plain" href={page}>{text(locale, "run.cancel")}</a>}
        <button type="submit" class="primary" autofocus={fields.length === 0}>
          {text(locale, "run.confirm")}
        </button>
      </div>
    </form>
  );
}

function ParamField({ field, values, problems, prefix, locale }: RunFormProps & { field: ParamDescription }) {
  const { name, required, schema } = field;
  const id = `param-${name}`;
  const problem = problems.find((each) => each.name === name);
  const fallback = schema.default === undefined
    ? ""
    : typeof schema.default === "string"
    ? schema.default
    : JSON.stringify(schema.default);
  return (
    <div class="field">
      <label for={id}>
        <code>{name}</code> {required ? null : <span class="quiet">{text(locale, "run.optional")}</span>}
      </label>
      {typeof schema.description === "string"
        ? <p id={`${id}-help`} class="quiet">{schema.description}</p>
        : null}
      <input
        id={id}
        name={`${prefix}${name}`}
        value={values[name] ?? fallback}
        {...inputKind(schema)}
        required={required}
        aria-invalid={problem ? "true" : undefined}
        aria-describedby={problem ? `${id}-problem` : undefined}
      />
      {problem ? <p id={`${id}-problem`} class="problem">{problem.message}</p> : null}
    </div>
  );
}

function inputKind({ type, format }: Readonly<Record<string, unknown>>): Record<string, string> {
  if (format === "date-time") return { type: "datetime-local", step: "1" };
  if (format === "date") return { type: "date" };
  if (type === "integer") return { type: "number", step: "1" };
  if (type === "number") return { type: "number", step: "any" };
  return { type: "text" };
}
