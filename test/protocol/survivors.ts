/**
 * The mutants that no test notices, each with the reason why that is as it should be. `scripts/mutation.ts` fails where
 * one is missing here.
 */

/** Mutants that survive for one and the same reason. */
export interface Explanation {
  readonly file: string
  /** In whole sentences. */
  readonly why: string
  /** Mutator, the text that it replaced (on one line, cut after 120 characters), and what by. */
  readonly mutants: readonly (readonly [mutator: string, from: string, to: string])[]
}

export const survivors: readonly Explanation[] = []
