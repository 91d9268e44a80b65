import { clientRules } from '../../dist/errors/client-rules.js';
import { outcomeRules, sendRules } from '../../dist/notifiers/webhook/outcome-rules.js';
import { errorRows } from './error-rows.mjs';
import { markdownTable } from './markdown.mjs';

const RECOVERY = {
  retry: 'repeated by itself',
  refresh_token: 'a new token is fetched',
  skip: 'this part is skipped, the rest goes on',
  user_action: 'you change something',
  admin_action: 'an administrator changes something',
  fail: 'the run stops',
};

export async function errorPage() {
  const rows = unique(await errorRows()).map(({ surface, code, recovery, cause, remedy }) => [
    surface,
    `\`${code}\``,
    cause,
    remedy,
    RECOVERY[recovery],
  ]);
  const reasonRows = Object.values(clientRules).flatMap(({ code, reasons = {} }) =>
    Object.entries(reasons).map(([reason, { meaning, hint }]) => [`\`${code}\``, `\`${reason}\``, meaning, hint]),
  );
  const webhookRows = [...outcomeRules, ...Object.values(sendRules)]
    .filter((rule) => 'code' in rule)
    .map((rule) => [`\`${rule.code}\``, rule.outcome, rule.meaning ?? '', rule.hint]);
  return `# Errors

Every error has a code and a recovery. The message says what happened, where, and what to do. This page is made from the rows that the program makes its errors of; [troubleshooting](../troubleshooting.md) shows how each reads.

${markdownTable(['from', 'code', 'meaning', 'what to do', 'what Sluice does'], rows)}

\`details.reason\` tells apart why no connection came about:

${markdownTable(['code', 'reason', 'meaning', 'what to do'], reasonRows)}

## What becomes of a message to a webhook

${markdownTable(['code', 'outcome', 'meaning', 'what to do'], webhookRows)}
`;
}

/** Each meaning once, by where it comes from. */
function unique(rows) {
  const byMeaning = new Map(rows.map((row) => [`${row.surface} ${row.code} ${row.cause}`, row]));
  return [...byMeaning.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
