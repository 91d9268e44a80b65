export { describeErrors, type ErrorDescription } from './describe-errors.ts';
export {
  isSluiceError,
  type Recovery,
  type RequestInfo,
  SluiceError,
  type SluiceErrorOptions,
  type Surface,
} from './sluice-error.ts';
