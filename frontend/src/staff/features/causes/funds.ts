// The funds that money can be booked to, as choices.

import type { Cause } from '@api/types'
import type { Option } from '@ui/Select.svelte'

/** fundOptions lists the open funds of causes that are not archived, each with its cause. */
export const fundOptions = (causes: readonly Cause[]): Option[] =>
  causes
    .filter((cause) => cause.status !== 'archived')
    .flatMap((cause) =>
      cause.funds.filter((f) => f.active).map((f) => ({ value: f.id, label: `${cause.name} · ${f.name}` })),
    )
