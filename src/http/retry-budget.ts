/** Keeps retries from multiplying the load on a service that is down: a bucket that retries empty and successes refill. */
export interface RetryBudget {
  /** Takes the price of one retry; false when the bucket does not hold it. */
  spend(reason: 'failure' | 'timeout'): boolean;
  refund(): void;
}

/**
 * The numbers of the AWS SDKs: 500 tokens, a retry costs 5, after a timeout 10, a success brings 1 back.
 *
 * @see https://github.com/smithy-lang/smithy-typescript/blob/main/packages/core/src/submodules/retry/util-retry/constants.ts
 */
export function retryBudget(
  options: {
    readonly capacity: number;
    readonly retryCost: number;
    readonly timeoutCost: number;
    readonly refund: number;
  } = {
    capacity: 500,
    retryCost: 5,
    timeoutCost: 10,
    refund: 1,
  },
): RetryBudget {
  let tokens = options.capacity;
  return {
    spend(reason) {
      const cost = reason === 'timeout' ? options.timeoutCost : options.retryCost;
      if (tokens < cost) return false;
      tokens -= cost;
      return true;
    },
    refund() {
      tokens = Math.min(options.capacity, tokens + options.refund);
    },
  };
}
