/** A terminal and npm may both pass on one Ctrl-C. */
const SAME_PRESS_MS = 1_000;
const PARENT_CHECK_MS = 500;

/** Aborts at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  let firstMs: number | undefined;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (firstMs !== undefined && performance.now() - firstMs > SAME_PRESS_MS) process.exit(130);
      firstMs ??= performance.now();
      controller.abort();
    });
  }
  return controller.signal;
}

/** Aborts as well when whoever started this process is gone, as npm is when it alone is told to end. */
export function stopWithParent(): AbortSignal {
  const controller = new AbortController();
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) controller.abort();
  }, PARENT_CHECK_MS).unref();
  return AbortSignal.any([stopSignal(), controller.signal]);
}
