import { screen, waitFor } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { announcer } from '@lib/announce.svelte'
import { addDays, today } from '@lib/dates'
import { person } from '@lib/testing'
import { serve, show, signIn } from '../../testing'
import CancelShiftDialog from './CancelShiftDialog.svelte'
import CloseDialog from './CloseDialog.svelte'
import CoverCard from './CoverCard.svelte'
import PlanDialog from './PlanDialog.svelte'
import ResizeDialog from './ResizeDialog.svelte'
import RosterCard from './RosterCard.svelte'
import { detail, opportunity, shift, signUpOf } from './sample'
import ShiftDialog from './ShiftDialog.svelte'
import WaitlistCard from './WaitlistCard.svelte'

beforeEach(() => signIn('volunteers:read', 'volunteers:manage'))
afterEach(() => {
  vi.unstubAllGlobals()
  for (const toast of announcer.toasts) announcer.dismiss(toast.id)
})

// happy-dom does not know buttons that stand outside their form; the browser tests press the real one.
const submit = (form: string) => document.querySelector<HTMLFormElement>(`#${form}`)?.requestSubmit()
const ok = (body: unknown) => () => ({ status: 200, body })

it('moves a shift to where it was dragged, and says before what changes and how many are told', async () => {
  const roster = detail({ sign_ups: [signUpOf('a'), signUpOf('b', { status: 'waiting', position: 1 })] })
  const calls = serve({ 'GET /shifts/s1': ok(roster), 'PATCH /shifts/s1': ok(shift({ version: 6 })) })
  const closed = vi.fn()
  show(ShiftDialog, {
    mode: 'move' as const,
    shift: shift(),
    starts: '2099-11-24T13:00',
    ends: '2099-11-24T16:00',
    onclose: closed,
  })
  expect(await screen.findByText('2 people will be told by mail.')).toBeVisible()
  expect(screen.getByRole('list', { name: 'What changes' })).toHaveTextContent(/Starts.*9:00\sAM.*1:00\sPM/)
  await person().type(screen.getByLabelText(/^Message to the volunteers/), 'Sorry!')
  submit('shift-form')
  await waitFor(() => expect(closed).toHaveBeenCalledOnce())
  expect(calls.find((c) => c.method === 'PATCH')?.body).toMatchObject({
    version: 5,
    scope: 'one',
    message: 'Sorry!',
    starts_local: '2099-11-24T13:00',
    ends_local: '2099-11-24T16:00',
    places: 8,
  })
})

it('keeps what was typed when somebody else was quicker, and saves on top of theirs', async () => {
  let version = 5
  const calls = serve({
    'GET /shifts/s1': () => ({ status: 200, body: detail({ version }) }),
    'PATCH /shifts/s1': ({ body }) => {
      if ((body as { version: number }).version === 7) return { status: 200, body: shift({ version: 8 }) }
      version = 7
      return {
        status: 409,
        body: { title: 'Conflict', status: 409, code: 'volunteering.changed', detail: 'Changed meanwhile.' },
      }
    },
  })
  const closed = vi.fn()
  show(ShiftDialog, { mode: 'edit' as const, shift: shift(), onclose: closed })
  const places = screen.getByLabelText('Places')
  await person().clear(places)
  await person().type(places, '9')
  submit('shift-form')
  expect(await screen.findByText('Somebody changed this shift meanwhile')).toBeVisible()
  expect(places).toHaveValue('9')
  expect(closed).not.toHaveBeenCalled()
  submit('shift-form')
  await waitFor(() => expect(closed).toHaveBeenCalledOnce())
  expect(
    calls.filter((c) => c.method === 'PATCH').map((c) => (c.body as { version: number }).version),
  ).toEqual([5, 7])
})

