import { t } from '@lib/t'

const SHORTEST = 12

/** passwordProblem says what the server would refuse about a new password; length is the only rule. */
export function passwordProblem(password: string): string | undefined {
  if (password === '') return t('access.password_missing')
  return [...password].length < SHORTEST ? t('access.password_short', { Count: SHORTEST }) : undefined
}
