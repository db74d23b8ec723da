/** The pages that this machine shows in the browser: self-contained, without scripts or anything to load. */
import { createHash } from 'node:crypto'

/** What the page says. */
export interface CallbackPage {
  /** `ask`: it waits for a decision. */
  readonly mood: 'good' | 'bad' | 'ask'
  readonly title: string
  /** Plain text, one string per paragraph; text between backticks is shown as code and not broken across lines. */
  readonly paragraphs: readonly string[]
  /** Shown as a list under the first paragraph. */
  readonly list?: readonly string[]
  /** A button that sends something elsewhere. */
  readonly form?: PageForm
  /** The next address; the browser also goes there by itself. */
  readonly link?: { readonly href: string; readonly text: string }
}

/** What a button sends, and where to. */
export interface PageForm {
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
  readonly button: string
}

const style = `
:root { color-scheme: light dark; --ground: #f3f5f8; --card: #fff; --ink: #1a2230; --soft: #525d6e; --line: #d9dee6; --good: #17753a; --bad: #b3261e; --on-good: #fff }
@media (prefers-color-scheme: dark) {
  :root { --ground: #12161c; --card: #1c222b; --ink: #edf1f6; --soft: #a9b4c2; --line: #333c48; --good: #6cd591; --bad: #ff9d94; --on-good: #08210f }
}
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; min-height: 100svh; display: grid; place-items: center; padding: 1.25rem; background: var(--ground); color: var(--ink); font: 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: anywhere }
main { width: 100%; max-width: 34rem; padding: clamp(1.5rem, 6vw, 2.75rem); background: var(--card); border: 1px solid var(--line); border-radius: 1rem }
svg { display: block; width: 3rem; height: 3rem; margin-bottom: 1.25rem; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round }
.good svg, .good h1 { color: var(--good) }
.bad svg, .bad h1 { color: var(--bad) }
h1 { margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -.01em; text-wrap: balance }
p, ul { margin: 0 0 .75rem }
ul { padding-left: 1.25rem }
code { display: inline-block; max-width: 100%; padding: 0 .3em; border-radius: .3em; background: var(--ground); font: .92em ui-monospace, "SF Mono", Consolas, "DejaVu Sans Mono", monospace }
button, .next { display: inline-block; margin: .75rem 0 0; padding: .7em 1.3em; border: 0; border-radius: .6em; background: var(--good); color: var(--on-good); font: inherit; font-weight: 600; text-decoration: none; cursor: pointer }
button:focus-visible, .next:focus-visible { outline: 3px solid var(--ink); outline-offset: 3px }
footer { margin-top: 1.5rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .9375rem }
`

/** Seconds before the browser follows the link by itself. */
const secondsToRead = 10

const symbols = {
  good: '<circle cx="12" cy="12" r="10"/><path d="m7.5 12.5 3 3 6-6.5"/>',
  bad: '<circle cx="12" cy="12" r="10"/><path d="M12 7v6"/><path d="M12 16.5v.01"/>',
  ask: '<circle cx="12" cy="12" r="10"/><path d="M8 12h8"/><path d="m12.5 8.5 3.5 3.5-3.5 3.5"/>',
}

/** Allows the page's own style, and nothing else. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * The policy of a page: a form may be sent to the server it is for, and nowhere else.
 *
 * @returns the value of `content-security-policy`
 */
export function policyOf({ form }: CallbackPage): string {
  return form
    ? contentSecurityPolicy.replace("form-action 'none'", `form-action ${new URL(form.action).origin}`)
    : contentSecurityPolicy
}

/** The page as HTML. */
export function renderPage({ mood, title, paragraphs, list, form, link }: CallbackPage): string {
  const [first, ...others] = paragraphs.map((paragraph) => `<p>${withCode(paragraph)}</p>`)
  const blocks = [
    ...(first === undefined ? [] : [first]),
    ...(list ? [`<ul>${list.map((item) => `<li>${withCode(item)}</li>`).join('')}</ul>`] : []),
    ...others,
    ...(form ? [renderForm(form)] : []),
    ...(link ? [`<a class="next" href="${escaped(link.href)}">${escaped(link.text)}</a>`] : []),
  ]
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">${link ? `\n<meta http-equiv="refresh" content="${secondsToRead};url=${escaped(link.href)}">` : ''}
<title>${escaped(title)}</title>
<style>${style}</style>
<body class="${mood}">
<main>
<svg viewBox="0 0 24 24" aria-hidden="true">${symbols[mood]}</svg>
<h1>${escaped(title)}</h1>
${blocks.join('\n')}
<footer>This page comes from <code>box-token login</code> on this computer.</footer>
</main>
`
}

/** Only the form. */
export function renderForm({ action, fields, button }: PageForm): string {
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  )
  return `<form method="post" action="${escaped(action)}">${inputs.join('')}<button>${escaped(button)}</button></form>`
}

function withCode(text: string): string {
  return escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>')
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
