/** Which secrets exist, which of them a job reads, and how old the refresh token is. */
import { isoSeconds } from '../../clock.ts'
import type { Refused, Secret } from '../../github/secret-store.ts'
import { secretOf } from '../../github/target.ts'
import {
  agoInWords,
  dayMs,
  daysInWords,
  ok,
  problem,
  refusedInWords,
  remedyOr,
  shellWord,
  warning,
  wholeDays,
  type Examination,
  type Finding,
} from './finding.ts'
import { levelsOfJob, otherEnvironments, search, type Level } from './levels.ts'

/** Days for which Box accepts an unused refresh token (box-openapi, `/oauth2/token#refresh`). */
const refreshTokenDays = 60
/** With this many days left, or fewer, something must be keeping the token from being refreshed. */
const fewDays = 10

/** What is known about the refresh token. */
export interface RefreshTokenReport {
  readonly findings: readonly Finding[]
  /** Whether the place that should hold the secret exists. */
  readonly placeExists: boolean
  /** When it was last stored, in milliseconds since 1970 (UTC); `undefined` if it does not exist or cannot be seen. */
  readonly storedAt: number | undefined
}

/**
 * Looks at the secret that holds the refresh token.
 *
 * @param refreshedAt when the pair was refreshed according to the shared state, in milliseconds since 1970 (UTC);
 *   `undefined` without one. With one, the secret is a copy of the state, and may be older than the current token.
 * @throws GitHubUnavailable
 */
export async function examineRefreshToken(
  examination: Examination,
  refreshedAt: number | undefined,
): Promise<RefreshTokenReport> {
  const { client, target, budget, login } = examination
  const secret = secretOf(client, target)
  const [key, metadata] = await Promise.all([secret.publicKey(budget), secret.metadata(budget)])
  if ('refused' in key) {
    const finding = placeRefused(examination, secret, key)
    return { findings: [finding], placeExists: key.refused !== 404, storedAt: undefined }
  }
  if (!('refused' in metadata)) {
    const { updatedAt } = metadata
    const age = ageOfToken(examination, secret, updatedAt, refreshedAt)
    const findings = [age, ...(await examineNamesakes(examination))]
    return { findings, placeExists: true, storedAt: updatedAt }
  }
  if (metadata.refused !== 404) {
    const finding = placeRefused(examination, secret, metadata)
    return { findings: [finding], placeExists: true, storedAt: undefined }
  }
  const { levels } = await namesakes(examination)
  const where = levels.map(({ words }) => words).join(' and ')
  const logIn = `\`${login}\`, which signs in to Box and stores one`
  const missing = problem(
    levels.length === 0
      ? `There is no ${secret.title}, so no refresh token is stored.`
      : `There is no ${secret.title}, so no refresh token is stored there. There is a secret of that name in ${where}.`,
    levels.length === 0
      ? `Run ${logIn}.`
      : `If your workflow uses that one, run this again with ${levels.map((level) => flagOf(examination, level)).join(' or ')}. Otherwise run ${logIn}.`,
  )
  return { findings: [missing], placeExists: true, storedAt: undefined }
}

/** The flag of this command that names a place. */
function flagOf({ target, repository }: Examination, { kind, environment }: Level): string {
  if (kind === 'organization') return `--organization ${shellWord(repository?.owner ?? '')}`
  if (kind === 'environment') return `--environment ${shellWord(environment ?? '')}`
  return target.environment === undefined ? 'no --organization' : 'no --environment'
}

/** GitHub refused to show the secrets of the place. */
function placeRefused(examination: Examination, { place }: Secret, no: Refused): Finding {
  const { target, login, reader } = examination
  const answer = refusedInWords(examination, no)
  if (no.refused !== 404) {
    const permission = place.permission.replace('Read and write', 'Read')
    return problem(
      `Could not check the secrets of ${place.name} ${answer}.`,
      remedyOr(no, reader, `The token from ${reader} needs ${permission}.`),
    )
  }
  const what = `Not found: ${place.absent} ${answer}.`
  if (target.environment !== undefined) {
    return problem(what, `Correct --environment, or run \`${login}\`, which offers to create it.`)
  }
  return problem(what, `Correct the name, or use a token that has access (this one is from ${reader}).`)
}

function ageOfToken(
  examination: Examination,
  { title }: Secret,
  updatedAt: number,
  refreshedAt: number | undefined,
): Finding {
  const { now, login } = examination
  const shared = refreshedAt !== undefined && refreshedAt > updatedAt
  const issuedAt = shared ? refreshedAt : updatedAt
  const stored = `The refresh token (${title}) was ${shared ? 'refreshed, according to the shared state,' : 'stored'} ${agoInWords(examination, issuedAt)}`
  const endsAt = issuedAt + refreshTokenDays * dayMs
  if (now === undefined) {
    return warning(
      `${stored}; its age is unknown, because GitHub sent no date.`,
      `Unless it has been used or revoked since, it is valid until ${isoSeconds(endsAt)}: run the workflow before then.`,
    )
  }
  const left = wholeDays(endsAt - now)
  if (endsAt <= now) {
    return problem(
      `${stored}: it expired on ${isoSeconds(endsAt)}, ${refreshTokenDays} days after it was issued.`,
      `Run \`${login}\`, which signs in to Box again and stores a new one.`,
    )
  }
  // Box is not asked: asking it would use the token.
  const good = `unless it has been used or revoked since, it is valid until ${isoSeconds(endsAt)}`
  if (endsAt - now > fewDays * dayMs) return ok(`${stored}; ${good} (${daysInWords(left)} left).`)
  return warning(
    `${stored}; ${good} (only ${daysInWords(left)} left).`,
    'Run the keep-alive workflow now, and find out why it has not run. After that date, only `box-token login` helps.',
  )
}

