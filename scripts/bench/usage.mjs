// Loaded before a program (`node --import`): when that ends, writes what it took into the file that USAGE names: its
// peak memory in bytes and, with USAGE_MODULES, the size of each file of JavaScript that it loaded.
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

/** Of this program alone: what `resourceUsage` tells on Linux begins with the peak of whoever started it. */
function peak() {
  const { maxRSS } = process.resourceUsage()
  if (process.platform !== 'linux') return maxRSS * 1024
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? maxRSS) * 1024
}

process.once('exit', () => writeFileSync(process.env.USAGE, JSON.stringify({ peak: peak(), modules })))
