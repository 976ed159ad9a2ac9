/** How often a line is written where it cannot be overwritten, ms. */
const LINE_EVERY_MS = 5_000;

/** One line on standard error that is kept up to date on a terminal, and repeated every 5 s elsewhere. */
export class ProgressLine {
  private lastMs = -Infinity;
  private width = 0;

  constructor(private readonly stream: NodeJS.WriteStream = process.stderr) {}

  update(text: string): void {
    if (this.stream.isTTY) {
      this.stream.write(`\r${text.padEnd(this.width)}`);
      this.width = text.length;
      return;
    }
    if (performance.now() - this.lastMs < LINE_EVERY_MS) return;
    this.lastMs = performance.now();
    this.stream.write(`${text}\n`);
  }

  /** A line of its own on standard output, above the one that is kept up to date. */
  note(text: string): void {
    if (this.stream.isTTY) this.stream.write(`\r${' '.repeat(this.width)}\r`);
    this.width = 0;
    console.log(text);
  }

  /** Ends the line with a last text that always shows. */
  finish(text: string): void {
    this.stream.write(this.stream.isTTY ? `\r${text.padEnd(this.width)}\n` : `${text}\n`);
    this.width = 0;
  }
}

/** 1234567 as 1,234,567. */
export const grouped = (n: number): string => Math.round(n).toLocaleString('en-GB');
