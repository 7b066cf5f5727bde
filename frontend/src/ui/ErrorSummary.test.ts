import { render, screen } from '@testing-library/svelte'
import { flushSync } from 'svelte'
import { expect, it } from 'vitest'
import { FormState } from '@lib/form.svelte'
import { person } from '@lib/testing'
import ErrorSummary from './ErrorSummary.svelte'

it('is silent until something is wrong', () => {
  render(ErrorSummary, { form: new FormState(['amount'], 'gift') })
  expect(screen.queryByRole('alert')).toBeNull()
})

it('takes focus, says the same words as the fields and leads to them', async () => {
  const form = new FormState(['amount', 'fund_id'], 'gift')
  const input = document.body.appendChild(document.createElement('input'))
  input.id = 'gift-fund_id'
  render(ErrorSummary, { form })
  flushSync(() => form.reject({ amount: 'Enter an amount.', fund_id: 'Choose a fund.' }))
  const summary = screen.getByRole('alert')
  expect(summary).toHaveFocus()
  expect(summary).toHaveTextContent('Please check 2 fields')
  await person().click(screen.getByRole('link', { name: 'Choose a fund.' }))
  expect(input).toHaveFocus()
  input.remove()
})