it('cancels only with a reason', async () => {
  const calls = serve({
    'GET /shifts/s1': ok(detail()),
    'POST /shifts/s1/cancel': ok(shift({ status: 'cancelled', fill: 'cancelled' })),
  })
  const closed = vi.fn()
  show(CancelShiftDialog, { shift: detail({ sign_ups: [signUpOf('a')] }), onclose: closed })
  expect(screen.getByText('1 person will be told by mail.')).toBeVisible()
  submit('cancel-form')
  await waitFor(() => expect(screen.getByRole('alert')).toHaveFocus())
  expect(calls.some((c) => c.method === 'POST')).toBe(false)
  await person().type(screen.getByLabelText('Reason'), ' Snow ')
  submit('cancel-form')
  await waitFor(() => expect(closed).toHaveBeenCalledOnce())
  expect(calls.find((c) => c.method === 'POST')?.body).toEqual({ scope: 'one', reason: 'Snow', message: '' })
})

it('plans by a rule that the server has shown', async () => {
  const calls = serve({
    'GET /opportunities': ok({ items: [opportunity()] }),
    'POST /opportunities/o1/shifts/preview': ok({
      items: [
        {
          starts_local: '2099-11-23T09:00',
          ends_local: '2099-11-23T12:00',
          starts_at: '2099-11-23T14:00:00Z',
          ends_at: '2099-11-23T17:00:00Z',
        },
      ],
      total: 26,
      ends: false,
    }),
    'POST /opportunities/o1/shifts': ok({ items: [shift(), shift({ id: 's2' })] }),
  })
  const closed = vi.fn()
  show(PlanDialog, { day: '2099-11-23', onclose: closed })
  // There is one opportunity only, so it is the one; its window is where the shift's begins.
  await waitFor(() => expect(screen.getByLabelText('Opportunity')).toHaveValue('o1'))
  await person().selectOptions(screen.getByLabelText('Repeat'), 'Every week')
  await person().click(screen.getByLabelText('Open-ended'))
  expect(await screen.findByText('Every week on Monday, without an end')).toBeVisible()
  expect(await screen.findByText(/^26 shifts for now; more follow by themselves/)).toBeVisible()
  submit('plan-form')
  await waitFor(() => expect(closed).toHaveBeenCalledOnce())
  expect(announcer.toasts[0]?.text).toBe('2 shifts are planned.')
  const sent = calls.find((c) => c.path === '/opportunities/o1/shifts')
  expect(sent?.body).toMatchObject({
    repeat: 'FREQ=WEEKLY;BYDAY=MO',
    zone: 'America/New_York',
    window: { opens_before_hours: 336, closes_before_minutes: 120, cancel_before_minutes: 1440 },
  })
  expect(sent?.headers.get('Idempotency-Key')).toBeTruthy()
})

it('moves people in line at once, and back when the server refuses', async () => {
  const line = [
    signUpOf('a', { status: 'waiting', position: 1 }),
    signUpOf('b', { status: 'waiting', position: 2 }),
  ]
  const calls = serve({
    'POST /sign-ups/b/move': () => ({
      status: 409,
      body: { title: 'Conflict', status: 409, detail: 'No longer waiting.' },
    }),
  })
  show(WaitlistCard, { shift: detail({ sign_ups: line }), mayManage: true })
  expect(screen.getByRole('button', { name: 'Move Ada a up' })).toBeDisabled()
  await person().click(screen.getByRole('button', { name: 'Move Ada b up' }))
  await waitFor(() => expect(announcer.toasts[0]?.text).toBe('No longer waiting.'))
  expect(calls[0]?.body).toEqual({ position: 1 })
  expect(screen.getAllByRole('listitem')[0]).toHaveTextContent('Ada a')
})

