import { render, screen } from '@testing-library/svelte'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { person } from '@lib/testing'
import { go, startRouter, type Query } from '@lib/router'
import type { Column } from '@ui/DataTable.svelte'
import { Listing, valuesOf } from './listing.svelte'
import ListTable from './ListTable.svelte'

interface Row {
  id: string
}

const columns: Column<Row>[] = [{ id: 'id', header: 'Name', text: (row) => row.id, card: 'title' }]
const words = { search: (value: string) => `“${value}”`, status: (value: string) => value }

async function show(address: Query, items: Row[], next_cursor?: string) {
  await go('/gifts', { query: address })
  const list = new Listing(['search', 'status'])
  const query = {
    data: { items, ...(next_cursor ? { next_cursor } : {}) },
    error: null,
    isPending: false,
    isPlaceholderData: false,
    refetch: vi.fn(),
  }
  const props = {
    query,
    list,
    failed: 'Could not load gifts.',
    caption: 'Gifts',
    columns,
    rowKey: (row: Row) => row.id,
    noMatch: { title: 'No gift matches' },
    empty: { title: 'No gifts yet' },
  }
  render(ListTable, { props: props as never })
  return list
}

beforeAll(() => startRouter({}, ''))

it('reads what an address names, as text', () => {
  expect(valuesOf(['search', 'status'], new URLSearchParams('search=007&page=2'))).toEqual({
    search: '007',
    status: '',
  })
})

describe('a list', () => {
  it('leads to its other pages without losing its filters', async () => {
    await show({ search: 'ada', cursor: 'b' }, [{ id: 'Ada' }], 'c')
    expect(screen.getByRole('table', { name: 'Gifts' })).toBeVisible()
    expect(screen.getByRole('link', { name: 'First page' })).toHaveAttribute('href', '/gifts?search=ada')
    expect(screen.getByRole('link', { name: 'Next page' })).toHaveAttribute(
      'href',
      '/gifts?search=ada&cursor=c',
    )
  })

  it('tells no match from nothing at all', async () => {
    const list = await show({ status: 'failed' }, [])
    expect(screen.getByText('No gift matches')).toBeVisible()
    expect(list.active(words)).toEqual([{ name: 'status', label: 'failed' }])
  })

  it('says that it is empty where nothing narrows it', async () => {
    await show({}, [])
    expect(screen.getByText('No gifts yet')).toBeVisible()
    expect(screen.queryByRole('button')).toBeNull()
  })

  it('leads back from a page behind the last row', async () => {
    await show({ search: 'ada', cursor: 'b' }, [])
    expect(screen.getByText('Nothing more here')).toBeVisible()
    expect(screen.queryByText('No gift matches')).toBeNull()
    expect(screen.getByRole('link', { name: 'First page' })).toHaveAttribute('href', '/gifts?search=ada')
  })

  it('offers to clear the filters that leave nothing', async () => {
    await show({ search: 'zz', other: 'kept' }, [])
    await person().click(screen.getByRole('button', { name: 'Clear filters' }))
    await vi.waitFor(() => expect(location.search).toBe('?other=kept'))
  })

  it('starts at the first page when a filter is cleared', async () => {
    const list = await show({ search: 'zz', other: 'kept', cursor: 'b' }, [{ id: 'Ada' }])
    list.clear()
    await vi.waitFor(() => expect(location.search).toBe('?other=kept'))
    expect(list.narrowed).toBe(false)
  })

  it('writes what somebody types over the address of the letters before', async () => {
    const list = await show({ cursor: 'b' }, [{ id: 'Ada' }])
    const before = history.length
    list.type({ search: 'ad' })
    await vi.waitFor(() => expect(location.search).toBe('?search=ad'))
    expect(history.length).toBe(before)
  })

  it('leaves the place of another list on the screen as it is', async () => {
    await go('/people/1', { query: { shifts: 'a' } })
    expect(new Listing([], 'hours').page('b')).toBe('/people/1?shifts=a&hours=b')
  })
})
