// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the template language writes placeholders this way
import type { Expression } from 'adaptive-expressions';
import type { Template } from 'adaptivecards-templating';
import { SluiceError } from '../errors/sluice-error.ts';
import { PlainText } from '../html/plain-text.ts';
import { guard } from './checks/guard.ts';
import { cardErrors } from './errors.ts';
import { childPath, quoted } from './fault.ts';

/** JSON values an expansion may visit: nested `$data` loops multiply. */
const MAX_EXPANDED_VALUES = 50_000;

/** Functions a template may not use: they make objects out of text, run patterns of unbounded cost, or loop at will. */
const REFUSED_FUNCTIONS: ReadonlySet<string> = new Set(['json', 'xml', 'xPath', 'jPath', 'isMatch', 'range']);

/**
 * Stands in data for the `{` of a `${`, so that such text is data and an unfilled placeholder is the only `${` left in
 * the result. A noncharacter: cards may not contain it (see `guard`), so it cannot come from the data itself.
 */
const DATA_BRACE = '\ufdd0';

/** Stands where an expression could not be evaluated: an open place that no data can fill. */
const FAILED = '${\ufdd1}';

export interface ExpandOptions {
  /** Whether a value of that name may be missing: then its place stays empty. Default: none may. */
  readonly mayMiss?: ((name: string) => boolean) | undefined;
}

/** A filled template, and where an expression could not be evaluated. */
export interface Filled {
  readonly card: unknown;
  readonly failed: readonly string[];
}

/**
 * Fills a template in the Adaptive Cards template language. Values are data: they are never expanded again.
 *
 * @throws SluiceError `template_invalid` for a template, an expression or data that is refused;
 *   `template_unfilled` when data is missing, with the path of every open place
 */
export async function expandTemplate(template: unknown, data: unknown, options: ExpandOptions = {}): Promise<unknown> {
  return (await fill(template, data, { ...options, isLenient: false })).card;
}

/**
 * The same, for data that nobody looks over: an expression that they do not suit stays empty, and is named.
 *
 * @throws SluiceError as {@link expandTemplate}
 */
export async function expandLeniently(template: unknown, data: unknown, options: ExpandOptions = {}): Promise<Filled> {
  return await fill(template, data, { ...options, isLenient: true });
}

async function fill(
  template: unknown,
  data: unknown,
  { mayMiss, isLenient }: ExpandOptions & { readonly isLenient: boolean },
): Promise<Filled> {
  refuseUnfit('The template', template);
  refuseUnfit('The data', data);
  // Loaded on first use: it takes half a second and most messages need none of it.
  const { Template } = await import('adaptivecards-templating');
  await addFunctions();
  refuseFunctions(template, (text) => Template.parseInterpolatedString(text));
  const lists: string[] = [];
  const expanded = expand(
    new Template(template),
    { $root: mapStrings(data, (text) => text.replaceAll('${', `$${DATA_BRACE}`)) },
    isLenient ? (list) => lists.push(list) : undefined,
  );
  const failed: string[] = [];
  eachString(expanded, '$', (text, path) => {
    if (text.includes(FAILED)) failed.push(path);
  });
  const evaluated = mapStrings(expanded, (text) => text.replaceAll(FAILED, ''));
  const open = openPlaces(evaluated, mayMiss);
  if (open.length > 0) throw cardErrors.template_unfilled({ places: open });
  const card = mapStrings(evaluated, (text) => text.replace(OPEN_PLACE, '').replaceAll(DATA_BRACE, '{'));
  return { card, failed: [...failed, ...lists] };
}

/** Name of the function that makes data mean itself among Markdown. */
const ESCAPE = 'escapeMarkdown';

/** The template library looks up standard functions alone. Setting the same one again changes nothing. */
async function addFunctions(): Promise<void> {
  const { ExpressionEvaluator, ExpressionFunctions, FunctionUtils, ReturnType } = await import('adaptive-expressions');
  const evaluate = FunctionUtils.apply(([text]: readonly unknown[]) => escapedMarkdown(text));
  const functions = ExpressionFunctions.standardFunctions as Map<string, InstanceType<typeof ExpressionEvaluator>>;
  functions.set(ESCAPE, new ExpressionEvaluator(ESCAPE, evaluate, ReturnType.String));
}

/** A place that has no value stays open. The stand-in for a brace is no part of the text, and stays. */
function escapedMarkdown(value: unknown): string {
  const text = String(value ?? '');
  if (text.startsWith('${')) return text;
  const parts = text.split(DATA_BRACE).map((part) => new PlainText(part).toMarkdown());
  return parts.join(DATA_BRACE);
}

