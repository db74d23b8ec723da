/** Where the protocol tells its story and makes new secrets known. Implemented by the report and the command line. */
export interface Narrator {
  /** Hides a value from everything that is printed from now on. */
  mask(secret: string): void
  info(line: string): void
  warning(line: string): void
  /** What it is waiting for, for many seconds. */
  waiting(line: string): void
  /** One field of a server's answer, fit to print: scrubbed of secrets, one line, cut. */
  foreign(text: string): string
}
