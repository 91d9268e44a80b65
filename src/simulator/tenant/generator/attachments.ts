import type { TwinApplication, TwinAttachment } from '../types.ts';
import { between, guid, pick, type Random } from './chance.ts';

const FILES = [
  'Quarterly report.pptx',
  'Angebot_Contoso_v3.docx',
  'Budget 2026.xlsx',
  'Réunion – notes.docx',
  '見積書.xlsx',
  'architecture.pdf',
  'error log.txt',
  'Screenshot 2026-03-02.png',
];

/** A file as Teams attaches it: a reference to SharePoint. https://learn.microsoft.com/graph/api/resources/chatmessageattachment */
export function fileAttachment(random: Random, folderUrl: string): TwinAttachment {
  const name = pick(random, FILES);
  return {
    id: guid(random),
    contentType: 'reference',
    contentUrl: encodeURI(`${folderUrl}/${name}`),
    content: null,
    name,
    thumbnailUrl: name.endsWith('.png') ? encodeURI(`${folderUrl}/_thumbnails/${name}`) : null,
    teamsAppId: null,
  };
}

/** Apps that post cards. */
export const BOTS: readonly TwinApplication[] = [
  { id: '6f2b3c1e-7d54-4d53-9a56-0b1f5a8d2c01', displayName: 'Build Pipeline', type: 'bot' },
  { id: '6f2b3c1e-7d54-4d53-9a56-0b1f5a8d2c02', displayName: 'Alert Router', type: 'bot' },
  { id: '6f2b3c1e-7d54-4d53-9a56-0b1f5a8d2c03', displayName: 'Workflows', type: 'office365Connector' },
];

const CARDS_APP = '6f2b3c1e-7d54-4d53-9a56-0b1f5a8d2c99';

/** An adaptive card as a bot posts it; the card itself is text in `content`. */
export function cardAttachment(random: Random, title: string): TwinAttachment {
  const number = between(random, 1000, 9999);
  const card = {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.5',
    body: [
      { type: 'TextBlock', size: 'Medium', weight: 'Bolder', text: title, wrap: true },
      {
        type: 'FactSet',
        facts: [
          { title: 'Run', value: `#${number}` },
          { title: 'State', value: number % 5 ? '✅ ok' : '❌ failed' },
        ],
      },
    ],
    actions: [{ type: 'Action.OpenUrl', title: 'Open', url: `https://example.com/runs/${number}` }],
  };
  return {
    id: guid(random),
    contentType: 'application/vnd.microsoft.card.adaptive',
    contentUrl: null,
    content: JSON.stringify(card),
    name: null,
    thumbnailUrl: null,
    teamsAppId: CARDS_APP,
  };
}

/** The mark in an HTML body where an attachment stands. */
export function attachmentMark({ id }: TwinAttachment): string {
  return `<attachment id="${id}"></attachment>`;
}
