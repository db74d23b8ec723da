/** The load that jobs put on GitHub's API, calculated from the requests that runs sent. */
import { table } from '../generated.ts'
import type { Sent } from './servers-client.ts'

/** GitHub Docs, "Rate limits for the REST API": per token or app installation; the last two also per user. */
const limits = {
  requestsAnHour: 5_000,
  pointsAMinute: 900,
  writesAMinute: 80,
  writesAnHour: 500,
  atOnce: 100,
}
const pointsOfRead = 1
const pointsOfWrite = 5
/** Box's access tokens are valid for about an hour, and refreshed with 5 minutes left (`minimum-validity`). */
const minutesBetweenRefreshes = 55
const jobsADay = [1, 100, 10_000]

/** What the runs of each kind sent. */
export interface Runs {
  readonly refresh: readonly Sent[]
  readonly reuse: readonly Sent[]
  readonly sharedRefresh: readonly Sent[]
  /** The most requests of one refresh that were in flight at once. */
  readonly atOnce: number
}

interface Load {
  readonly requests: number
  readonly writes: number
  readonly points: number
}

function loadOf(requests: readonly Sent[]): Load {
  const toGitHub = requests.filter(({ service }) => service === 'github')
  const writes = toGitHub.filter(({ method }) => method !== 'GET').length
  const points = (toGitHub.length - writes) * pointsOfRead + writes * pointsOfWrite
  return { requests: toGitHub.length, writes, points }
}

/** The load of jobs of several kinds. */
function sum(...parts: readonly (readonly [jobs: number, load: Load])[]): Load {
  const total = (field: keyof Load): number =>
    parts.reduce((all, [jobs, load]) => all + jobs * load[field], 0)
  return { requests: total('requests'), writes: total('writes'), points: total('points') }
}

/** The tables of docs/scale.md. Jobs are spread evenly over the day. */
export function scaleAsMarkdown(runs: Runs): string {
  const [refresh, reuse, sharedRefresh] = [
    loadOf(runs.refresh),
    loadOf(runs.reuse),
    loadOf(runs.sharedRefresh),
  ]
  const kinds: readonly (readonly [string, Load])[] = [
    ['refreshes, without sharing', refresh],
    ['takes the shared token', reuse],
    ['refreshes the shared token', sharedRefresh],
  ]
  const perJob = table(
    ['a job that', 'requests to GitHub', 'of them writes', 'points'],
    kinds.map(([name, { requests, writes, points }]) => [name, requests, writes, points]),
  )
  const perDay = table(
    [
      'jobs a day',
      'sharing',
      'refreshes a day',
      'requests a day',
      'an hour',
      'writes an hour',
      'points a minute',
    ],
    jobsADay.flatMap((jobs) => {
      const refreshes = Math.min(jobs, Math.ceil((24 * 60) / minutesBetweenRefreshes))
      return [
        row(jobs, 'no', jobs, sum([jobs, refresh])),
        row(jobs, 'yes', refreshes, sum([refreshes, sharedRefresh], [jobs - refreshes, reuse])),
      ]
    }),
  )
  const ends = table(
    ['limit', 'without sharing', 'with sharing'],
    [
      [
        `${limits.requestsAnHour.toLocaleString('en')} requests an hour`,
        most(limits.requestsAnHour / refresh.requests, 'an hour'),
        most(sharingJobsAnHour('requests', limits.requestsAnHour, reuse, sharedRefresh), 'an hour'),
      ],
      [
        `${limits.pointsAMinute} points a minute`,
        most(limits.pointsAMinute / refresh.points, 'a minute'),
        most((limits.pointsAMinute - sharedRefresh.points) / reuse.points, 'a minute'),
      ],
      [
        `${limits.writesAMinute} writes a minute`,
        most(limits.writesAMinute / refresh.writes, 'a minute'),
        'any: only a refresh writes',
      ],
      [
        `${limits.writesAnHour} writes an hour`,
        most(limits.writesAnHour / refresh.writes, 'an hour'),
        'any: only a refresh writes',
      ],
      [
        `${limits.atOnce} requests at once`,
        most(limits.atOnce / runs.atOnce, 'that start in the same moment'),
        most(limits.atOnce, 'that start in the same moment'),
      ],
    ],
  )
  return [perJob, perDay, ends].join('\n\n')
}

function row(jobs: number, sharing: string, refreshes: number, day: Load): (string | number)[] {
  return [
    jobs,
    sharing,
    refreshes,
    day.requests,
    rounded(day.requests / 24),
    rounded(day.writes / 24),
    rounded(day.points / 24 / 60),
  ]
}

function sharingJobsAnHour(field: keyof Load, limit: number, reuse: Load, sharedRefresh: Load): number {
  const refreshes = Math.ceil(60 / minutesBetweenRefreshes)
  return (limit - refreshes * sharedRefresh[field]) / reuse[field] + refreshes
}

function most(jobs: number, when: string): string {
  return `${Math.floor(jobs).toLocaleString('en')} jobs ${when}`
}

/** Two significant digits below ten, whole numbers above. */
function rounded(value: number): string {
  return value >= 10 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(2)))
}
