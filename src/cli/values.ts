import { type Argument, type Command, InvalidArgumentError, type Option } from 'commander';

type Parse = (text: string, previous: unknown) => unknown;

/**
 * No option and no argument takes an empty value: it comes from a variable that is not set, and what it would do is
 * hardly ever meant.
 */
export function refuseEmptyValues(command: Command): void {
  for (const option of command.options) if (option.required || option.optional) filled(option);
  for (const argument of command.registeredArguments) filled(argument);
}

function filled(value: Option | Argument): void {
  const parse = parserOf(value);
  value.argParser((text: string, previous: unknown) => {
    if (text.trim() === '') throw new InvalidArgumentError('The value is empty.');
    return parse(text, previous);
  });
}

/** What commander does with the value: its parser, or collecting, or taking it as it is. */
function parserOf({ parseArg, variadic, defaultValue }: Option | Argument): Parse {
  if (parseArg) return parseArg as Parse;
  if (!variadic) return (text) => text;
  return (text, previous) => (previous === defaultValue || !Array.isArray(previous) ? [text] : [...previous, text]);
}