it('counts the people of a roster, and changes how many come with somebody', async () => {
  const ada = signUpOf('a', { party: 4 })
  const shown = detail({ places: 8, free: 1, sign_ups: [ada, signUpOf('b')] })
  const calls = serve({ 'POST /sign-ups/a/party': ok({ ...ada, party: 6, over: 1 }) })
  show(RosterCard, { shift: shown, mayManage: true, onadd: vi.fn() })
  expect(screen.getByRole('heading', { name: 'Roster: 5 of 8 places' })).toBeVisible()
  expect(screen.getAllByRole('link', { name: 'Ada a and 3 others' })[0]).toBeVisible()
  expect(screen.queryByRole('button', { name: 'Change number…: Ada b' })).not.toBeInTheDocument()
  // Who speaks to the screen says what they see.
  for (const words of ['Change number…', 'Take off'])
    expect(screen.getAllByText(words)[0]).toHaveAccessibleName(new RegExp(`^${words}: Ada a`))

  const closed = vi.fn()
  show(ResizeDialog, { shift: shown, signUp: ada, onclose: closed })
  const number = screen.getByLabelText('People, with them')
  await person().clear(number)
  submit('resize-form')
  await waitFor(() => expect(screen.getByRole('alert')).toHaveFocus())
  await person().type(number, '2')
  expect(screen.getByText('2 places come free at once.')).toBeVisible()
  await person().clear(number)
  await person().type(number, '6')
  expect(screen.getByText(/^That is one more than there are places/)).toBeVisible()
  submit('resize-form')
  await waitFor(() => expect(closed).toHaveBeenCalledOnce())
  expect(calls[0]?.body).toEqual({ party: 6 })
  expect(announcer.toasts[0]?.text).toBe('Ada a and 5 others: the number is changed.')
})

it('promises only the places that come free, for those beyond the places leave first', async () => {
  const shown = detail({ places: 8, free: 0, sign_ups: [] })
  show(ResizeDialog, { shift: shown, signUp: signUpOf('a', { party: 5, over: 2 }), onclose: vi.fn() })
  const number = screen.getByLabelText('People, with them')
  await person().clear(number)
  await person().type(number, '3')
  expect(screen.queryByText(/come? free at once/)).toBeNull()
  expect(screen.getByRole('status')).toHaveTextContent(/^$/)
  await person().clear(number)
  await person().type(number, '1')
  expect(screen.getByText('2 places come free at once.')).toBeVisible()
})

it('says who is told of a closed opportunity without adding people to sign-ups', async () => {
  const day = addDays(today(new Date(), 'UTC'), 2)
  const coming = { starts_local: `${day}T09:00`, ends_local: `${day}T12:00`, ends_at: `${day}T17:00:00Z` }
  serve({ 'GET /shifts': ok({ items: [shift({ ...coming, taken: 5, waiting: 2 })] }) })
  show(CloseDialog, { opportunity: opportunity(), onclosed: vi.fn(), onclose: vi.fn() })
  expect(screen.queryByText(/^Nobody/)).toBeNull() // before the shifts are known
  expect(await screen.findByText(/^Everybody who holds a place or waits for one is told/)).toBeVisible()
})

it('proposes with reasons, asks the chosen, and never whom a rule stands against', async () => {
  const reason = (code: string, points: number, number = 0, words: string[] = []) => ({
    code,
    points,
    number,
    words,
  })
  const proposal = { asked_at: null, answer: '', score: 60, obstacles: [] as string[] }
  const calls = serve({
    'GET /shifts/s1/cover': ok({ asks: [] }),
    'GET /shifts/s1/proposals': ok({
      considered: 2,
      more: false,
      items: [
        {
          ...proposal,
          person_id: 'p1',
          name: 'Grace Hopper',
          eligible: true,
          reasons: [reason('skills', 40, 1, ['driving']), reason('unavailable', -20)],
        },
        {
          ...proposal,
          person_id: 'p2',
          name: 'Ada Lovelace',
          eligible: false,
          obstacles: ['overlap'],
          reasons: [reason('overlap', 0)],
        },
      ],
    }),
    'POST /shifts/s1/cover': ok({ asks: [] }),
  })
  show(CoverCard, { shift: detail() })
  await person().click(screen.getByRole('button', { name: 'Find people' }))
  const grace = await screen.findByLabelText('Grace Hopper')
  expect(grace).toHaveAccessibleDescription(/can do: driving.*Against: usually has no time then/)
  expect(screen.getByLabelText('Ada Lovelace')).toBeDisabled()
  await person().click(grace)
  await person().click(screen.getByRole('button', { name: 'Ask 1 person by mail' }))
  await waitFor(() => expect(announcer.toasts[0]?.text).toBe('1 person is asked by mail.'))
  expect(calls.find((c) => c.method === 'POST')?.body).toEqual({ person_ids: ['p1'], message: '' })
})
