import { render, screen } from '@testing-library/svelte'
import { expect, it } from 'vitest'
import '@lib/testing'
import { person } from '@lib/testing'
import HowPaid from './HowPaid.svelte'

const card = { id: 'c1', brand: 'visa', last4: '4242', exp_month: 4, exp_year: 2030 }

it('charges nothing by itself unless a saved card is chosen', async () => {
  render(HowPaid, { id: 'how', cards: [card], card: '' })
  const how = screen.getByLabelText('How it is paid')
  expect(how).toHaveAccessibleDescription(/Nothing is charged by itself\./)
  await person().selectOptions(how, 'Charged to Visa ending in 4242, valid until 4/2030')
  expect(how).toHaveAccessibleDescription(/Each instalment is charged on its date by itself\./)
})

it('says how to come by a card where there is none', () => {
  render(HowPaid, { id: 'how', cards: [], card: '' })
  expect(screen.getByLabelText('How it is paid')).toHaveAccessibleDescription(
    /There is no saved card to charge/,
  )
})
