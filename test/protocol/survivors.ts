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

/** What Stryker puts in the place of an empty text. */
const someText = '"Stryker was here!"'

export const survivors: readonly Explanation[] = [
  {
    file: 'src/copies.ts',
    why: 'The list is only looked through for secrets that hold the refresh token, and a text in it is none.',
    mutants: [['ArrayDeclaration', '[]', '["Stryker was here"]']],
  },
  {
    file: 'src/github/secret-store.ts',
    why: 'It stands for a header that is not there; neither text is a date.',
    mutants: [['StringLiteral', "''", someText]],
  },
  {
    file: 'src/journal.ts',
    why: 'Without the early return `entry` stays `undefined`, which the next line turns away.',
    mutants: [['BlockStatement', '{ return undefined }', '{}']],
  },
  {
    file: 'src/journal.ts',
    why: '`accessIn` gives `undefined` for `undefined`, too.',
    mutants: [['ConditionalExpression', 'given === undefined', 'false']],
  },
  {
    file: 'src/post-action.ts',
    why: 'Where main was done and there is no claim, the function has returned before: the condition is for the compiler.',
    mutants: [['ConditionalExpression', 'claim', 'true']],
  },
  {
    file: 'src/post-action.ts',
    why: 'A refused look comes this far only in places without settings, and those give nothing to repeat either way.',
    mutants: [
      ['StringLiteral', "'refused'", '""'],
      ['ObjectLiteral', '{ body: {} }', '{}'],
    ],
  },
  {
    file: 'src/post-action.ts',
    why: 'To give a claim up, nothing is sealed or opened.',
    mutants: [
      ['ObjectLiteral', "{ clientSecret: '', stateKey: undefined, }", '{}'],
      ['StringLiteral', "''", someText],
    ],
  },
  {
    file: 'src/prove.ts',
    why: 'Only an organization has settings to repeat, and no input names a copy elsewhere of a secret that is there.',
    mutants: [['ConditionalExpression', 'copy.secret.place !== secret.place', 'false']],
  },
  {
    file: 'src/prove.ts',
    why: 'Reckoned from `undefined`, the days left are no number, which is not within 14: the condition is for the compiler.',
    mutants: [['ConditionalExpression', 'expiresAt === undefined', 'false']],
  },
  {
    file: 'src/refresh.ts',
    why: 'What is wrong with an answer is only told where it has no access token.',
    mutants: [['StringLiteral', "''", someText]],
  },
  {
    file: 'src/refresh.ts',
    why: 'The last case of the `switch` does nothing but complete the list, which the compiler checks.',
    mutants: [
      ['ConditionalExpression', "case 'rate-limited': break", "case 'rate-limited':"],
      ['StringLiteral', "'rate-limited'", '""'],
    ],
  },
  {
    file: 'src/refresh.ts',
    why: 'After such a status a pair may have been issued; then Box is asked again in any case.',
    mutants: [
      ['ConditionalExpression', 'answer.status >= 500', 'false'],
      ['EqualityOperator', 'answer.status >= 500', 'answer.status > 500'],
    ],
  },
  {
    file: 'src/rotation.ts',
    why: 'No date is later than `undefined`, nor the same: the condition is for the compiler.',
    mutants: [
      ['ConditionalExpression', 'runCreatedAt !== undefined', 'true'],
      ['ConditionalExpression', 'runCreatedAt === undefined', 'false'],
    ],
  },
  {
    file: 'src/rotation.ts',
    why: 'Both callers know when the run was queued before they ask, so there is one.',
    mutants: [['OptionalChaining', 'run?.attempt', 'run.attempt']],
  },
  {
    file: 'src/rotation.ts',
    why: '`startedAt` is 0: the monotonic clock of Node.js starts with the process.',
    mutants: [['ArithmeticOperator', 'baseline.moment.at - startedAt', 'baseline.moment.at + startedAt']],
  },
  {
    file: 'src/sealing/envelope.ts',
    why: 'Both groups of the pattern match, or neither does.',
    mutants: [
      ['ArrayDeclaration', '[]', '["Stryker was here"]'],
      [
        'LogicalOperator',
        'number === undefined || body === undefined',
        'number === undefined && body === undefined',
      ],
      ['ConditionalExpression', 'number === undefined', 'false'],
      ['ConditionalExpression', 'body === undefined', 'false'],
    ],
  },
  {
    file: 'src/sealing/sealed-box.ts',
    why: 'Whether a key can be sealed for does not depend on what is sealed.',
    mutants: [['StringLiteral', "''", someText]],
  },
  {
    file: 'src/store.ts',
    why: 'A request ends with the lease at the latest, which is an obstacle of its own: this is for the moment between the answer and this line.',
    mutants: [
      ['ConditionalExpression', 'budget.isFenced()', 'false'],
      [
        'AssignmentOperator',
        "obstacle ??= { problem: 'no time was left' }",
        "obstacle &&= { problem: 'no time was left' }",
      ],
      ['ObjectLiteral', "{ problem: 'no time was left' }", '{}'],
      ['StringLiteral', "'no time was left'", '""'],
    ],
  },
  {
    file: 'src/store.ts',
    why: 'Whoever comes this far has met an obstacle: this is for the compiler.',
    mutants: [
      ['StringLiteral', "''", someText],
      ['OptionalChaining', 'obstacle?.problem', 'obstacle.problem'],
      ['OptionalChaining', 'obstacle?.waitMs', 'obstacle.waitMs'],
    ],
  },
  {
    file: 'src/store.ts',
    why: 'With an obstacle there is no key, or there are no settings.',
    mutants: [['LogicalOperator', '!obstacle && key', '!obstacle || key']],
  },
  {
    file: 'src/store.ts',
    why: '`undefined` is not 400 or more: the condition is for the compiler.',
    mutants: [['ConditionalExpression', 'status !== undefined', 'true']],
  },
]
