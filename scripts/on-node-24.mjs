// Runs a development tool on Node.js 24 (the version that the Actions runner starts the action with) and
// installs what the tool needs, so that `npm run demo` and `npm test` work from a fresh clone.
//
// Plain JavaScript that any Node.js from 20 on understands, because it starts the newer one. If the Node.js that
// runs this is 24 or later, that is used; otherwise, the exact version from tools/node-24 is installed first,
// inside the repository only.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const wanted = 24

/** Runs a command, passing its output straight through; exits if the command fails. */
function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (result.error) {
    console.error(`Could not start ${command}: ${result.error.message}`)
    process.exit(1)
  }
  if (result.status !== 0) process.exit(result.status ?? 1)
}

/** Installs a folder's dependencies as its lockfile says, unless npm's own record of what it installed is newer. */
function install(folder, node, say) {
  const installed = join(folder, 'node_modules', '.package-lock.json')
  const slack = 5_000 // npm writes the two files moments apart
  if (
    existsSync(installed) &&
    statSync(installed).mtimeMs + slack > statSync(join(folder, 'package-lock.json')).mtimeMs
  ) {
    return
  }
  console.log(say)
  const npm = process.env.npm_execpath
  // No package runs scripts on install: native code comes as an optional dependency for the platform.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  if (npm && npm.endsWith('.js')) run(node, [npm, ...args], { cwd: folder })
  else run('npm', args, { cwd: folder, shell: process.platform === 'win32' })
}

/** The Node.js to use: this one if it is new enough, otherwise the pinned one for this platform. */
function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= wanted) return process.execPath
  const folder = join(root, 'tools', 'node-24')
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const pinned = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).optionalDependencies
  if (!pinned[name]) {
    console.error(
      `This is Node.js ${process.versions.node}; the project needs ${wanted} or later, and there is no pinned ` +
        `version for ${process.platform} on ${process.arch}. Install it from https://nodejs.org and run this again.`,
    )
    process.exit(1)
  }
  const node = join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  // It is an optional dependency, which npm silently skips if it cannot be installed.
  if (!existsSync(node)) rmSync(join(folder, 'node_modules'), { recursive: true, force: true })
  install(
    folder,
    process.execPath,
    `Node.js ${process.versions.node} is too old: installing ${pinned[name]} in tools/node-24 (190 MB on disk) …`,
  )
  if (!existsSync(node)) {
    console.error(`Node.js ${pinned[name]} could not be downloaded. Check the connection and run this again.`)
    process.exit(1)
  }
  return node
}

const [tool, ...args] = process.argv.slice(2)
if (!tool) {
  console.error('usage: node scripts/on-node-24.mjs <tool> [argument …]')
  process.exit(2)
}

const node = findNode()
process.env.PATH = [dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter)
install(root, node, 'Installing the development dependencies (330 MB on disk) …')

if (tool === 'node') {
  run(node, args)
} else {
  const entry = join(root, 'node_modules', tool === 'tsc' ? 'typescript' : tool)
  const manifest = JSON.parse(readFileSync(join(entry, 'package.json'), 'utf8'))
  const bin = typeof manifest.bin === 'string' ? manifest.bin : manifest.bin[tool]
  run(node, [join(entry, bin), ...args])
}
