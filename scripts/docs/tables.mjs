import { resourceNamed } from '../../dist/resources/index.js';
import { duckdbType } from '../../dist/schema/sql.js';
import { tables } from '../../dist/tables/index.generated.js';
import { views } from '../../dist/tables/views/index.js';
import { markdownTable } from './markdown.mjs';

export function tablePage() {
  const overview = markdownTable(
    ['table', 'type', 'key', 'rows'],
    tables.map((table) => [
      `[${table.name}](#${table.name})`,
      table.ingestionType,
      table.primaryKey.join(', '),
      table.description,
    ]),
  );
  return `# Tables\n\nColumn names are Graph's own; names with an underscore come from where the record was found.\n\n${overview}\n\n${tables.map(section).join('\n')}
${viewsPart()}`;
}

function section(table) {
  const { reads, details } = resourceNamed(table.resource);
  const columns = Object.entries(table.columns).map(([name, column]) => [
    `\`${name}\``,
    `\`${duckdbType(column.type)}\``,
    column.unfilled === undefined ? column.description : `${column.description} Always null: ${column.unfilled}`,
  ]);
  const endpoints = [...reads, ...(details ? [{ ...details, strategy: { name: 'details' } }] : [])].map((read) => [
    read.strategy.name,
    `[\`GET ${read.route}\`](${read.source})`,
    read.permissions.join(' or '),
  ]);
  return `## ${table.name}

${table.description}

Key: ${table.primaryKey.map((name) => `\`${name}\``).join(', ')}. Type: ${table.ingestionType}.${table.cursor ? ` Cursor: \`${table.cursor}\`.` : ''}${table.deletedWhen ? ` Deleted when \`${table.deletedWhen}\` is set.` : ''}

${markdownTable(['column', 'type', 'meaning'], columns)}

Read from:

${markdownTable(['strategy', 'endpoint', 'permission (any one)'], endpoints)}
`;
}

function viewsPart() {
  return `# Views

\`sluice query\` offers these beside the tables. They have no rows of their own, and no history.

${views.map(viewSection).join('\n')}`;
}

function viewSection({ name, description, of, columns }) {
  const rows = Object.entries(columns).map(([column, { type, description: says }]) => [
    `\`${column}\``,
    `\`${type}\``,
    says,
  ]);
  return `## ${name}

${description}

Made of: ${of.map((table) => `[${table.name}](#${table.name})`).join(', ')}.

${markdownTable(['column', 'type', 'meaning'], rows)}
`;
}
