/**
 * A real browser goes through `box-token login`. Needs Chromium or Chrome; without one it is skipped, except in CI.
 * With `BOX_TOKEN_SCREENSHOTS`, screenshots of the pages are kept in that folder.
 */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { repository, type Sandbox } from '../sandbox/sandbox.ts'
import { appSandbox, expectNoKey, startAppLogin, theApp } from '../scenarios/app-support.ts'
import { emptySandbox, expectRefused, startLogin, written, type LogIn } from '../scenarios/login-support.ts'

/** The browser on this machine, if there is one. */
function findBrowser(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'chrome.exe']
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const elsewhere = [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  ]
  return [...folders.flatMap((folder) => names.map((name) => join(folder, name))), ...elsewhere].find(
    (file) => existsSync(file),
  )
}

const executablePath = findBrowser()
const screenshots = process.env['BOX_TOKEN_SCREENSHOTS']

const looks = [
  { name: 'desktop, light', colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { name: 'desktop, dark', colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  { name: 'phone, light', colorScheme: 'light', viewport: { width: 360, height: 740 } },
  { name: 'phone, dark', colorScheme: 'dark', viewport: { width: 360, height: 740 } },
] as const

describe.skipIf(executablePath === undefined && !process.env['CI'])(
  'in a real browser (skipped without Chromium)',
  () => {
    let browser: Browser

    beforeAll(async () => {
      if (executablePath === undefined)
        throw new Error('CI has to have Chromium: install it, as .ci/run does')
      // Chromium's sandbox does not work as root.
      browser = await chromium.launch({
        executablePath,
        args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
      })
    })

    afterAll(async () => {
      await browser.close()
    })

    /** The requirements for every page. */
    async function expectGoodPage(page: Page, complaints: readonly string[], name: string): Promise<void> {
      if (screenshots !== undefined) {
        await page.screenshot({ path: join(screenshots, `${name.replaceAll(/[^\w]+/g, '-')}.png`) })
      }
      // Its policy allowed its style, and it loaded nothing else.
      expect(complaints).toEqual([])
      const found: unknown = await page.evaluate(`(() => {
        const body = getComputedStyle(document.body)
        const { scrollWidth, clientWidth } = document.documentElement
        const texts = [...document.querySelectorAll('h1, p, li, button, a, footer')]
        return {
          font: body.fontFamily,
          overflow: scrollWidth > clientWidth,
          small: texts.filter((one) => parseFloat(getComputedStyle(one).fontSize) < 15).length,
          ground: body.backgroundColor,
        }
      })()`)
      const { font, overflow, small, ground } = found as Record<string, unknown>
      expect(font).toContain('system-ui')
      expect([overflow, small]).toEqual([false, 0])
      const [red = 0] = (/\d+/.exec(String(ground)) ?? []).map(Number)
      expect(red > 128 ? 'light' : 'dark').toBe(/dark/.test(name) ? 'dark' : 'light')
    }

    async function open(
      context: BrowserContext,
      logIn: LogIn,
    ): Promise<{ readonly page: Page; readonly complaints: string[] }> {
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('console', (message) => {
        // There is no favicon, and a refusal has another status than 200.
        if (!/Failed to load resource/.test(message.text())) complaints.push(message.text())
      })
      await page.goto(await logIn.address)
      return { page, complaints }
    }

    async function within(
      look: (typeof looks)[number],
      doing: (sandbox: Sandbox, logIn: LogIn, context: BrowserContext) => Promise<void>,
    ): Promise<void> {
      await using sandbox = await emptySandbox()
      const logIn = await startLogin(sandbox, { args: ['--no-browser'] })
      const context = await browser.newContext({ colorScheme: look.colorScheme, viewport: look.viewport })
      try {
        await doing(sandbox, logIn, context)
      } finally {
        await context.close()
        logIn.cli.kill('SIGTERM')
        await logIn.cli.done
      }
    }

    test.each(looks)('access is granted ($name)', async (look) => {
      await within(look, async (sandbox, logIn, context) => {
        const { page, complaints } = await open(context, logIn)
        await page.getByRole('button', { name: 'Grant access to Box' }).click()
        await page.getByRole('heading', { name: 'Signed in to Box' }).waitFor()
        await expectGoodPage(page, complaints, `granted ${look.name}`)
        expect(await page.textContent('main')).toContain('Aaron Levie (ceo@example.com) is signed in to Box')
        expect((await logIn.cli.done).exitCode).toBe(0)
        expect(sandbox.box.takes(sandbox.stored)).toBe(true)
      })
    })

    test.each(looks)('access is denied ($name)', async (look) => {
      await within(look, async (sandbox, logIn, context) => {
        const { page, complaints } = await open(context, logIn)
        await page.getByRole('button', { name: 'Deny access to Box' }).click()
        await page.getByRole('heading', { name: 'Box did not grant access' }).waitFor()
        await expectGoodPage(page, complaints, `denied ${look.name}`)
        expectRefused(sandbox, await logIn.cli.done, /access to Box was denied/)
        expect(written(sandbox)).toEqual([])
      })
    })

    test.each(looks)('another site sends the browser here with a forged state ($name)', async (look) => {
      await within(look, async (sandbox, logIn, context) => {
        const { page, complaints } = await open(context, logIn)
        await page.goto(`${logIn.callback}?code=of-the-attacker&state=forged`)
        await page.getByRole('heading', { name: 'This answer was ignored' }).waitFor()
        await expectGoodPage(page, complaints, `forged ${look.name}`)
        expect(sandbox.requests).not.toContain('box token')
        // It still waits for the genuine answer.
        await page.goto(await logIn.address)
        await page.getByRole('button', { name: 'Grant access to Box' }).click()
        await page.getByRole('heading', { name: 'Signed in to Box' }).waitFor()
        expect((await logIn.cli.done).exitCode).toBe(0)
      })
    })

    test.each(looks)('a GitHub App is created and installed, access is granted ($name)', async (look) => {
      await using sandbox = await appSandbox()
      const logIn = await startAppLogin(sandbox, { args: ['--no-browser'] })
      const context = await browser.newContext({ colorScheme: look.colorScheme, viewport: look.viewport })
      try {
        const page = await context.newPage()
        const complaints: string[] = []
        page.on('console', (message) => {
          if (!/Failed to load resource/.test(message.text())) complaints.push(message.text())
        })
        const seen: string[] = []
        await page.goto(await logIn.appPage)
        await page.getByRole('heading', { name: 'Create a GitHub App' }).waitFor()
        await expectGoodPage(page, complaints, `app form ${look.name}`)
        seen.push(await page.content())
        await page.getByRole('button', { name: 'Continue on GitHub' }).click()
        await page.getByRole('button', { name: 'Create GitHub App for octo-org' }).click()
        await page.getByRole('heading', { name: 'GitHub App created' }).waitFor()
        await expectGoodPage(page, complaints, `app made ${look.name}`)
        seen.push(await page.content())
        await page.getByRole('link', { name: 'Install it on GitHub' }).click()
        await page.getByPlaceholder('owner/name').fill(repository)
        await page.getByRole('button', { name: 'Install' }).click()
        await page.getByRole('heading', { name: 'was installed' }).waitFor()
        await page.goto(await logIn.address)
        await page.getByRole('button', { name: 'Grant access to Box' }).click()
        await page.getByRole('heading', { name: 'Signed in to Box' }).waitFor()
        seen.push(await page.content())
        const result = await logIn.cli.done
        expect(result.exitCode, result.stderr).toBe(0)
        expect(sandbox.store.value('BOX_APP_PRIVATE_KEY')).toBe(theApp(sandbox).privateKey)
        expectNoKey(sandbox, result.stdout, result.stderr, ...seen)
      } finally {
        await context.close()
        logIn.cli.kill('SIGTERM')
        await logIn.cli.done
      }
    })

    test('a page as a data: address works if the browser is on another machine', async () => {
      await using sandbox = await appSandbox()
      const logIn = await startAppLogin(sandbox, { args: ['--no-browser'] })
      const context = await browser.newContext()
      try {
        const page = await context.newPage()
        const [address] = await logIn.cli.until(/data:text\/html;base64,[\w+/=]+/)
        await page.goto(address)
        await page.getByRole('button', { name: 'Continue on GitHub' }).click()
        const back = new Promise<string>((resolve) => {
          // The address bar shows the address even though it cannot be opened there.
          page.on('request', (request) => {
            if (request.url().startsWith(`http://localhost:${logIn.port}/`)) resolve(request.url())
          })
        })
        await context.route(`http://localhost:${logIn.port}/**`, (route) => route.abort())
        await page.getByRole('button', { name: 'Create GitHub App for octo-org' }).click()
        logIn.cli.write(`${await back}\n`)
        await logIn.installPage
        expect(sandbox.store.value('BOX_APP_PRIVATE_KEY')).toBe(theApp(sandbox).privateKey)
      } finally {
        await context.close()
        logIn.cli.kill('SIGTERM')
        await logIn.cli.done
      }
    })

    test.each(looks)('the exchange fails ($name)', async (look) => {
      await within(look, async (sandbox, logIn, context) => {
        const { page, complaints } = await open(context, logIn)
        sandbox.box.appDisabled = true
        await page.getByRole('button', { name: 'Grant access to Box' }).click()
        await page.getByRole('heading', { name: 'The sign-in did not work' }).waitFor()
        await expectGoodPage(page, complaints, `failed ${look.name}`)
        expectRefused(sandbox, await logIn.cli.done, /unauthorized_client/)
      })
    })
  },
)
