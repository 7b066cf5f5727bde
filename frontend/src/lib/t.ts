// t() speaks from the same go-i18n v2 catalogue that Go reads: a message is a text or its plural forms, and
// placeholders are written {{.Name}}. Only one language is ever loaded.

export type Message = string | Partial<Record<Intl.LDMLPluralRule, string>>
export type Catalogue = Record<string, Message>
export type Values = Record<string, string | number>

let messages: Catalogue = {}
let rules = new Intl.PluralRules('en')

/** setMessages installs the catalogue of one language. Call it before the first component mounts. */
export function setMessages(catalogue: Catalogue, language: string): void {
  messages = catalogue
  rules = new Intl.PluralRules(language)
}

/**
 * t returns the message of that key with its placeholders filled. A plural message is chosen by the value
 * named Count. An unknown key is returned as it is, so a gap is seen and never blank.
 */
export function t(key: string, values: Values = {}): string {
  const message = messages[key]
  if (message === undefined) return key
  const text = typeof message === 'string' ? message : plural(message, values.Count)
  return text.replace(/\{\{\s*\.(\w+)\s*\}\}/g, (whole, name: string) => {
    const value = values[name]
    return value === undefined ? whole : typeof value === 'number' ? value.toLocaleString() : value
  })
}

/** has tells whether the catalogue knows a key, for texts that follow a server's code. */
export function has(key: string): boolean {
  return key in messages
}

function plural(forms: Partial<Record<Intl.LDMLPluralRule, string>>, count: string | number = 0): string {
  return forms[rules.select(Number(count))] ?? forms.other ?? ''
}
