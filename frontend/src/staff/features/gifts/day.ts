import { formatDate } from '@lib/dates'
import { t } from '@lib/t'

/** dayProblem says what is wrong with the day something happened to a gift: none, to come, or before it came. */
export function dayProblem(
  on: string,
  received: string | null | undefined,
  today: string,
): string | undefined {
  if (!on) return t('day.missing')
  if (on > today) return t('day.future')
  if (received && on < received) return t('day.before_gift', { Date: formatDate(received) })
  return undefined
}
