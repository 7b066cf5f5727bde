// What a list shows is in its address: Back works, and a link shows a colleague the same rows.

import { href, pathname, query, setQuery, type Query } from '@lib/router'
import type { ActiveFilter } from '@ui/FilterBar.svelte'

/** valuesOf reads named values of an address; what it does not name is ''. */
export function valuesOf<Name extends string>(
  names: readonly Name[],
  address: URLSearchParams,
): Record<Name, string> {
  const values = names.map((name) => [name, address.get(name) ?? ''])
  return Object.fromEntries(values) as Record<Name, string>
}

/** Listing is a list's filters and its place among the pages, as the address of the screen names them. */
export class Listing<Name extends string> {
  readonly filters: Record<Name, string> = $derived.by(() => valuesOf(this.#names, query()))
  readonly cursor: string = $derived.by(() => query().get(this.#place) ?? '')
  readonly narrowed: boolean = $derived(Object.values(this.filters).some((value) => value !== ''))
  readonly #names: readonly Name[]
  readonly #place: string

  /** A screen with two lists names the place of each. */
  constructor(names: readonly Name[] = [], place = 'cursor') {
    this.#names = names
    this.#place = place
  }

  /** choose changes filters. Every change starts at the first page again. */
  readonly choose = (changes: Query): void => {
    void setQuery({ ...changes, [this.#place]: undefined })
  }

  /** type changes a filter letter by letter: Back leads to what was shown before the first. */
  readonly type = (changes: Query): void => {
    void setQuery({ ...changes, [this.#place]: undefined }, { replace: true })
  }

  readonly remove = (name: string): void => this.choose({ [name]: '' })

  readonly clear = (): void => this.choose(Object.fromEntries(this.#names.map((name) => [name, ''])))

  /** active says in words what the list is narrowed to. */
  active(words: Record<Name, (value: string) => string>): ActiveFilter[] {
    return this.#names
      .filter((name) => this.filters[name] !== '')
      .map((name) => ({ name, label: words[name](this.filters[name]) }))
  }

  /** page is the address of a page of the same rows; without a cursor, of the first. */
  page(cursor = ''): string {
    return href(pathname(), { ...Object.fromEntries(query()), [this.#place]: cursor })
  }
}
