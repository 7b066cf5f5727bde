// A page of ours made fit for a frame of its own text: such a document has no address, so its links need whole
// ones, and it inherits the policy of the page around it, which forbids style elements.

export interface PreviewPage {
  html: string
  styles: string
}

/** pageOf takes scripts out, lifts the style elements off and completes root-relative addresses. */
export function pageOf(html: string, origin: string): PreviewPage {
  const sheets: string[] = []
  const bare = html
    .replace(/<script\b[^>]*>[\s\S]*?<\/script>/gi, '')
    .replace(/<style\b[^>]*>([\s\S]*?)<\/style>/gi, (_, css: string) => {
      sheets.push(css)
      return ''
    })
    .replace(/\b(href|src|action)="\/(?!\/)/g, `$1="${origin}/`)
    .replace(
      /\bsrcset="([^"]*)"/g,
      (_, set: string) => `srcset="${set.replace(/(^|,\s*)\/(?!\/)/g, `$1${origin}/`)}"`,
    )
  return { html: bare, styles: sheets.join('\n') }
}
