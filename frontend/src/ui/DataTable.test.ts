import { render, screen, within } from '@testing-library/svelte'
import { createRawSnippet } from 'svelte'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { person, text } from '@lib/testing'
import DataTable, { type Column } from './DataTable.svelte'
import FilterBar from './FilterBar.svelte'
import Loader from './Loader.svelte'

interface Row {
  id: string
  name: string
  amount: string
}

const rows: Row[] = [
  { id: '1', name: 'Ada', amount: '$50.00' },
  { id: '2', name: 'Grace', amount: '$75.00' },
]
const link = createRawSnippet<[Row]>((row) => ({
  render: () => `<a href="/p/${row().id}">${row().name}</a>`,
}))
const columns: Column<Row>[] = [
  { id: 'name', header: 'Name', cell: link, card: 'title' },
  { id: 'amount', header: 'Amount', text: (row) => row.amount, align: 'end' },
]
const props = { caption: 'Gifts', columns, rows, rowKey: (row: Row) => row.id } as never

function width(px: number) {
  const { happyDOM } = window as unknown as { happyDOM: { setViewport: (size: { width: number }) => void } }
  happyDOM.setViewport({ width: px })
}

afterEach(() => width(1024))

describe('DataTable', () => {
  it('is a real table with a caption, headers and a link in each row', () => {
    width(1280)
    render(DataTable, { props })
    const table = screen.getByRole('table', { name: 'Gifts' })
    expect(
      within(table)
        .getAllByRole('columnheader')
        .map((h) => h.textContent),
    ).toEqual(['Name', 'Amount'])
    expect(within(table).getAllByRole('row')).toHaveLength(3)
    expect(within(table).getByRole('rowheader', { name: 'Grace' })).toBeVisible()
    expect(within(table).getByRole('link', { name: 'Ada' })).toHaveAttribute('href', '/p/1')
  })

  it('can be scrolled by keyboard', async () => {
    width(1280)
    render(DataTable, { props })
    await person().tab()
    expect(screen.getByRole('region', { name: 'Gifts' })).toHaveFocus()
  })

  it('is a list of cards on a phone', () => {
    width(390)
    render(DataTable, { props })
    expect(screen.queryByRole('table')).toBeNull()
    const cards = within(screen.getByRole('list', { name: 'Gifts' })).getAllByRole('listitem')
    expect(cards).toHaveLength(2)
    expect(cards[1]).toHaveTextContent('Grace')
    expect(cards[1]).toHaveTextContent('$75.00')
  })
})

describe('FilterBar', () => {
  it('shows what is active and removes one or all', async () => {
    const onremove = vi.fn()
    const onclear = vi.fn()
    render(FilterBar, {
      active: [{ name: 'status', label: 'Status: Received' }],
      onremove,
      onclear,
      children: text(''),
    })
    const user = person()
    await user.click(screen.getByRole('button', { name: /Status: Received/ }))
    await user.click(screen.getByRole('button', { name: 'Clear filters' }))
    expect(onremove).toHaveBeenCalledWith('status')
    expect(onclear).toHaveBeenCalledOnce()
  })
})

describe('Loader', () => {
  const shown = createRawSnippet<[string]>((data) => ({ render: () => `<p>${data()}</p>` }))
  const query = {
    data: undefined as string | undefined,
    error: null as unknown,
    isPending: false,
    refetch: vi.fn(),
  }

  it('shows a skeleton while there is nothing', () => {
    render(Loader, { query, failed: 'Could not load.', children: shown } as never)
    expect(screen.getByRole('status')).toHaveTextContent('Loading…')
  })

  it('says what failed and tries again', async () => {
    const refetch = vi.fn()
    render(Loader, {
      query: { ...query, error: new TypeError('net'), refetch },
      failed: 'Could not load.',
      children: shown,
    } as never)
    expect(screen.getByRole('alert')).toHaveTextContent('Could not load.')
    await person().click(screen.getByRole('button', { name: 'Try again' }))
    expect(refetch).toHaveBeenCalledOnce()
  })

  it('keeps what was shown when fetching anew fails', () => {
    render(Loader, {
      query: { ...query, data: 'old', error: new TypeError('net') },
      failed: 'Could not load.',
      children: shown,
    } as never)
    expect(screen.getByText('old')).toBeVisible()
    expect(screen.getByRole('alert')).toBeVisible()
  })
})
