/** How a process ends when its work is done. */

/** Milliseconds for a process to end by itself. */
const graceMs = 500

/**
 * Ends a process that something still keeps alive, after everything it printed is flushed. If a proxy refused a tunnel or
 * never made one, Node.js leaves the connection to it open, where nobody can close it, and waits for as long as the proxy.
 *
 * Call it when nothing is left to do. A process that nothing keeps alive ends at once, by itself.
 */
export function endSoon(target: NodeJS.Process): void {
  target.stdout.write('', () =>
    target.stderr.write('', () => {
      // Unreferenced: the timer must not keep the process alive.
      setTimeout(() => target.exit(), graceMs).unref()
    }),
  )
}
