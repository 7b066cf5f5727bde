// Query keys begin with the organization, so that switching never shows another's rows.

import { session } from '@lib/session.svelte'

/** key names a piece of server state of the current organization. */
export function key(...parts: readonly unknown[]): readonly unknown[] {
  return [session.slug, ...parts]
}
