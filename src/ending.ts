/** The end of a process whose work is done. */

/** Milliseconds that a process has to come to its end by itself. */
const graceMs = 500

/**
 * Ends a process that something still holds, once all that it printed is out. Node.js leaves the connection to a proxy open
 * that refused a tunnel or never made one, gives it to nobody, and waits for as long as the proxy does.
 *
 * To be called when nothing is left to do. A process that nothing holds ends at once and by itself.
 */
export function endSoon(target: NodeJS.Process): void {
  target.stdout.write('', () =>
    target.stderr.write('', () => {
      // It does not hold the process itself.
      setTimeout(() => target.exit(), graceMs).unref()
    }),
  )
}