interface Namesakes {
  readonly levels: readonly Level[]
  readonly refused: Refused | undefined
}

/** Other places that have a secret of the same name. */
async function namesakes(examination: Examination): Promise<Namesakes> {
  const { target } = examination
  const own =
    target.organization === undefined
      ? target.environment === undefined
        ? 'repository'
        : 'environment'
      : 'organization'
  // Other environments only matter for a repository's or organization's secret: it is not a mistake if two
  // environments each have their own.
  const environments = own === 'environment' ? [] : await otherEnvironments(examination)
  const candidates = [
    ...levelsOfJob(examination).filter(({ kind }) => kind !== own),
    ...('refused' in environments ? [] : environments),
  ]
  const answers = await Promise.all(
    candidates.map(async (level) => ({ level, held: await level.holds(target.secretName) })),
  )
  const refusal = answers.map(({ held }) => held).find((held) => typeof held !== 'boolean')
  return {
    levels: answers.filter(({ held }) => held === true).map(({ level }) => level),
    refused: 'refused' in environments ? environments : refusal,
  }
}

/** Finds secrets of the same name in other places: which one is read then depends on the job. */
async function examineNamesakes(examination: Examination): Promise<readonly Finding[]> {
  const { target, repository } = examination
  if (!repository) return []
  const { levels, refused } = await namesakes(examination)
  const { secretName, environment, organization } = target
  const name = shellWord(secretName)
  const at = `--repo ${shellWord(`${repository.owner}/${repository.repo}`)}`
  const findings: Finding[] = []
  for (const level of levels) {
    if (environment !== undefined) {
      const remove = level.kind === 'repository' ? `: \`gh secret delete ${name} ${at}\`` : ''
      findings.push(
        warning(
          `${secretName} also exists in ${level.words}. Jobs with \`environment: ${environment}\` read the environment's secret; all other jobs read that one.`,
          `Name the environment in every job that uses the action, then delete the other secret${remove}.`,
        ),
      )
    } else if (level.kind === 'environment') {
      const named = level.environment ?? ''
      findings.push(
        warning(
          `${secretName} also exists in ${level.words}. Jobs with \`environment: ${named}\` read that secret; all other jobs read the ${organization === undefined ? "repository's" : "organization's"}.`,
          `If your jobs name that environment, run this again with --environment ${shellWord(named)}. Otherwise delete the environment's secret: \`gh secret delete ${name} ${at} --env ${shellWord(named)}\`.`,
        ),
      )
    } else if (organization !== undefined && level.kind === 'repository') {
      findings.push(
        problem(
          `${secretName} also exists in ${level.words}: its jobs read that secret, never the organization's, which the action writes.`,
          `Delete the repository's secret: \`gh secret delete ${name} ${at}\`.`,
        ),
      )
    }
  }
  if (refused) {
    const { reader } = examination
    const permissions = '"Secrets: Read", "Environments: Read" and "Actions: Read"'
    findings.push(
      warning(
        `Could not check every other place for a secret ${secretName} ${refusedInWords(examination, refused)}.`,
        remedyOr(refused, reader, `The token from ${reader} needs ${permissions}.`),
      ),
    )
  }
  return findings
}

/** Another secret that the workflow needs. */
export interface NeededSecret {
  readonly name: string
  /** What it holds: `client id`. */
  readonly holds: string
  /** How bad it is if the secret does not exist. */
  readonly missing: 'warning' | 'problem'
  /** What to do if it does not exist. */
  readonly next: string
}

/**
 * Checks whether a job finds a secret, at any level.
 *
 * @throws GitHubUnavailable
 */
export async function examineSecret(
  examination: Examination,
  { name, holds, missing, next }: NeededSecret,
): Promise<Finding> {
  const levels = levelsOfJob(examination)
  const { holder, refused } = await search(levels, name)
  if (holder) return ok(`The ${holds} is stored in the secret ${name} of ${holder.words}.`)
  const places = levels.map(({ words }) => words).join(', then ')
  const [no] = refused
  if (no) {
    const { reader } = examination
    return warning(
      `Could not check whether the secret ${name} (${holds}) exists: the secrets of ${no.level.words} could not be read ${refusedInWords(examination, no.refusal)}.`,
      remedyOr(no.refusal, reader, `The token from ${reader} must be allowed to read them.`),
    )
  }
  const what = `The secret ${name} (${holds}) is missing: jobs look for it in ${places}.`
  return missing === 'warning' ? warning(what, next) : problem(what, next)
}

/**
 * Checks whether an organization's secret is available to the repository at all.
 *
 * @throws GitHubUnavailable
 */
export async function examineVisibility(examination: Examination): Promise<readonly Finding[]> {
  const { target, repository } = examination
  if (!repository || target.organization === undefined) return []
  if (repository.owner.toLowerCase() !== target.organization.toLowerCase()) {
    return [
      problem(
        `${repository.owner}/${repository.repo} does not belong to the organization ${target.organization}: its jobs do not get the organization's secrets.`,
        'Correct --repo or --organization.',
      ),
    ]
  }
  const level = levelsOfJob(examination).find(({ kind }) => kind === 'organization')
  if ((await level?.holds(target.secretName)) !== false) return []
  return [
    problem(
      `The organization's secret ${target.secretName} is not available to ${repository.owner}/${repository.repo}: its jobs do not get it.`,
      "Add the repository on the secret's page in the organization's settings.",
    ),
  ]
}
