import { connectionVariables } from '../../dist/config/connection.js';
import { markdownTable } from './markdown.mjs';

export function environmentPage() {
  const rows = Object.entries(connectionVariables).map(([name, schema]) => {
    const accepts = schema.safeParse(undefined);
    return [
      `\`${name}\``,
      accepts.success ? (accepts.data === undefined ? 'no' : `default \`${accepts.data}\``) : 'yes',
      schema.description,
    ];
  });
  return `# Environment variables\n\n${markdownTable(['variable', 'needed', 'meaning'], rows)}\n`;
}
