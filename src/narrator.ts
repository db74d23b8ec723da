/** Where the protocol logs what it does, and registers new secrets. `Report` and the command line implement it. */
export interface Narrator {
  /** From now on, hides a value in everything that is printed. */
  mask(secret: string): void
  info(line: string): void
  warning(line: string): void
  /** Says what it is waiting for, if that may take many seconds. */
  waiting(line: string): void
  /** Makes one field of a server's answer fit to print: without secrets, on one line, shortened. */
  foreign(text: string): string
}
