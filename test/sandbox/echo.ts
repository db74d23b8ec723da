/** Servers that repeat what they were sent, in every form that it may have in a log or an error page. */
import type { ModelReply, ModelRequest } from './exchange.ts'

const shifted = (before: number, encoding: BufferEncoding) => (text: string) =>
  Buffer.from(`${'-'.repeat(before)}${text}`).toString(encoding)

/** The forms in which a request comes back. */
export const echoForms: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  'percent-encoded': encodeURIComponent,
  'percent-decoded': (text) => new URLSearchParams(`_=${text.replaceAll('&', ' ')}`).get('_') ?? '',
  base64: shifted(0, 'base64'),
  'base64, shifted by one': shifted(1, 'base64'),
  'base64, shifted by two': shifted(2, 'base64'),
  base64url: shifted(0, 'base64url'),
  hexadecimal: shifted(0, 'hex'),
  'base64, cut': (text) => shifted(1, 'base64')(text).slice(5, 60),
  'hexadecimal, cut': (text) => shifted(0, 'hex')(text).slice(16, 90),
  'hexadecimal, byte by byte': (text) => shifted(0, 'hex')(text).replace(/../g, '$& '),
  'with dots between': (text) => Array.from(text).join('.'),
  'with dashes between': (text) => Array.from(text).join('-'),
  'with commas between': (text) => Array.from(text).join(', '),
  'quoted-printable': (text) =>
    text
      .replace(/[^A-Za-z0-9/+&]/g, (c) => `=${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
      .replace(/(.{20})/g, '$1=\r\n'),
  'as numbers': (text) => [...Buffer.from(text)].join(' '),
  'JSON within JSON': (text) => JSON.stringify({ request: text }),
}

/** A request as text, with its secrets at the front, because only the beginning of a field is ever shown. */
function asText({ headers, body }: ModelRequest): string {
  const { authorization = '', ...others } = headers
  return `${authorization} ${body} ${JSON.stringify(others)}`
}

/**
 * An answer whose fields and headers repeat the request, each in the next form.
 *
 * @param first index of the form to begin with; it continues from answer to answer
 */
export function echoing(status: number, first: number): (request: ModelRequest) => ModelReply {
  const forms = Object.values(echoForms)
  let next = first
  return (request) => {
    const repeated = (): string => {
      const form = forms[next % forms.length]
      next += 1
      return form?.(asText(request)) ?? ''
    }
    // A header is a single line.
    const inHeader = (): string => repeated().replaceAll('\r\n', ' ')
    return {
      status,
      headers: { 'x-github-request-id': inHeader(), 'www-authenticate': `Bearer error="${inHeader()}"` },
      body: { error: repeated(), error_description: repeated(), message: repeated(), token_type: repeated() },
    }
  }
}