function refuseUnfit(what: string, value: unknown): void {
  const [fault] = guard(value);
  if (fault) throw invalid(`${what} is refused at ${fault.path}: ${fault.message}`, `Allowed: ${fault.allowed}.`);
}

/** @param listFailed - told of rows that could not be evaluated and are left out; undefined: nothing may fail */
function expand(
  template: Template,
  context: { $root: unknown },
  listFailed: ((list: string) => void) | undefined,
): unknown {
  limitWork(template, listFailed);
  try {
    return template.expand(context);
  } catch (error) {
    if (error instanceof SluiceError) throw error;
    // The library's message can quote data, so it is left out.
    throw invalid(
      'An expression of the template cannot be evaluated.',
      'Check its functions and the types of its data.',
    );
  }
}

/** The library has no bound of its own; its one recursive step is where visits are counted. */
function limitWork(template: Template, listFailed: ((list: string) => void) | undefined): void {
  const steps = template as unknown as {
    internalExpand: (node: unknown) => unknown;
    _context: { restoreLastState: () => void };
  };
  const step = steps.internalExpand.bind(template);
  let visited = 0;
  steps.internalExpand = (node) => {
    if (++visited > MAX_EXPANDED_VALUES) {
      throw invalid(`The template expands to more than ${MAX_EXPANDED_VALUES} values.`, 'Send fewer rows.');
    }
    try {
      return (listFailed && withoutFailedParts(node, steps.internalExpand)) ?? step(node);
    } catch (error) {
      if (!listFailed || error instanceof SluiceError) throw error;
      // The step that failed did not put back what it had saved; those around it never hear of it.
      steps._context.restoreLastState();
      return inPlaceOfFailed(node, listFailed);
    }
  };
}

/** A text of which a part cannot be evaluated: the library would leave that part out and say nothing. */
function withoutFailedParts(node: unknown, evaluate: (node: unknown) => unknown): string | undefined {
  const { type, children } = (node ?? {}) as { readonly type?: unknown; readonly children?: unknown };
  if (type !== 'concat' || !Array.isArray(children)) return undefined;
  const parts = children.map(evaluate);
  return parts.includes(FAILED) ? parts.map((part) => String(part ?? '')).join('') : undefined;
}

function inPlaceOfFailed(node: unknown, listFailed: (list: string) => void): typeof FAILED | null {
  const { $data, children } = node as { readonly $data?: unknown; readonly children?: unknown };
  if (Array.isArray(children)) return FAILED;
  listFailed(`$data ${String($data).slice(0, MAX_NAMED)}`);
  return null;
}

/** Characters of an expression that a log line names. */
const MAX_NAMED = 100;

function refuseFunctions(template: unknown, parse: (text: string) => Expression | string): void {
  eachString(template, '$', (text, path) => {
    if (!text.includes('${')) return;
    let expression: Expression | string;
    try {
      expression = parse(text);
    } catch (cause) {
      throw invalid(`${path}: the expression cannot be read.`, 'Check its brackets and quotes.', cause);
    }
    const refused = typeof expression === 'string' ? undefined : refusedIn(expression);
    if (refused)
      throw invalid(`${path}: the function ${quoted(refused)} is refused.`, 'Compute the value in the data.');
  });
}

function refusedIn(expression: Expression): string | undefined {
  if (REFUSED_FUNCTIONS.has(expression.type)) return expression.type;
  for (const child of expression.children ?? []) {
    const refused = refusedIn(child);
    if (refused) return refused;
  }
  return undefined;
}

/** What is left of an expression that had no value. */
const OPEN_PLACE = /\$\{[^}]*\}?/g;

function openPlaces(expanded: unknown, mayMiss: ExpandOptions['mayMiss']): string[] {
  const open: string[] = [];
  eachString(expanded, '$', (text, path) => {
    for (const [, name] of text.matchAll(/\$\{([^}]{0,200})/g)) {
      const root = /(?<![.\w$'"])[A-Za-z_$][\w$]*(?!\s*\(|[\w$])/.exec(name!)?.[0] ?? '';
      if (!mayMiss?.(root)) open.push(`${path} needs ${quoted(name!)}`);
    }
  });
  return open;
}

function eachString(value: unknown, path: string, visit: (text: string, path: string) => void): void {
  if (typeof value === 'string') visit(value, path);
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) eachString(item, childPath(path, index), visit);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) eachString(item, childPath(path, key), visit);
  }
}

function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapStrings(item, change)]));
}

const invalid = (problem: string, valid: string, cause?: unknown) =>
  cardErrors.template_invalid({ problem, valid }, { cause });
