import { render, screen } from '@testing-library/svelte'
import { describe, expect, it, vi } from 'vitest'
import { person } from '@lib/testing'
import Checkbox from './Checkbox.svelte'
import DateField from './DateField.svelte'
import Input from './Input.svelte'
import MoneyInput from './MoneyInput.svelte'
import RadioTiles from './RadioTiles.svelte'
import SearchBox from './SearchBox.svelte'
import Segmented from './Segmented.svelte'
import Select from './Select.svelte'
import Switch from './Switch.svelte'
import Textarea from './Textarea.svelte'

describe('Input', () => {
  it('ties label, hint and error to the control', () => {
    render(Input, {
      id: 'email',
      label: 'E-mail',
      hint: 'For the receipt.',
      error: 'Enter an address.',
      value: '',
    })
    const input = screen.getByLabelText('E-mail')
    expect(input).toHaveAccessibleDescription('For the receipt. Enter an address.')
    expect(input).toBeInvalid()
  })

  it('is not invalid without an error and says when it is optional', () => {
    render(Input, { id: 'phone', label: 'Phone', optional: true, value: '' })
    const input = screen.getByLabelText('Phone (optional)')
    expect(input).not.toHaveAttribute('aria-invalid')
    expect(input).not.toHaveAttribute('aria-describedby')
  })
})

describe('MoneyInput', () => {
  it('writes a readable amount out with the decimals of its currency', async () => {
    render(MoneyInput, { id: 'amount', label: 'Amount', currency: 'USD', value: '' })
    const input = screen.getByLabelText('Amount')
    const user = person()
    await user.type(input, '1,250.5')
    await user.tab()
    expect(input).toHaveValue('1250.50')
    expect(input).toHaveAttribute('inputmode', 'decimal')
  })

  it('leaves what it cannot read for the person to mend', async () => {
    render(MoneyInput, { id: 'amount', label: 'Amount', currency: 'JPY', value: '' })
    const input = screen.getByLabelText('Amount')
    const user = person()
    await user.type(input, '12.5')
    await user.tab()
    expect(input).toHaveValue('12.5')
  })
})

describe('Textarea', () => {
  it('says what is left when little is', async () => {
    render(Textarea, { id: 'story', label: 'Story', maxlength: 10, value: '' })
    await person().type(screen.getByLabelText('Story'), 'river')
    expect(screen.getByText('5 characters left')).toBeVisible()
  })
})

describe('Select', () => {
  it('is chosen by keyboard and starts with nothing chosen', async () => {
    const onchange = vi.fn()
    const options = [
      { value: 'a', label: 'General' },
      { value: 'b', label: 'Library' },
    ]
    render(Select, { id: 'fund', label: 'Fund', empty: 'Choose…', options, value: '', onchange })
    const select = screen.getByLabelText('Fund')
    expect(select).toHaveDisplayValue('Choose…')
    await person().selectOptions(select, 'Library')
    expect(select).toHaveValue('b')
    expect(onchange).toHaveBeenCalledOnce()
  })
})

describe('DateField', () => {
  it('keeps a calendar day', () => {
    render(DateField, { id: 'day', label: 'Received on', value: '2026-11-22', max: '2026-11-22' })
    expect(screen.getByLabelText('Received on')).toHaveValue('2026-11-22')
  })
})

describe('Checkbox', () => {
  it('is unticked, ticked by Space, and carries its error', async () => {
    render(Checkbox, { id: 'cover', label: 'Add $1.81', error: 'Please decide.', checked: false })
    const user = person()
    await user.tab()
    const box = screen.getByRole('checkbox', { name: 'Add $1.81' })
    expect(box).toHaveFocus()
    expect(box).not.toBeChecked()
    await user.keyboard(' ')
    expect(box).toBeChecked()
    expect(box).toHaveAccessibleDescription('Please decide.')
  })
})

describe('Switch', () => {
  it('acts at once', async () => {
    const onchange = vi.fn()
    render(Switch, { id: 'mail', label: 'E-mail', checked: false, onchange })
    await person().click(screen.getByRole('switch', { name: 'E-mail' }))
    expect(onchange).toHaveBeenCalledWith(true)
  })
})

describe('choices', () => {
  const options = ['25', '50', '100'].map((value) => ({ value, label: `$${value}` }))

  it.each([
    ['RadioTiles', RadioTiles],
    ['Segmented', Segmented],
  ])('%s is one group of radios', async (_, component) => {
    const onchange = vi.fn()
    render(component, { legend: 'Amount', name: 'amount', value: '50', options, onchange })
    const group = screen.getByRole('group', { name: 'Amount' })
    expect(group).toBeVisible()
    expect(screen.getByRole('radio', { name: '$50' })).toBeChecked()
    await person().click(screen.getByRole('radio', { name: '$100' }))
    expect(screen.getByRole('radio', { name: '$100' })).toBeChecked()
    expect(screen.getByRole('radio', { name: '$50' })).not.toBeChecked()
    expect(onchange).toHaveBeenCalledWith('100')
  })
})

describe('SearchBox', () => {
  it('asks 200 ms after the last key, once', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true })
    const onsearch = vi.fn()
    render(SearchBox, { id: 'search', label: 'Search', value: '', onsearch })
    await person().type(screen.getByRole('searchbox', { name: 'Search' }), ' grace ')
    vi.advanceTimersByTime(250)
    expect(onsearch).toHaveBeenCalledExactlyOnceWith('grace')
    vi.useRealTimers()
  })
})
