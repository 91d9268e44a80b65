import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Why a `JSON.parse` may throw past its own function. The error quotes what it could not read: nothing foreign may. */
const UNGUARDED: Readonly<Record<string, string>> = {
  'src/graph/links.ts': 'its caller, `toPage`, turns what is no JSON into `page_invalid`',
  'src/cli/package-version.ts': 'our own package.json',
  'src/simulator/faults/edit-page.ts': 'a page that the twin has just written',
  'src/simulator/faults/page-faults.ts': 'a row that the twin has just written',
  'src/simulator/collections/chats.ts': 'a record that the twin has just written',
  'src/simulator/webhooks/checks.ts': 'its caller has seen that the body is JSON',
};

/** Every other place: what throws is caught where it stands. */
const GUARDED: ReadonlySet<string> = new Set([
  'src/attendance/manifest.ts',
  'src/auth/roles.ts',
  'src/auth/token-answer.ts',
  'src/bot/activities/read-activity.ts',
  'src/bot/connector/connector.ts',
  'src/bot/verification/signing-keys.ts',
  'src/bot/verification/token.ts',
  'src/cards/parse-card.ts',
  'src/cli/stdio/frames.ts',
  'src/errors/bot-error.ts',
  'src/errors/graph-error.ts',
  'src/errors/login-error.ts',
  'src/lake/log/commit-record.ts',
  'src/lake/log/lease-record.ts',
  'src/lake/delta/actions.ts',
  'src/lake/export/state.ts',
  'src/lake/load/runs.ts',
  'src/lake/transform/salvage.ts',
  'src/lake/transform/slow-path.ts',
  'src/lake/transform/spool.ts',
  'src/outbox/stored-json.ts',
  'src/sending/ingress/body.ts',
  'src/simulator/bot/bot-service.ts',
  'src/simulator/bot/connector.ts',
  'src/simulator/control/parse-input.ts',
  'src/simulator/faults/held-record.ts',
  'src/simulator/graph/batch.ts',
  'src/simulator/graph/page.ts',
  'src/simulator/tenant/lines.ts',
  'src/simulator/webhooks/service.ts',
  'src/strategies/meeting-link.ts',
  'src/strategies/records.ts',
  'src/notifiers/load.ts',
  'src/notifiers/webhook/answer-body.ts',
]);

type Parse = { readonly file: string; readonly isGuarded: boolean };

/** The places of a source text that parse JSON; copies of our own values (`JSON.parse(JSON.stringify(x))`) are none. */
function parsesIn(file: string, text: string): readonly Parse[] {
  const found: Parse[] = [];
  const visit = (node: ts.Node, isGuarded: boolean): void => {
    if (isCallOf(node, 'parse') && !node.arguments.some((argument) => isCallOf(argument, 'stringify'))) {
      found.push({ file, isGuarded });
    }
    // `JSON.parse` that is handed on (`map(JSON.parse)`) is called where nobody sees it.
    const isNamed = isMember(node, 'parse') && !(ts.isCallExpression(node.parent) && node.parent.expression === node);
    if (isNamed) found.push({ file, isGuarded: false });
    const isCaught = ts.isTryStatement(node) && node.catchClause !== undefined;
    ts.forEachChild(node, (child) => visit(child, isCaught && child === node.tryBlock ? true : isGuardedIn(child)));
    function isGuardedIn(child: ts.Node): boolean {
      // A function within a `try` may be called after it.
      return isGuarded && !ts.isFunctionLike(child);
    }
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true), false);
  return found;
}

const isMember = (node: ts.Node, name: string): node is ts.PropertyAccessExpression =>
  ts.isPropertyAccessExpression(node) && node.expression.getText() === 'JSON' && node.name.text === name;
const isCallOf = (node: ts.Node, name: string): node is ts.CallExpression =>
  ts.isCallExpression(node) && isMember(node.expression, name);

function sources(folder = join(root, 'src')): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

describe('JSON is parsed in named places', () => {
  const parses = sources().flatMap((path) =>
    parsesIn(relative(root, path).replaceAll('\\', '/'), readFileSync(path, 'utf8')),
  );

  it('and in no other file', () => {
    const files = [...new Set(parses.map(({ file }) => file))].sort();
    expect(files).toEqual([...GUARDED, ...Object.keys(UNGUARDED)].sort());
  });

  it('and what throws is caught where it stands, or there is a reason', () => {
    const open = parses.filter(({ file, isGuarded }) => !isGuarded && !(file in UNGUARDED));
    expect(open).toEqual([]);
    for (const file of Object.keys(UNGUARDED)) {
      expect(
        parses.some((parse) => parse.file === file && !parse.isGuarded),
        file,
      ).toBe(true);
    }
  });

  it.each([
    ['JSON.parse(text)', [false]],
    ['try { JSON.parse(text) } catch { x() }', [true]],
    ['try { x() } catch { JSON.parse(text) }', [false]],
    ['try { JSON.parse(text) } finally { x() }', [false]],
    ['try { later(() => JSON.parse(text)) } catch { x() }', [false]],
    ['texts.map(JSON.parse)', [false]],
    ['JSON.parse(JSON.stringify(value))', []],
  ])('%s', (text, expected) => {
    expect(parsesIn('x.ts', text).map(({ isGuarded }) => isGuarded)).toEqual(expected);
  });
});
