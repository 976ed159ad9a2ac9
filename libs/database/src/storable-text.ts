/**
 * What strangers sent, made fit for a table and a page: at most `max` UTF-16 units on one line.
 * Controls become U+FFFD (PostgreSQL takes no NUL), and so do halves of surrogate pairs.
 */
export function storableText(text: string, max: number): string {
  // eslint-disable-next-line no-control-regex
  return text.slice(0, max).replace(/[\u0000-\u001f\u007f-\u009f]/g, '\uFFFD').toWellFormed();
}
