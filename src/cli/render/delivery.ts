import type { DeliveryReport, DestinationReport } from '../../router/explain/delivery-report.ts';
import { count } from './table.ts';

/** How a receiver is shown: by its name, or by its masked URL. */
type Names = (receiver: string) => string;

const outcomes: Readonly<Record<DestinationReport['outcome'], string>> = {
  delivered: 'delivered',
  accepted: 'accepted: the service has taken it and does not say whether it was posted',
  retry: 'not delivered yet',
  permanent: 'refused',
  unknown: 'unknown: it may or may not have arrived',
  skipped: 'not tried',
};

/** What a person reads after a message was sent: a line per receiver. */
export function renderDelivery({ destinations }: DeliveryReport, names: Names): string {
  return destinations.map((one) => `${names(one.receiver)}: ${outcomeText(one)}\n`).join('');
}

function outcomeText(report: DestinationReport): string {
  const { outcome, attempts, receipt, error } = report;
  const tried = `${count(attempts)} ${attempts === 1 ? 'attempt' : 'attempts'}`;
  const id = receipt === undefined ? '' : `, receipt ${receipt}`;
  const changes = changesOf(report).map((line) => `\n  ${line}`);
  return `${outcomes[outcome]} (${tried}${id})${changes.join('')}${error ? `\n  ${error.code}: ${error.message}` : ''}`;
}

function changesOf({ parts, charactersNotSent, removedCharacters }: DestinationReport): string[] {
  return [
    ...(parts === undefined ? [] : [`in ${count(parts)} messages`]),
    ...(charactersNotSent === undefined ? [] : [`shortened: ${count(charactersNotSent)} characters were not sent`]),
    ...(removedCharacters === undefined
      ? []
      : [`${count(removedCharacters)} control or direction characters were taken away`]),
  ];
}

/** The same as data. */
export function deliveryJson({ status, destinations }: DeliveryReport, names: Names) {
  return {
    event: 'sent',
    status,
    destinations: destinations.map(({ receiver, error, ...rest }) => ({
      receiver: names(receiver),
      ...rest,
      ...(error && { error: { code: error.code, recovery: error.recovery, message: error.message } }),
    })),
  };
}
