import { render, screen } from '@testing-library/svelte'
import { expect, it } from 'vitest'
import Bars from './Bars.svelte'

const rows = [
  { name: 'Jan', values: [100, 300] },
  { name: 'Feb', values: [200, 0] },
]
const props = {
  summary: 'Expected: $6.',
  series: ['Regular gifts', 'Pledges'],
  rows,
  format: (n: number) => `$${n}`,
}

it('is one picture with one sentence, and names its series and its largest value', () => {
  render(Bars, props)
  expect(screen.getByRole('img', { name: 'Expected: $6.' })).toBeVisible()
  expect(screen.getByText('Pledges')).toBeVisible()
  expect(screen.getByText('$400')).toBeVisible()
})

it('draws each part to the scale of the largest column, and nothing for nothing', () => {
  const { container } = render(Bars, props)
  const heights = [...container.querySelectorAll('.bar')].map((bar) =>
    [...bar.querySelectorAll('rect')].map((r) => Number(r.getAttribute('height'))),
  )
  expect(heights).toEqual([[25, 75], [50]])
  const [first] = container.querySelectorAll('.bar rect')
  expect(Number(first?.getAttribute('y'))).toBe(75)
})
