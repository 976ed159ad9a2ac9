import { CodedError } from '#libs/runtime';

/** Field names → what was typed, as text. */
export type FormValues = Record<string, string>;

/** The texts of a form that was sent, without white space around them; anything else is empty. */
export function formValues(body: Record<string, unknown>, fields: readonly string[]): FormValues {
  return Object.fromEntries(fields.map((field) => {
    const value = body[field];
    return [field, typeof value === 'string' ? value.replaceAll('\r\n', '\n').trim() : ''];
  }));
}

/** Which field a refusal speaks of and what it says: `room: is not one of …`; undefined for an error that no form can mend. */
export function fieldError(error: unknown, fields: readonly string[]): Record<string, string> | undefined {
  if (!(error instanceof CodedError)) return undefined;
  const [, field, problem] = /^(\w+): (.+)$/s.exec(error.message) ?? [];
  if (error.code === 'HW-INVALID' && field !== undefined && fields.includes(field)) return { [field]: `This ${problem}` };
  return error.code === 'HW-INVALID' || error.code === 'HW-LIMIT' || error.code === 'HW-LOGIN-ENDED' ? { [fields[0]!]: `${error.message}. ${error.remedy}` } : undefined;
}
