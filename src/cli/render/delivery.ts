import type { DeliveryReport, DestinationReport } from '../../router/delivery-report.ts';
import type { ExitCode } from '../io.ts';
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

function outcomeText({ outcome, attempts, receipt, error }: DestinationReport): string {
  const tried = `${count(attempts)} ${attempts === 1 ? 'attempt' : 'attempts'}`;
  const id = receipt === undefined ? '' : `, receipt ${receipt}`;
  return `${outcomes[outcome]} (${tried}${id})${error ? `\n  ${error.code}: ${error.message}` : ''}`;
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

export function exitCodeOfDelivery({ status }: DeliveryReport): ExitCode {
  return ({ all_succeeded: 0, partial_success: 3, all_failed: 1 } as const)[status];
}
