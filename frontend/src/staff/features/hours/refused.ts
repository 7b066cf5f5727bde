// Which of several hours could not be decided, in words.

import type { Hours } from '@api/types'
import { formatDate } from '@lib/dates'
import { asApiError } from '@lib/problem'
import { t } from '@lib/t'

/** refusedOf names each entry that the server points at as ids[n], with its reason. */
export function refusedOf(thrown: unknown, asked: readonly Hours[]): string[] {
  return (asApiError(thrown).problem.errors ?? []).flatMap(({ location = '', message }) => {
    const line = asked[Number(/ids\[(\d+)\]/.exec(location)?.[1] ?? NaN)]
    return line
      ? [t('hours.refused', { Name: line.person.name, Date: formatDate(line.on), Why: message })]
      : []
  })
}
