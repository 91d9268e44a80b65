import { SluiceError, type SluiceErrorOptions } from '../errors/sluice-error.ts';

/** Codes of every error the router makes. */
export type RouterErrorCode =
  | 'matcher_invalid'
  | 'pattern_invalid'
  | 'time_interval_invalid'
  | 'silence_invalid'
  | 'silence_unknown'
  | 'routing_config_invalid'
  | 'rule_evaluation_failed'
  | 'circular_routing_detected'
  | 'routing_completely_failed'
  | 'destination_threw'
  | 'body_invalid';

/** A {@link SluiceError} of the router. What a person wrote wrongly is `user_action` unless said otherwise. */
export function routerError(
  options: Pick<SluiceErrorOptions, 'message' | 'hint' | 'details' | 'cause'> & {
    code: RouterErrorCode;
    recovery?: SluiceErrorOptions['recovery'];
  },
): SluiceError {
  return new SluiceError({ recovery: 'user_action', surface: 'router', ...options });
}
