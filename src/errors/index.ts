export type { ErrorDescription } from './define-errors.ts';
export { describeErrors } from './describe-errors.ts';
export {
  isSluiceError,
  type Recovery,
  type RequestInfo,
  SluiceError,
  type SluiceErrorOptions,
  type Surface,
} from './sluice-error.ts';
