/** The question before a run, with a field for each parameter, and the word that it was started. */
import type { ParamDescription } from "../../app/task/description.ts";
import type { ParamProblem } from "../../app/model/order.ts";
import { paramText } from "../../app/locale/format.ts";
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import type { Child } from "hono/jsx";
import { DialogFoot, DialogProblem, DialogTitle, sentFromDialog } from "../components/dialog_parts.tsx";
import { Sign } from "../components/sign.tsx";
import { inputKind, type ParamSchema as Schema } from "../components/param_input.ts";
import type { TaskView } from "../views.ts";

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
  /** Id of the newest run that was given parameters. */
  readonly last?: string | undefined;
  /** What will follow: how long it takes, and that the next scheduled run stays. */
  readonly note?: Child;
  /** What is asked besides the parameters. */
  readonly asked?: Child;
}

export function RunForm(props: RunFormProps) {
  const { locale, task, fields, problems, question, inDialog } = props;
  const page = `/tasks/${encodeURIComponent(task.id)}`;
  const asLast = `${page}/run?as=${props.last}`;
  const known = fields.map(({ name }) => name);
  const general = problems.filter(({ name }) => !known.includes(name));
  const action = `${page}/run`;
  return (
    <form class="question" method="post" action={action} {...sentFromDialog(inDialog, action, "#dialog")}>
      <DialogTitle inDialog={inDialog} locale={locale}>
        {text(locale, "run.title", { task: task.title })}
      </DialogTitle>
      <div class="body">
        <p>{text(locale, fields.length > 0 ? "run.question_params" : "run.question")}</p>
        <DialogProblem />
        {general.map(({ name, message }) => (
          <p class="problem" role="alert" tabindex={-1}>{name === "" ? message : `${name}: ${message}`}</p>
        ))}
        {props.last === undefined ? null : (
          <p>
            <a
              class="btn s"
              href={asLast}
              hx-get={inDialog ? asLast : undefined}
              hx-target={inDialog ? "#dialog" : undefined}
            >
              {text(locale, "run.as_last")}
            </a>
          </p>
        )}
        <input type="hidden" name="question" value={question} />
        {fields.map((field) => <ParamField field={field} {...props} />)}
        {props.asked}
      </div>
      <DialogFoot
        inDialog={inDialog}
        locale={locale}
        back={page}
        confirm={text(locale, "run.confirm")}
        note={props.note}
        focus={fields.length === 0}
      />
    </form>
  );
}

export function ParamField(
  props: Pick<RunFormProps, "values" | "problems" | "prefix" | "locale"> & { field: ParamDescription },
) {
  const { field, values, problems, prefix, locale } = props;
  const { name, required } = field;
  const schema = plainSchema(field.schema);
  const id = `param-${name}`;
  const problem = problems.find((each) => each.name === name);
  const help = typeof schema.description === "string" ? schema.description : undefined;
  const value = values[name] ?? fieldText(schema.default);
  const { example } = inputKind(schema, value);
  const described = [
    ...(help === undefined ? [] : [`${id}-help`]),
    ...(example === undefined ? [] : [`${id}-example`]),
    ...(problem ? [`${id}-problem`] : []),
  ];
  const attributes = {
    id,
    name: `${prefix}${name}`,
    required,
    "aria-invalid": problem ? "true" as const : undefined,
    "aria-describedby": described.length === 0 ? undefined : described.join(" "),
  };
  return (
    <div class="field">
      <label for={id}>
        {typeof schema.title === "string" ? `${schema.title} ` : null}
        <code>{name}</code> {required ? null : <span class="quiet">{text(locale, "run.optional")}</span>}
      </label>
      {help === undefined ? null : <p id={`${id}-help`} class="quiet">{help}</p>}
      {example === undefined ? null : (
        <p id={`${id}-example`} class="quiet">
          {text(locale, "run.such_as", { example })}
        </p>
      )}
      <ParamInput schema={schema} value={value} attributes={attributes} name={name} />
      {problem
        ? (
          <p id={`${id}-problem`} class="problem">
            <Sign name="s-bad" /> {problem.message}
          </p>
        )
        : null}
    </div>
  );
}

/** What a field shows of a value: nothing for nothing. */
export function fieldText(value: unknown): string {
  return value === undefined || value === null ? "" : paramText(value);
}

/** Fields of this prefix tell of switches that are off: a form sends nothing for them. */
export const OFF_PREFIX = "off.";
/** Texts that may be longer are written over several lines. */
const LONG_TEXT = 200;

function ParamInput(
  { schema, value, attributes, name }: {
    schema: Schema;
    value: string;
    attributes: {
      readonly id: string;
      readonly name: string;
      readonly required: boolean;
      readonly "aria-invalid": "true" | undefined;
      readonly "aria-describedby": string | undefined;
    };
    name: string;
  },
) {
  if (schema.type === "boolean" && (attributes.required || schema.default !== undefined)) {
    const { required: _, ...rest } = attributes;
    return (
      <>
        <input type="hidden" name={`${OFF_PREFIX}${name}`} value="false" />
        <input type="checkbox" role="switch" value="true" checked={value === "true"} {...rest} />
      </>
    );
  }
  // A switch knows no third state: what may be left out is left out of a list.
  const choices = Array.isArray(schema.enum) ? schema.enum : schema.type === "boolean" ? [true, false] : [];
  if (choices.length > 0) {
    const texts = choices.map(paramText);
    return (
      <select class="input" {...attributes}>
        {attributes.required && texts.includes(value) ? null : <option value="">–</option>}
        {texts.map((each) => <option value={each} selected={each === value}>{each}</option>)}
      </select>
    );
  }
  // A line field drops what separates lines, and a browser the first of them in a field of several.
  if (isLong(schema) || /[\r\n]/.test(value)) {
    return (
      <textarea class="input" rows={4} {...attributes}>
        {/^[\r\n]/.test(value) ? `\n${value}` : value}
      </textarea>
    );
  }
  const { id, name: field, ...rest } = attributes;
  const { type, step } = inputKind(schema, value);
  return <input class="input" id={id} name={field} value={value} type={type} step={step} {...rest} />;
}

/** Lists, objects, and texts that were declared so: `z.string().meta({ multiline: true })`. */
function isLong({ type, multiline, maxLength }: Schema): boolean {
  return multiline === true || type === "array" || type === "object" || Number(maxLength) > LONG_TEXT;
}

/** What may be null besides is shown as what it is otherwise. */
function plainSchema(schema: Schema): Schema {
  if (!Array.isArray(schema.anyOf)) return schema;
  const others = (schema.anyOf as Schema[]).filter(({ type }) => type !== "null");
  return others.length === 1 ? { ...others[0], ...schema, anyOf: undefined } : schema;
}
