// Preloaded into a program (`node --import`): at its exit, writes what it used to the file that USAGE names: its peak
// memory in bytes and, with USAGE_MODULES, the size of each JavaScript file that it loaded.
import { readFileSync, writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

const modules = {}
if (process.env.USAGE_MODULES) {
  registerHooks({
    load(url, context, next) {
      const result = next(url, context)
      if (url.startsWith('file:')) modules[url] = Buffer.byteLength(result.source ?? '')
      return result
    },
  })
}

/** Of this program alone: on Linux, what `resourceUsage` returns starts from the peak of the parent process. */
function peak() {
  const { maxRSS } = process.resourceUsage()
  if (process.platform !== 'linux') return maxRSS * 1024
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? maxRSS) * 1024
}

process.once('exit', () => writeFileSync(process.env.USAGE, JSON.stringify({ peak: peak(), modules })))
