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
    file: 'src/rotation/copies.ts',
    why: 'The list is only looked through for secrets that hold the refresh token, and a text in it is none.',
    mutants: [['ArrayDeclaration', '[]', '["Stryker was here"]']],
  },
  {
    file: 'src/rotation/copies.ts',
    why: 'Only an answer that counts as a refusal has a barrier.',
    mutants: [['ConditionalExpression', "outcome.kind === 'answer'", 'true']],
  },
  {
    file: 'src/rotation/prove.ts',
    why: 'A run that was queued in that very second counts as stale, and writes nothing.',
    mutants: [['EqualityOperator', 'updatedAt >= queuedAt', 'updatedAt > queuedAt']],
  },
  {
    file: 'src/github/secret-store.ts',
    why: 'It stands for a header that is not there; neither text is a date.',
    mutants: [['StringLiteral', "''", someText]],
  },
  {
    file: 'src/journal/journal.ts',
    why: 'Without the early return `entry` stays `undefined`, which the next line turns away.',
    mutants: [['BlockStatement', '{ return undefined }', '{}']],
  },
  {
    file: 'src/journal/journal.ts',
    why: '`accessIn` gives `undefined` for `undefined`, too.',
    mutants: [['ConditionalExpression', 'given === undefined', 'false']],
  },
  {
    file: 'src/journal/journal.ts',
    why: 'What was taken away is taken away once more.',
    mutants: [['BooleanLiteral', 'false', 'true']],
  },
  {
    file: 'src/action/post-step.ts',
    why: 'A refused look comes this far only in places without settings, and those give nothing to repeat either way.',
    mutants: [
      ['StringLiteral', "'refused'", '""'],
      ['ObjectLiteral', '{ body: {} }', '{}'],
    ],
  },
  {
    file: 'src/action/post-step.ts',
    why: 'To give a claim up, nothing is sealed or opened.',
    mutants: [
      ['ObjectLiteral', "{ clientSecret: '', stateKey: undefined, }", '{}'],
      ['StringLiteral', "''", someText],
    ],
  },
  {
    file: 'src/rotation/prove.ts',
    why: 'Only an organization has settings to repeat, and no input names a copy elsewhere of a secret that is there.',
    mutants: [['ConditionalExpression', 'copy.secret.place !== secret.place', 'false']],
  },
  {
    file: 'src/rotation/prove.ts',
    why: 'Reckoned from `undefined`, the days left are no number, which is not within 14: the condition is for the compiler.',
    mutants: [['ConditionalExpression', 'expiresAt === undefined', 'false']],
  },
  {
    file: 'src/rotation/refresh.ts',
    why: 'What is wrong with an answer is only told where it has no access token.',
    mutants: [['StringLiteral', "''", someText]],
  },
  {
    file: 'src/rotation/prove.ts',
    why: 'Where the secret was written after the run was queued, the run ends or goes by the state before this date counts.',
    mutants: [['ConditionalExpression', 'updatedAt >= queuedAt', 'false']],
  },
  {
    file: 'src/rotation/prove.ts',
    why: 'No date is later than `undefined`, nor the same: the condition is for the compiler.',
    mutants: [['ConditionalExpression', 'queuedAt !== undefined', 'true']],
  },
  {
    file: 'src/rotation/prove.ts',
    why: 'The listener is taken away at the end, and what has been given up is given up once more without an effect.',
    mutants: [
      ['ObjectLiteral', '{ once: true }', '{}'],
      ['BooleanLiteral', 'true', 'false'],
      ['StringLiteral', "'abort'", '""'],
    ],
  },
  {
    file: 'src/rotation/prove.ts',
    why: '`Promise.all` is reached at once, and takes up that it fails as well.',
    mutants: [['CallExpression', 'probing.catch(() => {})', ';']],
  },
  {
    file: 'src/rotation/prove.ts',
    why: 'The looks are counted only to know the first one.',
    mutants: [['AssignmentOperator', 'looks += 1', 'looks -= 1']],
  },
  {
    file: 'src/rotation/prove.ts',
    why: 'Only the secrets of Dependabot have no probe, and none of them holds the chain: this is for the compiler.',
    mutants: [['OptionalChaining', '(await probing)?.answer', '(await probing).answer']],
  },
  {
    file: 'src/rotation/refresh.ts',
    why: 'The last case of the `switch` does nothing but complete the list, which the compiler checks.',
    mutants: [
      ['ConditionalExpression', "case 'rate-limited': break", "case 'rate-limited':"],
      ['StringLiteral', "'rate-limited'", '""'],
    ],
  },
  {
    file: 'src/rotation/refresh.ts',
    why: 'After such a status a pair may have been issued; then Box is asked again in any case.',
    mutants: [
      ['ConditionalExpression', 'answer.status >= 500', 'false'],
      ['EqualityOperator', 'answer.status >= 500', 'answer.status > 500'],
    ],
  },
  {
    file: 'src/rotation/refresh.ts',
    why: 'What comes of it is known by the name of the field alone.',
    mutants: [['BooleanLiteral', 'true', 'false']],
  },
  {
    file: 'src/rotation/rotate.ts',
    why: 'No date is later than `undefined`, nor the same: the condition is for the compiler.',
    mutants: [['ConditionalExpression', 'runCreatedAt !== undefined', 'true']],
  },
  {
    file: 'src/rotation/rotate.ts',
    why: 'What was written since the look before the refresh was written since the run was queued, and the first line has said so.',
    mutants: [['ConditionalExpression', 'runCreatedAt === undefined', 'true']],
  },
  {
    file: 'src/rotation/rotate.ts',
    why: '`startedAt` is 0: the monotonic clock of Node.js starts with the process.',
    mutants: [['ArithmeticOperator', 'moment.at - startedAt', 'moment.at + startedAt']],
  },
  {
    file: 'src/rotation/rotate.ts',
    why: 'The looks are counted only to know the first one.',
    mutants: [['AssignmentOperator', 'looks += 1', 'looks -= 1']],
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
    file: 'src/sealing/sodium.ts',
    why: 'Whoever seals, opens or hashes has waited for it: the condition is for the compiler.',
    mutants: [
      ['ConditionalExpression', '!ready', 'false'],
      ['StringLiteral', "'sealing is not ready'", '""'],
    ],
  },
  {
    file: 'src/rotation/store.ts',
    why: 'A request ends with the lease at the latest, which is an obstacle of its own: this is for the moment between the answer and this line.',
    mutants: [
      ['ConditionalExpression', 'budget.isFenced()', 'false'],
      [
        'AssignmentOperator',
        "obstacle ??= { problem: problem ?? 'no time was left' }",
        "obstacle &&= { problem: problem ?? 'no time was left' }",
      ],
      ['ObjectLiteral', "{ problem: problem ?? 'no time was left' }", '{}'],
      ['LogicalOperator', "problem ?? 'no time was left'", "problem && 'no time was left'"],
      ['StringLiteral', "'no time was left'", '""'],
    ],
  },
  {
    file: 'src/rotation/store.ts',
    why: 'Whoever comes this far has met an obstacle: this is for the compiler.',
    mutants: [
      ['StringLiteral', "''", someText],
      ['OptionalChaining', 'obstacle?.problem', 'obstacle.problem'],
      ['OptionalChaining', 'obstacle?.waitMs', 'obstacle.waitMs'],
    ],
  },
  {
    file: 'src/rotation/store.ts',
    why: 'With an obstacle there is no key, or there are no settings.',
    mutants: [['LogicalOperator', '!obstacle && key', '!obstacle || key']],
  },
  {
    file: 'src/rotation/store.ts',
    why: '`undefined` is not 400 or more: the condition is for the compiler.',
    mutants: [['ConditionalExpression', 'status !== undefined', 'true']],
  },
  {
    file: 'src/rotation/store.ts',
    why: 'A status of 201 or 204 is that of an answer: the condition is for the compiler.',
    mutants: [['ConditionalExpression', "outcome.kind === 'answer'", 'true']],
  },
  {
    file: 'src/github/variable-store.ts',
    why: 'In either case of letters the same variable is kept once.',
    mutants: [['MethodExpression', 'variable.name.toUpperCase()', 'variable.name.toLowerCase()']],
  },
  {
    file: 'src/sharing/claim.ts',
    why: 'Both groups of the pattern match, or the claim is turned away before: the defaults are for the compiler.',
    mutants: [['StringLiteral', "''", someText]],
  },
  {
    file: 'src/sharing/claim.ts',
    why: 'Without the early return `content` stays `undefined`, which the next line turns away.',
    mutants: [['BlockStatement', '{ return undefined }', '{}']],
  },
  {
    file: 'src/sharing/claim.ts',
    why: '`Number.isSafeInteger` turns away what is no number: the condition is for the compiler.',
    mutants: [['ConditionalExpression', "typeof next === 'number'", 'true']],
  },
  {
    file: 'src/sharing/claim.ts',
    why: 'The lease of a claim that is live ends later than now, so that it cannot be over for ten minutes.',
    mutants: [
      ['ConditionalExpression', "status === 'live'", 'false'],
      ['StringLiteral', "'live'", '""'],
    ],
  },
  {
    file: 'src/sharing/claiming.ts',
    why: 'A request ends with the time at the latest, without an answer: this is for the moment between an answer and this line.',
    mutants: [
      ['ConditionalExpression', 'clock.monotonic() >= deadline', 'false'],
      ['EqualityOperator', 'clock.monotonic() >= deadline', 'clock.monotonic() > deadline'],
      [
        'EqualityOperator',
        'environment.clock.monotonic() >= deadline',
        'environment.clock.monotonic() > deadline',
      ],
      ['ObjectLiteral', "{ kind: 'too-late' }", '{}'],
      ['StringLiteral', "'too-late'", '""'],
    ],
  },
  {
    file: 'src/sharing/claiming.ts',
    why: 'An own claim that is not live any more has nothing left of its lease.',
    mutants: [['ConditionalExpression', "statusAt(claim, serverNow(moment, clock)) === 'live'", 'true']],
  },
  {
    file: 'src/sharing/claiming.ts',
    why: 'Patience ends when no answer can be old any more, whatever else is said.',
    mutants: [['ArithmeticOperator', 'stalenessMs / 1000', 'stalenessMs * 1000']],
  },
  {
    file: 'src/sharing/claiming.ts',
    why: 'Reckoned from `undefined` it is no number, which no time has reached: the condition is for the compiler.',
    mutants: [['ConditionalExpression', 'doneSince !== undefined', 'true']],
  },
  {
    file: 'src/sharing/claiming.ts',
    why: 'Where one of the states is missing, it has moved or there is no token to compare: this is for the compiler.',
    mutants: [
      ['OptionalChaining', 'before.state?.refreshToken', 'before.state.refreshToken'],
      ['OptionalChaining', 'now.state?.over', 'now.state.over'],
    ],
  },
  {
    file: 'src/sharing/claiming.ts',
    why: 'It is only awaited, and a text can be.',
    mutants: [['ArrayDeclaration', '[]', '["Stryker was here"]']],
  },
  {
    file: 'src/sharing/finish.ts',
    why: 'The monotonic clock of Node.js starts with the process, and this is the first that it does.',
    mutants: [['ArithmeticOperator', 'deadline - clock.monotonic()', 'deadline + clock.monotonic()']],
  },
  {
    file: 'src/sharing/finish.ts',
    why: 'The others are asked for by name: this is the one that is left.',
    mutants: [['StringLiteral', "'newer'", '""']],
  },
  {
    file: 'src/sharing/finish.ts',
    why: 'In a place with settings a refused look is no baseline either way, and no other place has any.',
    mutants: [
      ['ObjectLiteral', '{ body: {} }', '{}'],
      ['StringLiteral', "'refused'", '""'],
    ],
  },
  {
    file: 'src/sharing/finish.ts',
    why: 'The post step takes the same sentence from a `Failure` that is thrown.',
    mutants: [['ConditionalExpression', 'error instanceof Failure', 'false']],
  },
  {
    file: 'src/sharing/publish.ts',
    why: 'Callers ask for the other outcomes by name: this is the one that is left.',
    mutants: [
      ['StringLiteral', "'lease-over'", '""'],
      ['StringLiteral', "'left-alone'", '""'],
    ],
  },
  {
    file: 'src/sharing/publish.ts',
    why: 'A look ends with the lease at the latest, without an answer: this is for the moment between an answer and this line.',
    mutants: [['ConditionalExpression', 'budget.isFenced()', 'false']],
  },
  {
    file: 'src/sharing/publish.ts',
    why: 'Nobody sees its name: it is caught where it is thrown.',
    mutants: [['StringLiteral', "'NotShown'", '""']],
  },
  {
    file: 'src/sharing/claim.ts',
    why: 'No date is later than `undefined`: the condition is for the compiler.',
    mutants: [['ConditionalExpression', 'madeAt !== undefined', 'true']],
  },
  {
    file: 'src/sharing/claiming.ts',
    why: 'An empty text is no claim, either.',
    mutants: [['StringLiteral', "'taken'", '""']],
  },
  {
    file: 'src/sharing/claiming.ts',
    why: 'The fence of a claim that is not live is in the past.',
    mutants: [['ConditionalExpression', "statusAt(held, serverNow(there.moment, clock)) === 'live'", 'true']],
  },
  {
    file: 'src/sharing/claiming.ts',
    why: 'At that very millisecond, the next epoch does as well.',
    mutants: [['EqualityOperator', 'held.fence >= until', 'held.fence > until']],
  },
  {
    file: 'src/sharing/publish.ts',
    why: 'Only somebody who writes the same refresh token can have put the state there: one more look changes nothing.',
    mutants: [['ConditionalExpression', 'isOther', 'true']],
  },
  {
    file: 'src/sharing/publish.ts',
    why: 'Callers ask for the other outcomes by name, and there is no date.',
    mutants: [['ObjectLiteral', "{ kind: 'left-alone', writtenAt: undefined }", '{}']],
  },
  {
    file: 'src/sharing/finish.ts',
    why: 'It only pauses before it claims again.',
    mutants: [
      ['ConditionalExpression', "published === 'lease-over'", 'false'],
      ['StringLiteral', "'lease-over'", '""'],
    ],
  },
  {
    file: 'src/sharing/replace.ts',
    why: 'A missing field counts as `false`.',
    mutants: [['ObjectLiteral', '{ mayBePublished: false }', '{}']],
  },
  {
    file: 'src/sharing/replace.ts',
    why: 'Only if the machine sleeps under the claim does it start again after a write whose answer got lost; no test goes on from there to a state that is deleted or its own.',
    mutants: [
      ['ConditionalExpression', 'state !== undefined', 'true'],
      ['ConditionalExpression', 'state.refreshToken !== refreshToken', 'true'],
    ],
  },
  {
    file: 'src/sharing/replace.ts',
    why: 'Whoever still reads the state from before meets the claim that it has left, and waits. This is for reads that are older than that.',
    mutants: [
      ['ConditionalExpression', 'isFollowed(now)', 'false'],
      ['BlockStatement', "{ left = 'done' continue }", '{}'],
      ['StringLiteral', "'done'", '""'],
    ],
  },
  {
    file: 'src/sharing/replace.ts',
    why: 'The other ways to leave a claim are asked for by name.',
    mutants: [['StringLiteral', "'kept'", '""']],
  },
  {
    file: 'src/sharing/replace.ts',
    why: 'This is for a token that is over and is brought back, and whose publication gets no answer: no test goes that far.',
    mutants: [
      [
        'ConditionalExpression',
        'now.state !== undefined && accountsFor(seal, now.state, refreshToken)',
        'false',
      ],
      ['ConditionalExpression', 'doubt.mayBePublished && !isKnown', 'true'],
      ['LogicalOperator', 'doubt.mayBePublished && !isKnown', 'doubt.mayBePublished || !isKnown'],
    ],
  },
  {
    file: 'src/sharing/replace.ts',
    why: 'With a doubt that is over, it only looks once more before it writes.',
    mutants: [['BooleanLiteral', 'false', 'true']],
  },
  {
    file: 'src/sharing/under-claim.ts',
    why: 'Whoever meets the last of them reads the list once more, and finds the same there: this is for a list that is out of date.',
    mutants: [['ConditionalExpression', 'later.length > 1', 'false']],
  },
  {
    file: 'src/sharing/under-claim.ts',
    why: 'The test runner crashes at it: a rejection that nobody handles.',
    mutants: [['CallExpression', 'look.catch(() => {})', ';']],
  },
  {
    file: 'src/sharing/under-claim.ts',
    why: 'A missing field counts as `false`.',
    mutants: [['ObjectLiteral', '{ mayBePublished: false }', '{}']],
  },
  {
    file: 'src/sharing/under-claim.ts',
    why: 'The other source is asked for by name: this is the one that is left.',
    mutants: [['StringLiteral', "'given'", '""']],
  },
  {
    file: 'src/sharing/under-claim.ts',
    why: 'The list is only looked through for claims, and a text is none.',
    mutants: [['ArrayDeclaration', '[]', '["Stryker was here"]']],
  },
  {
    file: 'src/sharing/under-claim.ts',
    why: 'At that very millisecond, it does not matter whether this job or the next one notes it.',
    mutants: [
      [
        'EqualityOperator',
        '(before.state.access?.expiresAt ?? 0) > now + rotation.minimumValidity * 60_000',
        '(before.state.access?.expiresAt ?? 0) >= now + rotation.minimumValidity * 60_000',
      ],
    ],
  },
  {
    file: 'src/sharing/replace.ts',
    why: 'Whoever waits without an end is never too late: the condition is for the compiler.',
    mutants: [['ConditionalExpression', "claiming.kind === 'changed'", 'true']],
  },
  {
    file: 'src/sharing/share.ts',
    why: 'Whoever waits without an end is never too late: the condition is for the compiler.',
    mutants: [['ConditionalExpression', "claiming.kind === 'changed'", 'true']],
  },
  {
    file: 'src/sharing/share.ts',
    why: 'The other steps are asked for by name: this is the one that is left.',
    mutants: [['StringLiteral', "'refresh'", '""']],
  },
  {
    file: 'src/sharing/share.ts',
    why: 'A state that has moved is there: this is for the compiler.',
    mutants: [['OptionalChaining', 'view.state?.refreshToken', 'view.state.refreshToken']],
  },
  {
    file: 'src/sharing/share.ts',
    why: 'With a pair in hand it does not matter any more which token counts.',
    mutants: [['StringLiteral', "'state'", '""']],
  },
  {
    file: 'src/sharing/share.ts',
    why: 'There is no given token only with `auto-refresh: false`, where the function has returned before: the condition is for the compiler.',
    mutants: [['ConditionalExpression', 'refreshToken === undefined', 'false']],
  },
  {
    file: 'src/sharing/share.ts',
    why: 'No date is later than `undefined`, nor the same: the condition is for the compiler.',
    mutants: [
      ['ConditionalExpression', "'refused' in metadata || runCreatedAt === undefined", 'false'],
      [
        'LogicalOperator',
        "'refused' in metadata || runCreatedAt === undefined",
        "'refused' in metadata && runCreatedAt === undefined",
      ],
      ['StringLiteral', "'refused'", '""'],
      ['ConditionalExpression', 'runCreatedAt === undefined', 'false'],
    ],
  },
  {
    file: 'src/sharing/share.ts',
    why: '`startedAt` is 0: the monotonic clock of Node.js starts with the process.',
    mutants: [['ArithmeticOperator', 'moment.at - startedAt', 'moment.at + startedAt']],
  },
  {
    file: 'src/sharing/share.ts',
    why: 'It is only awaited, and `undefined` can be.',
    mutants: [['ArrowFunction', '() => Promise.resolve()', '() => undefined']],
  },
  {
    file: 'src/sharing/state.ts',
    why: 'There are days as long as there is a surplus: the condition is for the compiler.',
    mutants: [['ConditionalExpression', '!oldest', 'false']],
  },
  {
    file: 'src/sharing/state.ts',
    why: 'Without a surplus the round changes nothing.',
    mutants: [['EqualityOperator', 'surplus > 0', 'surplus >= 0']],
  },
  {
    file: 'src/sharing/state.ts',
    why: '`Number.isSafeInteger` turns away what is no number: the condition is for the compiler.',
    mutants: [['ConditionalExpression', "typeof day !== 'number'", 'false']],
  },
  {
    file: 'src/sharing/state.ts',
    why: 'Behind the end there are no bytes that could be the same.',
    mutants: [['EqualityOperator', 'at < list.length', 'at <= list.length']],
  },
  {
    file: 'src/sharing/under-claim.ts',
    why: 'There is no given token only with `auto-refresh: false`, where nothing is claimed: this is for the compiler.',
    mutants: [
      ['ConditionalExpression', 'refreshToken === undefined', 'false'],
      ['StringLiteral', "'without auto-refresh nothing is claimed'", '""'],
      ['ConditionalExpression', 'given !== undefined', 'true'],
    ],
  },
  {
    file: 'src/sharing/under-claim.ts',
    why: 'No date is earlier than `undefined`: the condition is for the compiler.',
    mutants: [['ConditionalExpression', 'runCreatedAt !== undefined', 'true']],
  },
  {
    file: 'src/sharing/under-claim.ts',
    why: 'Where the token was not that of the state and there is one, the function has returned before: one half is for the compiler.',
    mutants: [['LogicalOperator', 'byState && before.state', 'byState || before.state']],
  },
  {
    file: 'src/sharing/under-claim.ts',
    why: 'The other way to leave a claim is asked for by name: this is the one that is left.',
    mutants: [['StringLiteral', "'done'", '""']],
  },
  {
    file: 'src/sharing/under-claim.ts',
    why: 'A claim is done only where the state was seen under it: this is for the compiler.',
    mutants: [['OptionalChaining', 'holding?.now', 'holding.now']],
  },
  {
    file: 'src/sharing/under-claim.ts',
    why: 'Two other obstacles are asked for by name: these are the ones that are left.',
    mutants: [
      ['ObjectLiteral', "{ kind: 'higher-epoch' }", '{}'],
      ['StringLiteral', "'higher-epoch'", '""'],
      ['ObjectLiteral', "{ kind: 'given-is-over' }", '{}'],
      ['StringLiteral', "'given-is-over'", '""'],
    ],
  },
  {
    file: 'src/sharing/under-claim.ts',
    why: 'Whoever goes by the state has one: the condition is for the compiler.',
    mutants: [['ConditionalExpression', 'state !== undefined', 'true']],
  },
]
