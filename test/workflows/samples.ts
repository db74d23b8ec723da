/** The workflows that people copy from this repository, each as a complete file. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMap, isSeq, parse, parseDocument } from 'yaml'

const root = join(import.meta.dirname, '..', '..')
const examples = '.github/examples'

/** A workflow, or a part of one that was completed. */
export interface Sample {
  /** Where it is: a file and, in Markdown, the line. */
  readonly title: string
  readonly text: string
  /** Whether the page shows a complete workflow. */
  readonly whole: boolean
}

/** The parts of a workflow that the checks here use. */
export interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, Job>>
}

/** A job with steps. */
export interface Job {
  readonly 'timeout-minutes'?: number
  readonly permissions?: Readonly<Record<string, string>>
  readonly steps: readonly Step[]
}

/** One step. */
export interface Step {
  readonly id?: string
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, string | number | boolean>>
}

/** Reads a workflow; the language service reports its faults of form. */
export function workflowIn({ text }: Sample): Workflow {
  return parse(text) as Workflow
}

/** Every example file. */
export async function exampleFiles(): Promise<Sample[]> {
  const names = (await readdir(join(root, examples))).filter((name) => /\.ya?ml$/.test(name)).toSorted()
  return Promise.all(
    names.map(async (name) => ({
      title: `${examples}/${name}`,
      text: await readFile(join(root, examples, name), 'utf8'),
      whole: true,
    })),
  )
}

/** Every YAML sample of the Markdown files that people read. */
export async function documentedSamples(): Promise<Sample[]> {
  const pages = (await readdir(join(root, 'docs'))).map((name) => `docs/${name}`)
  const readmes = (await readdir(root)).filter((name) => /^README.*\.md$/.test(name))
  const files = [...readmes, ...pages.filter((name) => name.endsWith('.md'))].toSorted()
  const texts = await Promise.all(files.map(async (file) => readFile(join(root, file), 'utf8')))
  return files.flatMap((file, index) => samplesOf(file, texts[index] ?? ''))
}

/** The YAML samples of a Markdown text. */
export function samplesOf(file: string, markdown: string): Sample[] {
  return [...markdown.matchAll(/^( *)```ya?ml\n([^]*?)^ *```$/gm)].map(
    ({ 1: indent = '', 2: body = '', index }) => {
      const line = markdown.slice(0, index).split('\n').length
      const text = body.replaceAll(new RegExp(`^${indent}`, 'gm'), '')
      return { title: `${file}, line ${line}`, ...madeWhole(text) }
    },
  )
}

const job = `on: workflow_dispatch
permissions: {} # a sample needs none
jobs:
  sample:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
`

/** A sample as a complete workflow: with the parts that its comments leave out, and the parts around it. */
function madeWhole(sample: string): Pick<Sample, 'text' | 'whole'> {
  const text = sample.replaceAll(/^( *)# and the four credentials.*$/gm, (_all, indent: string) =>
    credentials.map((line) => `${indent}${line}`).join('\n'),
  )
  const { contents } = parseDocument(text)
  if (isMap(contents) && contents.has('on')) return { text, whole: true }
  if (isMap(contents) && contents.has('jobs'))
    return { text: `on: workflow_dispatch\npermissions: {}\n${text}`, whole: false }
  if (isSeq(contents)) return { text: `${job}${indented(text, 6)}`, whole: false }
  // Inputs of this action.
  const step = `- uses: owner/box-token-action@v1\n  with:\n${indented(credentials.join('\n'), 4)}${indented(text, 4)}`
  return { text: `${job}${indented(step, 6)}`, whole: false }
}

const credentials: readonly string[] = Object.entries({
  'client-id': 'BOX_CLIENT_ID',
  'client-secret': 'BOX_CLIENT_SECRET',
  'refresh-token': 'BOX_REFRESH_TOKEN',
  'github-token': 'BOX_SECRETS_TOKEN',
}).map(([input, secret]) => `${input}: \${{ secrets.${secret} }}`)

function indented(text: string, by: number): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '\n' : `${' '.repeat(by)}${line}\n`))
    .join('')
}
